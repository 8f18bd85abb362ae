"""The switchboard: one thread that listens to every station's line.

A thread for each line would spend more on waking each other than on the guests. What needs
long is handed on to the thread that opened the line; a presentation is only read here and
queued for the writer, whose commit brings the answer back.
"""

from __future__ import annotations

import logging
import os
import selectors
import threading
import time
from collections import deque
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from checkin.web.sockets import HungUpError, Socket

if TYPE_CHECKING:
    from collections.abc import Callable

PING_S = 8.0
SILENT_S = 20.0  # twice the ping, and some patience
BOTH = selectors.EVENT_READ | selectors.EVENT_WRITE

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Call:
    """A line and who hears what is said on it; *ended* is told once, at its end.

    Both are called on the switchboard's own thread, so they must not wait for anything.
    """

    line: Socket
    heard: Callable[[bytes], None]
    ended: Callable[[], None]


class Switchboard:
    """Listens to many lines at once; nobody on one of them holds up another."""

    def __init__(self) -> None:
        self._selector = selectors.DefaultSelector()
        self._jobs: deque[Callable[[], None]] = deque()
        self._door = threading.Lock()
        self._thread: threading.Thread | None = None
        self._woken = False
        self._bell = os.eventfd(0, os.EFD_NONBLOCK | os.EFD_CLOEXEC)
        self._ping_at = 0.0
        self._selector.register(self._bell, selectors.EVENT_READ)

    def take(self, call: Call) -> None:
        """Listen to a line from now on, until either side hangs up."""
        call.line.busy = lambda: self.do(lambda: self._watch(call, BOTH))
        call.line.raw.settimeout(0)  # nothing here waits for one line
        with self._door:
            if self._thread is None:
                self._thread = threading.Thread(
                    target=self._serve, name="switchboard", daemon=True
                )
                self._thread.start()
        self.do(lambda: self._begin(call))

    def do(self, job: Callable[[], None]) -> None:
        """Have *job* done on the switchboard's thread; returns at once."""
        self._jobs.append(job)
        if not self._woken:
            self._woken = True
            os.eventfd_write(self._bell, 1)

    def _begin(self, call: Call) -> None:
        try:
            self._selector.register(call.line.raw, BOTH, call)
        except (ValueError, OSError):  # it hung up meanwhile
            call.ended()
            return
        self._attend(call, 0)

    def _serve(self) -> None:
        while True:
            for key, events in self._selector.select(PING_S / 2):
                if key.data is None:
                    with suppress(BlockingIOError):
                        os.eventfd_read(self._bell)
                    self._woken = False
                else:
                    self._attend(key.data, events)
            while self._jobs:
                self._do(self._jobs.popleft())
            self._ask_round()

    def _do(self, job: Callable[[], None]) -> None:
        try:
            job()
        except HungUpError:
            return  # its line ends when it is listened to next
        except Exception:  # noqa: BLE001 - one line's trouble must not end the others
            _log.exception("switchboard")

    def _attend(self, call: Call, events: int) -> None:
        """Hear what was said on a line, and send what it could not take before."""
        try:
            if events & selectors.EVENT_WRITE and call.line.flush():
                self._watch(call, selectors.EVENT_READ)
            if events & selectors.EVENT_READ:
                call.line.receive()
            for message in call.line.said():
                call.heard(message)
        except HungUpError:
            self._end(call)
        except Exception:  # noqa: BLE001 - one line's trouble must not end the others
            _log.exception("a line ended")
            self._end(call)

    def _ask_round(self) -> None:
        """Ask every line now and then whether anybody is there."""
        now = time.monotonic()
        if now < self._ping_at:
            return
        self._ping_at = now + PING_S
        for key in list(self._selector.get_map().values()):
            if key.data is None:
                continue
            silent = now - key.data.line.heard_at > SILENT_S
            try:
                key.data.line.ping()
            except HungUpError:
                silent = True
            if silent:
                self._end(key.data)

    def _watch(self, call: Call, events: int) -> None:
        with suppress(KeyError, ValueError, OSError):
            self._selector.modify(call.line.raw, events, call)

    def _end(self, call: Call) -> None:
        with suppress(KeyError, ValueError, OSError):
            self._selector.unregister(call.line.raw)
        call.line.shut()
        call.ended()

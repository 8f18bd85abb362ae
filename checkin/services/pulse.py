"""The pulse of the house: who listens to an event is woken when it has news."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

BEAT_S = 0.2
LOOK_S = 1.0
REST = 10  # with very many boards, telling takes at most a tenth of the time


@dataclass
class Pulse:
    """Calls *tell* with an event's id: at once after silence, then at most 5 times a second.

    It calls more seldom where telling takes long. Each second, those events that *heard_at*
    names are rung as well, because another process or another desk may have told news without
    ringing.
    """

    tell: Callable[[int], None]
    heard_at: Callable[[], set[int]]
    _rung: set[int] = field(default_factory=set)
    _told: dict[int, float] = field(default_factory=dict)
    _bell: threading.Condition = field(default_factory=threading.Condition)
    _stopping: bool = False
    _thread: threading.Thread | None = None

    def ring(self, event_id: int) -> None:
        """Say that an event has news; returns at once."""
        with self._bell:
            self._rung.add(event_id)
            self._bell.notify()

    def start(self) -> None:
        """Begin to beat."""
        self._thread = threading.Thread(target=self._beat, name="pulse", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Stop beating."""
        with self._bell:
            self._stopping = True
            self._bell.notify()
        if self._thread is not None:
            self._thread.join()

    def _beat(self) -> None:
        look_at = time.monotonic() + LOOK_S
        while (due := self._due(look_at)) is not None:
            now = time.monotonic()
            if now >= look_at:
                due |= self.heard_at()
                look_at = now + LOOK_S
            for event_id in due:
                started = time.monotonic()
                self.tell(event_id)
                rest = (time.monotonic() - started) * REST - BEAT_S
                self._told[event_id] = started + max(0.0, rest)

    def _due(self, look_at: float) -> set[int] | None:
        """Wait until an event may be told or it is time to look; None at the end."""
        with self._bell:
            while not self._stopping:
                now = time.monotonic()
                waits = {each: self._told.get(each, 0.0) + BEAT_S - now for each in self._rung}
                due = {each for each, wait in waits.items() if wait <= 0}
                if due or now >= look_at:
                    self._rung -= due
                    return due
                self._bell.wait(min([look_at - now, *waits.values()]))
            return None

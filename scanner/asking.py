"""Asking the server for the people at the door: within a budget, and never in their way."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from checkin.domain.protocol import (
    ANSWER_BUDGET_S,
    OFFLINE_AFTER_S,
    ScanReport,
    WireVerdict,
)
from scanner.errors import LineError, RefusedError
from scanner.speech import READ_WITHIN

if TYPE_CHECKING:
    from collections.abc import Callable
    from concurrent.futures import Future

    from scanner.line import Line

TOO_LATE = "no answer within 1.5 s"
TROUBLE = (LineError, TimeoutError, ValueError, KeyError, TypeError)


@dataclass
class Asking:
    """Asks on the *line* that is open, if one is, and watches how long answers take.

    *lost* is called with the line and the reason when an answer fails.
    """

    lost: Callable[[Line, str], None]
    line: Line | None = None
    _pending: list[tuple[float, Future[dict[str, Any]]]] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def present(self, report: ScanReport, verb: str = "present") -> WireVerdict | None:
        """Return the server's verdict on *report*, or None if it did not say within 300 ms.

        One failed answer, or one later than 1.5 s, takes the station offline.
        """
        line = self.line
        if line is None:
            return None
        answer = line.begin(verb, {"scan": report.to_json()})
        with self._lock:
            self._pending.append((time.monotonic(), answer))
        try:
            return WireVerdict.from_json(answer.result(ANSWER_BUDGET_S)["verdict"])
        except TimeoutError:
            return None
        except TROUBLE as error:
            self.lost(line, str(error))
            return None

    def ask(
        self, verb: str, request: dict[str, Any], within: float = READ_WITHIN
    ) -> dict[str, Any] | None:
        """Return the server's answer to a person's question, or None if there is none in time.

        What the server refuses is in the answer as ``error``.
        """
        line = self.line
        if line is None:
            return None
        try:
            return line.begin(verb, request).result(within)
        except RefusedError as refusal:
            return {"error": refusal.code}
        except TROUBLE:
            return None

    def late(self) -> bool:
        """Tell whether the answer to a scan has failed or is later than 1.5 s."""
        with self._lock:
            late = time.monotonic() - OFFLINE_AFTER_S
            waiting = [(at, answer) for at, answer in self._pending if not answer.done()]
            failed = any(answer.done() and answer.exception() for _, answer in self._pending)
            self._pending = waiting
        return failed or any(at < late for at, _ in waiting)

    def hang_up(self, line: Line) -> bool:
        """Ask no more on *line*; tell whether it was the one in use."""
        with self._lock:
            self._pending.clear()
            if self.line is not line:
                return False
            self.line = None
        return True

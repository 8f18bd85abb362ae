"""What the screen knows: the verdict of the moment, the history, and whom to tell of change."""

from __future__ import annotations

import threading
import time
from collections import deque
from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from scanner.door import Shown

HISTORY = 200
HINT_FOR = 3.0
TROUBLE_FOR = 10.0


class Screen:
    """Holds what is shown; pages wait on it and are woken by each change."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._history: deque[Shown] = deque(maxlen=HISTORY)
        self._version = 0
        self._hint_until = 0.0
        self._hints = 0
        self._trouble = ""
        self._trouble_until = 0.0
        self._asked: dict[int, str] = {}
        self.lamp: bool | None = None  # whether the camera's lamp is lit; None: it has none

    def show(self, shown: Shown) -> None:
        """Light the verdict *shown*."""
        with self._changed:
            self._history.appendleft(shown)
        self.touch()

    def mark_undone(self, scan_id: str) -> None:
        """Strike the verdict of *scan_id* out in the history."""
        with self._changed:
            changed = [
                replace(shown, undone=True) if shown.scan_id == scan_id else shown
                for shown in self._history
            ]
            self._history.clear()
            self._history.extend(changed)
        self.touch()

    def hint(self) -> None:
        """Say for a moment that the code in view is not a pass."""
        with self._changed:
            self._hint_until = time.monotonic() + HINT_FOR
            self._hints += 1
        self.touch()

    def say_trouble(self, what: str) -> None:
        """Say for a while that the station itself is in trouble (``journal``)."""
        with self._changed:
            self._trouble, self._trouble_until = what, time.monotonic() + TROUBLE_FOR
        self.touch()

    def ask(self, number: int, name: str) -> None:
        """Remember that the organiser is asked about walk-in *number*, who is called *name*."""
        with self._changed:
            self._asked[number] = name

    def forget_asked(self, number: int) -> None:
        """Forget walk-in *number*: the answer was seen."""
        with self._changed:
            self._asked.pop(number, None)
        self.touch()

    @property
    def asked(self) -> dict[int, str]:
        """The walk-ins of this door whose answers nobody has seen, and their names."""
        with self._changed:
            return dict(self._asked)

    def touch(self) -> None:
        """Wake the pages: something changed."""
        with self._changed:
            self._version += 1
            self._changed.notify_all()

    def wait(self, version: int, timeout: float) -> int:
        """Return the present version as soon as it is not *version*, or after *timeout*."""
        with self._changed:
            self._changed.wait_for(lambda: self._version != version, timeout)
            return self._version

    @property
    def latest(self) -> Shown | None:
        """The last verdict shown."""
        with self._changed:
            return self._history[0] if self._history else None

    @property
    def history(self) -> list[Shown]:
        """The last 200 verdicts, newest first."""
        with self._changed:
            return list(self._history)

    def find(self, scan_id: str) -> Shown | None:
        """Return the verdict of *scan_id*, if it is among the last 200."""
        return next((shown for shown in self.history if shown.scan_id == scan_id), None)

    def since(self, number: int) -> list[Shown]:
        """Return the verdicts after *number*, oldest first."""
        return [shown for shown in reversed(self.history) if shown.number > number]

    @property
    def hints(self) -> int:
        """How many hints were given; a page shows a hint when this grows."""
        return self._hints

    @property
    def hinting(self) -> bool:
        """Whether the hint "this is no pass" is on the screen."""
        return time.monotonic() < self._hint_until

    @property
    def trouble(self) -> str:
        """What the station itself is in trouble with, or nothing."""
        return self._trouble if time.monotonic() < self._trouble_until else ""

    def latencies(self) -> list[int]:
        """Return the milliseconds from frame to light of the recent verdicts, sorted."""
        return sorted(shown.latency_ms for shown in self.history)

    def last_scan_ms(self) -> int | None:
        """Return when the last verdict was shown, Unix milliseconds."""
        latest = self.latest
        return latest.at_ms if latest else None

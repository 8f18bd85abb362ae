"""Reading a film: which stages a frame is worth, and one extra stage in turn."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import cv2
import numpy as np

from scanner.decode import ADAPTIVE, AGAIN, EXTRAS, FIRST, Reading, read
from scanner.filters import Gray, as_gray

if TYPE_CHECKING:
    from collections.abc import Callable

FRAME_BUDGET = 60.0
THUMBNAIL = (160, 90)
CHANGED_BY = 6.0
AWAKE_FOR = 2.0
THOROUGH_EVERY = 3


@dataclass
class FilmReader:
    """Reads frame after frame within 60 ms each.

    The first stage looks at every frame. The fall-back stages look only while the picture
    has changed in the last two seconds, or while a code is found that cannot be read; an
    empty doorway costs next to nothing. One extra stage a frame takes its turn.
    """

    accept: Callable[[bytes], bool]
    _turn: int = 0
    _frames: int = 0
    _awake_until: float = 0.0
    _thumbnail: Gray | None = field(default=None, repr=False)

    def look(self, gray: Gray) -> Reading:
        """Return what is read in the next frame, *gray* (height x width, 8 bit)."""
        self._frames += 1
        first = read(gray, (FIRST,), self.accept, FRAME_BUDGET)
        satisfied = any(self.accept(symbol.raw) for symbol in first.symbols)
        thorough = self._frames % THOROUGH_EVERY == 0
        awake = self._awake(gray) or bool(first.candidates)
        if (satisfied and not thorough) or not awake:
            return first
        self._turn = (self._turn + 1) % len(EXTRAS)
        rest = read(
            gray,
            (AGAIN, ADAPTIVE, EXTRAS[self._turn]),
            self.accept,
            FRAME_BUDGET - first.milliseconds,
            thorough=satisfied,
            candidates=first.candidates,
        )
        return _joined(first, rest)

    def _awake(self, gray: Gray) -> bool:
        """Tell whether the picture changed lately."""
        thumbnail = as_gray(cv2.resize(gray, THUMBNAIL, interpolation=cv2.INTER_AREA))
        before, self._thumbnail = self._thumbnail, thumbnail
        now = time.monotonic()
        if before is None or _largest_change(before, thumbnail) > CHANGED_BY:
            self._awake_until = now + AWAKE_FOR
        return now < self._awake_until


def _largest_change(before: Gray, after: Gray) -> float:
    """Return by how much the most changed eighth of the picture differs, in grey levels."""
    difference = np.sort(cv2.absdiff(before, after), axis=None)
    return float(difference[-difference.size // 8 :].mean())


def _joined(first: Reading, rest: Reading) -> Reading:
    symbols = {symbol.raw: symbol for symbol in (*rest.symbols, *first.symbols)}
    return Reading(
        tuple(symbols.values()),
        rest.candidates or first.candidates,
        first.milliseconds + rest.milliseconds,
        rest.late,
    )

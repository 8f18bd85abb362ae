"""Reading a film: which stages a frame is worth, and one extra stage in turn."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import cv2
import numpy as np

from scanner.decode import Candidate, Reading, read
from scanner.filters import Gray, as_gray
from scanner.paper import PAPER
from scanner.stages import ADAPTIVE, AGAIN, CORNERS, EXTRAS, FIRST, SOFT

if TYPE_CHECKING:
    from scanner.decode import Accept, Stage

FRAME_BUDGET = 60.0
THUMBNAIL = (160, 90)
CHANGED_BY = 6.0
AWAKE_FOR = 2.0
THOROUGH_EVERY = 3
PAPER_EVERY = 2
SEEN_LATELY = 0.4
SHARP_BY = 8
SMALLEST = 21  # pixels: the modules of the smallest symbol there is
TURNS = tuple(stage for extra in EXTRAS for stage in (ADAPTIVE, CORNERS, ADAPTIVE, extra))


@dataclass
class FilmReader:
    """Reads frame after frame within 60 ms each.

    The first stage looks at every frame. The fall-back stages look only at a picture with
    sharp edges that has changed in the last two seconds, or in which a code is found that
    cannot be read; an empty doorway costs next to nothing. One of them a frame takes its
    turn. Where the event has letters on *paper*, every other frame is searched for the
    bars of a door code.
    """

    accept: Accept
    paper: bool = False
    _turn: int = 0
    _frames: int = 0
    _awake_until: float = 0.0
    _candidates: tuple[Candidate, ...] = ()
    _candidates_at: float = 0.0
    _thumbnail: Gray | None = field(default=None, repr=False)

    def look(self, gray: Gray) -> Reading:
        """Return what is read in the next frame, *gray* (height x width, 8 bit)."""
        self._frames += 1
        if min(gray.shape) < SMALLEST:
            return Reading((), (), 0.0)
        return self._read(gray, time.monotonic())

    def rest(self) -> None:
        """Take what was last seen for a doorway in which nothing has changed for a while."""
        self._awake_until = 0.0

    def _read(self, gray: Gray, now: float) -> Reading:
        begin = (PAPER, FIRST) if self.paper and self._frames % PAPER_EVERY == 0 else (FIRST,)
        first = read(gray, begin, self.accept, FRAME_BUDGET, thorough=len(begin) > 1)
        satisfied = any(self.accept(symbol.raw) for symbol in first.symbols)
        thorough = self._frames % THOROUGH_EVERY == 0
        awake = self._awake(gray, now) or bool(first.candidates)
        if (satisfied and not thorough) or not awake:
            return first
        candidates = self._lately(first.candidates, now)
        rest = read(
            gray,
            (SOFT, *self._fallback(gray, candidates)),
            self.accept,
            FRAME_BUDGET - first.milliseconds,
            thorough=satisfied,
            candidates=candidates,
        )
        return _joined(first, rest)

    def _fallback(self, gray: Gray, candidates: tuple[Candidate, ...]) -> tuple[Stage, ...]:
        """Return the stages that a frame still unread is worth."""
        if not candidates and not _is_sharp(gray):
            return ()
        self._turn = (self._turn + 1) % len(TURNS)
        return (TURNS[self._turn], AGAIN) if candidates else (TURNS[self._turn],)

    def _lately(self, fresh: tuple[Candidate, ...], now: float) -> tuple[Candidate, ...]:
        """Return the codes found in this frame, or else in the last few: a hand is slow."""
        if fresh or now - self._candidates_at > SEEN_LATELY:
            self._candidates, self._candidates_at = fresh, now
        return self._candidates

    def _awake(self, gray: Gray, now: float) -> bool:
        """Tell whether the picture changed lately."""
        thumbnail = as_gray(cv2.resize(gray, THUMBNAIL, interpolation=cv2.INTER_AREA))
        before, self._thumbnail = self._thumbnail, thumbnail
        if before is None or _largest_change(before, thumbnail) > CHANGED_BY:
            self._awake_until = now + AWAKE_FOR
        return now < self._awake_until


def _largest_change(before: Gray, after: Gray) -> float:
    """Return by how much the most changed eighth of the picture differs, in grey levels."""
    difference = np.sort(cv2.absdiff(before, after), axis=None)
    return float(difference[-difference.size // 8 :].mean())


def _is_sharp(gray: Gray) -> bool:
    """Tell whether anything in *gray* is in focus: a code is full of edges, noise is not."""
    small = as_gray(cv2.resize(gray, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA))
    steps = cv2.absdiff(small[:, 1:], small[:, :-1])
    counts = np.cumsum(cv2.calcHist([steps], [0], None, [256], [0, 256]))
    usual, sharpest = np.searchsorted(counts, (0.5 * counts[-1], 0.99 * counts[-1]))
    return bool(sharpest >= 2 * usual + SHARP_BY)


def _joined(first: Reading, rest: Reading) -> Reading:
    symbols = {symbol.raw: symbol for symbol in (*rest.symbols, *first.symbols)}
    return Reading(
        tuple(symbols.values()),
        rest.candidates or first.candidates,
        first.milliseconds + rest.milliseconds,
        rest.late,
    )

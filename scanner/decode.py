"""The eye: grey pictures in, QR texts out, by an ordered list of pure stages."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

import cv2

from scanner.filters import Gray

Quad = tuple[tuple[int, int], ...]
Accept = Callable[[bytes], bool]

PASS_PATTERN = re.compile(rb"71[0-9]{200}")
SYMBOLS_MOST = 16
FAILURES = (
    cv2.error,
    ValueError,
    TypeError,
    RuntimeError,
    OSError,
    MemoryError,
    ArithmeticError,
    LookupError,
)


@dataclass(frozen=True)
class Symbol:
    """One code read in a picture: its bytes, its corners in pixels, the stage it took."""

    raw: bytes
    corners: Quad
    stage: str = ""

    @property
    def is_pass(self) -> bool:
        """Whether the bytes look like a pass text; says nothing about the signature."""
        return PASS_PATTERN.fullmatch(self.raw) is not None


@dataclass(frozen=True)
class Candidate:
    """A symbol found but not read: its corners, and its version (0 where nobody knows)."""

    corners: Quad
    version: int = 0


@dataclass(frozen=True)
class Found:
    """What one stage saw: symbols it read, and symbols it found but could not read."""

    symbols: tuple[Symbol, ...] = ()
    candidates: tuple[Candidate, ...] = ()


@dataclass(frozen=True)
class Stage:
    """One way of looking; *look* is pure, *cost* is its usual milliseconds at 720p."""

    name: str
    look: Callable[[Gray, tuple[Candidate, ...], Accept], Found]
    cost: float


@dataclass(frozen=True)
class Reading:
    """Everything read in one picture, and what it took in milliseconds of processor time.

    A budget in processor time lets a busy machine be slow, but leaves out no stage for it.
    """

    symbols: tuple[Symbol, ...]
    candidates: tuple[Candidate, ...]
    milliseconds: float
    late: bool = False


def looks_like_a_pass(raw: bytes) -> bool:
    """Tell whether *raw* has the format of a pass text; the signature is not looked at.

    It is the one test that a bold guess may pass; stages are careful where it is the judge.
    """
    return PASS_PATTERN.fullmatch(raw) is not None


def read(
    gray: Gray,
    stages: Sequence[Stage],
    accept: Accept,
    budget: float,
    *,
    thorough: bool = False,
    candidates: tuple[Candidate, ...] = (),
) -> Reading:
    """Return what the *stages* read in *gray* within *budget* milliseconds.

    The list ends at a text that *accept* takes, so that another QR code in view does not
    end it; when *thorough* it goes on to the end, for the second phone in the picture.
    *candidates* are symbols an earlier look could not read.
    """
    started = time.thread_time()
    seen: dict[bytes, Symbol] = {}
    late = False
    for stage in stages:
        if _milliseconds_since(started) + stage.cost > budget:
            late = True
            break
        found = _guarded(stage, gray, candidates, accept)
        candidates = found.candidates or candidates
        for symbol in found.symbols[:SYMBOLS_MOST]:
            if is_news(symbol, seen.values()):
                seen[symbol.raw] = replace(symbol, stage=symbol.stage or stage.name)
        if not thorough and any(accept(raw) for raw in seen):
            break
    return Reading(tuple(seen.values()), candidates, _milliseconds_since(started), late)


def is_news(symbol: Symbol, seen: Iterable[Symbol]) -> bool:
    """Tell whether *symbol* is not one of those *seen*, nor the same code spelt otherwise.

    Decoders disagree about the characters of a text that is not plain digits; the first one
    is believed. Something like a pass is always news, because its signature will be judged.
    """
    known = list(seen)
    if any(symbol.raw == other.raw for other in known):
        return False
    return symbol.is_pass or not any(_is_at(symbol, other) for other in known)


def _guarded(
    stage: Stage, gray: Gray, candidates: tuple[Candidate, ...], accept: Accept
) -> Found:
    """Return what *stage* finds; a picture that upsets it is a picture with nothing in it."""
    try:
        return stage.look(gray, candidates, accept)
    except FAILURES:
        return Found()


def _is_at(symbol: Symbol, other: Symbol) -> bool:
    """Tell whether the middle of *symbol* lies within *other*."""
    if not symbol.corners or not other.corners:
        return False
    middles = [sum(axis) / len(symbol.corners) for axis in zip(*symbol.corners, strict=True)]
    spans = [(min(axis), max(axis)) for axis in zip(*other.corners, strict=True)]
    return all(low <= at <= high for at, (low, high) in zip(middles, spans, strict=True))


def _milliseconds_since(started: float) -> float:
    return (time.thread_time() - started) * 1000

"""A closer look: a code whose place is known or guessed, read module by module."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from scanner import grid
from scanner.finders import Three, busy_places, finders, pose, threes
from scanner.grid import Patch, Pose
from scanner.layout import PASS_VERSION, plan
from scanner.soft import Trust, texts

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from scanner.filters import Gray
    from scanner.grid import Points

AGREES_AT_FIRST = 0.26
AGREES_LEAST = 0.48
GUESSES_MOST = 3
VERSIONS_TRIED = 2
LARGEST_GUESSED = 12
MODULE_DOUBT = 1.45


@dataclass(frozen=True)
class Resolved:
    """A text read module by module, and the corners of its symbol in the picture."""

    raw: bytes
    corners: Points


def at_corners(
    gray: Gray, quad: Points, versions: Sequence[int], trust: Trust
) -> Resolved | None:
    """Return what the symbol with about these corners (clockwise, pixels) says."""
    return _best_of(gray, [grid.from_corners(version, quad) for version in versions], trust)


def anywhere(gray: Gray, trust: Trust, places: int = 1) -> list[Resolved]:
    """Return what symbols say that are found by their corner squares alone.

    They are looked for in as many *places* where the picture is fullest of edges.
    """
    known = plan(PASS_VERSION).side - 7 if trust.only_passes else None
    found = []
    for place in busy_places(gray, places):
        for three in threes(finders(gray, place), known)[:GUESSES_MOST]:
            guesses = [pose(version, three) for version in _versions(three, trust)]
            resolved = _best_of(gray, guesses, trust)
            if resolved is not None:
                found.append(resolved)
                break
    return found


def prepare() -> None:
    """Lay out every table that a first pass would otherwise wait for."""
    module = 6
    symbol = np.where(plan(PASS_VERSION).dark, 0, 255).astype(np.uint8)
    framed = np.pad(symbol, 4, constant_values=255)
    drawn = np.asarray(np.kron(framed, np.ones((module, module))), np.uint8)
    anywhere(drawn, Trust(lambda _raw: False, only_passes=True))
    side, far = 4.0 * module, (4.0 + len(symbol)) * module
    quad = np.array([(side, side), (far, side), (far, far), (side, far)])
    at_corners(drawn, quad, (PASS_VERSION,), Trust(lambda _raw: False, only_passes=True))


def _versions(three: Three, trust: Trust) -> Iterable[int]:
    """Return the versions that a symbol with these finders may have."""
    if trust.only_passes:
        return (PASS_VERSION,)
    across, down = three.points[1] - three.points[0], three.points[2] - three.points[0]
    apart = (np.hypot(*across) + np.hypot(*down)) / 2 / three.module
    low, high = (apart / MODULE_DOUBT - 10) / 4, (apart * MODULE_DOUBT - 10) / 4
    return range(max(int(low), 1), min(int(high) + 1, LARGEST_GUESSED) + 1)


def _best_of(gray: Gray, guesses: Sequence[Pose], trust: Trust) -> Resolved | None:
    """Return what a symbol says that lies as one of *guesses* has it, the best ones first."""
    ways = [way for guess in guesses for way in _begun(gray, guess)]
    ways.sort(key=lambda way: -way.start.score)
    for way in ways[:VERSIONS_TRIED]:
        resolved = _resolved(way, trust)
        if resolved is not None:
            return resolved
    return None


@dataclass(frozen=True)
class _Way:
    """One way to see a symbol: its patch, the field in which dark is positive, a pose."""

    patch: Patch
    field: grid.Field
    start: Pose


def _begun(gray: Gray, guess: Pose) -> Iterator[_Way]:
    """Yield how *gray* looks around *guess*, if anything known of a symbol is there."""
    patch = grid.cut(gray, grid.corners(guess), grid.module_size(guess))
    if patch is None:
        return
    start = Pose(guess.version, patch.to_patch(guess.points))
    for field in (patch.field, np.negative(patch.field)):
        there = grid.with_fourth_point(field, start)
        if there.score > AGREES_AT_FIRST:
            yield _Way(patch, field, there)


def _resolved(way: _Way, trust: Trust) -> Resolved | None:
    there = grid.fitted(way.field, way.start)
    if there.score < AGREES_LEAST:
        return None
    soft, noise = grid.softly(way.field, there)
    for raw in texts(soft, noise, there.version, trust):
        if trust.accept(raw):
            return Resolved(raw, way.patch.to_picture(grid.corners(there)))
    return None

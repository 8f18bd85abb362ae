"""The search for codes that no decoder has found, by their three corner squares."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from itertools import permutations
from typing import TYPE_CHECKING

import cv2
import numpy as np

from scanner.filters import as_gray
from scanner.grid import Points, Pose
from scanner.layout import plan

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from scanner.filters import Gray

TEMPLATE_MODULE = 1.5
THIRD = 3
WINDOW = 400
ANGLES = (0.0, 45.0)
RINGS = (1.5, 2.5, 3.5)  # modules from the middle: black core, white ring, black ring
MODULES = (3.0, 3.9, 5.1, 6.6, 8.6)
FINDERS_A_SCALE = 10
FINDERS_MOST = 15
LEAST_RESPONSE = 0.36
SIZES_DIFFER = 1.7
SIDES_DIFFER = 2.2
COSINE_MOST = 0.65
STRETCH = 1.6
SAME_SIZE = 1.5
CORNERS = 3
THREES_MOST = 8
APART = (13.0, 60.0)


@dataclass(frozen=True)
class Finder:
    """A place that looks like a corner square: middle and module in pixels, 0 to 1 how much."""

    x: float
    y: float
    module: float
    response: float


@dataclass(frozen=True)
class Three:
    """Three finders of one symbol: middles (top left, top right, bottom left), their module."""

    points: Points
    module: float


def busy_places(gray: Gray, most: int = 2) -> list[tuple[int, int]]:
    """Return the middles (x, y) of the places of *gray* fullest of edges both ways."""
    third = cv2.resize(gray, None, fx=1 / THIRD, fy=1 / THIRD, interpolation=cv2.INTER_AREA)
    box = (WINDOW // 4 // THIRD, WINDOW // 4 // THIRD)
    ways = [
        cv2.boxFilter(np.sqrt(np.abs(cv2.Sobel(third, cv2.CV_32F, dx, 1 - dx))), -1, box)
        for dx in (0, 1)
    ]
    busy = np.minimum(*ways)
    found = []
    for _ in range(most):
        row, column = np.unravel_index(int(busy.argmax()), busy.shape)
        found.append((int(column) * THIRD, int(row) * THIRD))
        reach = WINDOW // 3 // THIRD
        busy[max(row - reach, 0) : row + reach, max(column - reach, 0) : column + reach] = 0
    return found


def finders(
    gray: Gray, place: tuple[int, int], modules: Sequence[float] = MODULES
) -> list[Finder]:
    """Return what looks like corner squares around *place* (x, y), the likeliest first.

    The response of a dark square on light is positive, that of an inverted one negative.
    """
    left, top = max(place[0] - WINDOW // 2, 0), max(place[1] - WINDOW // 2, 0)
    window = gray[top : top + WINDOW, left : left + WINDOW]
    found: list[Finder] = []
    for module in modules:
        found += _at_scale(window, module)
    found.sort(key=lambda each: -abs(each.response))
    kept: list[Finder] = []
    for each in found:
        if all(_apart(each, other) for other in kept):
            kept.append(each)
    return [
        Finder(each.x + left, each.y + top, each.module, each.response)
        for each in kept[:FINDERS_MOST]
    ]


def threes(found: Sequence[Finder], modules: int | None = None) -> list[Three]:
    """Return which three of *found* may belong to one symbol, the likeliest first.

    *modules* is how far apart they are if that is known; otherwise anything up to version
    40 will do.
    """
    if len(found) < CORNERS:
        return []
    ways = np.array(list(permutations(range(len(found)), CORNERS)))
    points = np.array([(each.x, each.y) for each in found])[ways]
    sizes = np.array([each.module for each in found])[ways]
    strength = np.array([each.response for each in found])[ways]
    likely = _likelihood(points, sizes, strength, modules)
    best = np.argsort(-likely)[:THREES_MOST]
    return [
        Three(points[row], float(sizes[row].mean())) for row in best if likely[row] > -np.inf
    ]


def pose(version: int, three: Three) -> Pose:
    """Return where a symbol of *version* lies with these finders, seen from straight ahead."""
    side = plan(version).side
    part = (side - 10) / (side - 7) if version > 1 else 1.0
    corner, across, down = three.points
    fourth = corner + part * (across + down - 2 * corner)
    return Pose(version, np.concatenate((three.points, fourth[None])))


def _likelihood(points: Points, sizes: Points, strength: Points, modules: int | None) -> Points:
    """Return how likely each three points (corner, across, down) are a symbol's finders."""
    across, down = points[:, 1] - points[:, 0], points[:, 2] - points[:, 0]
    wide, high = np.hypot(*across.T) + 1e-9, np.hypot(*down.T) + 1e-9
    turn = across[:, 0] * down[:, 1] - across[:, 1] * down[:, 0]
    cosine = (across * down).sum(axis=1) / (wide * high)
    apart = (wide + high) / 2 / sizes.mean(axis=1)
    wanted = np.clip(apart, *APART) if modules is None else modules
    stretch = np.abs(np.log(apart / wanted))
    possible = (
        (turn > 0)
        & (np.abs(cosine) < COSINE_MOST)
        & (np.abs(np.log(wide / high)) < np.log(SIDES_DIFFER))
        & (sizes.max(axis=1) < SIZES_DIFFER * sizes.min(axis=1))
        & (np.abs(np.sign(strength).sum(axis=1)) == CORNERS)
        & (stretch < np.log(STRETCH))
    )
    oddness = stretch + np.abs(np.log(wide / high)) + np.abs(cosine)
    return np.where(possible, np.abs(strength).sum(axis=1) - 0.6 * oddness, -np.inf)


def _at_scale(gray: Gray, module: float) -> Iterator[Finder]:
    factor = TEMPLATE_MODULE / module
    small = as_gray(cv2.resize(gray, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA))
    templates = _templates()
    size = len(templates[0])
    if min(small.shape) <= size:
        return
    edge = size // 2
    padded = cv2.copyMakeBorder(small, edge, edge, edge, edge, cv2.BORDER_REPLICATE)
    maps = np.stack(
        [cv2.matchTemplate(padded, each, cv2.TM_CCOEFF_NORMED) for each in templates]
    )
    best = np.abs(maps).argmax(axis=0)
    response = np.take_along_axis(maps, best[None], axis=0)[0]
    strength = np.abs(response)
    strength[~(strength <= 1)] = 0  # a flat place divides by nothing
    near = int(5 * TEMPLATE_MODULE) | 1
    peak = cv2.dilate(strength, np.ones((near, near), np.uint8)) == strength
    rows, columns = np.nonzero(peak & (strength > LEAST_RESPONSE))
    order = np.argsort(-strength[rows, columns])[:FINDERS_A_SCALE]
    for row, column in zip(rows[order], columns[order], strict=True):
        x, y = (column + 0.5) / factor, (row + 0.5) / factor
        yield Finder(float(x), float(y), module, float(response[row, column]))


@cache
def _templates() -> tuple[Gray, ...]:
    """Return a corner square with its white edge, turned three ways."""
    size, fine = int(9 * TEMPLATE_MODULE) | 1, 8
    return tuple(_turned_square(size, fine, angle) for angle in ANGLES)


def _turned_square(size: int, fine: int, angle: float) -> Gray:
    line = (np.arange(size * fine) + 0.5) / fine / TEMPLATE_MODULE - size / TEMPLATE_MODULE / 2
    x, y = np.meshgrid(line, line)
    turn = np.radians(angle)
    across, down = x * np.cos(turn) + y * np.sin(turn), y * np.cos(turn) - x * np.sin(turn)
    ring = np.maximum(np.abs(across), np.abs(down))
    core, white, black = RINGS
    square = np.where((ring < core) | ((ring > white) & (ring < black)), 0, 255)
    return as_gray(
        cv2.resize(square.astype(np.float32), (size, size), interpolation=cv2.INTER_AREA)
    )


def _apart(one: Finder, other: Finder) -> bool:
    """Tell whether two finders are at two places, or of two sizes."""
    if max(one.module, other.module) > SAME_SIZE * min(one.module, other.module):
        return True
    return float(np.hypot(one.x - other.x, one.y - other.y)) > 4 * max(one.module, other.module)

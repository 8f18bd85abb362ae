"""Phones swung into view: sixty frames each, and how soon a reader reads them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from checkin.bench.doorset import HEIGHT, WIDTH, Gray, Hardship, corners, draw, mixed

if TYPE_CHECKING:
    from collections.abc import Callable

RATE = 30
FRAMES = 60
SHUTTER = 0.35  # of the time between two frames
Look = "Callable[[Gray], tuple[bool, float]]"


@dataclass(frozen=True)
class Swing:
    """How one guest brings the phone before the camera; *last* is how it is held at the end."""

    last: Hardship
    start: tuple[float, float]
    takes: float
    tremor: float
    phase: float
    hunting: float

    def at(self, seconds: float) -> Hardship:
        """Return how the phone is seen *seconds* after it began to come."""
        here, before = self._place(seconds), self._place(seconds - 1 / RATE)
        speed = np.subtract(here, before)
        unsettled = float(np.exp(-seconds / self.hunting))
        return replace(
            self.last,
            shift=here,
            turn=self.last.turn + 30 * self._way_out(seconds),
            motion=float(np.hypot(*speed)) * SHUTTER + self.last.motion / 3,
            heading=float(np.degrees(np.arctan2(speed[1], speed[0]))),
            defocus=self.last.defocus * 0.7 + 4 * unsettled,
            exposure=self.last.exposure * (1 + 1.5 * unsettled),
        )

    def _place(self, seconds: float) -> tuple[float, float]:
        out, sway = self._way_out(seconds), 2 * np.pi * seconds
        x = self.last.shift[0] + out * self.start[0]
        y = self.last.shift[1] + out * self.start[1]
        x += self.tremor * float(np.sin(5.1 * sway / 2 + self.phase))
        y += self.tremor * float(np.cos(4.3 * sway / 2 + self.phase))
        return x, y

    def _way_out(self, seconds: float) -> float:
        return float((1 - min(max(seconds / self.takes, 0), 1)) ** 2)


def swing(seed: int) -> Swing:
    """Return how guest *seed* swings a phone into view."""
    random = np.random.default_rng((seed, 9))
    return Swing(
        last=mixed(seed),
        start=(float(random.choice((-1, 1))) * 500, float(random.uniform(200, 500))),
        takes=float(random.uniform(0.35, 0.8)),
        tremor=float(random.uniform(1, 6)),
        phase=float(random.uniform(0, 6)),
        hunting=float(random.uniform(0.08, 0.25)),
    )


def seconds_to_read(
    text: str, seed: int, look: Callable[[Gray], tuple[bool, float]]
) -> tuple[float | None, list[float]]:
    """Return after how long a reader reads the phone of *seed*, or None, and what looks cost.

    *look* tells whether it read the text, and the seconds it took. While it is busy frames
    pass by; it then gets the latest. The clock starts when the code is fully in view.
    """
    coming, free_at, in_view, costs = swing(seed), 0.0, None, []
    for number in range(FRAMES):
        at = number / RATE
        seen = coming.at(at)
        if in_view is None and _inside(seen):
            in_view = at
        if at + 1 / RATE <= free_at:
            continue
        good, cost = look(draw(text, seen, seed * FRAMES + number))
        costs.append(cost)
        free_at = max(at, free_at) + cost
        if good:
            return max(free_at - (at if in_view is None else in_view), 0.0), costs
    return None, costs


def _inside(seen: Hardship) -> bool:
    there = corners(seen)
    return bool((there >= 0).all() and (there <= [WIDTH, HEIGHT]).all())

"""The curve of arrivals as the board draws it: bars for minutes, a line for the sum."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

FEWEST, MOST = 30, 120
RATE_MINUTES = 5
WIDTH, HEIGHT = 720, 240
LEFT, RIGHT, TOP, BOTTOM = 34, 44, 14, 26
STEPS = (1, 2, 5, 10, 15, 30, 60)
TICKS = 6


@dataclass(frozen=True)
class Bar:
    """One minute: *minute* of Unix time, how many came, and where its bar stands."""

    minute: int
    count: int
    total: int
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True)
class Curve:
    """A drawing of `WIDTH` by `HEIGHT`; *line* is the path of the sum, *lines* the grid."""

    bars: tuple[Bar, ...]
    line: str
    top: int
    total: int
    ticks: tuple[tuple[float, int], ...]
    lines: tuple[tuple[float, int], ...]
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT
    right: int = WIDTH - RIGHT
    floor: int = HEIGHT - BOTTOM


def curve(minutes: Mapping[int, int], now: int) -> Curve:
    """Return the drawing of *minutes* (Unix minute to arrivals) as seen in the minute *now*."""
    first, last = _span(minutes, now)
    earlier = sum(count for minute, count in minutes.items() if minute < first)
    shown = [(minute, minutes.get(minute, 0)) for minute in range(first, last + 1)]
    top = _top(max((count for _, count in shown), default=0))
    total = earlier + sum(count for _, count in shown)
    slot = (WIDTH - LEFT - RIGHT) / len(shown)
    tall = HEIGHT - TOP - BOTTOM
    bars, sofar = [], earlier
    for place, (minute, count) in enumerate(shown):
        sofar += count
        height = tall * count / top
        x = LEFT + place * slot + slot * 0.14
        y = HEIGHT - BOTTOM - height
        bars.append(Bar(minute, count, sofar, _r(x), _r(y), _r(slot * 0.72), _r(height)))
    return Curve(
        bars=tuple(bars),
        line=_line(bars, total),
        top=top,
        total=total,
        ticks=_ticks(bars),
        lines=tuple(
            (_r(HEIGHT - BOTTOM - tall * part / 2), top * part // 2) for part in range(3)
        ),
    )


def rate(minutes: Mapping[int, int], now: int) -> float:
    """Return arrivals a minute over the last five whole minutes and the running one."""
    came = sum(minutes.get(minute, 0) for minute in range(now - RATE_MINUTES + 1, now + 1))
    return came / RATE_MINUTES


def _span(minutes: Mapping[int, int], now: int) -> tuple[int, int]:
    """Return the first and last minute to draw: all arrivals, or the last two hours of them."""
    if not minutes:
        return now - FEWEST + 1, now
    latest = max(minutes)
    last = now if 0 <= now - latest < FEWEST else latest
    first = max(min(minutes), last - MOST + 1)
    return min(first, last - FEWEST + 1), last


def _top(highest: int) -> int:
    """Return the top of the scale: even, and not below four."""
    return max(4, highest + highest % 2)


def _line(bars: list[Bar], total: int) -> str:
    tall = HEIGHT - TOP - BOTTOM
    points = [
        f"{_r(bar.x + bar.width / 2)} {_r(HEIGHT - BOTTOM - tall * bar.total / max(total, 1))}"
        for bar in bars
    ]
    return "M" + "L".join(points)


def _ticks(bars: list[Bar]) -> tuple[tuple[float, int], ...]:
    step = next((each for each in STEPS if len(bars) / each <= TICKS), STEPS[-1])
    return tuple(
        (_r(bar.x + bar.width / 2), bar.minute) for bar in bars if bar.minute % step == 0
    )


def _r(value: float) -> float:
    return round(value, 1)

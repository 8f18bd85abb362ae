"""What is measured: a name, a number, its unit, and what it is to be compared with."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

DECIMALS = 3


@dataclass(frozen=True)
class Measure:
    """One result; *more* holds percentiles, ratios and references of the same run.

    What could not be had stands in *notes* as None, or as the reason. *target* is what speed
    is aimed at on two cores; *least* says whether more is better.
    """

    name: str
    value: float
    unit: str
    more: Mapping[str, float] = field(default_factory=dict)
    target: float | None = None
    least: bool = True
    notes: Mapping[str, str | None] = field(default_factory=dict)

    @property
    def reached(self) -> bool | None:
        """Tell whether the target is reached; None where there is none."""
        if self.target is None:
            return None
        return self.value >= self.target if self.least else self.value <= self.target

    def to_json(self) -> dict[str, Any]:
        """Return the measure as JSON, numbers cut to three decimals."""
        found: dict[str, Any] = {"value": _cut(self.value), "unit": self.unit}
        found |= {key: _cut(value) for key, value in self.more.items()} | dict(self.notes)
        if self.target is not None:
            found |= {"target": self.target, "reached": self.reached}
        return found


def rate(work: Callable[[], object], seconds: float, *, least: int = 3) -> float:
    """Return how often *work* can be done in a second, done for about *seconds*."""
    done, started = 0, time.perf_counter()
    while True:
        work()
        done += 1
        took = time.perf_counter() - started
        if took >= seconds and done >= least:
            return done / took


def percentile(sorted_values: Sequence[float], share: float) -> float:
    """Return the value below which *share* (0 to 1) of *sorted_values* lie; 0 for none."""
    if not sorted_values:
        return 0.0
    return sorted_values[min(int(share * len(sorted_values)), len(sorted_values) - 1)]


def table(measures: Iterable[Measure]) -> str:
    """Return *measures* as lines for a person: name, number, unit, target, the rest."""
    lines = []
    for each in measures:
        more = " · ".join(f"{key} {_cut(value):g}" for key, value in each.more.items())
        mark = {None: " ", True: "✓", False: "✗"}[each.reached]
        lines.append(f"{mark} {each.name:<26}{each.value:>12,.1f} {each.unit:<10} {more}")
    return "\n".join(lines)


def _cut(value: float) -> float:
    return round(value, DECIMALS)

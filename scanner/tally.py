"""How the reading goes: texts by stage, milliseconds a frame, and how soon a pass is read."""

from __future__ import annotations

from collections import Counter, deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from scanner.decode import Reading

REMEMBERED = 500
GONE_AFTER = 2.0


def _memory() -> deque[float]:
    return deque(maxlen=REMEMBERED)


@dataclass
class Tally:
    """Counts what a reader does; it outlives the decoder's restarts.

    The time to read is from the frame in which a code was first seen, read or not, to the
    one in which a pass was read.
    """

    _frames: int = 0
    _unread: int = 0
    _late: int = 0
    _stages: Counter[str] = field(default_factory=Counter)
    _frame_ms: deque[float] = field(default_factory=_memory)
    _to_read_ms: deque[float] = field(default_factory=_memory)
    _noticed_at: float | None = None
    _seen_at: float = 0.0
    _read_now: bool = False

    def note(self, reading: Reading, at: float) -> None:
        """Count *reading*, of a frame grabbed *at* monotonic seconds."""
        self._frames += 1
        self._late += reading.late
        self._frame_ms.append(reading.milliseconds)
        self._stages.update(symbol.stage for symbol in reading.symbols)
        self._unread += bool(reading.candidates) and not reading.symbols
        if reading.candidates or reading.symbols:
            self._follow(reading, at)

    def as_dict(self) -> dict[str, Any]:
        """Return the counts for a status page or a log, with percentiles in milliseconds."""
        return {
            "frames": self._frames,
            "unread": self._unread,
            "late": self._late,
            "stages": dict(self._stages.most_common()),
            "frame_ms": _percentiles(self._frame_ms),
            "to_read_ms": _percentiles(self._to_read_ms),
        }

    def _follow(self, reading: Reading, at: float) -> None:
        """Follow one presentation: noticed, then read, then gone."""
        if self._noticed_at is None or at - self._seen_at > GONE_AFTER:
            self._noticed_at, self._read_now = at, False
        self._seen_at = at
        if not self._read_now and any(symbol.is_pass for symbol in reading.symbols):
            self._read_now = True
            self._to_read_ms.append(1000 * (at - self._noticed_at) + reading.milliseconds)


def _percentiles(values: deque[float]) -> dict[str, float]:
    if not values:
        return {}
    middle, most = np.percentile(list(values), (50, 95))
    return {"p50": round(float(middle), 1), "p95": round(float(most), 1)}

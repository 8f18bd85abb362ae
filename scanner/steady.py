"""Steadying: the many sightings of one presented phone become one scan."""

from __future__ import annotations

from dataclasses import dataclass, field

ABSENT_FOR = 1.5
QUIET_FOR = 3.0
FORGET_AFTER = 60.0


@dataclass
class _Presence:
    scanned_at: float
    seen_at: float


@dataclass
class Steady:
    """Says which sightings are new scans; times are monotonic seconds.

    A code is silent while it stays in view, until it was absent for 1.5 s, and when it
    comes back within 3 s of its scan: a trembling hand is not a second guest.
    """

    _present: dict[str, _Presence] = field(default_factory=dict)

    def is_new(self, key: str, at: float) -> bool:
        """Tell whether the code *key*, seen *at* this time, is a new scan, and remember it."""
        known = self._present.get(key)
        if known is None:
            self._forget(at)
            self._present[key] = _Presence(at, at)
            return True
        absent = at - known.seen_at
        known.seen_at = at
        if absent < ABSENT_FOR or at - known.scanned_at < QUIET_FOR:
            return False
        known.scanned_at = at
        return True

    def _forget(self, at: float) -> None:
        """Drop the codes not seen for a minute, so that a long evening stays small."""
        old = [key for key, seen in self._present.items() if at - seen.seen_at > FORGET_AFTER]
        for key in old:
            del self._present[key]

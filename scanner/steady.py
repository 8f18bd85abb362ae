"""Steadying: the many sightings of one presented phone become one scan."""

from __future__ import annotations

from dataclasses import dataclass, field

ABSENT_FOR = 1.5
QUIET_FOR = 3.0
FORGET_AFTER = 60.0


@dataclass
class _Presence:
    seen_at: float
    sightings: int = 0
    scanned_at: float | None = None


@dataclass
class Steady:
    """Says which sightings are new scans; times are monotonic seconds.

    A code is silent while it stays in view, until it was absent for 1.5 s, and when it
    comes back within 3 s of its scan: a trembling hand is not a second guest.
    """

    _present: dict[str, _Presence] = field(default_factory=dict)

    def is_new(self, key: str, at: float, after: int = 1) -> bool:
        """Tell whether seeing the code *key* at this time makes a scan, and remember it.

        It does at the *after*-th sighting of one presentation, and only then.
        """
        presence = self._present.get(key)
        if presence is None or _is_over(presence, at):
            self._forget(at)
            presence = self._present[key] = _Presence(at)
        presence.seen_at = at
        presence.sightings += 1
        if presence.scanned_at is not None or presence.sightings < after:
            return False
        presence.scanned_at = at
        return True

    def _forget(self, at: float) -> None:
        """Drop the codes not seen for a minute, so that a long evening stays small."""
        old = [key for key, seen in self._present.items() if at - seen.seen_at > FORGET_AFTER]
        for key in old:
            del self._present[key]


def _is_over(presence: _Presence, at: float) -> bool:
    """Tell whether a code seen *at* this time begins another presentation."""
    if at - presence.seen_at < ABSENT_FOR:
        return False
    return presence.scanned_at is None or at - presence.scanned_at >= QUIET_FOR

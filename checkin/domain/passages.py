"""The earlier passages of one pass: how many of its party came in, and how many are inside."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from checkin.domain.outcomes import Direction, Outcome

if TYPE_CHECKING:
    from collections.abc import Iterable


@dataclass(frozen=True)
class Earlier:
    """An earlier scan of the same pass at the same event, as far as the judge has heard.

    *at_ms* is its corrected time in Unix milliseconds; *undone* says it was taken back;
    *heads* is how many people of the party went through.
    """

    scan_id: str
    outcome: Outcome
    direction: Direction
    at_ms: int
    station: str = ""
    gate: str = ""
    undone: bool = False
    heads: int = 1

    @property
    def counts(self) -> bool:
        """Tell whether a guest really went through then."""
        return self.outcome is Outcome.ADMITTED and not self.undone


@dataclass(frozen=True)
class Passages:
    """What the passages of a pass for a *party* of people come to.

    *entered* people came in at all, *inside* are in the room now; *first* and *last* are the
    first and the last entry by corrected time.
    """

    party: int
    entered: int = 0
    inside: int = 0
    first: Earlier | None = None
    last: Earlier | None = None


def fold(earlier: Iterable[Earlier], party: int) -> Passages:
    """Return what *earlier* comes to, in the order of corrected time.

    No more people than the party are ever inside on its pass: what is beyond is a conflict,
    which people settle. An exit that is heard late but happened before the entry frees nothing.
    """
    passages = sorted((e for e in earlier if e.counts), key=lambda e: (e.at_ms, e.scan_id))
    entries = [each for each in passages if each.direction is Direction.ENTRY]
    if not entries:
        return Passages(party)
    inside = 0
    for each in passages:
        by = each.heads if each.direction is Direction.ENTRY else -each.heads
        inside = min(party, max(0, inside + by))
    entered = sum(each.heads for each in entries)
    return Passages(party, min(party, entered), inside, entries[0], entries[-1])

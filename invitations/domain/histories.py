"""What came of earlier invitations: listed, invited, accepted, came."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

ACCEPTED = frozenset({"accepted", "delegated"})
Came = Mapping[int, AbstractSet[str]]  # who came: the passes of each event


@dataclass(frozen=True)
class Turn:
    """One event to which a person was listed: invited or not, the reply, and the pass.

    *state* is empty, ``issued`` or ``withdrawn``; *pass_id* is empty without an invitation.
    """

    guest_id: int
    person_id: int
    event_id: int
    title: str
    starts_at: int
    state: str
    reply: str
    pass_id: str

    @property
    def invited(self) -> bool:
        """Tell whether the person held an invitation to the end."""
        return self.state == "issued"

    @property
    def accepted(self) -> bool:
        """Tell whether the person said yes."""
        return self.invited and self.reply in ACCEPTED

    def came(self, passes: Came) -> bool:
        """Tell whether the door book has the person in."""
        return bool(self.pass_id) and self.pass_id in passes.get(self.event_id, frozenset())


@dataclass(frozen=True)
class Past:
    """How often somebody, or a whole organisation, was invited, accepted, and came."""

    invited: int = 0
    accepted: int = 0
    came: int = 0


def count(turns: Iterable[Turn], passes: Came) -> Past:
    """Return how often these *turns* were invited, accepted, and came."""
    told = list(turns)
    return Past(
        invited=sum(each.invited for each in told),
        accepted=sum(each.accepted for each in told),
        came=sum(each.came(passes) for each in told),
    )

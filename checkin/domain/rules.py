"""What the organiser decided for the doors: of the event, and of each of its gates."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from invitations.domain.model import Question

if TYPE_CHECKING:
    from collections.abc import Sequence

    from invitations.domain.roster import RosterEntry

ADMIT_AND_FLAG, HOME_GATE, REFUSE = "admit-and-flag", "home-gate", "refuse"


@dataclass(frozen=True)
class EventRules:
    """What the organiser decided for the doors of one event; times in Unix seconds.

    *offline* is one of `doorplan.OFFLINE`, *walk_ins* of `doorplan.WALK_INS`; *paper* says
    that cameras read the bars of the door code, *badges* that labels are printed.
    """

    event: int
    opens_at: int
    closes_at: int
    cancelled: bool = False
    reentry: bool = False
    many_entries: bool = False
    reply_needed: bool = False
    capacity: int | None = None
    refuse_when_full: bool = False
    offline: str = ADMIT_AND_FLAG
    walk_ins: str = "ask"
    questions: tuple[Question, ...] = ()
    paper: bool = False
    badges: bool = False


@dataclass(frozen=True)
class GatePlan:
    """One gate of the event, and the categories of guests that it serves."""

    id: int
    name: str
    categories: frozenset[str] = frozenset()

    def serves(self, category: str) -> bool:
        """Tell whether guests of *category* go through this gate."""
        return not self.categories or category in self.categories


@dataclass(frozen=True)
class GateRules:
    """The gate at which the guest stands, whom it serves (empty: everybody), and all gates."""

    id: int
    name: str
    categories: frozenset[str] = frozenset()
    others: tuple[tuple[str, str], ...] = ()  # (category, name of the gate that serves it)
    all: tuple[GatePlan, ...] = ()

    def right_one(self, category: str) -> str | None:
        """Return the name of the gate for *category*, empty if unknown; None if it is this one.

        A category that no gate of the event serves is served by every gate.
        """
        if not self.categories or category in self.categories:
            return None
        if self.all and not any(gate.serves(category) for gate in self.all):
            return None
        named = dict(self.others).get(category)
        own = (gate.name for gate in self.all if category in gate.categories)
        any_of = (gate.name for gate in self.all if not gate.categories)
        return named or next(own, None) or next(any_of, "")


def home_gate(entry: RosterEntry, gates: Sequence[GatePlan]) -> GatePlan | None:
    """Return the one gate at which *entry* is green while its station has no line.

    It is chosen by the id of the pass among the gates that serve its category (all, if none
    does), so that every station names the same one without asking. None without any gate.
    """
    ordered = sorted(gates, key=lambda gate: gate.id)
    serving = [gate for gate in ordered if gate.serves(entry.category)] or ordered
    return serving[int(entry.pass_id, 16) % len(serving)] if serving else None

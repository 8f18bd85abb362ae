"""THE decision: may this pass come in, here and now?

One pure function, called by the server and by the station alike; a browser's port is held to
the same table of cases. Refusals are values. The order of the checks is the order in which
the outcomes win, because the steward sees only one.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING

from checkin.domain.outcomes import OVERRIDABLE, Direction, Flag, Outcome
from checkin.domain.passages import Earlier, Passages, fold
from checkin.domain.rules import (
    ADMIT_AND_FLAG,
    HOME_GATE,
    EventRules,
    GatePlan,
    GateRules,
    home_gate,
)
from invitations.domain.passes import DoorPass

if TYPE_CHECKING:
    from collections.abc import Sequence

    from invitations.domain.roster import RosterEntry

__all__ = [
    "OVERRIDABLE",
    "Direction",
    "Earlier",
    "EventRules",
    "Flag",
    "GatePlan",
    "GateRules",
    "Knowledge",
    "Outcome",
    "Verdict",
    "decide",
    "home_gate",
]

ROSTER_FRESH_S = 10


@dataclass(frozen=True)
class Knowledge:
    """What the judge knows beside the pass itself.

    *inside* is how many people are in the room; *roster_as_of* the instant (Unix seconds) of
    the roster, or None without one; *offline* that the judge cannot ask anybody.
    """

    entry: RosterEntry | None
    earlier: Sequence[Earlier] = ()
    inside: int = 0
    roster_as_of: int | None = None
    offline: bool = False


@dataclass(frozen=True)
class Verdict:
    """The answer to one scan.

    *until* is a time to tell the guest (door opens, door closed; Unix seconds), *gate* the
    right gate, *before* the admission that used the pass. *party_inside* people of the party
    had come in before, *heads* come in now; *overrode* is the refusal that was put aside.
    """

    outcome: Outcome
    flags: frozenset[Flag] = field(default_factory=frozenset)
    entry: RosterEntry | None = None
    before: Earlier | None = None
    until: int | None = None
    gate: str = ""
    heads: int = 1
    party_inside: int = 0
    overrode: Outcome | None = None

    @property
    def admitted(self) -> bool:
        """Tell whether the light is green."""
        return self.outcome is Outcome.ADMITTED


def decide(  # noqa: PLR0913 - all that a verdict rests on, by name
    reading: DoorPass | Outcome,
    known: Knowledge,
    rules: EventRules,
    gate: GateRules,
    *,
    now: int,
    direction: Direction = Direction.ENTRY,
    override: bool = False,
    heads: int | None = None,
) -> Verdict:
    """Judge one presentation at *gate* at *now* (Unix seconds).

    *reading* is what the pass text says, or ``not_a_pass`` or ``forged`` where it could not
    be read. *override* puts a refusal aside that may be; *heads* is how many of a party
    stand there, all that are left if it is not said.
    """
    if isinstance(reading, Outcome):
        return Verdict(reading)
    case = _Case(reading, known, rules, gate, now, direction, heads)
    refusal = case.refused()
    if refusal is None:
        return case.admitted()
    if override and refusal.outcome in OVERRIDABLE:
        return case.overridden(refusal)
    return refusal


@dataclass(frozen=True)
class _Case:
    """One presentation of a pass that could be read, and everything that bears upon it."""

    reading: DoorPass
    known: Knowledge
    rules: EventRules
    gate: GateRules
    now: int
    direction: Direction
    asked: int | None

    @cached_property
    def party(self) -> int:
        return self.known.entry.party if self.known.entry else 1

    @cached_property
    def passages(self) -> Passages:
        return fold(self.known.earlier, self.party)

    @cached_property
    def left(self) -> int:
        """How many of the party may still come in."""
        if self.rules.many_entries:
            return self.party
        gone_in = self.passages.inside if self.rules.reentry else self.passages.entered
        return self.party - gone_in

    @cached_property
    def heads(self) -> int:
        """How many people go through now; one at least, for somebody stands there."""
        leaving = self.direction is Direction.EXIT
        most = self.passages.inside if leaving else self.left
        wanted = (
            most if self.asked is None else min(self.asked, self.party if leaving else most)
        )
        return max(1, wanted)

    def refused(self) -> Verdict | None:
        refusal = self._for_the_pass()
        if refusal is None and self.direction is Direction.ENTRY:
            refusal = self._for_the_moment() or self._for_the_line()
        return refusal

    def admitted(self) -> Verdict:
        return Verdict(
            Outcome.ADMITTED,
            self._flags(),
            self.known.entry,
            heads=self.heads,
            party_inside=self.passages.inside,
        )

    def overridden(self, refusal: Verdict) -> Verdict:
        admitted = self.admitted()
        used = self._used_by() if self.direction is Direction.ENTRY else None
        return replace(
            admitted,
            flags=admitted.flags | {Flag.OVERRIDDEN},
            before=used,
            until=refusal.until,
            gate=refusal.gate,
            overrode=refusal.outcome,
        )

    def _for_the_pass(self) -> Verdict | None:
        """Refuse for what the pass is, whichever way its holder walks."""
        entry, rules = self.known.entry, self.rules
        if self.reading.event != rules.event:
            return Verdict(Outcome.WRONG_EVENT)
        if entry is None:
            return Verdict(Outcome.UNKNOWN) if self._fresh() else None
        if self.reading.generation < entry.generation:
            return Verdict(Outcome.REPLACED, entry=entry)
        if entry.state == "withdrawn" or rules.cancelled:
            return Verdict(Outcome.REVOKED, entry=entry)
        if entry.state == "blocked":
            return Verdict(Outcome.BLOCKED, entry=entry)
        if rules.reply_needed and entry.reply not in {"accepted", "delegated"}:
            return Verdict(Outcome.NOT_CONFIRMED, entry=entry)
        return None

    def _for_the_moment(self) -> Verdict | None:
        """Refuse an entry for the time, the gate, the room, or an entry before it."""
        entry, rules = self.known.entry, self.rules
        if self.now < rules.opens_at:
            return Verdict(Outcome.TOO_EARLY, entry=entry, until=rules.opens_at)
        closed = min(rules.closes_at, self.reading.not_after)
        if self.now > closed:
            return Verdict(Outcome.TOO_LATE, entry=entry, until=closed)
        right = self.gate.right_one(entry.category) if entry else None
        if right is not None:
            return Verdict(Outcome.WRONG_GATE, entry=entry, gate=right)
        used = self._used_by()
        if used is None and self._full():
            return Verdict(Outcome.FULL, entry=entry, party_inside=self.passages.inside)
        if used is not None:
            inside = self.passages.inside
            return Verdict(Outcome.ALREADY_IN, entry=entry, before=used, party_inside=inside)
        return None

    def _for_the_line(self) -> Verdict | None:
        """Refuse an entry that only somebody with a line may allow."""
        policy, entry = self.rules.offline, self.known.entry
        if not self.known.offline or policy == ADMIT_AND_FLAG:
            return None
        home = home_gate(entry, self.gate.all) if entry and policy == HOME_GATE else None
        if home is not None and home.id == self.gate.id:
            return None
        return Verdict(Outcome.NO_LINE, entry=entry, gate=home.name if home else "")

    def _used_by(self) -> Earlier | None:
        """Return the entry that uses the pass up, if nobody of its party may come in."""
        if self.left > 0:
            return None
        return self.passages.last if self.rules.reentry else self.passages.first

    def _full(self) -> bool:
        """Tell whether those who come no longer fit; who is inside takes no new place."""
        rules = self.rules
        if rules.capacity is None or not rules.refuse_when_full:
            return False
        places = min(self.heads, self.party - self.passages.inside)
        return places > 0 and self.known.inside + places > rules.capacity

    def _fresh(self) -> bool:
        """Tell whether the roster is so new that every issued pass must be on it."""
        as_of = self.known.roster_as_of
        return as_of is not None and self.now - as_of <= ROSTER_FRESH_S

    def _flags(self) -> frozenset[Flag]:
        entry = self.known.entry
        coming = self.direction is Direction.ENTRY
        marks = {
            Flag.OFFLINE: self.known.offline,
            Flag.NOT_ON_LIST: entry is None,
            Flag.VIP: entry is not None and entry.vip,
            Flag.NOTE: entry is not None and bool(entry.note),
            Flag.PARTY: self.party > 1,
            Flag.QUESTIONS: coming and bool(self.rules.questions),
        }
        return frozenset(flag for flag, holds in marks.items() if holds)

"""THE decision: may this pass come in, here and now?

One pure function, called by the server and by the station alike; a browser's port is held to
the same table of cases. Refusals are values. The order of the checks is the order in which
the outcomes win, because the steward sees only one.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from invitations.domain.model import Question
from invitations.domain.passes import DoorPass

if TYPE_CHECKING:
    from collections.abc import Sequence

    from invitations.domain.roster import RosterEntry

ROSTER_FRESH_S = 10
ADMIT_AND_FLAG, HOME_GATE, REFUSE = "admit-and-flag", "home-gate", "refuse"
OFFLINE_POLICIES = (ADMIT_AND_FLAG, HOME_GATE, REFUSE)
WALK_IN_POLICIES = ("deny", "allow", "ask")


class Outcome(StrEnum):
    """What the door says; in the order in which one wins over the next."""

    NOT_A_PASS = "not_a_pass"
    FORGED = "forged"
    WRONG_EVENT = "wrong_event"
    UNKNOWN = "unknown"
    REPLACED = "replaced"
    REVOKED = "revoked"
    BLOCKED = "blocked"
    NOT_CONFIRMED = "not_confirmed"
    TOO_EARLY = "too_early"
    TOO_LATE = "too_late"
    WRONG_GATE = "wrong_gate"
    FULL = "full"
    ALREADY_IN = "already_in"
    NO_LINE = "no_line"
    ADMITTED = "admitted"


class Direction(StrEnum):
    """Which way the guest walks."""

    ENTRY = "entry"
    EXIT = "exit"


class Flag(StrEnum):
    """What else the steward should know of an admission."""

    VIP = "vip"
    NOTE = "note"
    PARTY = "party"
    OFFLINE = "offline"
    NOT_ON_LIST = "not_on_list"
    OVERRIDDEN = "overridden"
    QUESTIONS = "questions"
    WALK_IN = "walk_in"
    SUBSTITUTE = "substitute"


OVERRIDABLE = frozenset(
    {
        Outcome.REPLACED,
        Outcome.REVOKED,
        Outcome.BLOCKED,
        Outcome.NOT_CONFIRMED,
        Outcome.TOO_EARLY,
        Outcome.TOO_LATE,
        Outcome.WRONG_GATE,
        Outcome.FULL,
        Outcome.ALREADY_IN,
        Outcome.NO_LINE,
    }
)


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
class EventRules:
    """What the organiser decided for the doors of one event; times in Unix seconds.

    *offline* is one of `OFFLINE_POLICIES`, *walk_ins* of `WALK_IN_POLICIES`; *paper* says
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


def decide(
    reading: DoorPass | Outcome,
    known: Knowledge,
    rules: EventRules,
    gate: GateRules,
    *,
    now: int,
    direction: Direction = Direction.ENTRY,
) -> Verdict:
    """Judge one presentation at *gate* at *now* (Unix seconds).

    *reading* is what the pass text says, or ``not_a_pass`` or ``forged`` where it could not
    be read.
    """
    if isinstance(reading, Outcome):
        return Verdict(reading)
    refusal = _of_the_pass(reading, known, rules, now)
    if refusal is None and direction is Direction.ENTRY:
        refusal = _of_the_moment(reading, known, rules, gate, now)
    if refusal is not None:
        return refusal
    return Verdict(Outcome.ADMITTED, _flags(known), known.entry)


def _of_the_pass(
    reading: DoorPass, known: Knowledge, rules: EventRules, now: int
) -> Verdict | None:
    """Refuse for what the pass is, whichever way its holder walks."""
    entry = known.entry
    if reading.event != rules.event:
        return Verdict(Outcome.WRONG_EVENT)
    if entry is None:
        return Verdict(Outcome.UNKNOWN) if _fresh(known, now) else None
    if reading.generation < entry.generation:
        return Verdict(Outcome.REPLACED, entry=entry)
    if entry.state == "withdrawn" or rules.cancelled:
        return Verdict(Outcome.REVOKED, entry=entry)
    if entry.state == "blocked":
        return Verdict(Outcome.BLOCKED, entry=entry)
    if rules.reply_needed and entry.reply not in {"accepted", "delegated"}:
        return Verdict(Outcome.NOT_CONFIRMED, entry=entry)
    return None


def _of_the_moment(
    reading: DoorPass, known: Knowledge, rules: EventRules, gate: GateRules, now: int
) -> Verdict | None:
    """Refuse an entry for the time, the gate, the room, or an entry before it."""
    entry = known.entry
    if now < rules.opens_at:
        return Verdict(Outcome.TOO_EARLY, entry=entry, until=rules.opens_at)
    closed = min(rules.closes_at, reading.not_after)
    if now > closed:
        return Verdict(Outcome.TOO_LATE, entry=entry, until=closed)
    if entry and gate.categories and entry.category not in gate.categories:
        right = dict(gate.others).get(entry.category, "")
        return Verdict(Outcome.WRONG_GATE, entry=entry, gate=right)
    used = _used(known.earlier, rules)
    if _full(known, rules, used):
        return Verdict(Outcome.FULL, entry=entry)
    if used is not None:
        return Verdict(Outcome.ALREADY_IN, entry=entry, before=used)
    return None


def _used(earlier: Sequence[Earlier], rules: EventRules) -> Earlier | None:
    """Return the admission that uses the pass up, if one does.

    It does unless the event allows many entries, nobody went in yet, or re-entry is on and
    the latest passage by corrected time is an exit. An exit which arrives late but happened
    before the entry frees nothing.
    """
    passages = sorted((e for e in earlier if e.counts), key=lambda e: (e.at_ms, e.scan_id))
    entries = [e for e in passages if e.direction is Direction.ENTRY]
    if not entries or rules.many_entries:
        return None
    if rules.reentry and passages[-1].direction is Direction.EXIT:
        return None
    return entries[-1] if rules.reentry else entries[0]


def _full(known: Knowledge, rules: EventRules, used: Earlier | None) -> bool:
    """Tell whether this guest no longer fits; whoever is in already takes no new place."""
    if rules.capacity is None or not rules.refuse_when_full or used is not None:
        return False
    party = known.entry.party if known.entry else 1
    return known.inside + party > rules.capacity


def _fresh(known: Knowledge, now: int) -> bool:
    """Tell whether the roster is so new that every issued pass must be on it."""
    as_of = known.roster_as_of
    return as_of is not None and now - as_of <= ROSTER_FRESH_S


def _flags(known: Knowledge) -> frozenset[Flag]:
    entry = known.entry
    marks = {
        Flag.OFFLINE: known.offline,
        Flag.NOT_ON_LIST: entry is None,
        Flag.VIP: entry is not None and entry.vip,
        Flag.NOTE: entry is not None and bool(entry.note),
        Flag.PARTY: entry is not None and entry.party > 1,
    }
    return frozenset(flag for flag, holds in marks.items() if holds)

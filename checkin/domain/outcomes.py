"""What the door can say, and what it may add; in the order in which one wins over the next."""

from __future__ import annotations

from enum import StrEnum


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

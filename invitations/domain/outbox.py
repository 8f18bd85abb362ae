"""The outbox: the states of a delivery, and every move between them.

``queued -> sending -> accepted``, or back: ``deferred`` until a next try, ``failed`` for
good, ``uncertain`` when a carrier may have taken it and asking twice would cost money,
``expired`` when it would come too late, ``cancelled`` by the officer.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from invitations.domain.errors import CourierError
from invitations.domain.model import Event, Guest, Invitation, Office
from invitations.domain.wording import Words

MINUTE = 60
# Ministries greylist for five minutes and more, and an invitation has a deadline.
BACK_OFF_S = tuple(minutes * MINUTE for minutes in (1, 5, 15, 30, 60, 120))
JITTER = 0.2
LEASE_S = 600
RELAY_PAUSES_S = (5, 15, 30, 60, 120, 300)
RELAY_PATIENCE = 3  # relay errors in a row before the relay is left alone

EMAIL, SMS = "email", "sms"
CHANNELS = (EMAIL, SMS)
# What may still be said when there is no event, or no invitation, any more.
OF_NO_EVENT = frozenset({"cancellation", "withdrawal"})
OF_NO_INVITATION = frozenset({"withdrawal"})
# A mail that comes twice is one mail to its reader (same Message-ID, UID and pass); a text
# message that comes twice costs twice.
HARMLESS_TWICE = frozenset({EMAIL})


class State(StrEnum):
    """Where a delivery stands."""

    QUEUED = "queued"
    SENDING = "sending"
    ACCEPTED = "accepted"
    DEFERRED = "deferred"
    FAILED = "failed"
    UNCERTAIN = "uncertain"
    CANCELLED = "cancelled"
    EXPIRED = "expired"
    SUPPRESSED = "suppressed"  # never sent: the guest asked not to be contacted


OPEN = frozenset({State.QUEUED, State.SENDING, State.DEFERRED})
# What an officer may ask to try again.
RETRIED = frozenset({State.FAILED, State.UNCERTAIN, State.EXPIRED})


@dataclass(frozen=True)
class Delivery:
    """The journey of one letter to one address; times in Unix seconds.

    *purpose* is ``invitation``, ``change``, ``cancellation`` or ``withdrawal``.
    """

    id: int
    sending_id: int
    invitation_id: int
    channel: str
    address: str
    message_id: str
    seq: int
    attempts: int
    not_after: int
    purpose: str = "invitation"


@dataclass(frozen=True)
class Errand:
    """One delivery with all that its letter needs.

    *letter_id* is the signed letter that goes with it, 0 for none; nothing where nobody has
    looked for one yet.
    """

    delivery: Delivery
    office: Office
    event: Event
    guest: Guest
    invitation: Invitation
    words: Words
    written_at: int  # when the officer pressed the button: the date of the letter
    at_night: bool = False  # the officer's logged word: a text may wake people
    letter_id: int | None = None


@dataclass(frozen=True)
class Move:
    """The next state of a delivery, and why; *next_at* counts only while it waits."""

    state: State
    attempts: int
    next_at: int
    cause: str = ""
    detail: str = ""
    relay_id: str = ""
    cost: int = 0  # in VND, of a text that may have left


def suppressed(
    rows: Iterable[Mapping[str, Any]], barred: Collection[int]
) -> list[dict[str, Any]]:
    """Return new deliveries, those of *barred* invitations ended before they began."""
    return [
        {
            **row,
            "state": State.SUPPRESSED if row["invitation_id"] in barred else State.QUEUED,
            "cause": "do-not-contact" if row["invitation_id"] in barred else "",
        }
        for row in rows
    ]


def after_success(delivery: Delivery, relay_id: str, *, now: int) -> Move:
    """Return the move of a delivery that its carrier took under *relay_id*."""
    return Move(State.ACCEPTED, delivery.attempts + 1, now, relay_id=relay_id)


def after_failure(
    delivery: Delivery, error: CourierError, *, now: int, chance: float, ask: bool = False
) -> Move:
    """Decide whether *delivery* is tried again, and when; *chance* is from -1 to 1.

    A permanent refusal ends it at once. An illness of the relay costs the guest nothing: no
    attempt is counted. A passing refusal waits 1, 5, 15, 30, 60, 120 minutes and then two
    hours each time, give or take a fifth, as long as the letter is of use. One that may have
    arrived waits likewise when a second copy is harmless, or for the officer if we *ask*.
    """
    why = cause(error)
    detail = str(error)
    if error.relay:
        return Move(State.QUEUED, delivery.attempts, now, why, detail)
    tried = delivery.attempts + 1
    if error.uncertain and (ask or delivery.channel not in HARMLESS_TWICE):
        return Move(State.UNCERTAIN, tried, now, why, detail)
    if error.permanent and not error.uncertain:
        return Move(State.FAILED, tried, now, why, detail)
    wait = BACK_OFF_S[min(tried, len(BACK_OFF_S)) - 1]
    next_at = now + round(wait * (1 + JITTER * chance))
    if next_at > delivery.not_after:
        return Move(State.EXPIRED, tried, now, why, detail)
    return Move(State.DEFERRED, tried, next_at, why, detail)


def after_crash(delivery: Delivery, *, now: int, ask: bool = False) -> Move:
    """Return the move of a delivery whose worker died while it held it."""
    if delivery.channel in HARMLESS_TWICE and not ask:
        return Move(State.QUEUED, delivery.attempts, now, "worker-died")
    return Move(State.UNCERTAIN, delivery.attempts + 1, now, "worker-died")


def too_late(delivery: Delivery, *, now: int) -> bool:
    """Tell whether the letter would be of no use any more."""
    return now > delivery.not_after


def relay_pause(errors_in_a_row: int) -> int:
    """Return for how many seconds a relay is left alone after so many errors; 0 at first."""
    beyond = errors_in_a_row - RELAY_PATIENCE
    if beyond < 0:
        return 0
    return RELAY_PAUSES_S[min(beyond, len(RELAY_PAUSES_S) - 1)]


def cause(error: CourierError) -> str:
    """Return the code under which failures like *error* are grouped for the officer.

    A word of our own stands for itself; an SMTP answer is judged by its enhanced code
    (RFC 3463) and only then by its basic one.
    """
    if error.uncertain:
        return "uncertain"
    basic, _, enhanced = error.code.partition(" ")
    if not basic.isdigit():
        return error.code or ("relay" if error.relay else "other")
    if error.relay:
        return "relay"
    subject = ".".join(enhanced.split(".")[1:])
    if basic.startswith("4"):  # greylisting is a policy too, but it passes
        return "full" if subject == "2.2" or (basic == "452" and not subject) else "busy"
    by_enhanced = _BY_ENHANCED.get(subject) or _BY_SUBJECT.get(subject[:1])
    return by_enhanced or _BY_BASIC.get(basic, "refused")


_BY_ENHANCED = {
    "1.1": "address", "1.2": "address", "1.3": "address", "1.6": "address", "1.10": "address",
    "2.1": "mailbox", "2.2": "full", "2.3": "size", "3.4": "size", "7.1": "policy",
}  # fmt: skip
_BY_SUBJECT = {"1": "address", "2": "mailbox", "7": "policy"}
_BY_BASIC = {
    "550": "address", "551": "address", "553": "address", "552": "size", "554": "policy",
}  # fmt: skip

"""What an officer plans for an event: checked, moved to another month, and told in phases."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, fields, replace
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Literal

from invitations.domain.model import Event, Gate, Invitation
from invitations.domain.roster import Counts

Phase = Literal["draft", "sent", "open", "over", "cancelled"]
Standing = Literal["before", "open", "over", "cancelled", "withdrawn"]

# Viet Nam has kept one clock since 1975, without summer time.
HERE = timezone(timedelta(hours=7), "Asia/Ho_Chi_Minh")
LONGEST_LINE = 300
LONGEST_TEXT = 4_000
LARGEST_CAPACITY = 100_000
_EARLIEST = datetime(2020, 1, 1, tzinfo=HERE)  # the first minute a pass text can name
_LATEST = datetime(2050, 1, 1, tzinfo=HERE)
_DAYS_A_WEEK = 7
_MONTHS = 12


@dataclass(frozen=True)
class Plan:
    """What can be decided about an event; times in Unix seconds.

    A gate whose id is 0 is new.
    """

    title: str
    place: str
    starts_at: int
    ends_at: int
    opens_at: int
    closes_at: int
    chair: str = ""
    address: str = ""
    contact: str = ""
    notes: str = ""
    reply_by: int | None = None
    capacity: int | None = None
    refuse_when_full: bool = False
    reentry: bool = False
    gates: tuple[Gate, ...] = ()


@dataclass(frozen=True)
class Problem:
    """Something to mend: the *field* of the plan, and a code for what is wrong with it."""

    field: str
    code: str


def plan_of(event: Event) -> Plan:
    """Return the plan that *event* follows now."""
    named = tuple(Gate(gate.id, gate.name) for gate in event.gates)  # not whom they serve
    planned = Plan(**{each.name: getattr(event, each.name) for each in fields(Plan)})
    return replace(planned, gates=named)


def problems(plan: Plan) -> tuple[Problem, ...]:
    """Return everything that stands against *plan*, field by field; nothing if it is good."""
    return (*_of_texts(plan), *_of_times(plan), *_of_room(plan))


def phase(event: Event, counts: Counts, now: int) -> Phase:
    """Say how far *event* is at *now*: from ``draft`` to ``over``, or ``cancelled``."""
    if event.state == "cancelled":
        return "cancelled"
    if now > max(event.closes_at, event.ends_at):
        return "over"
    if now >= event.opens_at:
        return "open"
    return "sent" if counts.invited else "draft"


def standing(invitation: Invitation, event: Event, now: int) -> Standing:
    """Say what *invitation* is worth to its guest at *now* (Unix seconds)."""
    if invitation.state != "issued":
        return "withdrawn"
    if event.state == "cancelled":
        return "cancelled"
    if now > min(max(event.closes_at, event.ends_at), invitation.not_after):
        return "over"
    return "open" if now >= event.opens_at else "before"


def same_weekday(day: date, after: date) -> date:
    """Return the day with the weekday-of-month of *day* in the first later month past *after*.

    The third Thursday stays the third Thursday. A fifth one becomes the last of a month
    that has only four.
    """
    month = day
    while True:
        month = _first_of_next_month(month)
        found = _nth_weekday(month, (day.day - 1) // _DAYS_A_WEEK, day.weekday())
        if found > after:
            return found


def moved(plan: Plan, now: int) -> Plan:
    """Return *plan* for its next month: same weekday of the month, same hours, new title.

    Gates become new ones; it lies after the day of *now* (Unix seconds).
    """
    old = _day(plan.starts_at)
    new = same_weekday(old, max(_day(now), old))
    shift = (new - old).days * 86_400
    return replace(
        plan,
        title=retitled(plan.title, old, new),
        starts_at=plan.starts_at + shift,
        ends_at=plan.ends_at + shift,
        opens_at=plan.opens_at + shift,
        closes_at=plan.closes_at + shift,
        reply_by=None if plan.reply_by is None else plan.reply_by + shift,
        gates=tuple(Gate(0, gate.name) for gate in plan.gates),
    )


def retitled(title: str, old: date, new: date) -> str:
    """Return *title* with the month of *old* in it (``tháng 11/2026``) turned into *new*'s."""
    month = rf"(?<!\d)0?{old.month}"
    with_year = re.compile(rf"{month}(\s*[/-]\s*){old.year}(?!\d)")
    if with_year.search(title):
        return with_year.sub(rf"{new.month}\g<1>{new.year}", title)
    alone = re.compile(rf"(tháng\s+){month}(?![\d/-])", re.IGNORECASE)
    return alone.sub(rf"\g<1>{new.month}", title)


def _of_texts(plan: Plan) -> Iterator[Problem]:
    for name in ("title", "place"):
        if not getattr(plan, name):
            yield Problem(name, "missing")
    for name in ("title", "place", "chair", "address", "contact"):
        if len(getattr(plan, name)) > LONGEST_LINE:
            yield Problem(name, "too-long")
    if len(plan.notes) > LONGEST_TEXT:
        yield Problem("notes", "too-long")


def _of_times(plan: Plan) -> Iterator[Problem]:
    if not _EARLIEST.timestamp() <= plan.starts_at < _LATEST.timestamp():
        yield Problem("starts_at", "year-strange")
    if plan.ends_at <= plan.starts_at:
        yield Problem("ends_at", "ends-before-start")
    if plan.opens_at > plan.starts_at:
        yield Problem("opens_at", "opens-after-start")
    if plan.closes_at < plan.starts_at:
        yield Problem("closes_at", "closes-before-start")
    if plan.reply_by is not None and plan.reply_by > plan.starts_at:
        yield Problem("reply_by", "reply-after-start")


def _of_room(plan: Plan) -> Iterator[Problem]:
    if plan.capacity is not None and not 1 <= plan.capacity <= LARGEST_CAPACITY:
        yield Problem("capacity", "capacity-range")
    if plan.refuse_when_full and plan.capacity is None:
        yield Problem("capacity", "capacity-missing")
    names = [gate.name.casefold() for gate in plan.gates]
    if not names:
        yield Problem("gates", "gate-missing")
    if len(set(names)) < len(names):
        yield Problem("gates", "gate-twice")
    if any(len(name) > LONGEST_LINE for name in names):
        yield Problem("gates", "too-long")


def _day(at: int) -> date:
    return datetime.fromtimestamp(at, UTC).astimezone(HERE).date()


def _first_of_next_month(day: date) -> date:
    return date(day.year + day.month // _MONTHS, day.month % _MONTHS + 1, 1)


def _nth_weekday(first: date, n: int, weekday: int) -> date:
    """Return the weekday after *n* others of its kind in the month that begins on *first*."""
    found = first + timedelta((weekday - first.weekday()) % _DAYS_A_WEEK + n * _DAYS_A_WEEK)
    return found if found.month == first.month else found - timedelta(_DAYS_A_WEEK)

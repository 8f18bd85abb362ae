"""A sending: whom it reaches, what stands in its way, and how far it is."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone

from invitations.domain.addresses import is_mobile
from invitations.domain.dispatch import in_quiet_hours
from invitations.domain.model import Event, Guest, Invitation
from invitations.domain.outbox import CHANNELS, EMAIL, OPEN, RETRIED, SMS, State
from invitations.domain.wording import Words, Wrong, mistakes

SHORT_NOTICE_DAYS = 3  # Decision 45/2018/QĐ-TTg: invitations leave three working days before
_HERE = timezone(timedelta(hours=7))  # Vietnam has had one time, and no other in summer
_SATURDAY = 5


@dataclass(frozen=True)
class Candidate:
    """A guest whom a sending may reach.

    *sent* names the channels of letters that arrived or are on their way, *last_seq* the
    latest number of each channel. A *barred* guest asked not to be contacted; *prefers* is
    the channel that the register names for the guest, or empty.
    """

    guest: Guest
    invitation: Invitation | None
    sent: frozenset[str]
    last_seq: Mapping[str, int]
    barred: bool = False
    prefers: str = ""

    @property
    def withdrawn(self) -> bool:
        """Tell whether the invitation was taken back."""
        return self.invitation is not None and self.invitation.state == "withdrawn"

    def address(self, channel: str) -> str:
        """Return where *channel* reaches the guest; empty when it does not."""
        if channel == EMAIL:
            return self.guest.email
        return self.guest.phone if is_mobile(self.guest.phone) else ""

    def chosen(self, channel: str, order: Order) -> bool:
        """Tell whether the guest gets a letter of *order* by *channel*.

        Where the order leaves a choice, the channel that the guest prefers is the only one;
        where it does not, or that one reaches nobody, a letter is better than none.
        """
        if self.withdrawn or not self.address(channel):
            return False
        if self.prefers in order.channels and self.address(self.prefers):
            return channel == self.prefers and self._fresh(channel, order)
        return self._fresh(channel, order)

    def _fresh(self, channel: str, order: Order) -> bool:
        return order.again or channel not in self.sent


@dataclass(frozen=True)
class Order:
    """What the officer asks for: these words by these channels, *again* to whoever has them."""

    words: Words
    channels: frozenset[str]
    again: bool = False


@dataclass(frozen=True)
class Plan:
    """What pressing "send" would do.

    *reached* holds the guests per channel, *unreached* those without an address in any
    chosen channel, *already* those who have this invitation by every channel that reaches
    them. *parts* is how many parts all text messages have together.
    """

    reached: Mapping[str, tuple[Guest, ...]]
    unreached: tuple[Guest, ...]
    already: int
    parts: int
    mistakes: tuple[Wrong, ...]
    warnings: tuple[str, ...]

    @property
    def possible(self) -> bool:
        """Tell whether anything would be sent."""
        return not self.mistakes and any(self.reached.values())

    @property
    def people(self) -> int:
        """How many guests get a letter at all, by whatever channel."""
        return len({guest.id for some in self.reached.values() for guest in some})

    @property
    def english(self) -> int:
        """How many of those read English."""
        found = (guest for some in self.reached.values() for guest in some)
        return len({guest.id for guest in found if guest.language == "en"})


@dataclass(frozen=True)
class Batch:
    """One press of "send": with whose words, when, and whether it runs.

    Nothing leaves before *begins_at*, nor while it is ``held`` for the word of somebody
    other than *by_account*.
    """

    id: int
    event_id: int
    state: str
    words: Words
    by: str
    at: int
    begins_at: int = 0
    by_account: int | None = None
    approved_by: str = ""
    purpose: str = "invitation"


@dataclass(frozen=True)
class Cause:
    """One kind of trouble in one channel: how often, and a carrier's own words for it."""

    channel: str
    state: str
    cause: str
    count: int
    detail: str


@dataclass(frozen=True)
class Step:
    """One move of a letter: the state it came to at *at*, and why."""

    at: int
    state: str
    cause: str
    detail: str


@dataclass(frozen=True)
class Journey:
    """One letter to one guest, with every move it made."""

    line: Line
    sending_id: int
    purpose: str
    steps: tuple[Step, ...]


@dataclass(frozen=True)
class Line:
    """How far one letter to one guest has come."""

    delivery_id: int
    guest_id: int
    honorific: str
    name: str
    organisation: str
    channel: str
    address: str
    state: str
    attempts: int
    next_at: int
    cause: str
    detail: str
    updated_at: int


@dataclass(frozen=True)
class Progress:
    """How far one batch is; *speed* in letters a minute, *next_try* in Unix seconds."""

    batch: Batch
    event: Event
    counts: Mapping[tuple[str, str], int]
    causes: tuple[Cause, ...]
    speed: int
    next_try: int | None
    worker_alive: bool

    def number(self, channel: str, *states: str) -> int:
        """Return how many letters of *channel* are in one of *states*; in any without."""
        return sum(
            count
            for (kind, state), count in self.counts.items()
            if kind == channel and (not states or state in states)
        )

    @property
    def channels(self) -> tuple[str, ...]:
        """The channels that this batch uses."""
        return tuple(channel for channel in CHANNELS if self.number(channel))

    @property
    def open(self) -> int:
        """How many letters have not come to an end."""
        return sum(self.number(channel, *OPEN) for channel in CHANNELS)

    @property
    def retried(self) -> int:
        """How many letters an officer may ask to try again."""
        return sum(self.number(channel, *RETRIED) for channel in CHANNELS)

    @property
    def left_s(self) -> int | None:
        """How many seconds the waiting letters will take at this speed, or None."""
        waiting = sum(self.number(channel, State.QUEUED, State.SENDING) for channel in CHANNELS)
        return round(waiting * 60 / self.speed) if waiting and self.speed else None

    @property
    def running(self) -> bool:
        """Tell whether something still happens by itself."""
        return bool(self.open) and self.batch.state == "running"


def make_plan(
    found: Sequence[Candidate],
    event: Event,
    order: Order,
    parts_for: Callable[[Guest], int],
    *,
    now: int,
) -> Plan:
    """Return what *order* would do at *now* with the guests *found*; the barred get nothing."""
    found = [each for each in found if not each.barred]
    reached = {
        channel: tuple(each.guest for each in found if each.chosen(channel, order))
        for channel in CHANNELS
        if channel in order.channels
    }
    invited = [each for each in found if not each.withdrawn]
    lost = [each for each in invited if not any(map(each.address, order.channels))]
    served = {guest.id for some in reached.values() for guest in some}
    return Plan(
        reached=reached,
        unreached=tuple(each.guest for each in lost),
        already=sum(each.guest.id not in served for each in invited) - len(lost),
        parts=sum(parts_for(guest) for guest in reached.get(SMS, ())),
        mistakes=_mistakes(event, order, now=now),
        warnings=_warnings(event, order.channels, now=now),
    )


def useful_until(event: Event, *, now: int) -> int:
    """Return the last instant at which an invitation is of use: the start, or the end."""
    return event.starts_at if now < event.starts_at else event.ends_at


def working_days_before(start: int, *, now: int) -> int:
    """Return how many whole working days (Monday to Friday) lie between *now* and *start*."""
    first, last = _local(now).date(), _local(start).date()
    between = (first + timedelta(days=number) for number in range(1, (last - first).days))
    return sum(day.weekday() < _SATURDAY for day in between)


def _mistakes(event: Event, order: Order, *, now: int) -> tuple[Wrong, ...]:
    by_mail, by_sms = EMAIL in order.channels, SMS in order.channels
    found = list(mistakes(order.words, by_mail=by_mail, by_sms=by_sms))
    if not order.channels:
        found.append(Wrong("channels", "missing"))
    if event.state != "open":
        found.append(Wrong("event", "cancelled"))
    elif now > event.ends_at:
        found.append(Wrong("event", "over"))
    return tuple(found)


def _warnings(event: Event, channels: Collection[str], *, now: int) -> tuple[str, ...]:
    found = []
    if working_days_before(event.starts_at, now=now) < SHORT_NOTICE_DAYS:
        found.append("short-notice")
    if SMS in channels and in_quiet_hours(now):
        found.append("quiet-hours")
    return tuple(found)


def _local(instant: int) -> datetime:
    return datetime.fromtimestamp(instant, UTC).astimezone(_HERE)

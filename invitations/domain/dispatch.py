"""When a sending leaves, at what pace and price, and whose word it needs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone

from invitations.domain.outbox import SMS, Errand

QUIET_FROM, QUIET_UNTIL = 22, 7  # no text message at night, as Decree 91/2020 has it for others
# What a relay that sets no limit takes from one connection, with room to spare.
USUAL_PER_MINUTE = 240
CANCELLATION = "cancellation"
_HERE = timezone(timedelta(hours=7))  # Vietnam has had one time, and no other in summer


@dataclass(frozen=True)
class HouseRules:
    """What the house has settled for every sending.

    *approval* asks a second officer's word; *sms_price* is in VND for each part, 0 when it
    is not known; *per_minute* gives the pace of a channel, 0 for as fast as it goes. The
    texts of one sending cost at most *ceiling* VND, 0 for no limit.
    """

    approval: bool = False
    sms_price: int = 0
    per_minute: Mapping[str, int] = field(default_factory=dict)
    ceiling: int = 0

    def minutes(self, channel: str, letters: int) -> int:
        """Return how many minutes *letters* of *channel* take, at least one."""
        pace = self.per_minute.get(channel, 0) or USUAL_PER_MINUTE
        return max(1, -(-letters // pace))


@dataclass(frozen=True)
class Terms:
    """When letters may leave: *begins_at* (0 for now), texts also *at_night*, or *held*."""

    begins_at: int = 0
    at_night: bool = False
    held: bool = False

    def leaves_at(self, channel: str, *, now: int) -> int:
        """Return the first instant at which a letter of *channel* may leave."""
        instant = max(self.begins_at, now)
        return instant if channel != SMS or self.at_night else calm(instant)


NOW = Terms()
USUAL = HouseRules()


def may_leave(errand: Errand, *, now: int) -> int:
    """Return the first instant at which a letter that is due *now* may leave.

    In quiet hours a text waits for 7 o'clock, be it new, a retry or a notice, unless its
    sending may text at night. That an event is called off which would begin before then is
    said at once: better woken than before a closed door.
    """
    free = errand.delivery.channel != SMS or errand.at_night
    morning = calm(now)
    urgent = errand.delivery.purpose == CANCELLATION and errand.event.starts_at < morning
    return now if free or urgent else morning


def in_quiet_hours(instant: int) -> bool:
    """Tell whether people sleep at *instant*: from 22 to 7 o'clock in Vietnam."""
    hour = _local(instant).hour
    return hour >= QUIET_FROM or hour < QUIET_UNTIL


def calm(instant: int) -> int:
    """Return *instant*, or 7 o'clock of the morning after when it lies in quiet hours."""
    return next_morning(instant) if in_quiet_hours(instant) else instant


def next_morning(instant: int) -> int:
    """Return the next 7 o'clock after *instant*."""
    local = _local(instant)
    morning = local.replace(hour=QUIET_UNTIL, minute=0, second=0, microsecond=0)
    return int((morning if morning > local else morning + timedelta(days=1)).timestamp())


def read_instant(text: str) -> int | None:
    """Return the instant of ``2026-11-19T07:30`` in Vietnam, or None for anything else."""
    try:
        local = datetime.strptime(text, "%Y-%m-%dT%H:%M").replace(tzinfo=_HERE)
        return int(local.timestamp())
    except (ValueError, OverflowError):
        return None


def write_instant(instant: int) -> str:
    """Return *instant* as ``2026-11-19T07:30`` in Vietnam."""
    return f"{_local(instant):%Y-%m-%dT%H:%M}"


def _local(instant: int) -> datetime:
    return datetime.fromtimestamp(instant, UTC).astimezone(_HERE)

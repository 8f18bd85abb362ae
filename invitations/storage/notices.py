"""Who heard of an invitation, by which ways, and how often of a change: what notices go by."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sqlalchemy import and_, exists, func, or_, select

from invitations.domain.outbox import OPEN, State
from invitations.domain.wording import from_json
from invitations.storage import records
from invitations.storage.tables import (
    deliveries,
    delivery_events,
    events,
    invitations,
    sendings,
)

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, Connection

    from invitations.domain.model import Holder
    from invitations.domain.wording import Words

# A letter under way may have arrived; one that still waits is written anew when it leaves.
HEARD = (State.ACCEPTED, State.UNCERTAIN, State.SENDING)

OF_EVENT = ("change", "cancellation")


@dataclass
class Hearer:
    """A guest whom letters reached by *channels*; *told* holds purpose, channel and number."""

    holder: Holder
    channels: set[str] = field(default_factory=set)
    told: set[tuple[str, str, int]] = field(default_factory=set)


def hearers(connection: Connection, event_id: int) -> list[Hearer]:
    """Return everybody whom a letter about the event reached, by given name."""
    rows = connection.execute(
        select(
            deliveries.c.invitation_id,
            deliveries.c.channel,
            deliveries.c.purpose,
            deliveries.c.seq,
            deliveries.c.state,
        ).where(deliveries.c.event_id == event_id)
    ).all()
    found = {
        holder.invitation.id: Hearer(holder)
        for holder in records.of_event(connection, event_id)
    }
    for row in rows:
        hearer = found[row.invitation_id]
        hearer.told.add((row.purpose, row.channel, row.seq))
        if row.state in HEARD:
            hearer.channels.add(row.channel)
    return [each for each in found.values() if each.channels]


def last_words(connection: Connection, event_id: int, purpose: str) -> Words | None:
    """Return the words of the latest sending of its kind, or nothing."""
    found = connection.execute(
        select(sendings.c.words)
        .where(sendings.c.event_id == event_id, sendings.c.purpose == purpose)
        .order_by(sendings.c.id.desc())
        .limit(1)
    ).scalar_one_or_none()
    return None if found is None else from_json(found)


def untold(connection: Connection, event_id: int) -> int:
    """Return how many guests have letters, but none that tells the event as it now stands.

    A letter that waits is written anew when it leaves; a notice of this very change that
    failed is tried again from its own sending.
    """
    changed_at, number = connection.execute(
        select(events.c.changed_at, events.c.sequence).where(events.c.id == event_id)
    ).one()
    if not changed_at:
        return 0
    mine = deliveries.c.invitation_id == invitations.c.id
    notice = and_(
        deliveries.c.purpose.in_(OF_EVENT), deliveries.c.seq == number + invitations.c.sequence
    )
    arrived = and_(deliveries.c.state.in_(HEARD), _heard_at() > changed_at)
    fresh = or_(deliveries.c.state.in_(OPEN), arrived, notice)
    found = connection.execute(
        select(func.count())
        .select_from(invitations)
        .where(
            invitations.c.event_id == event_id,
            invitations.c.state == "issued",
            exists().where(mine, deliveries.c.state.in_(HEARD)),
            ~exists().where(mine, fresh),
        )
    )
    return int(found.scalar_one())


def _heard_at() -> ColumnElement[int]:
    """Return when a letter first reached its guest; a later report of it does not count."""
    first = (
        select(func.min(delivery_events.c.at))
        .where(
            delivery_events.c.delivery_id == deliveries.c.id,
            delivery_events.c.state.in_(HEARD),
        )
        .correlate(deliveries)
        .scalar_subquery()
    )
    return func.coalesce(first, deliveries.c.updated_at)

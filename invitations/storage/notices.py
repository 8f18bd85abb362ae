"""Who heard of an invitation, by which ways, and how often of a change: what notices go by."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sqlalchemy import select

from invitations.domain.outbox import State
from invitations.domain.wording import from_json
from invitations.storage import records
from invitations.storage.tables import deliveries, sendings

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from invitations.domain.model import Holder
    from invitations.domain.wording import Words

# A letter under way may have arrived; one that still waits is written anew when it leaves.
HEARD = (State.ACCEPTED, State.UNCERTAIN, State.SENDING)


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

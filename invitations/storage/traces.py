"""From a trace to its delivery: one look-up for each of the five keys."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from sqlalchemy import select

from invitations.domain.outbox import EMAIL
from invitations.domain.traces import Trace, Traced
from invitations.storage.tables import deliveries, invitations

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, Connection


def find(connection: Connection, trace: Trace, channel: str = EMAIL) -> Traced | None:
    """Return the delivery that *trace* leads to, by its most exact key; nothing for none.

    Message-IDs, the envelope's id and the relay's number name one delivery, the tags an
    invitation, whose latest delivery by *channel* is meant.
    """
    found = [row for which in _keys(trace) if (row := _latest(connection, which, channel))]
    if not found:
        return None
    delivery_id, invitation_id = found[0]
    agreed = all(other == invitation_id for _delivery, other in found)
    return Traced(delivery_id, invitation_id, agreed)


def _keys(trace: Trace) -> Iterator[ColumnElement[bool]]:
    """Return what each key asks for, the most exact first."""
    for message_id in trace.message_ids:
        yield deliveries.c.message_id == message_id
    if trace.envelope_id:  # it is the Message-ID up to its domain
        start = trace.envelope_id.partition("@")[0]
        yield deliveries.c.message_id.startswith(f"{start}@", autoescape=True)
    if trace.relay_id:
        yield deliveries.c.relay_id == trace.relay_id
    for tag in trace.tags:
        yield invitations.c.tag == tag


def _latest(
    connection: Connection, which: ColumnElement[bool], channel: str
) -> tuple[int, int] | None:
    row = connection.execute(
        select(deliveries.c.id, deliveries.c.invitation_id)
        .join(invitations, invitations.c.id == deliveries.c.invitation_id)
        .where(which, deliveries.c.channel == channel)
        .order_by(deliveries.c.id.desc())
        .limit(1)
    ).one_or_none()
    return (row.id, row.invitation_id) if row else None

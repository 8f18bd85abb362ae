"""What waits in the outbox, and what has been spent on it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import exists, func, or_, select

from invitations.domain.outbox import State
from invitations.storage.outbox import RUNNING, WAITING
from invitations.storage.tables import deliveries, sendings

if TYPE_CHECKING:
    from sqlalchemy import Connection, Select


def due(connection: Connection, channel: str, *, now: int) -> bool:
    """Tell whether any delivery of *channel* may be carried at *now*."""
    return bool(connection.execute(select(exists(due_ids(channel, now)))).scalar())


def unfinished(connection: Connection, *, now: int) -> bool:
    """Tell whether a delivery is under way, or waits and may be carried at *now*."""
    under_way = exists().where(deliveries.c.state == State.SENDING)
    waiting = exists(
        select(deliveries.c.id)
        .join(sendings, sendings.c.id == deliveries.c.sending_id)
        .where(
            deliveries.c.state.in_(WAITING),
            deliveries.c.next_at <= now,
            sendings.c.state == RUNNING,
        )
    )
    return bool(connection.execute(select(or_(under_way, waiting))).scalar())


def spent(connection: Connection, sending_id: int) -> int:
    """Return what the texts of a sending have cost so far, those in doubt too, in VND."""
    total = select(func.sum(deliveries.c.cost)).where(deliveries.c.sending_id == sending_id)
    return int(connection.execute(total).scalar() or 0)


def due_ids(channel: str, now: int) -> Select[Any]:
    """Return the query for the deliveries of *channel* that may be carried at *now*."""
    return (
        select(deliveries.c.id)
        .join(sendings, sendings.c.id == deliveries.c.sending_id)
        .where(
            deliveries.c.channel == channel,
            deliveries.c.state.in_(WAITING),
            deliveries.c.next_at <= now,
            sendings.c.state == RUNNING,
        )
    )

"""The outbox's rows: queued, stopped and queued again, and told move by move."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, insert, literal, select, update

from invitations.domain.outbox import OPEN, State
from invitations.storage.tables import (
    deliveries,
    delivery_events,
    sendings,
)

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, Connection

HELD, RUNNING, PAUSED, STOPPED = "held", "running", "paused", "stopped"
WAITING = (State.QUEUED, State.DEFERRED)


def add_sending(connection: Connection, values: Mapping[str, Any]) -> int:
    """Write one press of "send" and return its id."""
    return int(
        connection.execute(
            insert(sendings).values(**values).returning(sendings.c.id)
        ).scalar_one()
    )


def add_deliveries(
    connection: Connection, sending_id: int, rows: Sequence[Mapping[str, Any]], *, at: int
) -> None:
    """Queue *rows* for one sending; each names its invitation, channel, address and ids.

    One that names its ``next_at`` waits until then.
    """
    if not rows:
        return
    same = {
        "sending_id": sending_id,
        "state": State.QUEUED,
        "attempts": 0,
        "next_at": at,
        "updated_at": at,
    }
    connection.execute(insert(deliveries), [{**same, **row} for row in rows])
    tell(connection, deliveries.c.sending_id == sending_id, at=at)


def tell(connection: Connection, which: ColumnElement[bool], *, at: int) -> None:
    """Append the present state of the deliveries *which* to the book of moves."""
    rows = select(
        deliveries.c.id,
        literal(at),
        deliveries.c.state,
        deliveries.c.cause,
        deliveries.c.detail,
    ).where(which)
    columns = ["delivery_id", "at", "state", "cause", "detail"]
    connection.execute(insert(delivery_events).from_select(columns, rows))


def set_state(connection: Connection, sending_id: int, state: str) -> None:
    """Let a sending run, rest or end."""
    connection.execute(update(sendings).where(sendings.c.id == sending_id).values(state=state))


def cancel_waiting(connection: Connection, sending_id: int, *, now: int) -> None:
    """Cancel what has not left yet; what is under way goes on."""
    mine = and_(deliveries.c.sending_id == sending_id, deliveries.c.state.in_(WAITING))
    change(connection, mine, {"state": State.CANCELLED}, now)


def queue_again(
    connection: Connection, delivery_id: int, address: str, not_after: int, *, now: int
) -> None:
    """Put a delivery that had ended back into the queue, to the guest's present address."""
    ended = and_(deliveries.c.id == delivery_id, deliveries.c.state.not_in(OPEN))
    values = {
        "state": State.QUEUED,
        "address": address,
        "attempts": 0,
        "next_at": now,
        "not_after": not_after,
        "cause": "",
        "detail": "",
    }
    change(connection, ended, values, now)


def change(
    connection: Connection, which: ColumnElement[bool], values: Mapping[str, Any], now: int
) -> list[int]:
    """Change the deliveries *which*, end their leases and tell it; return their ids."""
    changed = (
        connection.execute(
            update(deliveries)
            .where(which)
            .values(**values, lease_by=None, lease_until=None, updated_at=now)
            .returning(deliveries.c.id)
        )
        .scalars()
        .all()
    )
    if changed:
        tell(connection, deliveries.c.id.in_(changed), at=now)
    return list(changed)

"""What befell the letters of one guest, and the addresses that are mended: rows in and out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import select, update

from invitations.domain.outbox import EMAIL
from invitations.domain.sendings import Journey, Line, Step
from invitations.storage.outbox import HELD, RUNNING
from invitations.storage.progress import LINE_COLUMNS
from invitations.storage.tables import (
    deliveries,
    delivery_events,
    guests,
    invitations,
    sendings,
)

if TYPE_CHECKING:
    from sqlalchemy import Connection


def of_guest(connection: Connection, guest_id: int) -> list[Journey]:
    """Return every letter to a guest, the latest first, each with all its moves."""
    rows = connection.execute(
        select(*LINE_COLUMNS, deliveries.c.sending_id, deliveries.c.purpose)
        .join(invitations, invitations.c.id == deliveries.c.invitation_id)
        .join(guests, guests.c.id == invitations.c.guest_id)
        .where(guests.c.id == guest_id)
        .order_by(deliveries.c.id.desc())
    ).all()
    steps = _steps(connection, [row.delivery_id for row in rows])
    return [
        Journey(
            Line(*tuple[Any, ...](row)[: len(LINE_COLUMNS)]),
            row.sending_id,
            row.purpose,
            tuple(steps.get(row.delivery_id, ())),
        )
        for row in rows
    ]


def change_address(connection: Connection, guest_id: int, channel: str, address: str) -> None:
    """Give a guest another mail address or telephone number."""
    column = "email" if channel == EMAIL else "phone"
    connection.execute(update(guests).where(guests.c.id == guest_id).values({column: address}))


def approve(connection: Connection, sending_id: int, *, by: str, at: int) -> bool:
    """Let a held sending run; tell whether it was held."""
    changed = connection.execute(
        update(sendings)
        .where(sendings.c.id == sending_id, sendings.c.state == HELD)
        .values(state=RUNNING, approved_by=by, approved_at=at)
    )
    return changed.rowcount == 1


def _steps(connection: Connection, ids: list[int]) -> dict[int, list[Step]]:
    found: dict[int, list[Step]] = {}
    rows = connection.execute(
        select(
            delivery_events.c.delivery_id,
            delivery_events.c.at,
            delivery_events.c.state,
            delivery_events.c.cause,
            delivery_events.c.detail,
        )
        .where(delivery_events.c.delivery_id.in_(ids))
        .order_by(delivery_events.c.id)
    )
    for delivery_id, *step in rows:
        found.setdefault(delivery_id, []).append(Step(*step))
    return found

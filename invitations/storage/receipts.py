"""Reports of carriers, written beside the deliveries they tell of."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import insert, or_, select, update

from invitations.domain.outbox import SMS, State
from invitations.domain.receipts import Receipt, Report, counts, state_after
from invitations.storage.tables import deliveries, delivery_events

if TYPE_CHECKING:
    from sqlalchemy import Connection

UNDELIVERED = "undelivered"


def apply(connection: Connection, receipt: Receipt, *, at: int) -> bool:
    """Write *receipt* beside its delivery if it says more than the last; tell whether so.

    A report of a delivery that we do not know changes nothing.
    """
    ours = deliveries.c.message_id == receipt.reference
    theirs = deliveries.c.relay_id == receipt.carrier_id
    which = or_(
        *([ours] if receipt.reference else []), *([theirs] if receipt.carrier_id else [])
    )
    row = connection.execute(
        select(deliveries.c.id, deliveries.c.state, deliveries.c.report)
        .where(deliveries.c.channel == SMS, which)
        .order_by(deliveries.c.id.desc())
        .limit(1)
        .with_for_update()
    ).one_or_none()
    if row is None or not counts(row.report, receipt.report):
        return False
    state = state_after(row.state, receipt.report)
    failed = receipt.report is Report.UNDELIVERED and state == State.FAILED
    cause = UNDELIVERED if failed else ""
    told = {"state": state, "cause": cause, "detail": receipt.detail}
    values = {**told, "report": receipt.report, "reported_at": at, "updated_at": at}
    connection.execute(update(deliveries).where(deliveries.c.id == row.id).values(values))
    event = {**told, "cause": receipt.report, "delivery_id": row.id, "at": at}
    connection.execute(insert(delivery_events).values(event))
    return True

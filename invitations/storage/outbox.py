"""The outbox's rows: claimed under a lease, settled by whoever holds it, told move by move."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, exists, insert, literal, or_, select, update

from invitations.domain.outbox import LEASE_S, OPEN, Delivery, Errand, Move, State
from invitations.domain.wording import from_json
from invitations.storage import events, records
from invitations.storage.tables import (
    deliveries,
    delivery_events,
    invitations,
    sendings,
)

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, Connection, Row

RUNNING, PAUSED, STOPPED = "running", "paused", "stopped"
_WAITING = (State.QUEUED, State.DEFERRED)
_DELIVERY_COLUMNS = (
    deliveries.c.id,
    deliveries.c.sending_id,
    deliveries.c.invitation_id,
    deliveries.c.channel,
    deliveries.c.address,
    deliveries.c.message_id,
    deliveries.c.seq,
    deliveries.c.attempts,
    deliveries.c.not_after,
)


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


def due(connection: Connection, channel: str, *, now: int) -> bool:
    """Tell whether any delivery of *channel* may be carried at *now*."""
    return bool(connection.execute(select(exists(_due(channel, now)))).scalar())


def unfinished(connection: Connection, *, now: int) -> bool:
    """Tell whether a delivery is under way, or waits and may be carried at *now*."""
    under_way = exists().where(deliveries.c.state == State.SENDING)
    waiting = exists(
        select(deliveries.c.id)
        .join(sendings, sendings.c.id == deliveries.c.sending_id)
        .where(
            deliveries.c.state.in_(_WAITING),
            deliveries.c.next_at <= now,
            sendings.c.state == RUNNING,
        )
    )
    return bool(connection.execute(select(or_(under_way, waiting))).scalar())


def claim(
    connection: Connection, channel: str, worker: str, limit: int, *, now: int
) -> list[Errand]:
    """Lease up to *limit* due deliveries of *channel* to *worker*, the longest due first.

    Several workers on PostgreSQL pass each other by; on SQLite there is one writer.
    """
    ready = (
        _due(channel, now)
        .order_by(deliveries.c.next_at, deliveries.c.id)
        .limit(limit)
        .with_for_update(skip_locked=True, of=deliveries)
    )
    taken = connection.execute(
        update(deliveries)
        .where(deliveries.c.id.in_(ready))
        .values(
            state=State.SENDING,
            lease_by=worker,
            lease_until=now + LEASE_S,
            updated_at=now,
        )
        .returning(deliveries.c.id)
        .execution_options(synchronize_session=False)
    ).scalars()
    return errands(connection, sorted(taken))


def errands(connection: Connection, delivery_ids: Collection[int]) -> list[Errand]:
    """Return what the letters of *delivery_ids* need, in the order of the ids."""
    rows = connection.execute(
        select(*_DELIVERY_COLUMNS, deliveries.c.event_id, sendings.c.words, sendings.c.at)
        .join(sendings, sendings.c.id == deliveries.c.sending_id)
        .where(deliveries.c.id.in_(delivery_ids))
        .order_by(deliveries.c.id)
    ).all()
    gatherings = {row.event_id: events.find(connection, row.event_id) for row in rows}
    found = []
    for row in rows:
        event = gatherings[row.event_id]
        holder = records.find(connection, row.invitation_id)
        office = events.office(connection, event.office_id) if event else None
        if event and holder and office:
            words = from_json(row.words)
            parts = (office, event, holder.guest, holder.invitation, words, row.at)
            found.append(Errand(_delivery(row), *parts))
    return found


def wanted(connection: Connection, delivery_id: int, worker: str, *, now: int) -> bool:
    """Tell whether *worker* shall still carry the delivery it claimed.

    Not so when the officer paused the sending, when the pass was withdrawn, or when half of
    the lease is over: another worker might come before this one is done.
    """
    return bool(
        connection.execute(
            select(deliveries.c.id)
            .join(sendings, sendings.c.id == deliveries.c.sending_id)
            .join(invitations, invitations.c.id == deliveries.c.invitation_id)
            .where(
                deliveries.c.id == delivery_id,
                _held_by(worker),
                deliveries.c.lease_until > now + LEASE_S // 2,
                sendings.c.state == RUNNING,
                invitations.c.state == "issued",
            )
        ).scalar()
    )


def settle(
    connection: Connection, delivery_id: int, move: Move, worker: str, *, now: int
) -> bool:
    """Make *move* if *worker* still holds the delivery; tell whether it did."""
    return _make(connection, and_(deliveries.c.id == delivery_id, _held_by(worker)), move, now)


def give_back(connection: Connection, ids: Collection[int], worker: str, *, now: int) -> None:
    """Put claimed deliveries back untouched; what nobody wants any more is cancelled."""
    mine = and_(deliveries.c.id.in_(ids), _held_by(worker))
    stopped = select(sendings.c.id).where(sendings.c.state == STOPPED)
    gone = select(invitations.c.id).where(invitations.c.state != "issued")
    for unwanted, cause in (
        (deliveries.c.sending_id.in_(stopped), ""),
        (deliveries.c.invitation_id.in_(gone), "withdrawn"),
    ):
        values = {"state": State.CANCELLED, "cause": cause}
        _change(connection, and_(mine, unwanted), values, now)
    connection.execute(
        update(deliveries)
        .where(mine)
        .values(state=State.QUEUED, lease_by=None, lease_until=None, updated_at=now)
    )


def left_behind(connection: Connection, worker: str, *, now: int) -> list[Delivery]:
    """Return deliveries that an earlier life of *worker* held, or whose lease ran out."""
    rows = connection.execute(
        select(*_DELIVERY_COLUMNS).where(
            deliveries.c.state == State.SENDING,
            or_(deliveries.c.lease_by == worker, deliveries.c.lease_until < now),
        )
    )
    return [_delivery(row) for row in rows]


def take_over(connection: Connection, delivery_id: int, move: Move, *, now: int) -> None:
    """Make *move* for a delivery whose worker died."""
    under_way = and_(deliveries.c.id == delivery_id, deliveries.c.state == State.SENDING)
    _make(connection, under_way, move, now)


def set_state(connection: Connection, sending_id: int, state: str) -> None:
    """Let a sending run, rest or end."""
    connection.execute(update(sendings).where(sendings.c.id == sending_id).values(state=state))


def cancel_waiting(connection: Connection, sending_id: int, *, now: int) -> None:
    """Cancel what has not left yet; what is under way goes on."""
    mine = and_(deliveries.c.sending_id == sending_id, deliveries.c.state.in_(_WAITING))
    _change(connection, mine, {"state": State.CANCELLED}, now)


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
    _change(connection, ended, values, now)


def _due(channel: str, now: int) -> Any:  # noqa: ANN401 - SQLAlchemy's Select of one column
    return (
        select(deliveries.c.id)
        .join(sendings, sendings.c.id == deliveries.c.sending_id)
        .where(
            deliveries.c.channel == channel,
            deliveries.c.state.in_(_WAITING),
            deliveries.c.next_at <= now,
            sendings.c.state == RUNNING,
        )
    )


def _held_by(worker: str) -> ColumnElement[bool]:
    return and_(deliveries.c.state == State.SENDING, deliveries.c.lease_by == worker)


def _make(connection: Connection, which: ColumnElement[bool], move: Move, now: int) -> bool:
    values = {
        "state": move.state,
        "attempts": move.attempts,
        "next_at": move.next_at,
        "cause": move.cause,
        "detail": move.detail,
        "relay_id": move.relay_id,
    }
    return bool(_change(connection, which, values, now))


def _change(
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


def _delivery(row: Row[*tuple[Any, ...]]) -> Delivery:
    return Delivery(
        id=row.id,
        sending_id=row.sending_id,
        invitation_id=row.invitation_id,
        channel=row.channel,
        address=row.address,
        message_id=row.message_id,
        seq=row.seq,
        attempts=row.attempts,
        not_after=row.not_after,
    )

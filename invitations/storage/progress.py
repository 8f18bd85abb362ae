"""How far the sendings are: counts, causes and lines for the officer's screen."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sqlalchemy import Integer, and_, case, func, insert, select, update

from invitations.domain.outbox import OPEN, State
from invitations.domain.sendings import Batch, Candidate, Cause, Line
from invitations.domain.wording import from_json
from invitations.storage import enrolment, records
from invitations.storage import guests as guest_list
from invitations.storage.outbox import HELD
from invitations.storage.tables import (
    deliveries,
    events,
    guests,
    heartbeats,
    invitations,
    sendings,
)

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, Connection, Row

    from invitations.domain.model import Guest, Invitation

LINE_COLUMNS: tuple[ColumnElement[Any], ...] = (
    deliveries.c.id.label("delivery_id"),
    guests.c.id.label("guest_id"),
    guests.c.honorific,
    guests.c.name,
    guests.c.organisation,
    deliveries.c.channel,
    deliveries.c.address,
    deliveries.c.state,
    deliveries.c.attempts,
    deliveries.c.next_at,
    deliveries.c.cause,
    deliveries.c.detail,
    deliveries.c.updated_at,
)
TROUBLED = (
    State.FAILED,
    State.UNCERTAIN,
    State.EXPIRED,
    State.DEFERRED,
    State.SUPPRESSED,
)


def find(connection: Connection, sending_id: int) -> Batch | None:
    """Return one sending, or nothing."""
    row = connection.execute(select(sendings).where(sendings.c.id == sending_id)).one_or_none()
    return _batch(row) if row else None


def of_event(connection: Connection, event_id: int, purpose: str = "") -> list[Batch]:
    """Return the sendings of an event (those of *purpose*, if given), the latest first."""
    which: ColumnElement[bool] = sendings.c.event_id == event_id
    if purpose:
        which = and_(which, sendings.c.purpose == purpose)
    rows = connection.execute(select(sendings).where(which).order_by(sendings.c.id.desc()))
    return [_batch(row) for row in rows]


def held(connection: Connection, office_id: int) -> list[tuple[Batch, str]]:
    """Return what waits for a second word in an office, with the titles of the events."""
    rows = connection.execute(
        select(sendings, events.c.title)
        .join(events, events.c.id == sendings.c.event_id)
        .where(events.c.office_id == office_id, sendings.c.state == HELD)
        .order_by(sendings.c.id)
    )
    return [(_batch(row), row.title) for row in rows]


def channels(connection: Connection, sending_id: int) -> tuple[str, ...] | None:
    """Return the channels that a sending used, or None if it sent nothing."""
    rows = connection.scalars(
        select(deliveries.c.channel).where(deliveries.c.sending_id == sending_id).distinct()
    )
    return tuple(sorted(rows)) or None


def counts(connection: Connection, sending_id: int) -> dict[tuple[str, str], int]:
    """Return how many deliveries are in each (channel, state)."""
    rows = connection.execute(
        select(deliveries.c.channel, deliveries.c.state, func.count())
        .where(deliveries.c.sending_id == sending_id)
        .group_by(deliveries.c.channel, deliveries.c.state)
    )
    return {(channel, state): int(number) for channel, state, number in rows}


def accepted_since(connection: Connection, sending_id: int, instant: int) -> int:
    """Return how many deliveries their carriers took from *instant* on."""
    found = connection.execute(
        select(func.count()).where(
            deliveries.c.sending_id == sending_id,
            deliveries.c.state == State.ACCEPTED,
            deliveries.c.updated_at >= instant,
        )
    ).scalar()
    return int(found or 0)


def next_try(connection: Connection, sending_id: int) -> int | None:
    """Return when the earliest deferred delivery is tried again, or None."""
    found = connection.execute(
        select(func.min(deliveries.c.next_at)).where(
            deliveries.c.sending_id == sending_id, deliveries.c.state == State.DEFERRED
        )
    ).scalar()
    return None if found is None else int(found)


def causes(connection: Connection, sending_id: int) -> list[Cause]:
    """Return the kinds of trouble, the most frequent first; a waiting relay's too."""
    number = func.count().label("number")
    rows = connection.execute(
        select(
            deliveries.c.channel,
            deliveries.c.state,
            deliveries.c.cause,
            number,
            func.max(deliveries.c.detail).label("detail"),
        )
        .where(
            deliveries.c.sending_id == sending_id,
            deliveries.c.cause != "",
            deliveries.c.state.in_((*TROUBLED, State.QUEUED)),
        )
        .group_by(deliveries.c.channel, deliveries.c.state, deliveries.c.cause)
        .order_by(number.desc(), deliveries.c.cause)
    )
    return [
        Cause(row.channel, row.state, row.cause, int(row.number), row.detail) for row in rows
    ]


def lines(
    connection: Connection,
    sending_id: int,
    states: frozenset[str] = frozenset(),
    *,
    limit: int | None = None,
    offset: int = 0,
) -> list[Line]:
    """Return the letters of a sending, troubled ones first; only those in *states* if any."""
    trouble = case((deliveries.c.state.in_(TROUBLED), 0), else_=1).cast(Integer)
    which: ColumnElement[bool] = deliveries.c.sending_id == sending_id
    if states:
        which = and_(which, deliveries.c.state.in_(states))
    rows = connection.execute(
        select(*LINE_COLUMNS)
        .join(invitations, invitations.c.id == deliveries.c.invitation_id)
        .join(guests, guests.c.id == invitations.c.guest_id)
        .where(which)
        .order_by(trouble, guests.c.sort_key, guests.c.id, deliveries.c.channel)
        .limit(limit)
        .offset(offset)
    )
    return [Line(*tuple[Any, ...](row)) for row in rows]


def candidates(connection: Connection, event_id: int, purpose: str) -> list[Candidate]:
    """Return the guests of an event by given name, with what was sent to them already."""
    journeys = _journeys(connection, event_id, purpose)
    held = {
        holder.guest.id: holder.invitation for holder in records.of_event(connection, event_id)
    }
    found = []
    for guest in guest_list.find_guests(connection, event_id):
        invitation = held.get(guest.id)
        mine = journeys.get(invitation.id, []) if invitation else []
        found.append(_candidate(guest, invitation, mine))
    barred = enrolment.barred_guests(connection, event_id)
    prefers = enrolment.preferred(connection, event_id)
    return [
        replace(each, barred=each.guest.id in barred, prefers=prefers.get(each.guest.id, ""))
        for each in found
    ]


def beat(connection: Connection, worker: str, *, at: int) -> None:
    """Note that *worker* lives at *at*."""
    done = connection.execute(
        update(heartbeats).where(heartbeats.c.worker == worker).values(at=at)
    )
    if not done.rowcount:
        connection.execute(insert(heartbeats).values(worker=worker, at=at))


def last_beat(connection: Connection) -> int:
    """Return when a worker was last seen alive; 0 for never."""
    return int(connection.execute(select(func.max(heartbeats.c.at))).scalar() or 0)


Journey = tuple[str, str, int]  # channel, state, seq


def _journeys(connection: Connection, event_id: int, purpose: str) -> dict[int, list[Journey]]:
    found: dict[int, list[Journey]] = {}
    rows = connection.execute(
        select(
            deliveries.c.invitation_id,
            deliveries.c.channel,
            deliveries.c.state,
            deliveries.c.seq,
        ).where(deliveries.c.event_id == event_id, deliveries.c.purpose == purpose)
    )
    for invitation_id, channel, state, seq in rows:
        found.setdefault(invitation_id, []).append((channel, state, seq))
    return found


def _candidate(
    guest: Guest, invitation: Invitation | None, journeys: list[Journey]
) -> Candidate:
    settled = {*OPEN, State.ACCEPTED, State.UNCERTAIN}
    last_seq: dict[str, int] = {}
    for channel, _, seq in journeys:
        last_seq[channel] = max(seq, last_seq.get(channel, -1))
    sent = frozenset(channel for channel, state, _ in journeys if state in settled)
    return Candidate(guest, invitation, sent, last_seq)


def _batch(row: Row[*tuple[Any, ...]]) -> Batch:
    return Batch(
        id=row.id,
        event_id=row.event_id,
        state=row.state,
        words=from_json(row.words),
        by=row.by,
        at=row.at,
        begins_at=row.begins_at,
        by_account=row.by_account,
        approved_by=row.approved_by,
        purpose=row.purpose,
    )

"""A worker's rounds through the outbox: claimed under a lease, settled by whoever holds it.

Whatever a worker does, it does for many deliveries at once: a claim is four statements and a
settlement three, however many letters there are.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, bindparam, case, insert, or_, select, update

from invitations.domain import papers
from invitations.domain.model import Guest, Invitation
from invitations.domain.outbox import (
    LEASE_S,
    OF_NO_INVITATION,
    Delivery,
    Errand,
    Move,
    State,
)
from invitations.domain.wording import Words, from_json
from invitations.storage import events, letters
from invitations.storage.outbox import RUNNING, STOPPED, change
from invitations.storage.tables import (
    deliveries,
    delivery_events,
    guests,
    invitations,
    sendings,
)
from invitations.storage.waiting import due_ids

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, Connection, Row

    from invitations.domain.model import Event, Office

_DELIVERY: tuple[ColumnElement[Any], ...] = (
    deliveries.c.id,
    deliveries.c.sending_id,
    deliveries.c.invitation_id,
    deliveries.c.channel,
    deliveries.c.address,
    deliveries.c.message_id,
    deliveries.c.seq,
    deliveries.c.attempts,
    deliveries.c.not_after,
    deliveries.c.purpose,
)
_GUEST = tuple(guests.c[name] for name in Guest.__dataclass_fields__)
_INVITATION = tuple(invitations.c[name] for name in Invitation.__dataclass_fields__)
_FIRST_GUEST = len(_DELIVERY)
_FIRST_INVITATION = _FIRST_GUEST + len(_GUEST)
_AFTER = _FIRST_INVITATION + len(_INVITATION)
_SETTLE = (
    update(deliveries)
    .where(deliveries.c.id == bindparam("one"))
    .values(
        # The network may give a message up before its gateway's own answer is settled.
        state=case(
            (
                and_(deliveries.c.report == "undelivered", bindparam("to") == State.ACCEPTED),
                str(State.FAILED),
            ),
            else_=bindparam("to"),
        ),
        attempts=bindparam("tried"),
        next_at=bindparam("next"),
        cause=bindparam("why"),
        detail=bindparam("words"),
        relay_id=bindparam("receipt"),
        cost=deliveries.c.cost + bindparam("price"),
        lease_by=None,
        lease_until=None,
        updated_at=bindparam("now"),
    )
)


def claim(
    connection: Connection, channel: str, worker: str, limit: int, *, now: int
) -> list[Errand]:
    """Lease up to *limit* due deliveries of *channel* to *worker*, the longest due first.

    Several workers on PostgreSQL pass each other by; on SQLite there is one writer.
    """
    ready = (
        due_ids(channel, now)
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
        select(
            *_DELIVERY,
            *_GUEST,
            *_INVITATION,
            deliveries.c.event_id,
            sendings.c.words,
            sendings.c.at,
            sendings.c.at_night,
        )
        .join(sendings, sendings.c.id == deliveries.c.sending_id)
        .join(invitations, invitations.c.id == deliveries.c.invitation_id)
        .join(guests, guests.c.id == invitations.c.guest_id)
        .where(deliveries.c.id.in_(delivery_ids))
        .order_by(deliveries.c.id)
    ).all()
    places = {
        event_id: _place(connection, event_id) for event_id in {row[_AFTER] for row in rows}
    }
    enclosed = _enclosed(connection, [event for event, _office in places.values()], rows)
    words: dict[int, Words] = {}
    found = []
    for row in rows:
        event, office = places[row[_AFTER]]
        said = words.get(row.sending_id) or words.setdefault(
            row.sending_id, from_json(row[_AFTER + 1])
        )
        guest = Guest(*row[_FIRST_GUEST:_FIRST_INVITATION])
        invitation = Invitation(*row[_FIRST_INVITATION:_AFTER])
        delivery = Delivery(*row[:_FIRST_GUEST])
        pressed_at, at_night = row[_AFTER + 2], bool(row.at_night)
        found.append(
            Errand(
                delivery, office, event, guest, invitation, said, pressed_at, at_night,
                enclosed[event.id][guest.id],
            )
        )  # fmt: skip
    return found


def wanted(
    connection: Connection, delivery_ids: Collection[int], worker: str, *, now: int
) -> set[int]:
    """Return which of the deliveries that *worker* claimed it shall still carry.

    Not one whose sending the officer paused, whose pass was withdrawn, or whose lease is
    half over: another worker might come before this one is done.
    """
    return set(
        connection.scalars(
            select(deliveries.c.id)
            .join(sendings, sendings.c.id == deliveries.c.sending_id)
            .join(invitations, invitations.c.id == deliveries.c.invitation_id)
            .where(
                deliveries.c.id.in_(delivery_ids),
                _held_by(worker),
                deliveries.c.lease_until > now + LEASE_S // 2,
                sendings.c.state == RUNNING,
                or_(
                    invitations.c.state == "issued",
                    deliveries.c.purpose.in_(OF_NO_INVITATION),
                ),
            )
        )
    )


def settle(
    connection: Connection, moves: Sequence[tuple[int, Move]], worker: str, *, now: int
) -> set[int]:
    """Make the *moves* of the deliveries that *worker* still holds; return their ids."""
    ids = [delivery_id for delivery_id, _ in moves]
    held = set(
        connection.scalars(
            select(deliveries.c.id)
            .where(deliveries.c.id.in_(ids), _held_by(worker))
            .with_for_update()
        )
    )
    _make(connection, [each for each in moves if each[0] in held], now)
    return held


def give_back(connection: Connection, ids: Collection[int], worker: str, *, now: int) -> None:
    """Put claimed deliveries back untouched; what nobody wants any more is cancelled."""
    mine = and_(deliveries.c.id.in_(ids), _held_by(worker))
    stopped = select(sendings.c.id).where(sendings.c.state == STOPPED)
    gone = select(invitations.c.id).where(invitations.c.state != "issued")
    for unwanted, cause in (
        (deliveries.c.sending_id.in_(stopped), ""),
        (
            and_(
                deliveries.c.invitation_id.in_(gone),
                deliveries.c.purpose.not_in(OF_NO_INVITATION),
            ),
            "withdrawn",
        ),
    ):
        values = {"state": State.CANCELLED, "cause": cause}
        change(connection, and_(mine, unwanted), values, now)
    connection.execute(
        update(deliveries)
        .where(mine)
        .values(state=State.QUEUED, lease_by=None, lease_until=None, updated_at=now)
    )


def left_behind(connection: Connection, worker: str, *, now: int) -> list[Delivery]:
    """Return deliveries that an earlier life of *worker* held, or whose lease ran out."""
    rows = connection.execute(
        select(*_DELIVERY).where(
            deliveries.c.state == State.SENDING,
            or_(deliveries.c.lease_by == worker, deliveries.c.lease_until < now),
        )
    )
    return [_delivery(row) for row in rows]


def take_over(connection: Connection, moves: Sequence[tuple[int, Move]], *, now: int) -> None:
    """Make the *moves* of deliveries whose worker died."""
    _make(connection, moves, now)


def _held_by(worker: str) -> ColumnElement[bool]:
    return and_(deliveries.c.state == State.SENDING, deliveries.c.lease_by == worker)


def _make(connection: Connection, moves: Iterable[tuple[int, Move]], now: int) -> None:
    """Change the deliveries, end their leases and tell it."""
    rows = [
        {
            "one": delivery_id,
            "to": move.state,
            "tried": move.attempts,
            "next": move.next_at,
            "why": move.cause,
            "words": move.detail,
            "receipt": move.relay_id,
            "price": move.cost,
            "now": now,
        }
        for delivery_id, move in moves
    ]
    if not rows:
        return
    connection.execute(_SETTLE, rows)
    connection.execute(
        insert(delivery_events),
        [
            {
                "delivery_id": row["one"],
                "at": now,
                "state": row["to"],
                "cause": row["why"],
                "detail": row["words"],
            }
            for row in rows
        ],
    )


def _enclosed(
    connection: Connection, places: Iterable[Event], rows: Iterable[Row[*tuple[Any, ...]]]
) -> dict[int, dict[int, int]]:
    """Return by event and guest the signed letter that goes with a mail."""
    invited: dict[int, set[int]] = {}
    for row in rows:
        invited.setdefault(row[_AFTER], set()).add(row[_FIRST_GUEST])
    return {
        event.id: letters.standing(connection, event.id, invited[event.id], papers.facts(event))
        for event in places
    }


def _place(connection: Connection, event_id: int) -> tuple[Event, Office]:
    event = events.find(connection, event_id)
    office = events.office(connection, event.office_id) if event else None
    if event is None or office is None:
        msg = f"event {event_id} has deliveries and no office"
        raise LookupError(msg)
    return event, office


def _delivery(row: Row[*tuple[Any, ...]]) -> Delivery:
    return Delivery(*row)

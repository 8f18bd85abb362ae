"""The rungs after the mail: who gets a text instead, and whom the office has to call."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, exists, insert, or_, select

from invitations.domain.ladder import Call, Rung
from invitations.domain.outbox import EMAIL, OPEN, SMS, State
from invitations.domain.wording import from_json
from invitations.storage.outbox import RUNNING, tell
from invitations.storage.tables import deliveries, guests, invitations, sendings

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, Connection

PURPOSE, ASKED = "invitation", "needs-action"
_LOST = (State.FAILED, State.EXPIRED, State.UNCERTAIN)


def without_mail(connection: Connection, *, sent_before: int, now: int) -> list[Rung]:
    """Return guests whose mail did not get through, and who got no text yet.

    A mail that still waits counts when its sending is from before *sent_before*. Whoever
    replied needs nothing more.
    """
    text = deliveries.alias()
    has_text = exists().where(
        text.c.invitation_id == deliveries.c.invitation_id,
        text.c.channel == SMS,
        text.c.purpose == PURPOSE,
    )
    waiting = and_(deliveries.c.state.in_(OPEN), sendings.c.at <= sent_before)
    rows = connection.execute(
        select(
            deliveries.c.event_id,
            deliveries.c.sending_id,
            deliveries.c.invitation_id,
            invitations.c.tag,
            guests.c.phone,
            deliveries.c.not_after,
            sendings.c.words,
        )
        .join(sendings, sendings.c.id == deliveries.c.sending_id)
        .join(invitations, invitations.c.id == deliveries.c.invitation_id)
        .join(guests, guests.c.id == invitations.c.guest_id)
        .where(
            *_asked(),
            deliveries.c.channel == EMAIL,
            deliveries.c.purpose == PURPOSE,
            or_(deliveries.c.state.in_(_LOST), waiting),
            deliveries.c.not_after > now,
            sendings.c.state == RUNNING,
            guests.c.phone != "",
            ~has_text,
        )
        .order_by(deliveries.c.id)
    )
    return [Rung(*row[:-1], words=from_json(row.words)) for row in rows]


def add(connection: Connection, rows: Sequence[Mapping[str, Any]], *, at: int) -> None:
    """Queue texts in sendings that already run."""
    for row in rows:
        made = connection.execute(
            insert(deliveries).values(**row, updated_at=at).returning(deliveries.c.id)
        )
        tell(connection, deliveries.c.id == made.scalar_one(), at=at)


def calls(connection: Connection, event_id: int) -> list[Call]:
    """Return the guests of an event whom nothing reached and nothing will, by given name."""
    journey = deliveries.alias()
    reached = exists().where(
        journey.c.invitation_id == invitations.c.id,
        journey.c.state.in_((State.ACCEPTED, *OPEN)),
    )
    tried = exists().where(journey.c.invitation_id == invitations.c.id)
    rows = connection.execute(
        select(
            guests.c.id,
            guests.c.honorific,
            guests.c.name,
            guests.c.organisation,
            guests.c.phone,
            guests.c.email,
            invitations.c.door_code,
        )
        .join(invitations, invitations.c.guest_id == guests.c.id)
        .where(guests.c.event_id == event_id, *_asked(), tried, ~reached)
        .order_by(guests.c.sort_key, guests.c.id)
    )
    return [Call(*row) for row in rows]


def _asked() -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return invitations.c.state == "issued", invitations.c.reply == ASKED

"""Letters that are being written, and those an officer sent to oneself: rows in and out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, delete, func, insert, or_, select

from invitations.domain.outbox import State
from invitations.storage.composer_tables import compositions, rehearsals
from invitations.storage.tables import events

if TYPE_CHECKING:
    from sqlalchemy import Connection


def keep(
    connection: Connection, event_id: int, form: Mapping[str, Any], *, by: str, at: int
) -> None:
    """Keep the letter of an event as it stands."""
    connection.execute(delete(compositions).where(compositions.c.event_id == event_id))
    connection.execute(
        insert(compositions).values(event_id=event_id, form=dict(form), by=by, at=at)
    )


def kept(connection: Connection, event_id: int) -> dict[str, Any] | None:
    """Return the letter of an event as it was kept, or nothing."""
    form = connection.execute(
        select(compositions.c.form).where(compositions.c.event_id == event_id)
    ).scalar_one_or_none()
    return dict(form) if form else None


def series(connection: Connection, event_id: int) -> list[int]:
    """Return the event itself, the one it was copied from, and that one's other copies."""
    source = connection.execute(
        select(events.c.copied_from).where(events.c.id == event_id)
    ).scalar_one_or_none()
    if source is None:
        return [event_id]
    copies = connection.scalars(
        select(events.c.id)
        .where(events.c.copied_from == source, events.c.id != event_id)
        .order_by(events.c.created_at.desc(), events.c.id)
    )
    return [event_id, *copies, int(source)]


def add_rehearsal(connection: Connection, values: Mapping[str, Any]) -> None:
    """Write down one letter that an officer sent to oneself."""
    connection.execute(insert(rehearsals).values(**values))


def rehearsed(
    connection: Connection, event_id: int, digests: Mapping[str, str]
) -> frozenset[str]:
    """Return the channels of *digests* by which exactly those words arrived with an officer."""
    if not digests:
        return frozenset()
    same = [
        and_(rehearsals.c.channel == channel, rehearsals.c.digest == digest)
        for channel, digest in digests.items()
    ]
    rows = connection.scalars(
        select(rehearsals.c.channel)
        .where(
            rehearsals.c.event_id == event_id,
            rehearsals.c.state == State.ACCEPTED,
            or_(*same),
        )
        .distinct()
    )
    return frozenset(rows)


def rehearsals_since(connection: Connection, event_id: int, instant: int) -> int:
    """Return how often somebody tried a letter of an event from *instant* on."""
    found = connection.execute(
        select(func.count())
        .select_from(rehearsals)
        .where(rehearsals.c.event_id == event_id, rehearsals.c.at >= instant)
    ).scalar()
    return int(found or 0)


def last_address(connection: Connection, by: str, channel: str) -> str:
    """Return where the officer *by* last sent a test by *channel*; empty for never."""
    found = connection.execute(
        select(rehearsals.c.address)
        .where(rehearsals.c.by == by, rehearsals.c.channel == channel)
        .order_by(rehearsals.c.id.desc())
        .limit(1)
    ).scalar_one_or_none()
    return str(found or "")

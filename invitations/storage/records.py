"""Invitations and what hangs on them: rows in and out."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, insert, select, update

from invitations.domain.model import Guest, Holder, Invitation
from invitations.domain.passes import DoorPass
from invitations.domain.roster import Counts
from invitations.storage.tables import guests, invitations

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, Connection, Row, Select, Table

ACCEPTED = ("accepted", "delegated")
_BOTH: Select[Any] = select(
    guests,
    *(column.label(f"i_{column.name}") for column in invitations.c),
).join_from(invitations, guests, invitations.c.guest_id == guests.c.id)


def add(connection: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    """Write new invitations; each row names every column without a default."""
    if rows:
        connection.execute(insert(invitations), list(rows))


def change(connection: Connection, invitation_id: int, values: Mapping[str, Any]) -> None:
    """Overwrite columns of one invitation."""
    connection.execute(
        update(invitations).where(invitations.c.id == invitation_id).values(**values)
    )


def find(connection: Connection, invitation_id: int) -> Holder | None:
    """Return an invitation with its guest, or nothing."""
    return _holder(connection, _BOTH.where(invitations.c.id == invitation_id))


def find_by_link(connection: Connection, link: str) -> Holder | None:
    """Return the invitation whose pass page has the secret *link*, or nothing."""
    return _holder(connection, _BOTH.where(invitations.c.link == link))


def find_by_guest(connection: Connection, guest_id: int) -> Holder | None:
    """Return the invitation of one guest, or nothing."""
    return _holder(connection, _BOTH.where(invitations.c.guest_id == guest_id))


def find_by_pass(connection: Connection, event_id: int, pass_id: str) -> Holder | None:
    """Return the invitation of an event that has the pass *pass_id*, or nothing."""
    mine = invitations.c.event_id == event_id, invitations.c.pass_id == pass_id
    return _holder(connection, _BOTH.where(*mine))


def of_event(connection: Connection, event_id: int) -> list[Holder]:
    """Return all invitations of an event with their guests, by the guests' given names."""
    rows = connection.execute(
        _BOTH.where(invitations.c.event_id == event_id).order_by(guests.c.sort_key, guests.c.id)
    )
    return [_read_holder(row) for row in rows]


def ending_before(connection: Connection, event_id: int, instant: int) -> list[int]:
    """Return the issued invitations of an event whose pass ends before *instant*."""
    return list(
        connection.scalars(
            select(invitations.c.id)
            .where(
                invitations.c.event_id == event_id,
                invitations.c.state == "issued",
                invitations.c.not_after < instant,
            )
            .order_by(invitations.c.id)
        )
    )


def guests_without(
    connection: Connection, event_id: int, guest_ids: Collection[int] | None
) -> list[int]:
    """Return the guests of an event who hold no invitation; of *guest_ids* if given."""
    rows = connection.scalars(
        select(guests.c.id)
        .join_from(guests, invitations, invitations.c.guest_id == guests.c.id, isouter=True)
        .where(guests.c.event_id == event_id, invitations.c.id.is_(None))
        .order_by(guests.c.sort_key, guests.c.id)
    )
    return [each for each in rows if guest_ids is None or each in guest_ids]


def door_codes(connection: Connection, event_id: int) -> set[str]:
    """Return the door codes that an event has given away."""
    return set(
        connection.scalars(
            select(invitations.c.door_code).where(invitations.c.event_id == event_id)
        )
    )


def minted(
    connection: Connection, event_id: int, pass_id: str | None = None
) -> dict[str, DoorPass]:
    """Return what stands in the passes of an event, or in one of them, by their ids."""
    wanted = select(
        invitations.c.kid,
        invitations.c.pass_id,
        invitations.c.generation,
        invitations.c.not_after,
    ).where(invitations.c.event_id == event_id)
    if pass_id is not None:
        wanted = wanted.where(invitations.c.pass_id == pass_id)
    return {
        row.pass_id: DoorPass(row.kid, event_id, row.pass_id, row.generation, row.not_after)
        for row in connection.execute(wanted)
    }


def counts(connection: Connection, event_ids: Sequence[int]) -> dict[int, Counts]:
    """Return how many guests, invitations and acceptances each of *event_ids* has."""
    listed = _tally(connection, guests, event_ids)
    given = _tally(connection, invitations, event_ids)
    held = invitations.c.state == "issued"
    invited = _tally(connection, invitations, event_ids, held)
    accepted = _tally(
        connection, invitations, event_ids, held & invitations.c.reply.in_(ACCEPTED)
    )
    return {
        each: Counts(
            invited.get(each, 0),
            accepted.get(each, 0),
            listed.get(each, 0),
            listed.get(each, 0) - given.get(each, 0),
        )
        for each in event_ids
    }


def _tally(
    connection: Connection,
    table: Table,
    event_ids: Sequence[int],
    *where: ColumnElement[bool],
) -> dict[int, int]:
    rows = connection.execute(
        select(table.c.event_id, func.count())
        .where(table.c.event_id.in_(event_ids), *where)
        .group_by(table.c.event_id)
    )
    return {event_id: int(count) for event_id, count in rows}


def _holder(connection: Connection, query: Select[Any]) -> Holder | None:
    row = connection.execute(query).one_or_none()
    return None if row is None else _read_holder(row)


def _read_holder(row: Row[Any]) -> Holder:
    guest = Guest(
        id=row.id,
        event_id=row.event_id,
        honorific=row.honorific,
        name=row.name,
        title=row.title,
        organisation=row.organisation,
        phone=row.phone,
        email=row.email,
        note=row.note,
        press_card=row.press_card,
        vip=row.vip,
        party=row.party,
        category=row.category,
        language=row.language,
    )
    return Holder(guest, _invitation(row))


def _invitation(row: Row[Any]) -> Invitation:
    return Invitation(
        id=row.i_id,
        event_id=row.i_event_id,
        guest_id=row.i_guest_id,
        tag=row.i_tag,
        link=row.i_link,
        state=row.i_state,
        pass_id=row.i_pass_id,
        generation=row.i_generation,
        kid=row.i_kid,
        not_after=row.i_not_after,
        door_code=row.i_door_code,
        reply=row.i_reply,
        sequence=row.i_sequence,
    )

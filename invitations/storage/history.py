"""What the office remembers of a person or an organisation, and how it forgets a person."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, select, update

from invitations.domain.histories import Turn
from invitations.storage import search
from invitations.storage.register_tables import people
from invitations.storage.tables import (
    deliveries,
    events,
    guests,
    imports,
    invitations,
    official_letters,
)

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, Connection

NOBODY = "–"  # stands where a name was; a list needs one
_CLEARED = ("honorific", "title", "phone", "email", "press_card", "note")


def of_people(connection: Connection, person_ids: Collection[int]) -> list[Turn]:
    """Return every event of these people, the latest first."""
    return _turns(connection, guests.c.person_id.in_(person_ids))


def of_organisations(connection: Connection, organisation_ids: Collection[int]) -> list[Turn]:
    """Return every event of all people of these organisations, the latest first."""
    theirs = select(people.c.id).where(people.c.organisation_id.in_(organisation_ids))
    return _turns(connection, guests.c.person_id.in_(theirs))


def letters_of(connection: Connection, person_id: int) -> list[dict[str, Any]]:
    """Return what was sent to a person: when, by which way, where to, and how it went."""
    rows = connection.execute(
        select(
            deliveries.c.event_id,
            deliveries.c.purpose,
            deliveries.c.channel,
            deliveries.c.address,
            deliveries.c.state,
            deliveries.c.updated_at,
        )
        .join(invitations, invitations.c.id == deliveries.c.invitation_id)
        .join(guests, guests.c.id == invitations.c.guest_id)
        .where(guests.c.person_id == person_id)
        .order_by(deliveries.c.id)
    )
    return [dict(row) for row in rows.mappings()]


def guest_lines_of(connection: Connection, person_id: int) -> list[dict[str, Any]]:
    """Return what the guest lists say of a person, the oldest first."""
    rows = connection.execute(
        select(guests).where(guests.c.person_id == person_id).order_by(guests.c.id)
    )
    unsaid = {"folded", "sort_key", "source_row", "import_id"}
    return [{key: row[key] for key in row if key not in unsaid} for row in rows.mappings()]


def erase(connection: Connection, person_id: int, *, at: int) -> list[tuple[int, str]]:
    """Forget who a person is, everywhere but in the counts; return events and passes touched.

    Name, telephone, mail and card go from the register, from every guest list, from the
    letters that were sent and from what an import noted of the row.
    """
    mine = select(guests.c.id).where(guests.c.person_id == person_id)
    held = select(invitations.c.id).where(invitations.c.guest_id.in_(mine))
    blank: dict[str, Any] = dict.fromkeys((*_CLEARED, "folded", "sort_key"), "")
    _forget_rows(connection, person_id)
    connection.execute(delete(official_letters).where(official_letters.c.guest_id.in_(mine)))
    connection.execute(
        update(deliveries)
        .where(deliveries.c.invitation_id.in_(held))
        .values(address="", detail="")
    )
    touched = connection.execute(
        select(invitations.c.event_id, invitations.c.pass_id).where(invitations.c.id.in_(held))
    ).all()
    connection.execute(
        update(guests).where(guests.c.person_id == person_id).values(name=NOBODY, **blank)
    )
    own = {"name": NOBODY, "state": "erased", "barred_reason": "", "updated_at": at}
    connection.execute(update(people).where(people.c.id == person_id).values(**blank, **own))
    _forget_merged(connection, person_id, blank | own)
    search.forget(connection)
    return [(row.event_id, row.pass_id) for row in touched]


def awaited(connection: Connection, person_id: int, *, now: int) -> bool:
    """Tell whether a person holds an invitation to an event that is not over."""
    return (
        connection.execute(
            select(invitations.c.id)
            .join(guests, guests.c.id == invitations.c.guest_id)
            .join(events, events.c.id == invitations.c.event_id)
            .where(
                guests.c.person_id == person_id,
                invitations.c.state == "issued",
                events.c.state == "open",
                events.c.ends_at >= now,
            )
            .limit(1)
        ).first()
        is not None
    )


def _turns(connection: Connection, which: ColumnElement[bool]) -> list[Turn]:
    rows = connection.execute(
        select(
            guests.c.id,
            guests.c.person_id,
            events.c.id.label("event_id"),
            events.c.title,
            events.c.starts_at,
            invitations.c.state,
            invitations.c.reply,
            invitations.c.pass_id,
        )
        .join_from(guests, events, events.c.id == guests.c.event_id)
        .join(invitations, invitations.c.guest_id == guests.c.id, isouter=True)
        .where(which)
        .order_by(events.c.starts_at.desc(), guests.c.id)
    )
    return [Turn(*row[:5], row.state or "", row.reply or "", row.pass_id or "") for row in rows]


def _forget_rows(connection: Connection, person_id: int) -> None:
    """Drop what imports noted of the rows from which a person came."""
    rows = connection.execute(
        select(guests.c.import_id, guests.c.source_row).where(
            guests.c.person_id == person_id, guests.c.import_id.is_not(None)
        )
    ).all()
    for import_id, source_row in rows:
        noted = connection.execute(
            select(imports.c.problems).where(imports.c.id == import_id)
        ).scalar_one()
        kept = [each for each in noted if each.get("row") != source_row]
        connection.execute(
            update(imports).where(imports.c.id == import_id).values(problems=kept)
        )


def _forget_merged(connection: Connection, person_id: int, blank: dict[str, Any]) -> None:
    """Blank the signposts of entries that were merged into this person."""
    connection.execute(
        update(people)
        .where(people.c.merged_into == person_id)
        .values(**{key: value for key, value in blank.items() if key != "state"})
    )

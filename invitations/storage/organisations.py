"""The organisations of the register: a tree of any depth, row by row."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, func, insert, select, update

from invitations.domain.names import fold
from invitations.domain.register import Organisation
from invitations.storage.register_tables import organisations, people

if TYPE_CHECKING:
    from sqlalchemy import Connection, Row


def every(connection: Connection, office_id: int) -> list[Organisation]:
    """Return all organisations that an office knows."""
    rows = connection.execute(
        select(organisations)
        .where(organisations.c.office_id == office_id)
        .order_by(organisations.c.folded, organisations.c.id)
    )
    return [_organisation(row) for row in rows]


def sizes(connection: Connection, office_id: int) -> dict[int, int]:
    """Return how many people each organisation has, those below it not counted."""
    rows = connection.execute(
        select(people.c.organisation_id, func.count())
        .where(people.c.office_id == office_id, people.c.state.in_(("active", "resting")))
        .group_by(people.c.organisation_id)
    )
    return {organisation_id: int(count) for organisation_id, count in rows if organisation_id}


def add(connection: Connection, office_id: int, found: Organisation, *, at: int) -> int:
    """Write a new organisation and return its id."""
    row = _values(found) | {"office_id": office_id, "created_at": at}
    return int(
        connection.execute(
            insert(organisations).values(row).returning(organisations.c.id)
        ).scalar_one()
    )


def save(connection: Connection, found: Organisation) -> None:
    """Overwrite what the register says of an organisation."""
    connection.execute(
        update(organisations).where(organisations.c.id == found.id).values(_values(found))
    )


def remove(connection: Connection, organisation_id: int) -> None:
    """Take away an organisation that has nobody and nothing below it."""
    connection.execute(delete(organisations).where(organisations.c.id == organisation_id))


def ensure(
    connection: Connection, office_id: int, names: Iterable[str], *, at: int
) -> dict[str, int]:
    """Return the id of the organisation of each of *names*, by folded name; add new ones."""
    ids = {fold(each.name): each.id for each in reversed(every(connection, office_id))}
    for name in names:
        key = fold(name)
        if key and key not in ids:
            ids[key] = add(connection, office_id, Organisation(0, name), at=at)
    return ids


def _values(found: Organisation) -> dict[str, Any]:
    told = {name: value for name, value in asdict(found).items() if name != "id"}
    return told | {"folded": fold(found.name)}


def _organisation(row: Row[Any]) -> Organisation:
    return Organisation(
        id=row.id,
        name=row.name,
        parent_id=row.parent_id,
        kind=row.kind,
        contact=row.contact,
        phone=row.phone,
        email=row.email,
        valid_from=row.valid_from,
        valid_until=row.valid_until,
    )

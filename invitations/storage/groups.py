"""Groups of people, and the series of events to which a group is always invited."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import delete, func, insert, select, update

from invitations.storage.register_tables import (
    group_members,
    people,
    person_groups,
    standing_invitations,
)
from invitations.storage.tables import events

if TYPE_CHECKING:
    from sqlalchemy import Connection

_LONGEST_SERIES = 1_000


@dataclass(frozen=True)
class Group:
    """Some people under one name; *size* counts those who are invited at present."""

    id: int
    name: str
    size: int = 0


def every(connection: Connection, office_id: int) -> list[Group]:
    """Return the groups of an office by name."""
    count = (
        select(func.count())
        .select_from(group_members.join(people, people.c.id == group_members.c.person_id))
        .where(group_members.c.group_id == person_groups.c.id, people.c.state == "active")
        .scalar_subquery()
    )
    rows = connection.execute(
        select(person_groups.c.id, person_groups.c.name, count.label("size"))
        .where(person_groups.c.office_id == office_id)
        .order_by(person_groups.c.name, person_groups.c.id)
    )
    return [Group(row.id, row.name, int(row.size)) for row in rows]


def of_person(connection: Connection, person_id: int) -> set[int]:
    """Return the groups in which a person is."""
    return set(
        connection.scalars(
            select(group_members.c.group_id).where(group_members.c.person_id == person_id)
        )
    )


def members(connection: Connection, group_ids: Collection[int]) -> set[int]:
    """Return who is in any of these groups."""
    return set(
        connection.scalars(
            select(group_members.c.person_id).where(group_members.c.group_id.in_(group_ids))
        )
    )


def add(connection: Connection, office_id: int, name: str, *, at: int) -> int:
    """Make a group and return its id."""
    row = {"office_id": office_id, "name": name, "created_at": at}
    query = insert(person_groups).values(row).returning(person_groups.c.id)
    return int(connection.execute(query).scalar_one())


def rename(connection: Connection, group_id: int, name: str) -> None:
    """Give a group another name."""
    connection.execute(
        update(person_groups).where(person_groups.c.id == group_id).values(name=name)
    )


def remove(connection: Connection, group_id: int) -> None:
    """Take a group away; its people stay."""
    for table in (standing_invitations, group_members):
        connection.execute(delete(table).where(table.c.group_id == group_id))
    connection.execute(delete(person_groups).where(person_groups.c.id == group_id))


def join(connection: Connection, group_id: int, person_ids: Collection[int]) -> int:
    """Put people into a group; return how many were not in it before."""
    fresh = sorted(set(person_ids) - members(connection, [group_id]))
    if fresh:
        rows = [{"group_id": group_id, "person_id": each} for each in fresh]
        connection.execute(insert(group_members), rows)
    return len(fresh)


def leave(connection: Connection, group_id: int, person_ids: Collection[int]) -> None:
    """Take people out of a group."""
    connection.execute(
        delete(group_members).where(
            group_members.c.group_id == group_id, group_members.c.person_id.in_(person_ids)
        )
    )


def series_of(connection: Connection, event_id: int) -> int:
    """Return the event from which, copy by copy, this one was made; often itself."""
    found = event_id
    for _ in range(_LONGEST_SERIES):
        earlier = connection.execute(
            select(events.c.copied_from).where(events.c.id == found)
        ).scalar_one_or_none()
        if earlier is None:
            break
        found = earlier
    return found


def standing(connection: Connection, series_id: int) -> set[int]:
    """Return the groups that are invited to every event of a series."""
    return set(
        connection.scalars(
            select(standing_invitations.c.group_id).where(
                standing_invitations.c.series_id == series_id
            )
        )
    )


def stand(connection: Connection, group_id: int, series_id: int, *, by: str, at: int) -> None:
    """Invite a group to every event of a series from now on."""
    row = {"group_id": group_id, "series_id": series_id, "by": by, "at": at}
    connection.execute(insert(standing_invitations).values(row))


def stand_down(connection: Connection, group_id: int, series_id: int) -> None:
    """Invite a group to a series no more."""
    connection.execute(
        delete(standing_invitations).where(
            standing_invitations.c.group_id == group_id,
            standing_invitations.c.series_id == series_id,
        )
    )


def leave_all(connection: Connection, person_id: int) -> None:
    """Take one person out of every group."""
    connection.execute(delete(group_members).where(group_members.c.person_id == person_id))

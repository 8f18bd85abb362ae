"""The people of the register: rows in and out."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, exists, func, insert, or_, select, update

from invitations.domain.names import fold, sort_key
from invitations.domain.register import Known, Person, Wanted
from invitations.storage.register_tables import (
    group_members,
    likenesses,
    organisations,
    people,
)
from invitations.storage.tables import guests

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, Connection, Row, Select

LISTED = ("active", "resting")
_OWN = (
    "honorific", "name", "title", "organisation_id", "phone", "email", "press_card",
    "language", "channel", "note", "barred_at", "barred_reason",
)  # fmt: skip
_PEOPLE: Select[Any] = select(
    people.c.id,
    *(people.c[name] for name in _OWN),
    people.c.state,
    func.coalesce(organisations.c.name, "").label("organisation"),
).join_from(people, organisations, organisations.c.id == people.c.organisation_id, isouter=True)


def find(connection: Connection, office_id: int, person_id: int) -> Person | None:
    """Return one person of an office, whatever became of the entry, or nothing."""
    row = connection.execute(
        _PEOPLE.where(people.c.id == person_id, people.c.office_id == office_id)
    ).one_or_none()
    return _person(row) if row else None


def some(connection: Connection, office_id: int, person_ids: Collection[int]) -> list[Person]:
    """Return those of *person_ids* whom the office invites, by given name."""
    query = _PEOPLE.where(
        people.c.office_id == office_id,
        people.c.id.in_(person_ids),
        people.c.state == "active",
    )
    return [_person(row) for row in connection.execute(_by_name(query))]


def listed(
    connection: Connection, office_id: int, wanted: Wanted, *, limit: int, offset: int = 0
) -> tuple[list[Person], int]:
    """Return a page of the people *wanted* by given name, and how many there are in all."""
    conditions = _conditions(office_id, wanted)
    rows = connection.execute(_by_name(_PEOPLE.where(*conditions)).limit(limit).offset(offset))
    total = connection.execute(
        select(func.count())
        .select_from(
            people.outerjoin(organisations, organisations.c.id == people.c.organisation_id)
        )
        .where(*conditions)
    ).scalar_one()
    return [_person(row) for row in rows], int(total)


def known(connection: Connection, office_id: int) -> Known:
    """Return all people of an office by what they are recognised by."""
    found = Known()
    query = _PEOPLE.where(people.c.office_id == office_id, people.c.state.in_(LISTED))
    for row in connection.execute(query.order_by(people.c.id)):
        found.learn(_person(row))
    return found


def add_all(
    connection: Connection,
    office_id: int,
    found: Sequence[Person],
    *,
    at: int,
    import_id: int | None = None,
) -> list[int]:
    """Write new people and return their ids; the ids in *found* say nothing."""
    same = {"office_id": office_id, "import_id": import_id, "created_at": at, "updated_at": at}
    rows = [_values(person) | {"state": person.state} | same for person in found]
    if not rows:
        return []
    query = insert(people).returning(people.c.id, sort_by_parameter_order=True)
    return list(connection.scalars(query, rows))


def save(connection: Connection, person: Person, *, at: int) -> None:
    """Overwrite what the register says of *person*."""
    _put(connection, person.id, {**_values(person), "state": person.state}, at)
    speak(connection, guests.c.person_id == person.id)


def change(
    connection: Connection, person_id: int, values: Mapping[str, Any], *, at: int
) -> None:
    """Overwrite columns that neither search nor order go by."""
    _put(connection, person_id, values, at)


def fold_into(connection: Connection, kept_id: int, gone_id: int, *, at: int) -> None:
    """Give everything that hangs on one person to another; the entry stays as a signpost."""
    connection.execute(
        update(guests).where(guests.c.person_id == gone_id).values(person_id=kept_id)
    )
    already = select(group_members.c.group_id).where(group_members.c.person_id == kept_id)
    mine = group_members.c.person_id == gone_id
    connection.execute(delete(group_members).where(mine, group_members.c.group_id.in_(already)))
    connection.execute(update(group_members).where(mine).values(person_id=kept_id))
    forget_likenesses(connection, gone_id)
    connection.execute(
        update(people).where(people.c.merged_into == gone_id).values(merged_into=kept_id)
    )
    _put(connection, gone_id, {"state": "merged", "merged_into": kept_id}, at)
    speak(connection, guests.c.person_id == kept_id)


def speak(connection: Connection, which: ColumnElement[bool]) -> None:
    """Let the guests *which* read the language that the register names for them."""
    named = select(people.c.language).where(people.c.id == guests.c.person_id)
    connection.execute(
        update(guests)
        .where(which, guests.c.person_id.is_not(None))
        .values(language=named.scalar_subquery())
    )


def doubt(connection: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    """Note pairs of people who may be one: who, the other, why, and when it came up."""
    if rows:
        connection.execute(insert(likenesses), list(rows))


def doubts(connection: Connection, office_id: int, limit: int) -> list[tuple[int, int, str]]:
    """Return open questions, the oldest first: who, the older entry, and why."""
    rows = connection.execute(
        select(likenesses.c.person_id, likenesses.c.other_id, likenesses.c.why)
        .join(people, people.c.id == likenesses.c.person_id)
        .where(people.c.office_id == office_id, likenesses.c.answered_at.is_(None))
        .order_by(likenesses.c.at, likenesses.c.person_id, likenesses.c.other_id)
        .limit(limit)
    )
    return [(row.person_id, row.other_id, row.why) for row in rows]


def count_doubts(connection: Connection, office_id: int) -> int:
    """Return how many questions are open."""
    found = connection.execute(
        select(func.count())
        .select_from(likenesses.join(people, people.c.id == likenesses.c.person_id))
        .where(people.c.office_id == office_id, likenesses.c.answered_at.is_(None))
    )
    return int(found.scalar_one())


def settle_doubt(connection: Connection, person_id: int, other_id: int, *, at: int) -> None:
    """Note that two people are two indeed."""
    connection.execute(
        update(likenesses)
        .where(likenesses.c.person_id == person_id, likenesses.c.other_id == other_id)
        .values(answered_at=at)
    )


def forget_likenesses(connection: Connection, person_id: int) -> None:
    """Drop every question about one person."""
    either = or_(likenesses.c.person_id == person_id, likenesses.c.other_id == person_id)
    connection.execute(delete(likenesses).where(either))


def _conditions(office_id: int, wanted: Wanted) -> list[ColumnElement[bool]]:
    found = [people.c.office_id == office_id]
    if wanted.show == "barred":
        found += [people.c.state.in_(LISTED), people.c.barred_at.is_not(None)]
    else:
        found.append(people.c.state == wanted.show)
    if wanted.organisations is not None:
        found.append(people.c.organisation_id.in_(wanted.organisations))
    if wanted.group_id is not None:
        found.append(
            exists().where(
                group_members.c.person_id == people.c.id,
                group_members.c.group_id == wanted.group_id,
            )
        )
    return found + [_having(word) for word in fold(wanted.words).split()]


def _having(word: str) -> ColumnElement[bool]:
    """Return the condition that *word* stands in a person; digits are numbers as well."""
    texts = (people.c.folded, people.c.email, organisations.c.folded, people.c.press_card)
    found = [text.contains(word, autoescape=True) for text in texts]
    digits = word.lstrip("+")
    if digits.isdigit():
        home = digits.removeprefix("0")
        found.append(people.c.phone.contains(home or digits, autoescape=True))
    return or_(*found)


def _by_name(query: Select[Any]) -> Select[Any]:
    return query.order_by(people.c.sort_key, people.c.id)


def _put(connection: Connection, person_id: int, values: Mapping[str, Any], at: int) -> None:
    connection.execute(
        update(people).where(people.c.id == person_id).values(**values, updated_at=at)
    )


def _values(person: Person) -> dict[str, Any]:
    return {name: getattr(person, name) for name in _OWN} | {
        "folded": fold(f"{person.name} {person.title}"),
        "sort_key": sort_key(person.name),
    }


def _person(row: Row[Any]) -> Person:
    told = {name: getattr(row, name) for name in _OWN}
    return Person(id=row.id, organisation=row.organisation, state=row.state, **told)

"""Guests and the people they are: every list that comes in is tied to the register."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, delete, exists, insert, or_, select, update

from invitations.domain.names import fold, sort_key
from invitations.domain.register import Known, Person, filled
from invitations.storage import organisations, register
from invitations.storage.register_tables import group_members, likenesses, people
from invitations.storage.tables import guests, invitations

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, Connection, Row

    from invitations.domain.model import Guest

_DETAILS = ("honorific", "title", "phone", "email", "press_card")


def enrol(connection: Connection, office_id: int, import_id: int, *, at: int) -> int:
    """Tie the guests of one import to people of the register; return how many are new.

    Who is recognised keeps what the register says, and learns what it did not know.
    """
    mine = guests.c.import_id == import_id
    return _enrol(connection, office_id, mine, import_id, at)


def enrol_guest(connection: Connection, office_id: int, guest_id: int, *, at: int) -> None:
    """Tie one guest to a person of the register, as `enrol` does."""
    _enrol(connection, office_id, guests.c.id == guest_id, None, at)


def retie(
    connection: Connection,
    office_id: int,
    import_id: int,
    guest_ids: Collection[int],
    *,
    at: int,
) -> list[tuple[int, int | None]]:
    """Tie guests whom a list changed to whoever they are now; return the ties that ended.

    Who is still recognised as the same person stays that person, and tells what is new.
    """
    mine = guests.c.id.in_(guest_ids)
    known = register.known(connection, office_id)
    ended = []
    for row in connection.execute(select(guests).where(mine)).all():
        seen = known.recognise(row.name, row.organisation, row.phone, row.email)
        if row.person_id is not None and seen.person_id == row.person_id:
            _learn(connection, known.people[row.person_id], row, at)
        elif row.person_id is None or not _is_still(known.people.get(row.person_id), row):
            ended.append((row.id, row.person_id))
    loose = guests.c.id.in_([guest_id for guest_id, _ in ended])
    connection.execute(update(guests).where(loose).values(person_id=None))
    _enrol(connection, office_id, loose, import_id, at)
    return ended


def tie_back(connection: Connection, ties: Collection[tuple[int, int | None]]) -> None:
    """Tie guests to the people they were before a list that is taken back."""
    for guest_id, person_id in ties:
        mine = guests.c.id == guest_id
        connection.execute(update(guests).where(mine).values(person_id=person_id))
        register.speak(connection, mine)


def readdress(
    connection: Connection, guest_id: int, details: dict[str, str], *, at: int
) -> None:
    """Let the register know the mended *details* of a guest, whoever that is in it."""
    mine = select(guests.c.person_id).where(guests.c.id == guest_id)
    person_id = connection.scalar(mine)
    if person_id is not None:
        register.change(connection, person_id, details, at=at)


def unenrol(connection: Connection, import_id: int) -> None:
    """Forget the people whom only a list that was taken back had brought."""
    lonely = (
        select(people.c.id)
        .where(people.c.import_id == import_id)
        .where(~exists().where(guests.c.person_id == people.c.id))
        .where(~exists().where(group_members.c.person_id == people.c.id))
    )
    gone = list(connection.scalars(lonely))
    either = or_(likenesses.c.person_id.in_(gone), likenesses.c.other_id.in_(gone))
    connection.execute(delete(likenesses).where(either))
    connection.execute(delete(people).where(people.c.id.in_(gone)))
    connection.execute(
        update(people).where(people.c.import_id == import_id).values(import_id=None)
    )


def present(connection: Connection, event_id: int) -> Known:
    """Return the guests of an event by what they are recognised by, under their own ids."""
    found = Known()
    for row in connection.execute(select(guests).where(guests.c.event_id == event_id)):
        found.learn(Person(row.id, row.name, phone=row.phone, email=row.email))
    return found


def listed_people(connection: Connection, event_id: int) -> set[int]:
    """Return the people of the register who are on an event's list."""
    rows = connection.scalars(
        select(guests.c.person_id).where(
            guests.c.event_id == event_id, guests.c.person_id.is_not(None)
        )
    )
    return {each for each in rows if each is not None}


def invite(
    connection: Connection, event_id: int, chosen: Sequence[Person], *, at: int
) -> list[int]:
    """Put people on an event's list; return the ids of the guests they are there."""
    rows = [guest_values(person, event_id, at) for person in chosen]
    if not rows:
        return []
    query = insert(guests).returning(guests.c.id, sort_by_parameter_order=True)
    return list(connection.scalars(query, rows))


def take_seat(connection: Connection, guest_id: int, former: Guest) -> None:
    """Give a guest the seat of the *former* one: as many people, by the same gates."""
    seat = {"category": former.category, "party": former.party}
    connection.execute(update(guests).where(guests.c.id == guest_id).values(**seat))


def guest_values(person: Person, event_id: int, at: int) -> dict[str, Any]:
    """Return the line of a guest list that *person* makes."""
    told = {name: getattr(person, name) for name in (*_DETAILS, "name", "organisation")}
    return told | {
        "event_id": event_id,
        "person_id": person.id or None,
        "language": person.language,
        "folded": fold(f"{person.name} {person.organisation}"),
        "sort_key": sort_key(person.name),
        "created_at": at,
    }


def barred_guests(connection: Connection, event_id: int) -> frozenset[int]:
    """Return the guests of an event who asked not to be contacted."""
    return frozenset(
        connection.scalars(
            select(guests.c.id)
            .join(people, people.c.id == guests.c.person_id)
            .where(guests.c.event_id == event_id, people.c.barred_at.is_not(None))
        )
    )


def preferred(connection: Connection, event_id: int) -> dict[int, str]:
    """Return the channel by which guests of an event like to hear, of those who said so."""
    rows = connection.execute(
        select(guests.c.id, people.c.channel)
        .join(people, people.c.id == guests.c.person_id)
        .where(guests.c.event_id == event_id, people.c.channel != "")
    )
    return {row.id: row.channel for row in rows}


def barred_invitations(connection: Connection, event_id: int) -> frozenset[int]:
    """Return the invitations of guests who asked not to be contacted."""
    return frozenset(
        connection.scalars(
            select(invitations.c.id)
            .join(guests, guests.c.id == invitations.c.guest_id)
            .join(people, people.c.id == guests.c.person_id)
            .where(guests.c.event_id == event_id, people.c.barred_at.is_not(None))
        )
    )


def _enrol(
    connection: Connection,
    office_id: int,
    which: ColumnElement[bool],
    import_id: int | None,
    at: int,
) -> int:
    rows = connection.execute(select(guests).where(which, guests.c.person_id.is_(None))).all()
    if not rows:
        return 0
    known = register.known(connection, office_id)
    places = organisations.ensure(
        connection, office_id, dict.fromkeys(row.organisation for row in rows), at=at
    )
    ties: list[tuple[int, int]] = []
    doubts: dict[tuple[int, int], str] = {}
    fresh: list[Person] = []
    for row in rows:
        seen = known.recognise(row.name, row.organisation, row.phone, row.email)
        person_id = seen.person_id
        if person_id is None:
            fresh.append(_person(row, places, -len(fresh) - 1))
            known.learn(fresh[-1])
            person_id = fresh[-1].id
        elif person_id > 0:
            _learn(connection, known.people[person_id], row, at)
        ties.append((row.id, person_id))
        doubts |= {(person_id, other): why for other, why in seen.doubts}
    ids = _added(connection, office_id, fresh, import_id, at)
    _tie(connection, [(guest, ids.get(person, person)) for guest, person in ties])
    register.speak(connection, which)
    pairs = {(ids.get(one, one), ids.get(two, two)): why for (one, two), why in doubts.items()}
    register.doubt(connection, _unasked(connection, pairs, at))
    return len(fresh)


def _is_still(person: Person | None, row: Row[Any]) -> bool:
    """Tell whether *person* may be the guest of *row* with new addresses: by name and place."""
    if person is None:
        return False
    return (fold(person.name), fold(person.organisation)) == (
        fold(row.name),
        fold(row.organisation),
    )


def _added(
    connection: Connection, office_id: int, fresh: list[Person], import_id: int | None, at: int
) -> dict[int, int]:
    """Write the people an import brought; return their ids by their provisional ones."""
    made = register.add_all(connection, office_id, fresh, at=at, import_id=import_id)
    return {person.id: person_id for person, person_id in zip(fresh, made, strict=True)}


def _learn(connection: Connection, person: Person, row: Row[Any], at: int) -> None:
    told = {name: getattr(row, name) for name in _DETAILS}
    if news := filled(person, **told):
        register.change(connection, person.id, news, at=at)


def _person(row: Row[Any], places: dict[str, int], provisional_id: int) -> Person:
    return Person(
        id=provisional_id,
        name=row.name,
        organisation_id=places.get(fold(row.organisation)),
        organisation=row.organisation,
        **{name: getattr(row, name) for name in _DETAILS},
    )


def _tie(connection: Connection, ties: list[tuple[int, int]]) -> None:
    if ties:
        connection.execute(
            update(guests)
            .where(guests.c.id == bindparam("guest"))
            .values(person_id=bindparam("person")),
            [{"guest": guest, "person": person} for guest, person in ties],
        )


def _unasked(
    connection: Connection, found: dict[tuple[int, int], str], at: int
) -> list[dict[str, Any]]:
    """Return the doubts that were not put before, each pair once."""
    asked = {
        frozenset(pair)
        for pair in connection.execute(select(likenesses.c.person_id, likenesses.c.other_id))
    }
    fresh = {frozenset(pair): (pair, why) for pair, why in found.items()}
    return [
        {"person_id": one, "other_id": other, "why": why, "at": at}
        for key, ((one, other), why) in fresh.items()
        if key not in asked and one != other
    ]

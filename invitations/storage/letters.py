"""Official letters and the forms they are made of: rows in and out."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, func, insert, select, update

from invitations.domain.papers import LetterForm, read_form
from invitations.domain.seals import LetterReport, read_report
from invitations.storage.tables import events, guests, letter_forms, official_letters

if TYPE_CHECKING:
    from sqlalchemy import Connection, Row


@dataclass(frozen=True)
class OfficialLetter:
    """A signed letter without its bytes; *guest_id* is nothing where it is to everybody.

    *source* is ``signed`` or ``taken-in``; *facts* mark what it tells of the event.
    """

    id: int
    event_id: int
    guest_id: int | None
    source: str
    sha256: str
    facts: str
    report: LetterReport
    signed_by: str
    signed_at: int | None
    by: str
    at: int


_WITHOUT_BYTES = [
    column for column in official_letters.c if column.name not in {"pdf", "dropped_at"}
]


def form_of(connection: Connection, event_id: int) -> LetterForm | None:
    """Return the form of an event's letter, or nothing."""
    found = connection.execute(
        select(letter_forms.c.form).where(letter_forms.c.event_id == event_id)
    ).scalar_one_or_none()
    return None if found is None else read_form(found)


def last_form(connection: Connection, office_id: int) -> LetterForm | None:
    """Return the form that the office filled in last, for whichever event."""
    found = connection.execute(
        select(letter_forms.c.form)
        .join_from(letter_forms, events, letter_forms.c.event_id == events.c.id)
        .where(events.c.office_id == office_id)
        .order_by(letter_forms.c.at.desc(), letter_forms.c.event_id)
        .limit(1)
    ).scalar_one_or_none()
    return None if found is None else read_form(found)


def keep_form(
    connection: Connection, event_id: int, form: LetterForm, by: str, *, at: int
) -> None:
    """Write the form of an event's letter in the place of an earlier one."""
    connection.execute(delete(letter_forms).where(letter_forms.c.event_id == event_id))
    row = {"event_id": event_id, "form": asdict(form), "by": by, "at": at}
    connection.execute(insert(letter_forms).values(**row))


def add(connection: Connection, values: Mapping[str, Any]) -> int:
    """Write a signed letter and return its number; *values* name every column."""
    made = connection.execute(
        insert(official_letters).values(**values).returning(official_letters.c.id)
    )
    return int(made.scalar_one())


def current(
    connection: Connection, event_id: int, guest_id: int | None = None
) -> OfficialLetter | None:
    """Return the letter that stands: to one guest, or without *guest_id* to everybody."""
    row = connection.execute(
        select(*_WITHOUT_BYTES)
        .where(
            official_letters.c.event_id == event_id,
            official_letters.c.guest_id == guest_id,
            official_letters.c.dropped_at.is_(None),
        )
        .order_by(official_letters.c.id.desc())
        .limit(1)
    ).one_or_none()
    return None if row is None else _letter(row)


def standing(
    connection: Connection, event_id: int, guest_ids: Collection[int], facts: str
) -> dict[int, int]:
    """Return by guest the letter that stands and tells *facts*; 0 where there is none.

    A letter of the guest's own comes before the one to everybody.
    """
    rows = connection.execute(
        select(official_letters.c.guest_id, official_letters.c.id, official_letters.c.facts)
        .where(
            official_letters.c.event_id == event_id,
            official_letters.c.dropped_at.is_(None),
            official_letters.c.guest_id.is_(None) | official_letters.c.guest_id.in_(guest_ids),
        )
        .order_by(official_letters.c.id)
    )
    last = {row.guest_id: (row.id, row.facts) for row in rows}
    good = {guest: letter for guest, (letter, told) in last.items() if told == facts}
    return {guest: good.get(guest, good.get(None, 0)) for guest in guest_ids}


def pdf(connection: Connection, letter_id: int) -> bytes | None:
    """Return the bytes of a letter, or nothing."""
    return connection.execute(
        select(official_letters.c.pdf).where(official_letters.c.id == letter_id)
    ).scalar_one_or_none()


def without_own(
    connection: Connection, event_id: int, facts: str, *, most: int | None = None
) -> list[int]:
    """Return guests of an event who have no letter of their own that tells *facts*."""
    own = select(official_letters.c.guest_id).where(
        official_letters.c.event_id == event_id,
        official_letters.c.facts == facts,
        official_letters.c.dropped_at.is_(None),
        official_letters.c.guest_id.is_not(None),
    )
    return list(
        connection.scalars(
            select(guests.c.id)
            .where(guests.c.event_id == event_id, guests.c.id.not_in(own))
            .order_by(guests.c.sort_key, guests.c.id)
            .limit(most)
        )
    )


def count_own(connection: Connection, event_id: int, facts: str) -> int:
    """Return how many guests of an event have a letter of their own that tells *facts*."""
    return int(
        connection.execute(
            select(func.count(func.distinct(official_letters.c.guest_id))).where(
                official_letters.c.event_id == event_id,
                official_letters.c.facts == facts,
                official_letters.c.dropped_at.is_(None),
            )
        ).scalar_one()
    )


def drop(connection: Connection, event_id: int, *, at: int) -> int:
    """Let no letter of an event stand any longer; return how many stood."""
    done = connection.execute(
        update(official_letters)
        .where(official_letters.c.event_id == event_id, official_letters.c.dropped_at.is_(None))
        .values(dropped_at=at)
    )
    return done.rowcount


def _letter(row: Row[Any]) -> OfficialLetter:
    values = dict(row._mapping)  # noqa: SLF001 - SQLAlchemy's own name for it
    return OfficialLetter(**values | {"report": read_report(row.report)})

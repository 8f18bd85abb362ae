"""SQL of the guest list: who is on it, who comes, changes and goes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Row, Select, bindparam, delete, insert, select, update

from invitations.domain.errors import NotFoundError
from invitations.domain.guestrow import GuestRow
from invitations.domain.model import Guest
from invitations.domain.names import fold, sort_key
from invitations.storage.tables import events, guests, invitations

FIELDS = (  # in the order of GuestRow
    "honorific",
    "name",
    "title",
    "organisation",
    "phone",
    "email",
    "note",
    "vip",
    "party",
    "press_card",
    "category",
)
_GROUP = 500


def check_event(connection: Connection, event_id: int, office_id: int) -> str:
    """Return the title of an event of this office.

    Raises:
        NotFoundError: there is no such event, or it is another office's.
    """
    title = connection.execute(
        select(events.c.title).where(events.c.id == event_id, events.c.office_id == office_id)
    ).scalar_one_or_none()
    if title is None:
        msg = "no such event"
        raise NotFoundError(msg)
    return str(title)


def find_guests(connection: Connection, event_id: int, words: str = "") -> list[Guest]:
    """Return the guests of an event by given name; *words* are looked for without marks.

    Each word must stand somewhere in name, organisation, phone or mail.
    """
    query = (
        select(guests)
        .where(guests.c.event_id == event_id)
        .order_by(guests.c.sort_key, guests.c.id)
    )
    for word in fold(words).split():
        query = _containing(query, word)
    return [_guest(row) for row in connection.execute(query)]


def listed(connection: Connection, event_id: int) -> tuple[GuestRow, ...]:
    """Return the guests an event has already, to compare a new list with."""
    rows = connection.execute(
        select(*(guests.c[name] for name in FIELDS), guests.c.id)
        .where(guests.c.event_id == event_id)
        .order_by(guests.c.id)
    )
    return tuple(GuestRow(0, *row) for row in rows)


def add_guests(
    connection: Connection,
    event_id: int,
    rows: Sequence[GuestRow],
    import_id: int | None,
    *,
    at: int,
) -> None:
    """Put *rows* on the list of an event, under the import that they came with."""
    values = [
        {
            **told(guest),
            "event_id": event_id,
            "import_id": import_id,
            "source_row": guest.row,
            "created_at": at,
        }
        for guest in rows
    ]
    for start in range(0, len(values), _GROUP):
        connection.execute(insert(guests), values[start : start + _GROUP])


def change_guests(connection: Connection, rows: Sequence[GuestRow]) -> None:
    """Overwrite what the list says of each of *rows*, by the guest's id."""
    if not rows:
        return
    columns: dict[str, Any] = {
        name: bindparam(f"new_{name}") for name in (*FIELDS, "folded", "sort_key")
    }
    order = update(guests).where(guests.c.id == bindparam("wanted")).values(columns)
    values = [
        {"wanted": row.id, **{f"new_{name}": value for name, value in told(row).items()}}
        for row in rows
    ]
    connection.execute(order, values)


def remove_guests(connection: Connection, guest_ids: Sequence[int]) -> list[dict[str, Any]]:
    """Take guests without an invitation off the list; return their lines as plain JSON."""
    chosen = guests.c.id.in_(guest_ids)
    lines = [dict(row) for row in connection.execute(select(guests).where(chosen)).mappings()]
    connection.execute(delete(guests).where(chosen))
    return lines


def put_back(connection: Connection, lines: Sequence[Mapping[str, Any]]) -> None:
    """Put removed *lines* on the list again, as they were."""
    if lines:
        connection.execute(insert(guests), [dict(line) for line in lines])


def passes(connection: Connection, event_id: int) -> dict[int, tuple[int, str, str]]:
    """Return invitation id, pass id and state of each guest of an event who has one."""
    rows = connection.execute(
        select(
            invitations.c.guest_id, invitations.c.id, invitations.c.pass_id, invitations.c.state
        ).where(invitations.c.event_id == event_id)
    )
    return {row.guest_id: (row.id, row.pass_id, row.state) for row in rows}


def told(guest: GuestRow) -> dict[str, Any]:
    """Return the columns in which a guest is told, the sought and sorted forms included."""
    return {
        **{name: getattr(guest, name) for name in FIELDS},
        "folded": fold(f"{guest.name} {guest.organisation}"),
        "sort_key": sort_key(guest.name),
    }


def _containing(query: Select[Any], word: str) -> Select[Any]:
    """Narrow *query* to guests in whom *word* stands; digits are looked for in phones too."""
    columns = [guests.c.folded, guests.c.email]
    conditions = [column.contains(word, autoescape=True) for column in columns]
    digits = word.lstrip("+")
    if digits.isdigit():
        home = digits.removeprefix("0")
        conditions.append(guests.c.phone.contains(home or digits, autoescape=True))
    first, *others = conditions
    for condition in others:
        first = first | condition
    return query.where(first)


def _guest(row: Row[Any]) -> Guest:
    said = {name: getattr(row, name) for name in FIELDS}
    return Guest(id=row.id, event_id=row.event_id, language=row.language, **said)

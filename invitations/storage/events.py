"""Events, their gates, and the office that hosts them: rows in and out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, insert, literal, select, update
from sqlalchemy.exc import IntegrityError

from invitations.domain.model import Event, Gate, Office, Question
from invitations.storage.tables import events, gates, guests, offices

if TYPE_CHECKING:
    from sqlalchemy import Connection, Row

_OF_THE_LIST = {"id", "event_id", "import_id", "source_row", "created_at"}
_COPIED = [column.name for column in guests.c if column.name not in _OF_THE_LIST]


def add(connection: Connection, values: Mapping[str, Any]) -> None:
    """Write a new event; *values* names every column that has no default."""
    connection.execute(insert(events).values(**values))


def change(connection: Connection, event_id: int, values: Mapping[str, Any]) -> None:
    """Overwrite columns of an event."""
    connection.execute(update(events).where(events.c.id == event_id).values(**values))


def find(connection: Connection, event_id: int) -> Event | None:
    """Return the event *event_id* with its gates, or nothing."""
    row = connection.execute(select(events).where(events.c.id == event_id)).one_or_none()
    if row is None:
        return None
    return _event(row, _gates(connection, [event_id]).get(event_id, ()))


def of_office(connection: Connection, office_id: int) -> list[Event]:
    """Return the events of an office by the time they start, earliest first."""
    rows = connection.execute(
        select(events)
        .where(events.c.office_id == office_id)
        .order_by(events.c.starts_at, events.c.id)
    ).all()
    doors = _gates(connection, [row.id for row in rows])
    return [_event(row, doors.get(row.id, ())) for row in rows]


def office(connection: Connection, office_id: int) -> Office | None:
    """Return the office *office_id*, or nothing."""
    row = connection.execute(select(offices).where(offices.c.id == office_id)).one_or_none()
    if row is None:
        return None
    return Office(row.id, row.name, row.short_name, row.address, row.email, row.phone)


def add_gates(connection: Connection, event_id: int, names: Iterable[str]) -> None:
    """Give an event gates with these *names*."""
    rows = [{"event_id": event_id, "name": name} for name in names]
    if rows:
        connection.execute(insert(gates), rows)


def rename_gate(connection: Connection, gate_id: int, name: str) -> None:
    """Give a gate another name."""
    connection.execute(update(gates).where(gates.c.id == gate_id).values(name=name))


def drop_gate(connection: Connection, gate_id: int) -> bool:
    """Take a gate away; tell whether that was possible: a gate with a station stays."""
    try:
        with connection.begin_nested():
            connection.execute(delete(gates).where(gates.c.id == gate_id))
    except IntegrityError:
        return False
    return True


def copy_guests(connection: Connection, source: int, target: int, *, at: int) -> None:
    """Write the guest list of the event *source* into the event *target*."""
    taken = [column for column in guests.c if column.name in _COPIED]
    rows = select(literal(target), literal(at), *taken).where(guests.c.event_id == source)
    names = ["event_id", "created_at", *(column.name for column in taken)]
    connection.execute(insert(guests).from_select(names, rows.order_by(guests.c.id)))


def _gates(connection: Connection, event_ids: Sequence[int]) -> dict[int, tuple[Gate, ...]]:
    found: dict[int, tuple[Gate, ...]] = {}
    rows = connection.execute(
        select(gates).where(gates.c.event_id.in_(event_ids)).order_by(gates.c.id)
    )
    for row in rows:
        found[row.event_id] = (*found.get(row.event_id, ()), _gate(row))
    return found


def _gate(row: Row[Any]) -> Gate:
    return Gate(row.id, row.name, tuple(row.categories))


def _event(row: Row[Any], doors: tuple[Gate, ...]) -> Event:
    return Event(
        id=row.id,
        office_id=row.office_id,
        title=row.title,
        chair=row.chair,
        place=row.place,
        address=row.address,
        contact=row.contact,
        notes=row.notes,
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        opens_at=row.opens_at,
        closes_at=row.closes_at,
        reply_by=row.reply_by,
        capacity=row.capacity,
        refuse_when_full=row.refuse_when_full,
        reentry=row.reentry,
        state=row.state,
        sequence=row.sequence,
        gates=doors,
        many_entries=row.many_entries,
        reply_needed=row.reply_needed,
        offline=row.offline,
        walk_ins=row.walk_ins,
        questions=tuple(Question.from_json(each) for each in row.questions),
        paper=row.paper,
        badges=row.badges,
    )

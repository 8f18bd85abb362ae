"""SQL of what is decided for the doors of an event."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from sqlalchemy import select, update

from invitations.storage.tables import events, gates, guests

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from invitations.domain.doorplan import DoorPlan

_OF_EVENTS = (
    *("offline", "walk_ins", "many_entries", "reply_needed", "paper", "badges", "questions"),
)


def write(connection: Connection, event_id: int, plan: DoorPlan, *, at: int) -> None:
    """Overwrite what the doors of an event go by."""
    values = {name: getattr(plan, name) for name in _OF_EVENTS}
    values["questions"] = [asdict(each) for each in plan.questions]
    connection.execute(
        update(events).where(events.c.id == event_id).values(**values, updated_at=at)
    )
    for gate_id, named in plan.gates.items():
        connection.execute(
            update(gates)
            .where(gates.c.id == gate_id, gates.c.event_id == event_id)
            .values(categories=list(named))
        )


def copy(connection: Connection, source: int, target: int) -> None:
    """Have the doors of the event *target* go by what those of *source* go by."""
    columns = [events.c[name] for name in _OF_EVENTS]
    row = connection.execute(select(*columns).where(events.c.id == source)).one()
    connection.execute(
        update(events).where(events.c.id == target).values(**dict(row._mapping))  # noqa: SLF001 - the documented name
    )
    served = connection.execute(
        select(gates.c.name, gates.c.categories).where(gates.c.event_id == source)
    )
    for name, named in served.all():
        connection.execute(
            update(gates)
            .where(gates.c.event_id == target, gates.c.name == name)
            .values(categories=named)
        )


def known_categories(connection: Connection, event_id: int) -> list[str]:
    """Return the categories of guests that the list of an event names."""
    rows = connection.execute(
        select(guests.c.category)
        .where(guests.c.event_id == event_id, guests.c.category != "")
        .distinct()
        .order_by(guests.c.category)
    )
    return list(rows.scalars())

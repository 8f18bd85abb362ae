"""Guests without an invitation, as they were written down at the doors: rows in and out."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING, Any

from sqlalchemy import insert, select, update

from checkin.domain.walkins import ASKED, WalkIn
from checkin.storage.tables import walk_ins

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Connection, Row

_COLUMNS = [walk_ins.c[each.name] for each in fields(WalkIn)]


def add(connection: Connection, values: Mapping[str, Any]) -> WalkIn:
    """Write a walk-in down and return it; *values* names every column without a default."""
    made = connection.execute(insert(walk_ins).values(**values).returning(*_COLUMNS))
    return _walk_in(made.one())


def find(connection: Connection, event_id: int, number: int) -> WalkIn | None:
    """Return one walk-in of an event, or nothing."""
    wanted = walk_ins.c.event_id == event_id, walk_ins.c.id == number
    row = connection.execute(select(*_COLUMNS).where(*wanted)).one_or_none()
    return _walk_in(row) if row else None


def of_scan(connection: Connection, scan_id: str) -> WalkIn | None:
    """Return the walk-in that was asked for with this scan, or nothing."""
    row = connection.execute(
        select(*_COLUMNS).where(walk_ins.c.scan_id == scan_id)
    ).one_or_none()
    return _walk_in(row) if row else None


def waiting(connection: Connection, event_id: int) -> list[WalkIn]:
    """Return those of an event who wait for an answer, in the order of asking."""
    wanted = walk_ins.c.event_id == event_id, walk_ins.c.state == ASKED
    rows = connection.execute(select(*_COLUMNS).where(*wanted).order_by(walk_ins.c.id))
    return [_walk_in(row) for row in rows]


def answer(
    connection: Connection, walk_in: WalkIn, state: str, pass_id: str, *, at: int
) -> bool:
    """Note what became of a walk-in that was asked for; tell whether nobody was faster."""
    changed = connection.execute(
        update(walk_ins)
        .where(walk_ins.c.id == walk_in.id, walk_ins.c.state == ASKED)
        .values(state=state, pass_id=pass_id, answered_at=at)
    )
    return changed.rowcount == 1


def _walk_in(row: Row[Any]) -> WalkIn:
    return WalkIn(**row._mapping)  # noqa: SLF001 - the documented way to a row's names

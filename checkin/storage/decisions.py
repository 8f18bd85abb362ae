"""What people decided at the board: rows are added, never changed; the latest holds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import insert, select

from checkin.domain.decisions import GREETED, Decision
from checkin.storage.tables import decisions

if TYPE_CHECKING:
    from sqlalchemy import Connection


def add(connection: Connection, event_id: int, decision: Decision) -> None:
    """Write a decision down."""
    connection.execute(insert(decisions).values(event_id=event_id, **vars(decision)))


def latest(connection: Connection, event_id: int, kind: str, about: str) -> Decision | None:
    """Return the decision that holds of a thing, or nothing."""
    row = connection.execute(
        select(decisions)
        .where(
            decisions.c.event_id == event_id,
            decisions.c.kind == kind,
            decisions.c.about == about,
        )
        .order_by(decisions.c.id.desc())
        .limit(1)
    ).one_or_none()
    if row is None:
        return None
    return Decision(row.kind, row.about, row.choice, row.by, row.at, row.note, row.account_id)


def greeted(connection: Connection, event_id: int) -> dict[str, str]:
    """Return who welcomes whom at an event: names of staff by the ids of passes."""
    rows = connection.execute(
        select(decisions.c.about, decisions.c.by)
        .where(decisions.c.event_id == event_id, decisions.c.kind == GREETED)
        .order_by(decisions.c.id)
    )
    return {row.about: row.by for row in rows}

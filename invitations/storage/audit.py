"""The audit book: who did what, written in the transaction of the deed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import insert, select

from invitations.storage.tables import audit

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from invitations.domain.model import Actor


@dataclass(frozen=True)
class Deed:
    """One line of the audit book; *at* in Unix seconds, *detail* plain JSON."""

    id: int
    at: int
    actor: str
    action: str
    subject: str
    detail: dict[str, Any]


def enter(
    connection: Connection,
    actor: Actor,
    action: str,
    subject: str = "",
    detail: dict[str, Any] | None = None,
    *,
    at: int,
) -> None:
    """Write into the audit book that *actor* did *action* (such as ``event.create``)."""
    connection.execute(
        insert(audit).values(
            office_id=actor.office_id,
            at=at,
            actor=actor.name,
            action=action,
            subject=subject,
            detail=detail or {},
        )
    )


def latest(connection: Connection, office_id: int, *, limit: int = 100) -> list[Deed]:
    """Return the last *limit* deeds of the office, latest first."""
    rows = connection.execute(
        select(audit)
        .where(audit.c.office_id == office_id)
        .order_by(audit.c.id.desc())
        .limit(limit)
    )
    return [
        Deed(row.id, row.at, row.actor, row.action, row.subject, row.detail) for row in rows
    ]

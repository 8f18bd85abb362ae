"""SQL of imports: their record, uploads that wait for a confirmation, remembered columns."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

from sqlalchemy import Connection, Row, delete, exists, func, insert, select, update

from invitations.domain.errors import NotFoundError
from invitations.domain.guestlist import GuestListPreview
from invitations.storage.import_tables import column_memories, import_drafts
from invitations.storage.tables import (
    deliveries,
    guests,
    imports,
    invitations,
    sendings,
)

_DRAFTS_LIVE = 24 * 3600


@dataclass(frozen=True)
class ImportRecord:
    """One import as it is kept; *deeds* is what it did to listed guests, as plain JSON."""

    id: int
    event_id: int
    file_name: str
    imported: int
    repaired: int
    changed: int
    withdrawn: int
    deeds: dict[str, Any]
    by: str
    at: int
    undone_at: int | None


_RECORD = select(*(imports.c[field.name] for field in fields(ImportRecord)))


def enter_import(
    connection: Connection,
    event_id: int,
    preview: GuestListPreview,
    *,
    file_name: str,
    by: str,
    at: int,
) -> int:
    """Write the record of an import and return its id."""
    counts = {
        name: getattr(preview, name)
        for name in ("rows", "imported", "repaired", "questioned", "skipped")
    }
    values = {
        "event_id": event_id,
        "file_name": file_name,
        "problems": [asdict(problem) for problem in preview.problems],
        "changed": len(preview.changes),
        "deeds": {},
        "by": by,
        "at": at,
        **counts,
    }
    order = insert(imports).values(values).returning(imports.c.id)
    return int(connection.execute(order).scalar_one())


def note_deeds(
    connection: Connection, import_id: int, deeds: Mapping[str, Any], *, withdrawn: int
) -> None:
    """Write down what an import did to guests who were on the list."""
    order = update(imports).where(imports.c.id == import_id)
    connection.execute(order.values(deeds=deeds, withdrawn=withdrawn))


def find_import(connection: Connection, event_id: int, import_id: int) -> ImportRecord:
    """Return the record of one import.

    Raises:
        NotFoundError: there is no such import of this event.
    """
    row = connection.execute(
        _RECORD.where(imports.c.id == import_id, imports.c.event_id == event_id)
    ).one_or_none()
    if row is None:
        msg = "no such import"
        raise NotFoundError(msg)
    return ImportRecord(*row)


def last_import(connection: Connection, event_id: int) -> ImportRecord | None:
    """Return the newest import of an event that was not undone."""
    row = connection.execute(
        _RECORD.where(imports.c.event_id == event_id, imports.c.undone_at.is_(None))
        .order_by(imports.c.id.desc())
        .limit(1)
    ).one_or_none()
    return None if row is None else ImportRecord(*row)


def count_invited(connection: Connection, import_id: int) -> int:
    """Return how many guests of an import have an invitation already."""
    return int(
        connection.execute(
            select(func.count())
            .select_from(guests)
            .where(
                guests.c.import_id == import_id,
                exists().where(invitations.c.guest_id == guests.c.id),
            )
        ).scalar_one()
    )


def remove_import(connection: Connection, import_id: int, *, at: int) -> int:
    """Remove the guests of an import and mark it as undone; return how many went."""
    gone = connection.execute(delete(guests).where(guests.c.import_id == import_id)).rowcount
    connection.execute(update(imports).where(imports.c.id == import_id).values(undone_at=at))
    return gone


def count_written_to(connection: Connection, guest_ids: Collection[int], since: int) -> int:
    """Return how many messages to these guests were ordered at *since* (Unix s) or later."""
    return int(
        connection.execute(
            select(func.count())
            .select_from(deliveries)
            .join(sendings, sendings.c.id == deliveries.c.sending_id)
            .join(invitations, invitations.c.id == deliveries.c.invitation_id)
            .where(invitations.c.guest_id.in_(guest_ids), sendings.c.at >= since)
        ).scalar_one()
    )


def save_draft(connection: Connection, draft: dict[str, Any]) -> None:
    """Keep an upload until it is confirmed; uploads of yesterday go."""
    connection.execute(
        delete(import_drafts).where(import_drafts.c.at < draft["at"] - _DRAFTS_LIVE)
    )
    connection.execute(insert(import_drafts).values(**draft))


def change_draft(connection: Connection, draft_id: str, answers: dict[str, Any]) -> None:
    """Replace what the officer said about an upload."""
    connection.execute(
        update(import_drafts).where(import_drafts.c.id == draft_id).values(answers=answers)
    )


def find_draft(connection: Connection, event_id: int, draft_id: str) -> Row[Any]:
    """Return an upload that waits for its confirmation.

    Raises:
        NotFoundError: it was confirmed, dropped, or never there.
    """
    row = connection.execute(
        select(import_drafts).where(
            import_drafts.c.id == draft_id, import_drafts.c.event_id == event_id
        )
    ).one_or_none()
    if row is None:
        msg = "no such upload"
        raise NotFoundError(msg)
    return row


def drop_draft(connection: Connection, draft_id: str) -> bool:
    """Forget an upload; tell whether it was there."""
    query = delete(import_drafts).where(import_drafts.c.id == draft_id)
    return connection.execute(query).rowcount == 1


def remembered_columns(
    connection: Connection, office_id: int, shape: str
) -> dict[int, str | None] | None:
    """Return what the office said of the columns of files with this *shape*, or nothing."""
    found = connection.execute(
        select(column_memories.c.choice).where(
            column_memories.c.office_id == office_id, column_memories.c.shape == shape
        )
    ).scalar_one_or_none()
    return None if found is None else {int(index): field for index, field in found.items()}


def remember_columns(
    connection: Connection,
    office_id: int,
    shape: str,
    choice: Mapping[int, str | None],
    *,
    at: int,
) -> None:
    """Remember what the columns of files with this *shape* are."""
    connection.execute(
        delete(column_memories).where(
            column_memories.c.office_id == office_id, column_memories.c.shape == shape
        )
    )
    plain = {str(index): field for index, field in choice.items()}
    connection.execute(
        insert(column_memories).values(office_id=office_id, shape=shape, choice=plain, at=at)
    )

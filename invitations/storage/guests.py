"""SQL of the guest list: guests, imports, and uploads that wait for a confirmation."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from sqlalchemy import (
    Connection,
    Row,
    Select,
    delete,
    exists,
    func,
    insert,
    select,
    update,
)

from invitations.domain.errors import NotFoundError
from invitations.domain.guestlist import GuestListPreview
from invitations.domain.guestrow import GuestRow
from invitations.domain.model import Guest
from invitations.domain.names import fold, sort_key
from invitations.storage.tables import (
    events,
    guests,
    import_drafts,
    imports,
    invitations,
)

_FIELDS = (
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
)
_DRAFTS_LIVE = 24 * 3600
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
    columns = [guests.c[name] for name in _FIELDS]
    rows = connection.execute(
        select(*columns).where(guests.c.event_id == event_id).order_by(guests.c.id)
    )
    return tuple(GuestRow(row=0, **found) for found in rows.mappings())


def list_state(connection: Connection, event_id: int) -> tuple[int, int]:
    """Return how many guests an event has and the last id: it changes with every import."""
    row = connection.execute(
        select(func.count(), func.coalesce(func.max(guests.c.id), 0)).where(
            guests.c.event_id == event_id
        )
    ).one()
    return int(row[0]), int(row[1])


def store_import(
    connection: Connection,
    event_id: int,
    preview: GuestListPreview,
    *,
    file_name: str,
    by: str,
    at: int,
) -> int:
    """Store the guests of *preview* and the record of the import; return the import's id."""
    problems = [asdict(problem) for problem in preview.problems]
    counts = {
        name: getattr(preview, name)
        for name in ("rows", "imported", "repaired", "questioned", "skipped")
    }
    import_id = connection.execute(
        insert(imports)
        .values(
            event_id=event_id,
            file_name=file_name,
            problems=problems,
            by=by,
            at=at,
            **counts,
        )
        .returning(imports.c.id)
    ).scalar_one()
    rows = [_values(guest, event_id, import_id, at) for guest in preview.guests]
    for start in range(0, len(rows), _GROUP):
        connection.execute(insert(guests), rows[start : start + _GROUP])
    return int(import_id)


def find_import(connection: Connection, event_id: int, import_id: int) -> Row[Any]:
    """Return the record of one import.

    Raises:
        NotFoundError: there is no such import of this event.
    """
    row = connection.execute(
        select(imports).where(imports.c.id == import_id, imports.c.event_id == event_id)
    ).one_or_none()
    if row is None:
        msg = "no such import"
        raise NotFoundError(msg)
    return row


def last_import(connection: Connection, event_id: int) -> Row[Any] | None:
    """Return the newest import of an event that was not undone."""
    return connection.execute(
        select(imports)
        .where(imports.c.event_id == event_id, imports.c.undone_at.is_(None))
        .order_by(imports.c.id.desc())
        .limit(1)
    ).one_or_none()


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


def save_draft(connection: Connection, draft: dict[str, Any]) -> None:
    """Keep an upload until it is confirmed; uploads of yesterday go."""
    connection.execute(
        delete(import_drafts).where(import_drafts.c.at < draft["at"] - _DRAFTS_LIVE)
    )
    connection.execute(insert(import_drafts).values(**draft))


def change_draft(connection: Connection, draft_id: str, preview: dict[str, Any]) -> None:
    """Replace what an upload carries."""
    connection.execute(
        update(import_drafts).where(import_drafts.c.id == draft_id).values(preview=preview)
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


def _values(guest: GuestRow, event_id: int, import_id: int, at: int) -> dict[str, Any]:
    return {
        **{name: getattr(guest, name) for name in _FIELDS},
        "event_id": event_id,
        "import_id": import_id,
        "source_row": guest.row,
        "folded": fold(f"{guest.name} {guest.organisation}"),
        "sort_key": sort_key(guest.name),
        "created_at": at,
    }


def _guest(row: Row[Any]) -> Guest:
    told = {name: getattr(row, name) for name in _FIELDS}
    return Guest(id=row.id, event_id=row.event_id, **told)

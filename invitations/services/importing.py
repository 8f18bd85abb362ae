"""The desk where a guest list comes in: preview, answers, confirmation, and undoing."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from invitations.domain.errors import FileRefusedError, NotFoundError, UndoRefusedError
from invitations.domain.guestlist import Answer, GuestListPreview, read_guest_list
from invitations.domain.model import Actor, Guest
from invitations.services.drafts import Draft, draft_as_json, draft_from_json
from invitations.storage import audit
from invitations.storage import guests as shelf
from invitations.storage.database import Database
from invitations.storage.workbook import LARGEST_FILE, Sheet, open_sheet

UNDO_SECONDS = 600
_TURNS = 5


@dataclass(frozen=True)
class Imported:
    """What a confirmed import did."""

    id: int
    preview: GuestListPreview


@dataclass(frozen=True)
class LastImport:
    """The newest import of an event, and whether it can still be undone."""

    id: int
    file_name: str
    at: int
    by: str
    stored: int
    can_undo: bool


def preview_file(path: Path) -> GuestListPreview:
    """Read the file at *path* without storing anything; needs no event and no database.

    Raises:
        FileRefusedError: the file is no guest list; its code says what it is instead.
    """
    return read_guest_list(open_sheet(_bytes_of(path), path.name).rows)


def summary(preview: GuestListPreview) -> dict[str, Any]:
    """Return the counts and the problems of *preview* as plain JSON."""
    return {
        "rows": preview.rows,
        "imported": preview.imported,
        "repaired": preview.repaired,
        "questioned": preview.questioned,
        "skipped": preview.skipped,
        "problems": [asdict(problem) for problem in preview.problems],
        "header_row": preview.header_row,
        "columns": [asdict(column) for column in preview.columns],
    }


@dataclass(frozen=True)
class Importing:
    """Takes guest lists for events of the actor's office."""

    database: Database
    clock: Callable[[], float] = time.time

    def import_file(self, path: Path, event_id: int, actor: Actor) -> Imported:
        """Store what the file at *path* holds beyond doubt; the questioned rows stay out.

        Raises:
            FileRefusedError: the file is no guest list; nothing was stored.
            NotFoundError: the event is not this office's.
        """
        sheet = open_sheet(_bytes_of(path), path.name)
        return self._store(event_id, path.name, sheet, actor)

    def upload(self, data: bytes, file_name: str, event_id: int, actor: Actor) -> str:
        """Keep an uploaded list for the wizard and return the secret id of the draft.

        Raises:
            FileRefusedError: the file is no guest list; nothing was kept.
            NotFoundError: the event is not this office's.
        """
        sheet = open_sheet(data, file_name)
        with self.database.read() as connection:
            shelf.check_event(connection, event_id, actor.office_id)
        read_guest_list(sheet.rows)
        draft = {
            "id": secrets.token_urlsafe(16),
            "event_id": event_id,
            "file_name": file_name[:200],
            "preview": draft_as_json(sheet, {}, {}),
            "by": actor.name,
            "at": int(self.clock()),
        }
        self.database.write(lambda connection: shelf.save_draft(connection, draft))
        return str(draft["id"])

    def draft(self, draft_id: str, event_id: int, actor: Actor) -> Draft:
        """Return an upload with its preview against the event's present guests.

        Raises:
            NotFoundError: it was confirmed or dropped, or the event is not this office's.
        """
        with self.database.read() as connection:
            shelf.check_event(connection, event_id, actor.office_id)
            row = shelf.find_draft(connection, event_id, draft_id)
            listed = shelf.listed(connection, event_id)
        return draft_from_json(row.id, event_id, row.file_name, row.preview, listed)

    def choose_columns(self, draft: Draft, choice: Mapping[int, str | None]) -> None:
        """Take the officer's word for what the columns are."""
        carried = draft_as_json(draft.sheet, {**draft.choice, **choice}, draft.answers)
        self.database.write(lambda conn: shelf.change_draft(conn, draft.id, carried))

    def answer(self, draft: Draft, answers: Mapping[int, Answer]) -> None:
        """Take the officer's answers about rows, beside those given before."""
        carried = draft_as_json(draft.sheet, draft.choice, {**draft.answers, **answers})
        self.database.write(lambda conn: shelf.change_draft(conn, draft.id, carried))

    def drop(self, draft: Draft) -> None:
        """Forget an upload."""
        self.database.write(lambda connection: shelf.drop_draft(connection, draft.id))

    def confirm(self, draft: Draft, actor: Actor) -> Imported:
        """Store the rows of *draft* that are beyond doubt, once.

        Raises:
            NotFoundError: it was confirmed before; nothing is stored twice.
        """
        return self._store(draft.event_id, draft.file_name, draft.sheet, actor, draft=draft)

    def last(self, event_id: int) -> LastImport | None:
        """Return the newest import of an event that was not undone."""
        with self.database.read() as connection:
            row = shelf.last_import(connection, event_id)
            if row is None:
                return None
            fresh = self.clock() - row.at <= UNDO_SECONDS
            can_undo = fresh and not shelf.count_invited(connection, row.id)
        stored = row.imported + row.repaired
        return LastImport(row.id, row.file_name, row.at, row.by, stored, can_undo)

    def undo(self, import_id: int, event_id: int, actor: Actor) -> int:
        """Take back a whole import within ten minutes; return how many guests went.

        Raises:
            UndoRefusedError: it is too late, done before, or invitations were issued.
            NotFoundError: there is no such import of this office.
        """
        at = int(self.clock())

        def work(connection: Connection) -> int:
            shelf.check_event(connection, event_id, actor.office_id)
            row = shelf.find_import(connection, event_id, import_id)
            if row.undone_at is not None or at - row.at > UNDO_SECONDS:
                raise UndoRefusedError("too-late")
            if shelf.count_invited(connection, import_id):
                raise UndoRefusedError("invited")
            gone = shelf.remove_import(connection, import_id, at=at)
            detail = {"import": import_id, "guests": gone}
            subject = str(event_id)
            audit.enter(connection, actor, "guests.undo", subject, detail, at=at)
            return gone

        return self.database.write(work)

    def guests(self, event_id: int, actor: Actor, words: str = "") -> list[Guest]:
        """Return the guests of an event by given name, or those in whom *words* stand.

        Raises:
            NotFoundError: the event is not this office's.
        """
        with self.database.read() as connection:
            shelf.check_event(connection, event_id, actor.office_id)
            return shelf.find_guests(connection, event_id, words)

    def event_title(self, event_id: int, actor: Actor) -> str:
        """Return the title of an event of the actor's office.

        Raises:
            NotFoundError: the event is not this office's.
        """
        with self.database.read() as connection:
            return shelf.check_event(connection, event_id, actor.office_id)

    def _store(
        self,
        event_id: int,
        file_name: str,
        sheet: Sheet,
        actor: Actor,
        *,
        draft: Draft | None = None,
    ) -> Imported:
        """Judge outside the writer, store inside it, and judge again if the list moved."""
        at = int(self.clock())
        for _turn in range(_TURNS):
            with self.database.read() as connection:
                shelf.check_event(connection, event_id, actor.office_id)
                state = shelf.list_state(connection, event_id)
                listed = shelf.listed(connection, event_id)
            preview = read_guest_list(
                sheet.rows,
                choice=draft.choice if draft else None,
                answers=draft.answers if draft else None,
                listed=listed,
            )
            order = _Order(event_id, file_name, preview, state, actor, at, draft)
            import_id = self.database.write(order.carry_out)
            if import_id is not None:
                return Imported(import_id, preview)
        msg = "the guest list keeps changing"
        raise NotFoundError(msg)


@dataclass(frozen=True)
class _Order:
    """One import on its way to the writer."""

    event_id: int
    file_name: str
    preview: GuestListPreview
    state: tuple[int, int]
    actor: Actor
    at: int
    draft: Draft | None

    def carry_out(self, connection: Connection) -> int | None:
        """Store everything, or return None if the event's list changed since the judging."""
        if shelf.list_state(connection, self.event_id) != self.state:
            return None
        if self.draft is not None and not shelf.drop_draft(connection, self.draft.id):
            msg = "this upload was confirmed before"
            raise NotFoundError(msg)
        import_id = shelf.store_import(
            connection,
            self.event_id,
            self.preview,
            file_name=self.file_name,
            by=self.actor.name,
            at=self.at,
        )
        detail = {"import": import_id, "guests": len(self.preview.guests)}
        subject = str(self.event_id)
        audit.enter(connection, self.actor, "guests.import", subject, detail, at=self.at)
        return import_id


def _bytes_of(path: Path) -> bytes:
    """Return the bytes of a file that is not larger than a list may be."""
    try:
        with path.open("rb") as file:
            return file.read(LARGEST_FILE + 1)
    except OSError as error:
        raise FileRefusedError("not-found", path.name) from error

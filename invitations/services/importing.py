"""The desk where a guest list comes in: preview, answers, confirmation, and undoing."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from invitations.domain.answers import Answer, accepting, beside, refusing
from invitations.domain.errors import FileRefusedError, NotFoundError
from invitations.domain.guestlist import GuestListPreview, read_guest_list
from invitations.domain.model import Actor, Guest
from invitations.services.drafts import (
    Draft,
    Judgements,
    Said,
    book_as_json,
    book_from_json,
    judge,
    said_as_json,
    said_from_json,
    shape_of,
)
from invitations.services.recording import Imported, LastImport, Order, last_in, undo_in
from invitations.storage import audit
from invitations.storage import guests as shelf
from invitations.storage import imports as records
from invitations.storage.database import Database
from invitations.storage.workbook import LARGEST_FILE, Sheet, open_book, open_sheet

if TYPE_CHECKING:
    from sqlalchemy import Connection

_TURNS = 5


def preview_file(path: Path) -> GuestListPreview:
    """Read the file at *path* without storing anything; needs no event and no database.

    Raises:
        FileRefusedError: the file is no guest list; its code says what it is instead.
    """
    sheet = open_sheet(_bytes_of(path), path.name)
    return read_guest_list(sheet.rows, hidden=sheet.hidden)


def summary(preview: GuestListPreview) -> dict[str, Any]:
    """Return the counts and the problems of *preview* as plain JSON."""
    return {
        "rows": preview.rows,
        "imported": preview.imported,
        "repaired": preview.repaired,
        "questioned": preview.questioned,
        "skipped": preview.skipped,
        "changed": len(preview.changes),
        "problems": [asdict(problem) for problem in preview.problems],
        "header_row": preview.header_row,
        "columns": [asdict(column) for column in preview.columns],
    }


@dataclass(frozen=True)
class Importing:
    """Takes guest lists for events of the actor's office."""

    database: Database
    clock: Callable[[], float] = time.time
    judgements: Judgements = field(default_factory=Judgements, repr=False, compare=False)

    def import_file(self, path: Path, event_id: int, actor: Actor) -> Imported:
        """Store what the file at *path* holds beyond doubt; the questioned rows stay out.

        Raises:
            FileRefusedError: the file is no guest list; nothing was stored.
            NotFoundError: the event is not this office's.
        """
        book = open_book(_bytes_of(path), path.name)
        said = Said(book.best)
        with self.database.read() as connection:
            shelf.check_event(connection, event_id, actor.office_id)
            listed = shelf.listed(connection, event_id)
        preview = judge(book, said, listed)
        return self._store(Draft("", event_id, path.name, book, said, listed, preview), actor)

    def upload(self, data: bytes, file_name: str, event_id: int, actor: Actor) -> str:
        """Keep an uploaded list for the wizard and return the secret id of the draft.

        Raises:
            FileRefusedError: the file is no guest list; nothing was kept.
            NotFoundError: the event is not this office's.
        """
        book = open_book(data, file_name)
        draft_id = secrets.token_urlsafe(16)
        with self.database.read() as connection:
            shelf.check_event(connection, event_id, actor.office_id)
            listed = shelf.listed(connection, event_id)
            said = _recalling(connection, Said(book.best), book.sheets[book.best], actor)
        self.judgements.of(draft_id, book, said, listed)
        draft = {
            "id": draft_id,
            "event_id": event_id,
            "file_name": file_name[:200],
            "book": book_as_json(book),
            "answers": said_as_json(said),
            "by": actor.name,
            "at": int(self.clock()),
        }
        self.database.write(lambda connection: records.save_draft(connection, draft))
        return draft_id

    def draft(self, draft_id: str, event_id: int, actor: Actor) -> Draft:
        """Return an upload with its preview against the event's present guests.

        Raises:
            NotFoundError: it was confirmed or dropped, or the event is not this office's.
        """
        with self.database.read() as connection:
            shelf.check_event(connection, event_id, actor.office_id)
            row = records.find_draft(connection, event_id, draft_id)
            listed = shelf.listed(connection, event_id)
        book, said = book_from_json(row.book), said_from_json(row.answers)
        preview = self.judgements.of(draft_id, book, said, listed)
        return Draft(row.id, event_id, row.file_name, book, said, listed, preview)

    def choose_sheet(
        self, draft: Draft, index: int, actor: Actor, *, with_hidden: bool
    ) -> None:
        """Read another sheet of the file, or the hidden rows too; answers to rows go.

        Raises:
            FileRefusedError: that sheet is no guest list; the draft stays as it is.
            NotFoundError: there is no such sheet.
        """
        if not 0 <= index < len(draft.book.sheets):
            raise NotFoundError("sheet")
        said = replace(draft.said, with_hidden=with_hidden)
        if index != draft.said.sheet:
            with self.database.read() as connection:
                said = _recalling(connection, Said(index), draft.book.sheets[index], actor)
        judge(draft.book, said, draft.listed)
        self._say(draft, said)

    def choose_columns(
        self, draft: Draft, choice: Mapping[int, str | None], actor: Actor
    ) -> None:
        """Take the officer's word for what the columns are, and remember it."""
        chosen = {**draft.said.choice, **choice}
        said = replace(draft.said, choice=chosen)
        shape, at = shape_of(draft.sheet), int(self.clock())

        def work(connection: Connection) -> None:
            records.change_draft(connection, draft.id, said_as_json(said))
            records.remember_columns(connection, actor.office_id, shape, chosen, at=at)

        self.database.write(work)

    def settle(
        self, draft: Draft, answers: Mapping[int, Answer], dropped: Collection[int] = ()
    ) -> None:
        """Take the officer's answers about rows, beside those given before.

        *dropped* are listed guests who shall go, of those whom the list does not name.
        """
        earlier = draft.said.answers
        joined = {row: beside(earlier.get(row, Answer()), new) for row, new in answers.items()}
        missing = {guest.id for guest in draft.preview.missing}
        gone = tuple(sorted(missing & set(dropped)))
        self._say(draft, replace(draft.said, answers={**earlier, **joined}, dropped=gone))

    def revert(self, draft: Draft, row: int, name: str, code: str) -> None:
        """Refuse one repair of one field, or take the officer's own answer back."""
        self._answer_again(draft, row, refusing(_answer(draft, row), name, code))

    def repair(self, draft: Draft, row: int, name: str) -> None:
        """Allow the repairs of one field again."""
        self._answer_again(draft, row, accepting(_answer(draft, row), name))

    def reopen(self, draft: Draft, row: int) -> None:
        """Forget everything the officer said about one row."""
        self._answer_again(draft, row, Answer())

    def drop(self, draft: Draft) -> None:
        """Forget an upload."""
        self.database.write(lambda connection: records.drop_draft(connection, draft.id))

    def confirm(self, draft: Draft, actor: Actor) -> Imported:
        """Store the rows of *draft* that are beyond doubt, once.

        Raises:
            NotFoundError: it was confirmed before; nothing is stored twice.
        """
        return self._store(draft, actor)

    def passes(self, event_id: int) -> dict[int, str]:
        """Return the state of the invitation of each guest of an event who has one."""
        with self.database.read() as connection:
            held = shelf.passes(connection, event_id)
        return {guest: found[2] for guest, found in held.items()}

    def last(self, event_id: int) -> LastImport | None:
        """Return the newest import of an event that was not undone."""
        with self.database.read() as connection:
            return last_in(connection, event_id, at=int(self.clock()))

    def undo(self, import_id: int, event_id: int, actor: Actor) -> int:
        """Take back a whole import within ten minutes; return how many guests went.

        Changed guests are as they were before, and withdrawn passes open again.

        Raises:
            UndoRefusedError: its reason says why the import stays.
            NotFoundError: there is no such import of this office.
        """
        at = int(self.clock())
        return self.database.write(lambda tx: undo_in(tx, import_id, event_id, actor, at=at))

    def guests(self, event_id: int, actor: Actor, words: str = "") -> list[Guest]:
        """Return the guests of an event by given name, or those in whom *words* stand.

        Raises:
            NotFoundError: the event is not this office's.
        """
        with self.database.read() as connection:
            shelf.check_event(connection, event_id, actor.office_id)
            return shelf.find_guests(connection, event_id, words)

    def export(self, event_id: int, actor: Actor) -> list[tuple[Guest, str]]:
        """Return the guests by given name, each with the state of the invitation or "".

        Personal data leaves the house by this, so the audit book hears of it.

        Raises:
            NotFoundError: the event is not this office's.
        """
        at = int(self.clock())

        def work(connection: Connection) -> list[tuple[Guest, str]]:
            shelf.check_event(connection, event_id, actor.office_id)
            found = shelf.find_guests(connection, event_id)
            held = shelf.passes(connection, event_id)
            detail = {"guests": len(found)}
            audit.enter(connection, actor, "guests.export", str(event_id), detail, at=at)
            return [(each, held[each.id][2] if each.id in held else "") for each in found]

        return self.database.write(work)

    def event_title(self, event_id: int, actor: Actor) -> str:
        """Return the title of an event of the actor's office.

        Raises:
            NotFoundError: the event is not this office's.
        """
        with self.database.read() as connection:
            return shelf.check_event(connection, event_id, actor.office_id)

    def _answer_again(self, draft: Draft, row: int, answer: Answer) -> None:
        self._say(draft, replace(draft.said, answers={**draft.said.answers, row: answer}))

    def _say(self, draft: Draft, said: Said) -> None:
        self.database.write(
            lambda connection: records.change_draft(connection, draft.id, said_as_json(said))
        )

    def _store(self, draft: Draft, actor: Actor) -> Imported:
        """Judge outside the writer, store inside it, and judge again if the list moved."""
        at = int(self.clock())
        for _turn in range(_TURNS):
            order = Order(draft, actor, at)
            imported = self.database.write(order.carry_out)
            if imported is not None:
                return imported
            with self.database.read() as connection:
                shelf.check_event(connection, draft.event_id, actor.office_id)
                listed = shelf.listed(connection, draft.event_id)
            preview = judge(draft.book, draft.said, listed)
            draft = replace(draft, listed=listed, preview=preview)
        msg = "the guest list keeps changing"
        raise NotFoundError(msg)


def _answer(draft: Draft, row: int) -> Answer:
    return draft.said.answers.get(row, Answer())


def _recalling(connection: Connection, said: Said, sheet: Sheet, actor: Actor) -> Said:
    """Return *said* with the columns as the office chose them for such a file before."""
    known = records.remembered_columns(connection, actor.office_id, shape_of(sheet))
    return said if known is None else replace(said, choice=known, recalled=True)


def _bytes_of(path: Path) -> bytes:
    """Return the bytes of a file that is not larger than a list may be."""
    try:
        with path.open("rb") as file:
            return file.read(LARGEST_FILE + 1)
    except OSError as error:
        raise FileRefusedError("not-found", path.name) from error

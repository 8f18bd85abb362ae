"""One import as a whole: carried out in one transaction, and taken back in one."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING

from invitations.domain.errors import NotFoundError, UndoRefusedError
from invitations.services import listchanges
from invitations.storage import audit, enrolment
from invitations.storage import guests as shelf
from invitations.storage import imports as records

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from invitations.domain.guestlist import GuestListPreview
    from invitations.domain.model import Actor
    from invitations.services.drafts import Draft

UNDO_SECONDS = 600


@dataclass(frozen=True)
class Imported:
    """What a confirmed import did.

    *withdrawn* guests lost their pass, *removed* ones, who had none, left the list.
    """

    id: int
    preview: GuestListPreview
    withdrawn: int = 0
    removed: int = 0


@dataclass(frozen=True)
class LastImport:
    """The newest import of an event, and whether it can still be undone.

    *stored* counts new guests, *changed* listed ones, *withdrawn* lost passes. *refusal*
    says why it cannot be undone, as UndoRefusedError does.
    """

    id: int
    file_name: str
    at: int
    by: str
    stored: int
    can_undo: bool
    changed: int = 0
    withdrawn: int = 0
    refusal: str = ""


@dataclass(frozen=True)
class Order:
    """One import on its way to the writer."""

    draft: Draft
    actor: Actor
    at: int

    def carry_out(self, connection: Connection) -> Imported | None:
        """Store everything, or return None if the event's list changed since the judging.

        Raises:
            NotFoundError: the upload was confirmed before.
        """
        draft, preview = self.draft, self.draft.preview
        if shelf.listed(connection, draft.event_id) != draft.listed:
            return None
        if draft.id and not records.drop_draft(connection, draft.id):
            msg = "this upload was confirmed before"
            raise NotFoundError(msg)
        import_id = records.enter_import(
            connection,
            draft.event_id,
            preview,
            file_name=draft.file_name,
            by=self.actor.name,
            at=self.at,
        )
        shelf.add_guests(connection, draft.event_id, preview.guests, import_id, at=self.at)
        enrolment.enrol(connection, self.actor.office_id, import_id, at=self.at)
        deeds = listchanges.carry_out(
            connection,
            draft.event_id,
            preview.changes,
            [guest.id for guest in draft.dropped],
            self.actor,
            at=self.at,
        )
        changed = [change.after.id for change in preview.changes]
        ties = enrolment.retie(connection, self.actor.office_id, import_id, changed, at=self.at)
        deeds = replace(deeds, ties=ties)
        lost = len(deeds.withdrawn)
        records.note_deeds(connection, import_id, asdict(deeds), withdrawn=lost)
        imported = Imported(import_id, preview, lost, len(deeds.removed))
        self._enter(connection, imported)
        return imported

    def _enter(self, connection: Connection, imported: Imported) -> None:
        """Write the deed into the audit book; what did not happen is not named."""
        counts = {
            "changed": len(imported.preview.changes),
            "withdrawn": imported.withdrawn,
            "removed": imported.removed,
        }
        detail = {"import": imported.id, "guests": len(imported.preview.guests)}
        detail |= {name: count for name, count in counts.items() if count}
        subject = str(self.draft.event_id)
        audit.enter(connection, self.actor, "guests.import", subject, detail, at=self.at)


def last_in(connection: Connection, event_id: int, *, at: int) -> LastImport | None:
    """Return the newest import of an event that was not undone; *at* is now."""
    row = records.last_import(connection, event_id)
    if row is None:
        return None
    refusal = _refusal(connection, row, at)
    return LastImport(
        id=row.id,
        file_name=row.file_name,
        at=row.at,
        by=row.by,
        stored=row.imported + row.repaired - row.changed,
        can_undo=not refusal,
        changed=row.changed,
        withdrawn=row.withdrawn,
        refusal=refusal,
    )


def undo_in(
    connection: Connection, import_id: int, event_id: int, actor: Actor, *, at: int
) -> int:
    """Take a whole import back inside the caller's transaction; return how many guests went.

    Raises:
        UndoRefusedError: its reason says why the import stays.
        NotFoundError: there is no such import of this office.
    """
    shelf.check_event(connection, event_id, actor.office_id)
    row = records.find_import(connection, event_id, import_id)
    refusal = _refusal(connection, row, at)
    if refusal:
        raise UndoRefusedError(refusal)
    gone = records.remove_import(connection, import_id, at=at)
    listchanges.take_back(connection, event_id, row.deeds, actor, at=at)
    enrolment.unenrol(connection, import_id)
    detail = {"import": import_id, "guests": gone, "changed": row.changed}
    audit.enter(connection, actor, "guests.undo", str(event_id), detail, at=at)
    return gone


def _refusal(connection: Connection, row: records.ImportRecord, at: int) -> str:
    """Return why the import *row* stays, or ""."""
    if row.undone_at is not None or at - row.at > UNDO_SECONDS:
        return "too-late"
    return listchanges.reason_to_stay(connection, row)

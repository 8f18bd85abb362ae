"""Welcoming: what the office does, within a scan's own transaction, for who stands there."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from checkin.domain.accounts import Right
from checkin.domain.book import STATION
from checkin.domain.sealing import open_details
from checkin.domain.walkins import pass_id_of
from checkin.services.staff import may_do
from checkin.storage import event_keys
from invitations.domain import passes
from invitations.domain.errors import NotFoundError, OfficeError
from invitations.domain.model import Actor
from invitations.domain.register import Person
from invitations.services.changes import Changes
from invitations.services.guestbook import Guestbook
from invitations.services.keyring import Keyring
from invitations.services.register import checked
from invitations.storage.database import Database

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from checkin.domain.protocol import ScanRecord
    from invitations.domain.model import Event
    from invitations.domain.roster import RosterEntry

OF_A_PERSON = ("name", "honorific", "organisation", "phone", "email")

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Welcoming:
    """Invites at the door, gives a seat to another person, and mints their passes."""

    database: Database
    guestbook: Guestbook
    changes: Changes
    keyring: Keyring
    clock: Callable[[], float] = time.time

    def event(self, event_id: int) -> Event:
        """Return an event whose office can sign passes from now on. Not in a transaction.

        Raises:
            NotFoundError: there is no such event.
        """
        with self.database.read() as connection:
            event = self.event_in(connection, event_id)
        self.keyring.ensure(event.office_id)
        return event

    def event_in(self, connection: Connection, event_id: int) -> Event:
        """Return an event.

        Raises:
            NotFoundError: there is no such event.
        """
        event = self.guestbook.event(connection, event_id)
        if event is None:
            raise NotFoundError(str(event_id))
        return event

    def invite(
        self, tx: Connection, event: Event, person: Person, actor: Actor, pass_id: str = ""
    ) -> str:
        """Invite *person*, who may have the pass *pass_id* already; return the pass's id."""
        at = int(self.clock())
        made = self.changes.invite_in(tx, event, person, actor, at=at, pass_id=pass_id)
        return made.invitation.pass_id

    def replace(self, tx: Connection, invitation_id: int, person: Person, actor: Actor) -> str:
        """Give the seat of an invitation to *person*; return the new pass's id."""
        at = int(self.clock())
        made = self.changes.replace_in(tx, invitation_id, person, actor, at=at)
        return made.invitation.pass_id

    def take_in(self, tx: Connection, event: Event, record: ScanRecord) -> RosterEntry | None:
        """Invite somebody whom a station let in without a line; return the roster's line.

        Nothing where it cannot be read who it was: then the record stands alone.
        """
        pass_id = pass_id_of(record.scan_id)
        known = self.guestbook.entry(tx, event.id, pass_id)
        if known is not None:
            return known
        person = self._unsealed(tx, event, record)
        if person is None:
            return None
        actor = may_do(tx, event, record.actor, Right.DOOR)
        by = actor or Actor(STATION, event.office_id, "system")
        try:
            with tx.begin_nested():
                self.invite(tx, event, person, by, pass_id)
        except OfficeError:
            _log.exception("walk-in %s could not be invited", record.scan_id)
            return None
        return self.guestbook.entry(tx, event.id, pass_id)

    def _unsealed(self, tx: Connection, event: Event, record: ScanRecord) -> Person | None:
        """Return who was let in, as far as what was typed can be kept."""
        key = event_keys.find(tx, event.id)
        sealed = str(record.detail.get("sealed", ""))
        found = open_details(sealed, key, record.scan_id) if key else None
        if found is None:
            return None
        person, wrong = checked(typed_person(found))
        dropped = {each.field for each in wrong}
        if not person.name or "name" in dropped:
            return None
        return typed_person({k: value for k, value in vars(person).items() if k not in dropped})

    def text(self, event_id: int, pass_id: str) -> str | None:
        """Return what stands in the QR code of a pass, or nothing if there is none."""
        with self.database.read() as connection:
            found = self.guestbook.minted(connection, event_id, pass_id).get(pass_id)
        return None if found is None else passes.mint(found, self.keyring.seed(found.kid))


def typed_person(found: Mapping[str, Any]) -> Person:
    """Return the person that somebody typed in at a door, as it stands there."""
    name, honorific, organisation, phone, email = (
        str(found.get(each) or "") for each in OF_A_PERSON
    )
    return Person(
        0,
        name=name,
        honorific=honorific,
        title=str(found.get("title") or ""),
        organisation=organisation,
        phone=phone,
        email=email,
    )

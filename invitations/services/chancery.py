"""The chancery: the official letter of an event is drafted, signed, taken in, and enclosed."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from typing import TYPE_CHECKING, Any

from invitations.domain import papers
from invitations.domain.errors import NotFoundError, SealError
from invitations.domain.papers import Flaw, LetterForm
from invitations.domain.seals import LetterReport, report_json
from invitations.services.calendars import ZONE
from invitations.services.sealing import ToSign
from invitations.storage import audit, events, guests, letters

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from invitations.domain.model import Actor, Event, Guest, Office
    from invitations.services.paper import Paper
    from invitations.services.sealing import Sealing
    from invitations.storage.database import Database
    from invitations.storage.letters import OfficialLetter

MOST_AT_ONCE = 100  # letters of single guests signed at one press of the button


@dataclass(frozen=True)
class Draft:
    """The letter of one event as far as it is: the form, what stands against it, the seal.

    *letter* is the signed letter that stands; *stale* says that it tells of a time or place
    that the event no longer has. *own* counts the guests with a signed letter of their own.
    """

    office: Office
    event: Event
    form: LetterForm
    saved: bool
    flaws: tuple[Flaw, ...]
    letter: OfficialLetter | None
    stale: bool
    own: int
    without_own: int
    can_sign: bool


@dataclass(frozen=True)
class TakenIn:
    """A letter that came signed from elsewhere; kept only if its *report* is valid."""

    report: LetterReport
    letter_id: int | None


@dataclass(frozen=True)
class Chancery:
    """What officers do with the official letter of an event of their own office."""

    database: Database
    paper: Paper
    sealing: Sealing
    clock: Callable[[], float] = time.time

    def draft(self, event_id: int, actor: Actor) -> Draft:
        """Return how far the letter of an event is.

        Raises:
            NotFoundError: the office has no such event.
        """
        with self.database.read() as connection:
            event, office = _own(connection, event_id, actor)
            saved = letters.form_of(connection, event_id)
            form = saved or self._proposed(connection, office, event)
            facts = papers.facts(event)
            letter = letters.current(connection, event_id)
            waiting = len(letters.without_own(connection, event_id, facts))
            own = letters.count_own(connection, event_id, facts)
        return Draft(
            office,
            event,
            form,
            saved is not None,
            papers.flaws(form),
            letter,
            stale=letter is not None and letter.facts != facts,
            own=own,
            without_own=waiting,
            can_sign=self.sealing.ready(office.id),
        )

    def save(self, event_id: int, actor: Actor, form: LetterForm) -> tuple[Flaw, ...]:
        """Keep what the officer filled in, and return what stands against it.

        Raises:
            NotFoundError: the office has no such event.
        """
        at = int(self.clock())

        def work(tx: Connection) -> None:
            _own(tx, event_id, actor)
            letters.keep_form(tx, event_id, form, actor.name, at=at)

        self.database.write(work)
        return papers.flaws(form)

    def pdf(self, event_id: int, actor: Actor, guest_id: int | None = None) -> bytes:
        """Return the unsigned letter, to one guest or to the general addressee.

        Raises:
            NotFoundError: the office has no such event, or the event no such guest.
            TypesettingError: the font is missing, or the template has a mistake.
        """
        draft = self.draft(event_id, actor)
        form = papers.presentable(draft.form, self._today())
        return self.paper.letter(form, draft.office, draft.event, self._guest(draft, guest_id))

    def pictures(
        self, event_id: int, actor: Actor, form: LetterForm, guest_id: int | None = None
    ) -> list[bytes]:
        """Return the pages of the letter as *form* would have it, as PNG.

        Raises:
            NotFoundError: the office has no such event, or the event no such guest.
            TypesettingError: the font is missing, or the template has a mistake.
        """
        draft = self.draft(event_id, actor)
        return self.paper.pictures(
            papers.presentable(form, self._today()),
            draft.office,
            draft.event,
            self._guest(draft, guest_id),
        )

    def sign(self, event_id: int, actor: Actor) -> int:
        """Sign the letter to the general addressee, and return its number.

        Raises:
            NotFoundError: the office has no such event.
            TypesettingError: the letter could not be set.
            SealError: the seal cannot be used, or the form is not complete (``form``).
        """
        return self._sign(self._complete(event_id, actor), actor, [None])[0]

    def sign_each(self, event_id: int, actor: Actor, *, most: int = MOST_AT_ONCE) -> int:
        """Sign letters to *most* guests who have none of their own; return how many.

        Raises:
            NotFoundError: the office has no such event.
            TypesettingError: a letter could not be set.
            SealError: the seal cannot be used, or the form is not complete (``form``).
        """
        draft = self._complete(event_id, actor)
        with self.database.read() as connection:
            wanted = letters.without_own(
                connection, event_id, papers.facts(draft.event), most=most
            )
            known = {each.id: each for each in guests.find_guests(connection, event_id)}
        return len(self._sign(draft, actor, [known[each] for each in wanted])) if wanted else 0

    def take_in(self, event_id: int, actor: Actor, pdf: bytes) -> TakenIn:
        """Keep *pdf*, signed elsewhere, as the letter of the event, if its signatures hold.

        Raises:
            NotFoundError: the office has no such event.
            SealError: the file is too large, or takes too long to read.
        """
        draft = self.draft(event_id, actor)
        report = self.sealing.verify(pdf)
        if not report.valid:
            return TakenIn(report, None)
        row = self._row(draft.event, actor, pdf, report, "taken-in")
        keep = partial(_keep, event=draft.event, actor=actor, rows=[row])
        return TakenIn(report, self.database.write(keep)[0])

    def drop(self, event_id: int, actor: Actor) -> None:
        """Let no signed letter of the event stand; mails go without one from now on.

        Raises:
            NotFoundError: the office has no such event.
        """
        at = int(self.clock())

        def work(tx: Connection) -> None:
            _own(tx, event_id, actor)
            if count := letters.drop(tx, event_id, at=at):
                detail = {"letters": count}
                audit.enter(tx, actor, "letter.drop", str(event_id), detail, at=at)

        self.database.write(work)

    def signed(self, event_id: int, actor: Actor) -> bytes:
        """Return the signed letter of the event that stands.

        Raises:
            NotFoundError: the office has no such event, or the event no signed letter.
        """
        with self.database.read() as connection:
            _own(connection, event_id, actor)
            letter = letters.current(connection, event_id)
            found = None if letter is None else letters.pdf(connection, letter.id)
        if found is None:
            raise NotFoundError("letter")
        return found

    def _sign(self, draft: Draft, actor: Actor, to: Sequence[Guest | None]) -> list[int]:
        """Set, sign and keep one letter for each of *to*; the key is unpacked once."""
        sheets = [
            self.paper.sheet(draft.form, draft.office, draft.event, guest) for guest in to
        ]
        spot = self.paper.sign_here(sheets[0])
        unsigned = [
            ToSign(
                self.paper.press.pdf(sheet.template, sheet.data),
                spot if len(to) == 1 else self.paper.sign_here(sheet),
            )
            for sheet in sheets
        ]
        done = self.sealing.sign(draft.office.id, unsigned, place=draft.form.place)
        report = self.sealing.verify(done.letters[0])
        rows = [
            self._row(draft.event, actor, pdf, report, "signed")
            | {"guest_id": None if guest is None else guest.id}
            for guest, pdf in zip(to, done.letters, strict=True)
        ]
        keep = partial(_keep, event=draft.event, actor=actor, rows=rows)
        return self.database.write(keep)

    def _complete(self, event_id: int, actor: Actor) -> Draft:
        draft = self.draft(event_id, actor)
        if draft.flaws or not draft.saved:
            raise SealError("form")
        return draft

    def _row(
        self, event: Event, actor: Actor, pdf: bytes, report: LetterReport, source: str
    ) -> dict[str, Any]:
        return {
            "event_id": event.id,
            "guest_id": None,
            "source": source,
            "pdf": pdf,
            "sha256": hashlib.sha256(pdf).hexdigest(),
            "facts": papers.facts(event),
            "report": report_json(report),
            "signed_by": report.signers,
            "signed_at": report.signed_at,
            "by": actor.name,
            "at": int(self.clock()),
        }

    def _proposed(self, connection: Connection, office: Office, event: Event) -> LetterForm:
        fresh = papers.proposed(office, event, self._today())
        last = letters.last_form(connection, office.id)
        return fresh if last is None else papers.carried_over(last, fresh)

    def _guest(self, draft: Draft, guest_id: int | None) -> Guest | None:
        if guest_id is None:
            return None
        with self.database.read() as connection:
            found = guests.find_guests(connection, draft.event.id)
        chosen = next((each for each in found if each.id == guest_id), None)
        if chosen is None:
            raise NotFoundError("guest")
        return chosen

    def _today(self) -> date:
        return datetime.fromtimestamp(self.clock(), ZONE).date()


def _keep(
    connection: Connection, event: Event, actor: Actor, rows: Sequence[dict[str, Any]]
) -> list[int]:
    """Write signed letters, and into the audit book that it was done."""
    numbers = [letters.add(connection, row) for row in rows]
    first = rows[0]
    detail = {"letters": len(rows), "sha256": first["sha256"], "signed_by": first["signed_by"]}
    action = {"signed": "letter.sign", "taken-in": "letter.take-in"}[first["source"]]
    audit.enter(connection, actor, action, str(event.id), detail, at=first["at"])
    return numbers


def _own(connection: Connection, event_id: int, actor: Actor) -> tuple[Event, Office]:
    event = events.find(connection, event_id)
    office = None if event is None else events.office(connection, event.office_id)
    if event is None or office is None or event.office_id != actor.office_id:
        raise NotFoundError("event")
    return event, office

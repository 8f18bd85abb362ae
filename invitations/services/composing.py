"""The composing desk: the officer's words are tried on real guests before anything leaves."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from invitations.domain import composition, wording
from invitations.domain.composition import Composition
from invitations.domain.errors import NotFoundError
from invitations.domain.model import Actor, Event, Guest, Invitation
from invitations.domain.outbox import EMAIL, Delivery, Errand
from invitations.domain.sendings import Candidate, Order, Plan, make_plan
from invitations.domain.wording import Length, Words
from invitations.services.letters import PURPOSE
from invitations.storage import compositions, events, progress

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from invitations.couriers import Letter
    from invitations.services.letters import Letters
    from invitations.storage.database import Database

# A QR code that is drawn like any other but opens nothing: previews stand on screens.
SPECIMEN_TEXT = "71" + "1234567890" * 20
_SPECIMEN = Invitation(
    id=0,
    event_id=0,
    guest_id=0,
    tag="abcdefghijklmnop",
    link="abcdefghijklmnopqrst",
    state="issued",
    pass_id="0" * 16,
    generation=0,
    kid=0,
    not_after=0,
    door_code="123456789007",
    reply="needs-action",
)


@dataclass(frozen=True)
class Preview:
    """What one guest will get: the mail, the text message, and how long that is."""

    guest: Guest
    mail: Letter
    message: Letter
    length: Length


@dataclass(frozen=True)
class Composing:
    """Shows what would be sent, to whom, and what stands in the way."""

    database: Database
    letters: Letters
    clock: Callable[[], float] = time.time

    def composition(self, event_id: int, actor: Actor) -> Composition:
        """Return the letter of an event as it stands.

        That is what was kept; or else what was last sent for this event, or for another of
        its series; or else what the house proposes.

        Raises:
            NotFoundError: the office has no such event.
        """
        with self.database.read() as connection:
            find_event(connection, event_id, actor)
            if form := compositions.kept(connection, event_id):
                return composition.from_json(form)
            return _carried(connection, event_id) or Composition(self.letters.standard_words())

    def keep(self, event_id: int, actor: Actor, wanted: Composition) -> None:
        """Keep the letter of an event as it stands.

        Raises:
            NotFoundError: the office has no such event.
        """
        at = int(self.clock())

        def work(tx: Connection) -> None:
            find_event(tx, event_id, actor)
            compositions.keep(tx, event_id, composition.to_json(wanted), by=actor.name, at=at)

        self.database.write(work)

    def event(self, event_id: int, actor: Actor) -> Event:
        """Return an event of the actor's office.

        Raises:
            NotFoundError: the office has no such event.
        """
        with self.database.read() as connection:
            return find_event(connection, event_id, actor)

    def candidates(self, event_id: int, actor: Actor) -> list[Candidate]:
        """Return the guests of an event by given name, with what was sent to them.

        Raises:
            NotFoundError: the office has no such event.
        """
        with self.database.read() as connection:
            find_event(connection, event_id, actor)
            return progress.candidates(connection, event_id, PURPOSE)

    def preview(
        self,
        event_id: int,
        actor: Actor,
        composition: Composition,
        event: Event | None = None,
    ) -> Preview | None:
        """Return what its guest, or else the first, would get; None without guests.

        *event* is the event as it would be, where it is not yet kept so.

        The pass in it is a specimen: a real one never stands on the officer's screen.

        Raises:
            NotFoundError: the office has no such event.
        """
        errand = self.specimen(event_id, actor, composition, event)
        if errand is None:
            return None
        message = self.letters.text_message(errand)
        mail = self.letters.mail(errand, SPECIMEN_TEXT)
        return Preview(errand.guest, mail, message, wording.length(message.text))

    def specimen(
        self,
        event_id: int,
        actor: Actor,
        composition: Composition,
        event: Event | None = None,
    ) -> Errand | None:
        """Return an errand for its guest, or else the first, that was never queued.

        It tells of *event*, if given, as of one not yet kept so. None without guests.

        Raises:
            NotFoundError: the office has no such event.
        """
        found = self.candidates(event_id, actor)
        wanted = composition.guest_id
        chosen = next((each for each in found if each.guest.id == wanted), None)
        if chosen is None and not found:
            return None
        errand = self._specimen(event_id, actor, composition)((chosen or found[0]).guest)
        return replace(errand, event=event) if event else errand

    def plan(
        self,
        event_id: int,
        actor: Actor,
        words: Words,
        channels: Collection[str],
        *,
        again: bool = False,
        begins_at: int = 0,
    ) -> Plan:
        """Return what sending with the same arguments would do, now or at *begins_at*.

        Raises:
            NotFoundError: the office has no such event.
        """
        found = self.candidates(event_id, actor)
        with self.database.read() as connection:
            event = find_event(connection, event_id, actor)
        errand_of = self._specimen(event_id, actor, Composition(words))

        def parts_for(guest: Guest) -> int:
            return wording.length(self.letters.text_message(errand_of(guest)).text).parts

        order = Order(words, frozenset(channels), again)
        now = max(int(self.clock()), begins_at)
        return make_plan(found, event, order, parts_for, now=now)

    def _specimen(
        self, event_id: int, actor: Actor, composition: Composition
    ) -> Callable[[Guest], Errand]:
        with self.database.read() as connection:
            event = find_event(connection, event_id, actor)
            office = events.office(connection, event.office_id)
        if office is None:
            raise NotFoundError("office")
        at = int(self.clock())
        purpose, words = composition.purpose, composition.words
        delivery = Delivery(0, 0, 0, EMAIL, "khach@example.vn", "specimen", 0, 0, 0, purpose)
        return lambda guest: Errand(delivery, office, event, guest, _SPECIMEN, words, at)


def _carried(connection: Connection, event_id: int) -> Composition | None:
    """Return the letter last sent for an event, or else for another of its series."""
    for source in compositions.series(connection, event_id):
        if earlier := progress.of_event(connection, source, PURPOSE):
            words, ways = earlier[0].words, progress.channels(connection, earlier[0].id)
            return Composition(words if source == event_id else wording.untitled(words), ways)
    return None


def find_event(connection: Connection, event_id: int, actor: Actor) -> Event:
    """Return an event of the actor's office.

    Raises:
        NotFoundError: the office has no such event.
    """
    event = events.find(connection, event_id)
    if event is None or event.office_id != actor.office_id:
        raise NotFoundError("event")
    return event

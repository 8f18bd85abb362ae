"""The mending desk: what befell a guest's letters, and addresses that are put right."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from invitations.domain.addresses import is_mobile, read_mail, read_phone
from invitations.domain.errors import NotFoundError
from invitations.domain.outbox import EMAIL, State
from invitations.domain.sendings import Candidate, Journey, Line
from invitations.services.composing import find_event
from invitations.services.letters import PURPOSE
from invitations.storage import audit, enrolment, journeys, progress

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from invitations.domain.model import Actor
    from invitations.services.sending import Sending
    from invitations.storage.database import Database


@dataclass(frozen=True)
class Faulty:
    """A letter that did not arrive, and the address its guest has *now*."""

    line: Line
    now: str


@dataclass(frozen=True)
class Mending:
    """Tells the story of each letter, and corrects addresses before sending again."""

    database: Database
    sending: Sending
    clock: Callable[[], float] = time.time

    def story(
        self, event_id: int, guest_id: int, actor: Actor
    ) -> tuple[Candidate, list[Journey]]:
        """Return a guest of an event with every letter and every move it made.

        Raises:
            NotFoundError: the office has no such event, or the event no such guest.
        """
        with self.database.read() as connection:
            find_event(connection, event_id, actor)
            found = progress.candidates(connection, event_id, PURPOSE)
            guest = next((each for each in found if each.guest.id == guest_id), None)
            if guest is None:
                raise NotFoundError("guest")
            return guest, journeys.of_guest(connection, guest_id)

    def faulty(self, sending_id: int, actor: Actor, cause: str, channel: str) -> list[Faulty]:
        """Return the letters by *channel* that failed for *cause*, by name.

        Raises:
            NotFoundError: the office has no such sending.
        """
        lines = self.sending.lines(sending_id, actor, (State.FAILED,))
        wanted = [each for each in lines if (each.cause, each.channel) == (cause, channel)]
        event = self.sending.progress(sending_id, actor).event
        with self.database.read() as connection:
            found = progress.candidates(connection, event.id, PURPOSE)
        guests = {each.guest.id: each.guest for each in found}
        return [Faulty(line, _present(guests[line.guest_id], channel)) for line in wanted]

    def mend(
        self, sending_id: int, actor: Actor, cause: str, channel: str, typed: Mapping[int, str]
    ) -> tuple[int, dict[int, str]]:
        """Give guests other addresses and send again to them, if all can be read.

        *typed* holds by guest what was typed. Returns how many letters were queued, or the
        codes of what cannot be read, by guest; then nothing was changed.

        Raises:
            NotFoundError: the office has no such sending.
        """
        event = self.sending.progress(sending_id, actor).event
        mine = {each.line.guest_id for each in self.faulty(sending_id, actor, cause, channel)}
        read = {each: _read(text, channel) for each, text in typed.items() if each in mine}
        wrong = {each: code for each, (_, code) in read.items() if code}
        if wrong or not read:
            return 0, wrong
        at = int(self.clock())

        def work(tx: Connection) -> None:
            for guest_id, (address, _) in read.items():
                journeys.change_address(tx, guest_id, channel, address)
                name = "email" if channel == EMAIL else "phone"
                enrolment.readdress(tx, guest_id, {name: address}, at=at)
                detail = {"guest": guest_id, "by": channel, "sending": sending_id}
                audit.enter(tx, actor, "guest.address", str(event.id), detail, at=at)

        self.database.write(work)
        return self.sending.retry(sending_id, actor, cause, frozenset(read)), {}


def _present(guest: object, channel: str) -> str:
    return str(getattr(guest, "email" if channel == EMAIL else "phone"))


def _read(text: str, channel: str) -> tuple[str, str]:
    """Return the address in *text*, or the code of what is wrong with it."""
    if channel == EMAIL:
        reading = read_mail(text)
        return reading.value, reading.question or ("" if reading.value else "mail-invalid")
    reading = read_phone(text)
    if reading.question or not is_mobile(reading.value):
        return "", reading.question or "phone-unreadable"
    return reading.value, ""

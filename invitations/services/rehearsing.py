"""The rehearsing desk: an officer gets the letter before any guest does.

The letter goes by the couriers that carry the real ones, marked as a test.
"""

from __future__ import annotations

import asyncio
import secrets
import time
from base64 import b32encode
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from invitations.domain.composition import digests, languages
from invitations.domain.errors import CourierError
from invitations.domain.outbox import EMAIL, SMS, State, cause
from invitations.services.composing import SPECIMEN_TEXT, Composing
from invitations.storage import audit, compositions

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from invitations.couriers import Courier, Letter
    from invitations.domain.composition import Composition
    from invitations.domain.model import Actor, Event
    from invitations.domain.outbox import Errand
    from invitations.storage.database import Database

MARKS = {EMAIL: "[THỬ] ", SMS: "(Thu) "}
MOST_AN_HOUR = 30  # for one event: a test is no way round the outbox
HOUR = 3_600
_TAG_BYTES = 10

Couriers = Callable[[], Mapping[str, "Courier"]]


@dataclass(frozen=True)
class Tried:
    """What became of a test: ``accepted``, or why not as the outbox codes it."""

    channel: str
    address: str
    state: str
    cause: str = ""
    detail: str = ""


@dataclass(frozen=True)
class Rehearsing:
    """Sends letters to officers, and knows which words were tried.

    *couriers* makes the couriers of this house, fresh for every test.
    """

    database: Database
    composing: Composing
    couriers: Couriers
    clock: Callable[[], float] = time.time

    def send(
        self, event_id: int, actor: Actor, composition: Composition, channel: str, address: str
    ) -> Tried | None:
        """Send the letter by *channel* to *address*, and write down what became of it.

        A letter that is written in two languages goes in both.

        None without a guest to write it for.

        Raises:
            NotFoundError: the office has no such event.
        """
        event = self.composing.event(event_id, actor)
        return self.send_of(event, actor, composition, channel, address)

    def send_of(
        self, event: Event, actor: Actor, composition: Composition, channel: str, address: str
    ) -> Tried | None:
        """Send the letter as `send` does, of *event* as it would be, though not kept so yet.

        Raises:
            NotFoundError: the office has no such event.
        """
        at = int(self.clock())
        errand = self.composing.specimen(event.id, actor, composition, event)
        if errand is None:
            return None
        known = digests(composition, (channel,), event)
        with self.database.read() as connection:
            busy = compositions.rehearsals_since(connection, event.id, at - HOUR)
        if busy >= MOST_AN_HOUR:
            return Tried(channel, address, State.FAILED, "too-many-tests")
        letters = [
            self._letter(errand, language, channel, address)
            for language in languages(composition.words)
        ]
        tried = self._carry(channel, letters)
        self._note(event.id, actor, tried, known[channel])
        return tried

    def last_phone(self, actor: Actor) -> str:
        """Return the number to which this officer last sent a test; empty for never."""
        with self.database.read() as connection:
            return compositions.last_address(connection, actor.name, SMS)

    def done(self, event_id: int, actor: Actor, composition: Composition) -> frozenset[str]:
        """Return the channels by which exactly these words arrived with an officer.

        Raises:
            NotFoundError: the office has no such event.
        """
        return self.done_of(self.composing.event(event_id, actor), composition)

    def done_of(self, event: Event, composition: Composition) -> frozenset[str]:
        """Return the same as `done`, of *event* as it would be, though not kept so yet."""
        wanted = digests(composition, composition.channels or (), event)
        with self.database.read() as connection:
            return compositions.rehearsed(connection, event.id, wanted)

    def _letter(self, errand: Errand, language: str, channel: str, address: str) -> Letter:
        tag = b32encode(secrets.token_bytes(_TAG_BYTES)).decode().lower()
        letters = self.composing.letters
        delivery = replace(
            errand.delivery,
            channel=channel,
            address=address,
            message_id=letters.message_id(tag, 0, channel),
        )
        own = replace(
            errand,
            delivery=delivery,
            invitation=replace(errand.invitation, tag=tag),
            guest=replace(errand.guest, language=language),
        )
        return _marked(letters.write(own, SPECIMEN_TEXT), channel)

    def _carry(self, channel: str, letters: Sequence[Letter]) -> Tried:
        """Carry *letters* to one address; the first that is refused ends it."""
        address = letters[0].address
        courier = self.couriers().get(channel)
        if courier is None:
            return Tried(channel, address, State.FAILED, "unreachable")
        try:
            asyncio.run(_carry(courier, letters))
        except CourierError as error:
            return Tried(channel, address, State.FAILED, cause(error), str(error))
        return Tried(channel, address, State.ACCEPTED)

    def _note(self, event_id: int, actor: Actor, tried: Tried, digest: str) -> None:
        at = int(self.clock())
        row = {
            "event_id": event_id,
            "channel": tried.channel,
            "digest": digest,
            "address": tried.address,
            "state": str(tried.state),
            "cause": tried.cause,
            "detail": tried.detail,
            "by": actor.name,
            "at": at,
        }
        told = {"by": tried.channel, "to": tried.address, "state": str(tried.state)}

        def work(tx: Connection) -> None:
            compositions.add_rehearsal(tx, row)
            audit.enter(tx, actor, "letters.test", str(event_id), told, at=at)

        self.database.write(work)


async def _carry(courier: Courier, letters: Sequence[Letter]) -> None:
    try:
        for letter in letters:
            await courier.carry(letter)
    finally:
        await courier.rest()


def _marked(letter: Letter, channel: str) -> Letter:
    """Return *letter* so that nobody takes it for a real one."""
    if channel == SMS:
        return replace(letter, text=MARKS[SMS] + letter.text)
    return replace(letter, subject=MARKS[EMAIL] + letter.subject)

"""The sending desk: letters are queued, and their progress is told."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from invitations.domain import wording
from invitations.domain.dispatch import NOW, Terms
from invitations.domain.errors import NotFoundError
from invitations.domain.model import Actor, Event
from invitations.domain.outbox import CHANNELS, OF_NO_INVITATION, RETRIED, suppressed
from invitations.domain.sendings import (
    Batch,
    Candidate,
    Line,
    Order,
    Progress,
    useful_until,
)
from invitations.domain.wording import Words
from invitations.services.composing import Composing, find_event
from invitations.services.issuing import issue_in
from invitations.services.letters import PURPOSE
from invitations.storage import audit, enrolment, journeys, outbox, progress

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from invitations.services.keyring import Keyring
    from invitations.services.letters import Letters
    from invitations.storage.database import Database

SPEED_WINDOW_S = 60
SILENCE_S = 30  # without a heartbeat for so long, no worker lives


@dataclass(frozen=True)
class Sending:
    """Queues letters, and tells how far they are; *channels* are those with a courier."""

    database: Database
    letters: Letters
    keyring: Keyring
    clock: Callable[[], float] = time.time
    channels: tuple[str, ...] = CHANNELS

    @property
    def composing(self) -> Composing:
        """The desk at which the letters are composed."""
        return Composing(self.database, self.letters, self.clock)

    def batches(self, event_id: int, actor: Actor) -> list[Batch]:
        """Return what was sent for an event, the latest first.

        Raises:
            NotFoundError: the office has no such event.
        """
        with self.database.read() as connection:
            find_event(connection, event_id, actor)
            return progress.of_event(connection, event_id)

    def send(
        self,
        event_id: int,
        actor: Actor,
        words: Words,
        channels: Collection[str],
        *,
        again: bool = False,
        terms: Terms = NOW,
    ) -> int:
        """Issue what is missing and queue one letter per guest and channel; return the id.

        A guest who has the invitation by a channel, or is about to, gets none by it unless
        *again*. Everything is one transaction: all letters are queued, or none. *terms* say
        when they may leave.

        Raises:
            NotFoundError: the office has no such event.
        """
        self.keyring.ensure(actor.office_id)
        at = int(self.clock())
        order = Order(words, frozenset(channels), again)

        def work(tx: Connection) -> int:
            event = find_event(tx, event_id, actor)
            issue_in(tx, event_id, actor, at=at)
            sending_id = outbox.add_sending(tx, _batch(event, order, terms, actor, at))
            rows = self._rows(progress.candidates(tx, event_id, PURPOSE), event, order, at)
            leaves = {channel: terms.leaves_at(channel, now=at) for channel in order.channels}
            timed = [{**row, "next_at": leaves[row["channel"]]} for row in rows]
            barred = enrolment.barred_invitations(tx, event_id)
            outbox.add_deliveries(tx, sending_id, suppressed(timed, barred), at=at)
            detail = {"sending": sending_id, "letters": len(rows), "by": sorted(channels)}
            detail |= asdict(terms)
            audit.enter(tx, actor, "letters.send", str(event_id), detail, at=at)
            return sending_id

        return self.database.write(work)

    def pause(self, sending_id: int, actor: Actor) -> None:
        """Let nothing more of a sending leave until it is resumed.

        Raises:
            NotFoundError: the office has no such sending.
        """
        self._turn(sending_id, actor, outbox.RUNNING, outbox.PAUSED)

    def resume(self, sending_id: int, actor: Actor) -> None:
        """Let a paused sending go on.

        Raises:
            NotFoundError: the office has no such sending.
        """
        self._turn(sending_id, actor, outbox.PAUSED, outbox.RUNNING)

    def approve(self, sending_id: int, actor: Actor) -> bool:
        """Let a held sending run; tell whether it may, for nobody approves one's own.

        Raises:
            NotFoundError: the office has no such sending.
        """
        at = int(self.clock())

        def work(tx: Connection) -> bool:
            batch = _find(tx, sending_id, actor)
            if is_own(batch, actor):
                return False
            if journeys.approve(tx, sending_id, by=actor.name, at=at):
                detail = {"sending": sending_id, "of": batch.by}
                audit.enter(tx, actor, "letters.approve", str(batch.event_id), detail, at=at)
            return True

        return self.database.write(work)

    def stop(self, sending_id: int, actor: Actor) -> None:
        """End a sending: what has not left is cancelled.

        Raises:
            NotFoundError: the office has no such sending.
        """
        at = int(self.clock())

        def work(tx: Connection) -> None:
            batch = _find(tx, sending_id, actor)
            outbox.set_state(tx, sending_id, outbox.STOPPED)
            outbox.cancel_waiting(tx, sending_id, now=at)
            detail = {"sending": sending_id}
            audit.enter(tx, actor, "letters.stopped", str(batch.event_id), detail, at=at)

        self.database.write(work)

    def retry(
        self,
        sending_id: int,
        actor: Actor,
        cause: str | None = None,
        guests: Collection[int] | None = None,
    ) -> int:
        """Queue again what failed, to the guests' present addresses.

        Only what failed by *cause* and only to *guests*, if given. Returns how many letters
        were queued. What arrived is never sent again by this.

        Raises:
            NotFoundError: the office has no such sending.
        """
        at = int(self.clock())

        def work(tx: Connection) -> int:
            batch = _find(tx, sending_id, actor)
            event = find_event(tx, batch.event_id, actor)
            failed = progress.lines(tx, sending_id, frozenset(map(str, RETRIED)))
            reach = {each.guest.id: each for each in progress.candidates(tx, event.id, PURPOSE)}
            queued = 0
            for line in failed:
                guest = reach[line.guest_id]
                address = guest.address(line.channel)
                lost = guest.withdrawn and batch.purpose not in OF_NO_INVITATION
                if not address or lost or cause not in {None, line.cause}:
                    continue
                if guests is not None and line.guest_id not in guests:
                    continue
                until = useful_until(event, now=at)
                outbox.queue_again(tx, line.delivery_id, address, until, now=at)
                queued += 1
            if queued:
                outbox.set_state(tx, sending_id, outbox.RUNNING)
                detail = {"sending": sending_id, "letters": queued, "cause": cause or ""}
                audit.enter(tx, actor, "letters.retry", str(event.id), detail, at=at)
            return queued

        return self.database.write(work)

    def progress(self, sending_id: int, actor: Actor) -> Progress:
        """Return how far a sending is.

        Raises:
            NotFoundError: the office has no such sending.
        """
        now = int(self.clock())
        with self.database.read() as connection:
            batch = _find(connection, sending_id, actor)
            window = max(1, min(SPEED_WINDOW_S, now - batch.at))
            done = progress.accepted_since(connection, sending_id, now - window)
            return Progress(
                batch=batch,
                event=find_event(connection, batch.event_id, actor),
                counts=progress.counts(connection, sending_id),
                causes=tuple(progress.causes(connection, sending_id)),
                speed=round(done * 60 / window),
                next_try=progress.next_try(connection, sending_id),
                worker_alive=now - progress.last_beat(connection) <= SILENCE_S,
            )

    def lines(
        self,
        sending_id: int,
        actor: Actor,
        states: Collection[str] = (),
        *,
        limit: int | None = None,
        offset: int = 0,
    ) -> list[Line]:
        """Return the letters of a sending in *states* (in any without), in trouble first.

        Raises:
            NotFoundError: the office has no such sending.
        """
        with self.database.read() as connection:
            _find(connection, sending_id, actor)
            chosen = frozenset(states)
            return progress.lines(connection, sending_id, chosen, limit=limit, offset=offset)

    def _turn(self, sending_id: int, actor: Actor, before: str, after: str) -> None:
        at = int(self.clock())

        def work(tx: Connection) -> None:
            batch = _find(tx, sending_id, actor)
            if batch.state == before:
                outbox.set_state(tx, sending_id, after)
                detail = {"sending": sending_id}
                audit.enter(tx, actor, f"letters.{after}", str(batch.event_id), detail, at=at)

        self.database.write(work)

    def _rows(
        self, found: list[Candidate], event: Event, order: Order, at: int
    ) -> list[dict[str, Any]]:
        return [
            {
                "event_id": event.id,
                "invitation_id": each.invitation.id,
                "channel": channel,
                "purpose": PURPOSE,
                "seq": (seq := each.last_seq.get(channel, -1) + 1),
                "address": each.address(channel),
                "message_id": self.letters.message_id(each.invitation.tag, seq, channel),
                "not_after": useful_until(event, now=at),
            }
            for channel in CHANNELS
            if channel in order.channels
            for each in found
            if each.invitation and each.chosen(channel, order)
        ]


def _batch(event: Event, order: Order, terms: Terms, actor: Actor, at: int) -> dict[str, Any]:
    return {
        "event_id": event.id,
        "purpose": PURPOSE,
        "state": outbox.HELD if terms.held else outbox.RUNNING,
        "subject": order.words.subject,
        "words": wording.to_json(order.words),
        "by": actor.name,
        "by_account": actor.account_id,
        "at": at,
        "begins_at": terms.begins_at,
        "at_night": int(terms.at_night),
    }


def is_own(batch: Batch, actor: Actor) -> bool:
    """Tell whether it is the actor's own sending, which only somebody else may approve."""
    if batch.by_account is None or actor.account_id is None:
        return batch.by == actor.name
    return batch.by_account == actor.account_id


def _find(connection: Connection, sending_id: int, actor: Actor) -> Batch:
    batch = progress.find(connection, sending_id)
    if batch is None:
        raise NotFoundError("sending")
    find_event(connection, batch.event_id, actor)
    return batch

"""The desk of changes: whoever heard of an invitation hears what became of it, if asked."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from invitations.domain import wording
from invitations.domain.dispatch import USUAL, HouseRules
from invitations.domain.errors import NotFoundError
from invitations.domain.model import Actor, Event, Holder
from invitations.domain.outbox import CHANNELS, suppressed
from invitations.domain.register import Person
from invitations.domain.roster import to_json
from invitations.domain.sendings import Candidate, useful_until
from invitations.services.composing import find_event
from invitations.services.issuing import issue_in, reissue_in, withdraw_in
from invitations.services.letters import CANCELLATION, CHANGE, PURPOSE, WITHDRAWAL
from invitations.services.notices import standing
from invitations.services.register import checked
from invitations.storage import audit, enrolment, news, notices, outbox, records, rosters

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from invitations.domain.plans import Problem
    from invitations.domain.wording import Words
    from invitations.services.keyring import Keyring
    from invitations.services.letters import Letters
    from invitations.storage.database import Database
    from invitations.storage.notices import Hearer

Errand = tuple[Holder, str, int]  # who hears by which channel, and the number of the notice


@dataclass(frozen=True)
class Replaced:
    """The guest who comes instead, or what stands against it."""

    invitation_id: int = 0
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True)
class _Deed:
    """Who does it and when; why, and whether the guest hears of it, at once or when *held*."""

    actor: Actor
    at: int
    reason: str = ""
    notify: bool = True
    held: bool = False


@dataclass(frozen=True)
class Changes:
    """Tells guests of an event that was moved or called off, and of their own invitation.

    Where *rules* want a second officer's word, every notice waits for it.
    """

    database: Database
    letters: Letters
    keyring: Keyring
    clock: Callable[[], float] = time.time
    rules: HouseRules = USUAL

    def notify(
        self, event_id: int, actor: Actor, words: Words, *, held: bool = False
    ) -> int | None:
        """Queue the notice of the event as it stands, to all who heard of it.

        *held*, it waits for a second officer's word.

        Whose pass would end before the doors close gets a new one with it. Returns the
        sending's id, or None when there was nobody to tell.

        Raises:
            NotFoundError: the office has no such event.
        """
        self.keyring.ensure(actor.office_id)
        deed = _Deed(actor, int(self.clock()), held=held)

        def work(tx: Connection) -> int | None:
            event = find_event(tx, event_id, actor)
            purpose = CHANGE if event.state == "open" else CANCELLATION
            if purpose == CHANGE:
                for each in records.ending_before(tx, event_id, event.closes_at):
                    reissue_in(tx, each, actor, at=deed.at)
            told = standing(notices.hearers(tx, event_id))
            tidy = wording.tidy(words)
            return self._queue(tx, event, purpose, tidy, _errands(told, purpose, event), deed)

        return self.database.write(work)

    def withdraw(
        self,
        invitation_id: int,
        actor: Actor,
        reason: str,
        words: Words | None = None,
        *,
        held: bool = False,
    ) -> int | None:
        """Take one invitation back, and say so in *words*, if any; return the sending's id.

        Raises:
            NotFoundError: the office has no such invitation.
        """
        deed = _Deed(actor, int(self.clock()), reason, held=held)
        told = words and wording.tidy(words)
        return self.database.write(lambda tx: self._withdraw(tx, invitation_id, deed, told))

    def replace(
        self, invitation_id: int, actor: Actor, typed: Person, reason: str, *, notify: bool
    ) -> Replaced:
        """Invite somebody else instead: an own pass for them, and the old pass is dead.

        If *notify*, the former guest hears that the invitation is withdrawn, and the new one
        gets the invitation with the words last sent.

        Raises:
            NotFoundError: the office has no such invitation.
        """
        person, wrong = checked(typed)
        if wrong:
            return Replaced(problems=wrong)
        self.keyring.ensure(actor.office_id)
        deed = _Deed(actor, int(self.clock()), reason, notify)
        return self.database.write(lambda tx: self._replace(tx, invitation_id, person, deed))

    def replace_in(
        self, tx: Connection, invitation_id: int, person: Person, actor: Actor, *, at: int
    ) -> Holder:
        """Invite *person* (checked) instead, as `replace` does, in the caller's transaction.

        Both hear of it; the office has a key already (`Keyring.ensure`).

        Raises:
            NotFoundError: the office has no such invitation.
        """
        made = self._replace(tx, invitation_id, person, _Deed(actor, at)).invitation_id
        self._expect(tx, _holder(tx, made), at)
        return _holder(tx, made)

    def invite_in(
        self,
        tx: Connection,
        event: Event,
        person: Person,
        actor: Actor,
        *,
        at: int,
        pass_id: str,
    ) -> Holder:
        """Invite *person* (checked) beside the list, in the caller's transaction.

        The letter goes by whatever address there is, with the words last sent. *pass_id* is
        the pass that was given already, or empty; the office has a key already.

        Raises:
            NotFoundError: the office has no such event.
        """
        (guest_id,) = enrolment.invite(tx, event.id, [person], at=at)
        enrolment.enrol_guest(tx, actor.office_id, guest_id, at=at)
        issue_in(tx, event.id, actor, [guest_id], at=at, pass_ids={guest_id: pass_id})
        found = records.find_by_guest(tx, guest_id)
        made = found.invitation.id if found else 0
        self._expect(tx, _holder(tx, made), at)
        self._invite(tx, guest_id, event, _Deed(actor, at))
        return _holder(tx, made)

    def _expect(self, tx: Connection, holder: Holder, at: int) -> None:
        """Note that who stands at the door comes, and tell the doors."""
        given = holder.invitation
        records.change(tx, given.id, {"reply": "accepted", "replied_at": at})
        line = rosters.entry(tx, given.event_id, given.pass_id)
        if line is not None:
            news.tell(tx, given.event_id, "roster", to_json(line), at=at)

    def _replace(
        self, tx: Connection, invitation_id: int, person: Person, deed: _Deed
    ) -> Replaced:
        actor, at = deed.actor, deed.at
        event = find_event(tx, _event_of(tx, invitation_id), actor)
        words = self.letters.standard_words(WITHDRAWAL) if deed.notify else None
        self._withdraw(tx, invitation_id, deed, words)
        (guest_id,) = enrolment.invite(tx, event.id, [person], at=at)
        enrolment.take_seat(tx, guest_id, _holder(tx, invitation_id).guest)
        enrolment.enrol_guest(tx, actor.office_id, guest_id, at=at)
        issue_in(tx, event.id, actor, [guest_id], at=at)
        if deed.notify:
            self._invite(tx, guest_id, event, deed)
        new = records.find_by_guest(tx, guest_id)
        made = new.invitation.id if new else 0
        audit.enter(tx, actor, "guest.replace", str(invitation_id), {"by": made}, at=at)
        return Replaced(made)

    def _withdraw(
        self, tx: Connection, invitation_id: int, deed: _Deed, words: Words | None
    ) -> int | None:
        actor, at = deed.actor, deed.at
        invitation = withdraw_in(tx, invitation_id, actor, deed.reason, at=at)
        if words is None:
            return None
        event = find_event(tx, invitation.event_id, actor)
        told = [
            each
            for each in notices.hearers(tx, event.id)
            if each.holder.invitation.id == invitation_id
        ]
        rows = _errands(told, WITHDRAWAL, event)
        return self._queue(tx, event, WITHDRAWAL, words, rows, deed)

    def _invite(self, tx: Connection, guest_id: int, event: Event, deed: _Deed) -> None:
        """Queue the invitation of one guest, with the words last sent for the event."""
        found = records.find_by_guest(tx, guest_id)
        words = notices.last_words(tx, event.id, PURPOSE) or self.letters.standard_words()
        if found is not None:
            reached = Candidate(found.guest, found.invitation, frozenset(), {})
            ways = [channel for channel in CHANNELS if reached.address(channel)]
            rows = [(found, channel, 0) for channel in ways]
            self._queue(tx, event, PURPOSE, words, rows, deed)

    def _queue(
        self,
        tx: Connection,
        event: Event,
        purpose: str,
        words: Words,
        told: Sequence[Errand],
        deed: _Deed,
    ) -> int | None:
        """Queue one letter for each of *told*; nothing, and None, without anybody."""
        rows = [
            {
                "event_id": event.id,
                "invitation_id": holder.invitation.id,
                "channel": channel,
                "purpose": purpose,
                "seq": seq,
                "address": Candidate(holder.guest, None, frozenset(), {}).address(channel),
                "message_id": self.letters.message_id(
                    holder.invitation.tag, seq, channel, purpose
                ),
                "not_after": useful_until(event, now=deed.at),
            }
            for holder, channel, seq in told
        ]
        rows = [row for row in rows if row["address"]]
        if not rows:
            return None
        sending_id = outbox.add_sending(tx, self._batch(event, purpose, words, deed))
        barred = enrolment.barred_invitations(tx, event.id)
        outbox.add_deliveries(tx, sending_id, suppressed(rows, barred), at=deed.at)
        detail = {"sending": sending_id, "letters": len(rows), "purpose": purpose}
        audit.enter(tx, deed.actor, "letters.send", str(event.id), detail, at=deed.at)
        return sending_id

    def _batch(self, event: Event, purpose: str, words: Words, deed: _Deed) -> dict[str, Any]:
        return {
            "event_id": event.id,
            "purpose": purpose,
            "state": outbox.HELD if deed.held or self.rules.approval else outbox.RUNNING,
            "subject": words.subject,
            "words": wording.to_json(words),
            "by": deed.actor.name,
            "by_account": deed.actor.account_id,
            "at": deed.at,
        }


def _holder(tx: Connection, invitation_id: int) -> Holder:
    holder = records.find(tx, invitation_id)
    if holder is None:
        msg = "no such invitation"
        raise NotFoundError(msg)
    return holder


def _event_of(tx: Connection, invitation_id: int) -> int:
    return _holder(tx, invitation_id).invitation.event_id


def _errands(told: Sequence[Hearer], purpose: str, event: Event) -> list[Errand]:
    """Return a notice for each way by which each was reached, once for every version.

    The version is that of the calendar entry, so that asking twice tells nobody twice.
    """
    found = []
    for channel in CHANNELS:
        for each in told:
            number = event.sequence + each.holder.invitation.sequence
            if channel in each.channels and (purpose, channel, number) not in each.told:
                found.append((each.holder, channel, number))
    return found

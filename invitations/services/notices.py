"""Notices as they would be said: who heard of an event, and what they would hear of it now."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from invitations.domain.plans import Plan, plan_of
from invitations.services.composing import find_event
from invitations.services.letters import CANCELLATION, CHANGE, PURPOSE, WITHDRAWAL
from invitations.services.phrasing import ENGLISH, long_form
from invitations.storage import notices

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from invitations.domain.model import Actor, Event, Guest
    from invitations.domain.wording import English, Words
    from invitations.services.letters import Letters
    from invitations.storage.database import Database
    from invitations.storage.notices import Hearer

# What a guest has to hear of; a changed note or capacity is the office's own matter.
TOLD = ("title", "place", "address", "starts_at", "ends_at")


@dataclass(frozen=True)
class Notice:
    """What would be said to whom: *guests* got the invitation, by *channels*.

    *event* is the event as the notice tells of it, which may not be kept so yet. *english*
    is proposed to whoever wants to write in English too; *words* have it where the
    invitation had it.
    """

    purpose: str
    event: Event
    guests: tuple[Guest, ...]
    channels: tuple[str, ...]
    words: Words
    english: English

    @property
    def heard(self) -> int:
        """How many guests would hear of it."""
        return len(self.guests)


@dataclass(frozen=True)
class Notices:
    """Proposes what guests hear of an event that was moved or called off, and of their own."""

    database: Database
    letters: Letters

    def heard(self, event_id: int, actor: Actor, invitation_id: int | None = None) -> int:
        """Return how many guests, or whether one of them, got a letter of the event.

        Raises:
            NotFoundError: the office has no such event.
        """
        with self.database.read() as connection:
            find_event(connection, event_id, actor)
            return len(standing(notices.hearers(connection, event_id), invitation_id))

    def proposed(self, event_id: int, actor: Actor, plan: Plan | None = None) -> Notice | None:
        """Return what could be said of a change to *plan*, or of the event as it stands.

        None when nobody heard of the event, or *plan* changes nothing a guest goes by.

        Raises:
            NotFoundError: the office has no such event.
        """
        with self.database.read() as connection:
            event = find_event(connection, event_id, actor)
            before = plan_of(event)
            if plan is not None and all(
                getattr(plan, name) == getattr(before, name) for name in TOLD
            ):
                return None
            purpose = CHANGE if event.state == "open" else CANCELLATION
            after = _as_planned(event, plan) if plan else event
            found = self._notice(connection, purpose, after)
        return _with_the_old(found, event) if found and plan else found

    def of_cancelling(self, event_id: int, actor: Actor) -> Notice | None:
        """Return what could be said of calling the event off; None when nobody heard of it.

        Raises:
            NotFoundError: the office has no such event.
        """
        with self.database.read() as connection:
            event = find_event(connection, event_id, actor)
            return self._notice(connection, CANCELLATION, replace(event, state="cancelled"))

    def of_withdrawing(self, event_id: int, actor: Actor, invitation_id: int) -> Notice | None:
        """Return what could be said to one guest; None when that guest heard of nothing.

        Raises:
            NotFoundError: the office has no such event.
        """
        with self.database.read() as connection:
            event = find_event(connection, event_id, actor)
            return self._notice(connection, WITHDRAWAL, event, invitation_id)

    def _notice(
        self, tx: Connection, purpose: str, event: Event, invitation_id: int | None = None
    ) -> Notice | None:
        told = standing(notices.hearers(tx, event.id), invitation_id)
        if not told:
            return None
        channels = {channel for each in told for channel in each.channels}
        english = self.letters.standard_english(purpose)
        words = self.letters.standard_words(purpose)
        invited = notices.last_words(tx, event.id, PURPOSE)
        if invited is not None and invited.en is not None:
            english = replace(english, title=invited.en.title, host=invited.en.host)
            words = replace(words, en=english)
        people = tuple(each.holder.guest for each in told)
        return Notice(purpose, event, people, tuple(sorted(channels)), words, english)


def standing(found: list[Hearer], invitation_id: int | None = None) -> list[Hearer]:
    """Return those whose invitation stands; one of them, if *invitation_id* is given."""
    return [
        each
        for each in found
        if each.holder.invitation.state == "issued"
        and invitation_id in {None, each.holder.invitation.id}
    ]


def _as_planned(event: Event, plan: Plan) -> Event:
    names = (*TOLD, "chair", "contact", "opens_at", "closes_at", "reply_by")
    return replace(event, **{name: getattr(plan, name) for name in names})


def _with_the_old(notice: Notice, event: Event) -> Notice:
    """Return *notice* with a note of when and where *event* was to be."""
    place = ", ".join(filter(None, (event.place, event.address)))
    before = f"Previously: {long_form(event.starts_at, ENGLISH)}, {place}."
    english = replace(notice.english, note=before)
    words = replace(
        notice.words,
        note=f"Trước đây: {long_form(event.starts_at)}, tại {place}.",
        en=notice.words.en and english,
    )
    return replace(notice, words=words, english=english)

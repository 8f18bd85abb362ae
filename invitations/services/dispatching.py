"""The dispatching desk: what is asked before letters leave, and the word that lets them go."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from invitations.domain import composition as letter
from invitations.domain.dispatch import NOW, USUAL, HouseRules, Terms
from invitations.domain.sendings import Batch, Plan
from invitations.domain.wording import Wrong
from invitations.storage import progress

if TYPE_CHECKING:
    from invitations.domain.composition import Composition, Gap
    from invitations.domain.model import Actor
    from invitations.services.rehearsing import Rehearsing
    from invitations.services.sending import Sending


@dataclass(frozen=True)
class Check:
    """What pressing "send" would do, and what it would cost.

    *untried* names the channels whose words nobody has sent to oneself yet, *cost* is in VND
    (None when the price is not known), *minutes* how long each channel takes. *seal* changes
    with the letter: whoever presses "send" has seen this one.
    """

    composition: Composition
    channels: tuple[str, ...]
    plan: Plan
    starts_at: int
    gaps: tuple[Gap, ...]
    untried: tuple[str, ...]
    cost: int | None
    minutes: Mapping[str, int]
    seal: str


@dataclass(frozen=True)
class Word:
    """What the officer says on pressing "send": the *count* typed, for the letter of *seal*."""

    seal: str
    count: int | None
    terms: Terms = NOW


@dataclass(frozen=True)
class Dispatching:
    """Lets letters go once the words were tried and the count was typed."""

    sending: Sending
    rehearsing: Rehearsing
    rules: HouseRules = USUAL
    clock: Callable[[], float] = time.time

    def check(self, event_id: int, actor: Actor, begins_at: int = 0) -> Check:
        """Return what sending the letter of an event would do, at *begins_at* or now.

        Raises:
            NotFoundError: the office has no such event.
        """
        composing = self.sending.composing
        found = composing.composition(event_id, actor)
        usual = self.sending.channels if found.channels is None else found.channels
        channels = tuple(each for each in usual if each in self.sending.channels)
        found = replace(found, channels=channels)
        plan = composing.plan(
            event_id, actor, found.words, channels, again=found.again, begins_at=begins_at
        )
        tried = self.rehearsing.done(event_id, actor, found)
        people = composing.candidates(event_id, actor)
        price = self.rules.sms_price
        return Check(
            composition=found,
            channels=channels,
            plan=plan,
            starts_at=composing.event(event_id, actor).starts_at,
            gaps=tuple(letter.gaps(people, found.words, channels)),
            untried=tuple(c for c in channels if plan.reached[c] and c not in tried),
            cost=plan.parts * price if price else None,
            minutes={c: self.rules.minutes(c, len(plan.reached[c])) for c in channels},
            seal=_seal(found),
        )

    def held(self, actor: Actor) -> list[tuple[Batch, str]]:
        """Return what waits for a second officer's word, with the titles of the events."""
        with self.sending.database.read() as connection:
            return progress.held(connection, actor.office_id)

    def release(self, event_id: int, actor: Actor, word: Word) -> int | tuple[Wrong, ...]:
        """Queue the letters and return the sending's id, or what stands in the way.

        Raises:
            NotFoundError: the office has no such event.
        """
        check = self.check(event_id, actor, word.terms.begins_at)
        if wrong := self._wrong_time(check, word.terms) or check.plan.mistakes:
            return wrong
        if wrong := _wrong(check, word):
            return wrong
        terms = replace(word.terms, held=word.terms.held or self.rules.approval)
        return self.sending.send(
            event_id,
            actor,
            check.composition.words,
            check.channels,
            again=check.composition.again,
            terms=terms,
        )

    def _wrong_time(self, check: Check, terms: Terms) -> tuple[Wrong, ...]:
        good = not terms.begins_at or int(self.clock()) <= terms.begins_at < check.starts_at
        return () if good else (Wrong("begins_at", "time"),)


def _wrong(check: Check, word: Word) -> tuple[Wrong, ...]:
    found = [Wrong("test", "untested", channel) for channel in check.untried]
    if word.seal != check.seal:
        found.append(Wrong("words", "changed"))
    if word.count != check.plan.people:
        found.append(Wrong("count", "count", str(check.plan.people)))
    return tuple(found)


def _seal(found: Composition) -> str:
    told = json.dumps(letter.to_json(replace(found, guest_id=None)), sort_keys=True)
    return hashlib.sha256(told.encode()).hexdigest()[:32]

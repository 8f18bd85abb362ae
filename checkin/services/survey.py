"""What guests answered at the door: each guest's latest word on each question."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from checkin.storage import journals
from invitations.domain.errors import NotFoundError
from invitations.domain.model import Question

if TYPE_CHECKING:
    from collections.abc import Iterable

    from invitations.domain.model import Actor, Event
    from invitations.domain.roster import RosterEntry
    from invitations.services.guestbook import Guestbook


@dataclass
class Answered:
    """One guest's answers by the question's key; *at_ms* is when the last was noted.

    *entry* is the guest's line of the roster, unless the guest is on it no more.
    """

    entry: RosterEntry | None
    at_ms: int = 0
    said: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Tally:
    """A question, and how many gave each answer; what was written freely is not counted.

    One that is not asked any more is *dropped*: its words are gone, the answers are not.
    """

    question: Question
    counts: tuple[tuple[str, int], ...]
    answered: int
    dropped: bool = False


@dataclass(frozen=True)
class Survey:
    """The questions of an event in their order, and who answered, the latest first."""

    event: Event
    tallies: tuple[Tally, ...]
    guests: tuple[Answered, ...]


def survey(guestbook: Guestbook, event_id: int, actor: Actor) -> Survey:
    """Return what the guests of an event answered; what was said of an undone scan is not.

    Raises:
        NotFoundError: the actor's office has no such event.
    """
    with guestbook.database.read() as connection:
        event = guestbook.event(connection, event_id)
        if event is None or event.office_id != actor.office_id:
            raise NotFoundError(str(event_id))
        undone = journals.undone(connection, event_id)
        notes = [
            (note["pass_id"], note["at_ms"], note["detail"]["answers"])
            for note in journals.notes(connection, event_id)
            if note["about"] not in undone and "answers" in (note["detail"] or {})
        ]
        entries = guestbook.entries_of(connection, event_id, {each[0] for each in notes})
    guests: dict[str, Answered] = {}
    for pass_id, at_ms, said in notes:
        guest = guests.setdefault(pass_id, Answered(entries.get(pass_id)))
        guest.said |= said
        guest.at_ms = at_ms
    latest = sorted(guests.values(), key=lambda guest: -guest.at_ms)
    return Survey(event, tuple(_tallies(event.questions, latest)), tuple(latest))


def _tallies(questions: Iterable[Question], guests: list[Answered]) -> Iterable[Tally]:
    """Return a tally for each of *questions*, and for those whose answers outlived them."""
    asked = {question.key: question for question in questions}
    answers: dict[str, Counter[str]] = {key: Counter() for key in asked}
    for guest in guests:
        for key, said in guest.said.items():
            answers.setdefault(key, Counter())[said] += 1
    for key, found in answers.items():
        question = asked.get(key) or Question(key, "", "text")
        others = (said for said in found if said not in question.offered)
        named = (*question.offered, *others) if question.offered else ()
        counts = tuple((said, found[said]) for said in named)
        yield Tally(question, counts, found.total(), dropped=key not in asked)

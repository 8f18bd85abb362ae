"""What an organiser decides for the doors of an event, beside hours and room."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from hashlib import sha256

from invitations.domain.model import Event, Question
from invitations.domain.names import clean, fold
from invitations.domain.plans import Problem

OFFLINE = ("admit-and-flag", "home-gate", "refuse")
WALK_INS = ("ask", "allow", "deny")
KINDS = ("yes_no", "choice", "text")
MOST_QUESTIONS = 3  # a queue waits while they are answered
LONGEST_QUESTION = 80
MOST_CHOICES = 6
LONGEST_CHOICE = 30
LONGEST_CATEGORY = 60


@dataclass(frozen=True)
class DoorPlan:
    """The rules for the doors of one event.

    *offline* is one of `OFFLINE`, *walk_ins* of `WALK_INS`; *gates* maps the id of a gate to
    the categories of guests it serves, none for everybody.
    """

    offline: str = OFFLINE[0]
    walk_ins: str = WALK_INS[0]
    many_entries: bool = False
    reply_needed: bool = False
    paper: bool = False
    badges: bool = False
    questions: tuple[Question, ...] = ()
    gates: Mapping[int, tuple[str, ...]] = field(default_factory=dict)


def plan_of(event: Event) -> DoorPlan:
    """Return the rules that the doors of *event* go by now."""
    return DoorPlan(
        offline=event.offline,
        walk_ins=event.walk_ins,
        many_entries=event.many_entries,
        reply_needed=event.reply_needed,
        paper=event.paper,
        badges=event.badges,
        questions=event.questions,
        gates={gate.id: gate.categories for gate in event.gates},
    )


def question(text: str, kind: str, choices: Iterable[str] = ()) -> Question:
    """Return a question as the doors ask it; the same words keep the same key."""
    asked = clean(text)
    key = sha256(fold(asked).encode()).hexdigest()[:8]
    offered = tuple(dict.fromkeys(filter(None, map(clean, choices))))
    return Question(key, asked, kind, offered if kind == "choice" else ())


def categories(text: str) -> tuple[str, ...]:
    """Return the categories that *text* names, parted by commas or semicolons."""
    found = (clean(part) for part in text.replace(";", ",").split(","))
    return tuple({fold(each): each for each in found if each}.values())


def problems(plan: DoorPlan) -> tuple[Problem, ...]:
    """Return everything that stands against *plan*; nothing if it is good."""
    return (*_of_questions(plan.questions), *_of_gates(plan.gates))


def unserved(plan: DoorPlan, known: Iterable[str]) -> tuple[str, ...]:
    """Return those of the *known* categories that no gate serves."""
    served = [{fold(each) for each in named} for named in plan.gates.values()]
    if not served or not all(served):
        return ()
    return tuple(each for each in known if not any(fold(each) in names for names in served))


def _of_questions(asked: tuple[Question, ...]) -> Iterator[Problem]:
    if len(asked) > MOST_QUESTIONS:
        yield Problem("questions", "too-many-questions")
    if len({each.key for each in asked}) < len(asked):
        yield Problem("questions", "question-twice")
    for each in asked:
        if len(each.text) > LONGEST_QUESTION:
            yield Problem("questions", "question-long")
        if each.kind == "choice" and not 1 < len(each.choices) <= MOST_CHOICES:
            yield Problem("questions", "choices")
        if any(len(choice) > LONGEST_CHOICE for choice in each.choices):
            yield Problem("questions", "choice-long")


def _of_gates(gates: Mapping[int, tuple[str, ...]]) -> Iterator[Problem]:
    if any(len(name) > LONGEST_CATEGORY for named in gates.values() for name in named):
        yield Problem("gates", "category-long")

"""The register's desk: the people an office invites, over all its events."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from invitations.domain import names
from invitations.domain.addresses import read_mail, read_phone
from invitations.domain.errors import NotFoundError
from invitations.domain.plans import Problem
from invitations.domain.register import CHANNELS, LANGUAGES, Person, Wanted, joined
from invitations.storage import audit, organisations, register

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from invitations.domain.model import Actor
    from invitations.storage.database import Database

PAGE_SIZE = 100
LONGEST_NOTE = 2_000
DOUBTS_AT_ONCE = 50


@dataclass(frozen=True)
class Page:
    """One page of the register, and how many there are in all."""

    people: list[Person]
    total: int
    number: int
    pages: int


@dataclass(frozen=True)
class Kept:
    """The person as kept, or what stands against it."""

    person: Person | None
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True)
class Doubt:
    """Two entries that may be one person: the newer, the older, and why."""

    person: Person
    other: Person
    why: str


@dataclass(frozen=True)
class Register:
    """What officers do with the people of their own office, each deed in one transaction."""

    database: Database
    clock: Callable[[], float] = time.time

    def page(self, actor: Actor, wanted: Wanted, number: int = 1) -> Page:
        """Return a page of the people *wanted*; a number beyond the last means the last."""
        with self.database.read() as connection:
            _, total = register.listed(connection, actor.office_id, wanted, limit=1)
            pages = max(-(-total // PAGE_SIZE), 1)
            chosen = min(max(number, 1), pages)
            offset = (chosen - 1) * PAGE_SIZE
            found, _ = register.listed(
                connection, actor.office_id, wanted, limit=PAGE_SIZE, offset=offset
            )
        return Page(found, total, chosen, pages)

    def person(self, person_id: int, actor: Actor) -> Person:
        """Return one person.

        Raises:
            NotFoundError: the office knows no such person, or the entry was merged.
        """
        with self.database.read() as connection:
            return own(connection, person_id, actor)

    def add(self, typed: Person, actor: Actor) -> Kept:
        """Take a new person in, if nothing stands against it."""
        return self._keep(replace(typed, id=0), actor)

    def edit(self, typed: Person, actor: Actor) -> Kept:
        """Change what the register says of a person, if nothing stands against it.

        Raises:
            NotFoundError: the office knows no such person.
        """
        self.person(typed.id, actor)
        return self._keep(typed, actor)

    def bar(self, person_id: int, actor: Actor, reason: str) -> None:
        """Note that a person does not want to be contacted; nothing is sent from now on.

        Raises:
            NotFoundError: the office knows no such person.
        """
        at = int(self.clock())
        values = {"barred_at": at, "barred_reason": reason}
        self._change(person_id, actor, "person.bar", values)

    def unbar(self, person_id: int, actor: Actor) -> None:
        """Let a person be contacted again.

        Raises:
            NotFoundError: the office knows no such person.
        """
        values = {"barred_at": None, "barred_reason": ""}
        self._change(person_id, actor, "person.unbar", values)

    def rest(self, person_id: int, actor: Actor, *, resting: bool = True) -> None:
        """Take a person out of use, or into use again; the history stays.

        Raises:
            NotFoundError: the office knows no such person.
        """
        action = "person.rest" if resting else "person.wake"
        values = {"state": "resting" if resting else "active"}
        self._change(person_id, actor, action, values)

    def merge(self, kept_id: int, gone_id: int, actor: Actor) -> Person:
        """Make one person of two: history, groups and lists of *gone_id* become the other's.

        Raises:
            NotFoundError: the office knows one of them not, or they are the same.
        """
        at = int(self.clock())

        def work(tx: Connection) -> Person:
            kept, gone = own(tx, kept_id, actor), own(tx, gone_id, actor)
            if kept.id == gone.id:
                msg = "one person"
                raise NotFoundError(msg)
            register.save(tx, joined(kept, gone), at=at)
            register.fold_into(tx, kept.id, gone.id, at=at)
            detail = {"gone": gone.id}
            audit.enter(tx, actor, "person.merge", str(kept.id), detail, at=at)
            return own(tx, kept.id, actor)

        return self.database.write(work)

    def doubts(self, actor: Actor) -> list[Doubt]:
        """Return pairs of entries that may be one person, the oldest question first."""
        with self.database.read() as connection:
            pairs = register.doubts(connection, actor.office_id, DOUBTS_AT_ONCE)
            found = [
                (
                    register.find(connection, actor.office_id, one),
                    register.find(connection, actor.office_id, other),
                    why,
                )
                for one, other, why in pairs
            ]
        return [Doubt(one, other, why) for one, other, why in found if one and other]

    def count_doubts(self, actor: Actor) -> int:
        """Return how many pairs wait for an answer."""
        with self.database.read() as connection:
            return register.count_doubts(connection, actor.office_id)

    def keep_apart(self, person_id: int, other_id: int, actor: Actor) -> None:
        """Note that two entries are two people.

        Raises:
            NotFoundError: the office knows one of them not.
        """
        at = int(self.clock())

        def work(tx: Connection) -> None:
            own(tx, person_id, actor)
            own(tx, other_id, actor)
            register.settle_doubt(tx, person_id, other_id, at=at)

        self.database.write(work)

    def _keep(self, typed: Person, actor: Actor) -> Kept:
        tidy, wrong = checked(typed)
        if wrong:
            return Kept(None, wrong)
        at = int(self.clock())

        def work(tx: Connection) -> Person:
            person = _placed(tx, tidy, actor, at)
            if not person.id:
                (person_id,) = register.add_all(tx, actor.office_id, [person], at=at)
                audit.enter(tx, actor, "person.add", str(person_id), at=at)
                return own(tx, person_id, actor)
            before = own(tx, person.id, actor)
            kept = replace(
                person,
                state=before.state,
                barred_at=before.barred_at,
                barred_reason=before.barred_reason,
            )
            register.save(tx, kept, at=at)
            # The book says which details changed, never what they are: it outlives a person.
            detail = {"fields": _differences(before, kept)}
            audit.enter(tx, actor, "person.edit", str(person.id), detail, at=at)
            return own(tx, person.id, actor)

        return Kept(self.database.write(work))

    def _change(
        self, person_id: int, actor: Actor, action: str, values: Mapping[str, object]
    ) -> None:
        at = int(self.clock())

        def work(tx: Connection) -> None:
            own(tx, person_id, actor)
            register.change(tx, person_id, values, at=at)
            audit.enter(tx, actor, action, str(person_id), at=at)

        self.database.write(work)


def own(connection: Connection, person_id: int, actor: Actor) -> Person:
    """Return a person of the actor's office.

    Raises:
        NotFoundError: the office knows no such person, or the entry was merged or erased.
    """
    person = register.find(connection, actor.office_id, person_id)
    if person is None or person.state not in register.LISTED:
        msg = "no such person"
        raise NotFoundError(msg)
    return person


def checked(typed: Person) -> tuple[Person, tuple[Problem, ...]]:
    """Return *typed* cleaned, and what must be mended before it can be kept."""
    phone, email = read_phone(typed.phone), read_mail(typed.email)
    honorific, name = names.split_honorific(names.clean(typed.name))
    questions = {
        "name": names.name_question(typed.name),
        "phone": phone.question,
        "email": email.question,
        "note": "too-long" if len(typed.note) > LONGEST_NOTE else None,
    }
    for line in ("title", "organisation", "press_card"):
        if len(getattr(typed, line)) > names.TEXT_LIMIT:
            questions[line] = "too-long"
    tidy = replace(
        typed,
        name=name,
        honorific=names.honorific(names.clean(typed.honorific)) or honorific,
        phone=phone.value,
        email=email.value,
        language=typed.language if typed.language in LANGUAGES else "vi",
        channel=typed.channel if typed.channel in CHANNELS else "",
        title=names.clean(typed.title),
        organisation=names.clean(typed.organisation),
        press_card=names.clean(typed.press_card),
    )
    found = (Problem(field, code) for field, code in questions.items() if code)
    return tidy, tuple(found)


def _placed(tx: Connection, person: Person, actor: Actor, at: int) -> Person:
    """Return *person* with the organisation that its name stands for; a new one is added."""
    if not person.organisation:
        return replace(person, organisation_id=None)
    ids = organisations.ensure(tx, actor.office_id, [person.organisation], at=at)
    return replace(person, organisation_id=ids[names.fold(person.organisation)])


def _differences(before: Person, after: Person) -> list[str]:
    fields = before.__dataclass_fields__
    return [each for each in fields if getattr(before, each) != getattr(after, each)]

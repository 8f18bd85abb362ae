"""The desk of organisations: newsrooms, agencies and wards in a tree of any depth."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING

from invitations.domain.addresses import read_mail, read_phone
from invitations.domain.errors import NotFoundError
from invitations.domain.names import TEXT_LIMIT, clean
from invitations.domain.plans import Problem
from invitations.domain.register import KINDS, Organisation, as_tree, below, makes_circle
from invitations.storage import audit, organisations

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from invitations.domain.model import Actor
    from invitations.storage.database import Database


@dataclass(frozen=True)
class Branch:
    """One organisation in the tree: how deep it stands, and how many people it has."""

    depth: int
    organisation: Organisation
    people: int


@dataclass(frozen=True)
class Organisations:
    """What officers do with the organisations of the register, each deed in one transaction."""

    database: Database
    clock: Callable[[], float] = time.time

    def tree(self, actor: Actor) -> list[Branch]:
        """Return all organisations, each below the one it belongs to."""
        with self.database.read() as connection:
            found = organisations.every(connection, actor.office_id)
            sizes = organisations.sizes(connection, actor.office_id)
        return [Branch(depth, each, sizes.get(each.id, 0)) for depth, each in as_tree(found)]

    def below(self, organisation_id: int, actor: Actor) -> frozenset[int]:
        """Return an organisation and all below it.

        Raises:
            NotFoundError: the office knows no such organisation.
        """
        with self.database.read() as connection:
            _own(connection, organisation_id, actor)
            return below(_parents(connection, actor), organisation_id)

    def find(self, organisation_id: int, actor: Actor) -> Organisation:
        """Return one organisation.

        Raises:
            NotFoundError: the office knows no such organisation.
        """
        with self.database.read() as connection:
            return _own(connection, organisation_id, actor)

    def save(self, typed: Organisation, actor: Actor) -> tuple[Problem, ...]:
        """Add an organisation (id 0) or change one; return what stands against it.

        Raises:
            NotFoundError: the office knows no such organisation.
        """
        tidy, wrong = checked(typed)
        if wrong:
            return wrong
        at = int(self.clock())

        def work(tx: Connection) -> tuple[Problem, ...]:
            parents = _parents(tx, actor)
            if tidy.parent_id is not None:
                _own(tx, tidy.parent_id, actor)
            if not tidy.id:
                made = organisations.add(tx, actor.office_id, tidy, at=at)
                audit.enter(tx, actor, "organisation.add", str(made), at=at)
                return ()
            _own(tx, tidy.id, actor)
            if makes_circle(parents, tidy.id, tidy.parent_id):
                return (Problem("parent_id", "circle"),)
            organisations.save(tx, tidy)
            audit.enter(tx, actor, "organisation.edit", str(tidy.id), at=at)
            return ()

        return self.database.write(work)


def checked(typed: Organisation) -> tuple[Organisation, tuple[Problem, ...]]:
    """Return *typed* cleaned, and what must be mended before it can be kept."""
    phone, email = read_phone(typed.phone), read_mail(typed.email)
    name = clean(typed.name)
    tidy = replace(
        typed,
        name=name,
        kind=typed.kind if typed.kind in KINDS else "",
        contact=clean(typed.contact)[:TEXT_LIMIT],
        phone=phone.value,
        email=email.value,
    )
    questions = {
        "name": "missing" if not name else "too-long" if len(name) > TEXT_LIMIT else None,
        "phone": phone.question,
        "email": email.question,
        "valid_from": None if _is_day(typed.valid_from) else "date-unreadable",
        "valid_until": None if _is_day(typed.valid_until) else "date-unreadable",
    }
    if tidy.valid_from and tidy.valid_until and tidy.valid_until < tidy.valid_from:
        questions["valid_until"] = "ends-before-start"
    return tidy, tuple(Problem(field, code) for field, code in questions.items() if code)


def _is_day(text: str) -> bool:
    try:
        return not text or bool(date.fromisoformat(text))
    except ValueError:
        return False


def _parents(connection: Connection, actor: Actor) -> dict[int, int | None]:
    found = organisations.every(connection, actor.office_id)
    return {each.id: each.parent_id for each in found}


def _own(connection: Connection, organisation_id: int, actor: Actor) -> Organisation:
    for each in organisations.every(connection, actor.office_id):
        if each.id == organisation_id:
            return each
    msg = "no such organisation"
    raise NotFoundError(msg)

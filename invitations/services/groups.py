"""The desk of groups: people under one name, standing invitations, and lists made of them."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING

from invitations.domain.errors import NotFoundError
from invitations.domain.names import TEXT_LIMIT, clean, fold
from invitations.storage import audit, enrolment, groups, register
from invitations.storage import guests as lists

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from invitations.domain.model import Actor
    from invitations.domain.register import Person
    from invitations.storage.database import Database
    from invitations.storage.groups import Group


@dataclass(frozen=True)
class Invited:
    """What adding people to a guest list did."""

    added: int
    already: int


@dataclass(frozen=True)
class Standing:
    """The groups that are always invited to an event's series; *missing* are not listed yet."""

    groups: tuple[Group, ...] = ()
    missing: int = 0


@dataclass(frozen=True)
class Groups:
    """What officers do with groups of their own office, each deed in one transaction."""

    database: Database
    clock: Callable[[], float] = time.time

    def all(self, actor: Actor) -> list[Group]:
        """Return the office's groups by name."""
        with self.database.read() as connection:
            return groups.every(connection, actor.office_id)

    def of_person(self, person_id: int) -> set[int]:
        """Return the groups in which a person is."""
        with self.database.read() as connection:
            return groups.of_person(connection, person_id)

    def make(self, name: str, actor: Actor) -> str:
        """Make a group; return a code for what is wrong with its name, or nothing."""
        return self._name(None, name, actor)

    def rename(self, group_id: int, name: str, actor: Actor) -> str:
        """Give a group another name; return a code for what is wrong with it, or nothing.

        Raises:
            NotFoundError: the office has no such group.
        """
        with self.database.read() as tx:
            _own(tx, group_id, actor)
        return self._name(group_id, name, actor)

    def remove(self, group_id: int, actor: Actor) -> None:
        """Take a group away; its people stay.

        Raises:
            NotFoundError: the office has no such group.
        """
        at = int(self.clock())

        def work(tx: Connection) -> None:
            _own(tx, group_id, actor)
            groups.remove(tx, group_id)
            audit.enter(tx, actor, "group.remove", str(group_id), at=at)

        self.database.write(work)

    def join(self, group_id: int, person_ids: Collection[int], actor: Actor) -> int:
        """Put people of the register into a group; return how many are new in it.

        Raises:
            NotFoundError: the office has no such group.
        """

        def work(tx: Connection) -> int:
            _own(tx, group_id, actor)
            known = register.some(tx, actor.office_id, person_ids)
            return groups.join(tx, group_id, [each.id for each in known])

        return self.database.write(work)

    def leave(self, group_id: int, person_ids: Collection[int], actor: Actor) -> None:
        """Take people out of a group.

        Raises:
            NotFoundError: the office has no such group.
        """

        def work(tx: Connection) -> None:
            _own(tx, group_id, actor)
            groups.leave(tx, group_id, person_ids)

        self.database.write(work)

    def stand(self, group_id: int, event_id: int, actor: Actor, *, always: bool) -> None:
        """Invite a group to every event of this event's series, or no more.

        Raises:
            NotFoundError: the office has no such group or event.
        """
        at = int(self.clock())

        def work(tx: Connection) -> None:
            _own(tx, group_id, actor)
            lists.check_event(tx, event_id, actor.office_id)
            series = groups.series_of(tx, event_id)
            groups.stand_down(tx, group_id, series)
            if always:
                groups.stand(tx, group_id, series, by=actor.name, at=at)
            action = "group.stand" if always else "group.stand-down"
            audit.enter(tx, actor, action, str(group_id), {"series": series}, at=at)

        self.database.write(work)

    def standing(self, event_id: int, actor: Actor) -> Standing:
        """Return who is always invited to the series of an event, and how many are missing.

        Raises:
            NotFoundError: the office has no such event.
        """
        with self.database.read() as connection:
            lists.check_event(connection, event_id, actor.office_id)
            series = groups.series_of(connection, event_id)
            ids = groups.standing(connection, series)
            if not ids:
                return Standing()
            found = [
                each for each in groups.every(connection, actor.office_id) if each.id in ids
            ]
            chosen = _people(connection, actor, (), ids)
            missing = len(_unlisted(connection, event_id, chosen))
        return Standing(tuple(found), missing)

    def invite(
        self,
        event_id: int,
        actor: Actor,
        person_ids: Collection[int] = (),
        group_ids: Collection[int] = (),
    ) -> Invited:
        """Put people, and whole groups, on an event's list; who is on it stays as they are.

        Raises:
            NotFoundError: the office has no such event.
        """
        at = int(self.clock())

        def work(tx: Connection) -> Invited:
            lists.check_event(tx, event_id, actor.office_id)
            own = {each.id for each in groups.every(tx, actor.office_id)}
            chosen = _people(tx, actor, person_ids, own.intersection(group_ids))
            fresh = _unlisted(tx, event_id, chosen)
            enrolment.invite(tx, event_id, fresh, at=at)
            detail = {"guests": len(fresh), "groups": sorted(own.intersection(group_ids))}
            audit.enter(tx, actor, "guests.add", str(event_id), detail, at=at)
            return Invited(len(fresh), len(chosen) - len(fresh))

        return self.database.write(work)

    def _name(self, group_id: int | None, name: str, actor: Actor) -> str:
        at, tidy = int(self.clock()), clean(name)
        if not tidy:
            return "missing"
        if len(tidy) > TEXT_LIMIT:
            return "too-long"

        def work(tx: Connection) -> str:
            if group_id is not None:
                _own(tx, group_id, actor)
            others = [each for each in groups.every(tx, actor.office_id) if each.id != group_id]
            if fold(tidy) in {fold(each.name) for each in others}:
                return "group-twice"
            if group_id is None:
                made = groups.add(tx, actor.office_id, tidy, at=at)
                audit.enter(tx, actor, "group.make", str(made), at=at)
            else:
                groups.rename(tx, group_id, tidy)
                audit.enter(tx, actor, "group.rename", str(group_id), at=at)
            return ""

        return self.database.write(work)


def _own(connection: Connection, group_id: int, actor: Actor) -> None:
    if group_id not in {each.id for each in groups.every(connection, actor.office_id)}:
        msg = "no such group"
        raise NotFoundError(msg)


def _people(
    connection: Connection,
    actor: Actor,
    person_ids: Collection[int],
    group_ids: Collection[int],
) -> list[Person]:
    chosen = groups.members(connection, group_ids) | set(person_ids)
    return register.some(connection, actor.office_id, chosen)


def _unlisted(connection: Connection, event_id: int, chosen: list[Person]) -> list[Person]:
    """Return those who are on the list neither as themselves nor as somebody of their name."""
    listed = enrolment.listed_people(connection, event_id)
    present = enrolment.present(connection, event_id)
    return [
        each
        for each in chosen
        if each.id not in listed
        and present.recognise(each.name, each.organisation, each.phone, each.email).person_id
        is None
    ]

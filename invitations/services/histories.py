"""The house's memory: what came of invitations, and the right to see it and be forgotten."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from invitations.domain.histories import Came, Past, Turn, count
from invitations.domain.register import below
from invitations.domain.roster import to_json
from invitations.services.register import own
from invitations.storage import (
    audit,
    groups,
    history,
    news,
    organisations,
    register,
    rosters,
)

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from invitations.domain.model import Actor
    from invitations.storage.database import Database


def nobody_came(event_ids: Sequence[int]) -> Came:
    """Return that nobody came to any of *event_ids*: the answer of a house without doors."""
    return {event_id: frozenset() for event_id in event_ids}


@dataclass(frozen=True)
class History:
    """The events of somebody, the latest first, each with whether they came; and the sum."""

    turns: tuple[tuple[Turn, bool], ...]
    past: Past


@dataclass(frozen=True)
class Histories:
    """Tells histories; *came* asks the door book for the passes that were let in."""

    database: Database
    clock: Callable[[], float] = time.time
    came: Callable[[Sequence[int]], Came] = nobody_came

    def of_person(self, person_id: int, actor: Actor) -> History:
        """Return the history of one person.

        Raises:
            NotFoundError: the office knows no such person.
        """
        with self.database.read() as connection:
            own(connection, person_id, actor)
            turns = history.of_people(connection, [person_id])
        return self._told(turns)

    def of_people(self, person_ids: Collection[int]) -> dict[int, Past]:
        """Return how often each of these people was invited, accepted, and came."""
        with self.database.read() as connection:
            turns = history.of_people(connection, person_ids)
        passes = self._passes(turns)
        mine: dict[int, list[Turn]] = {each: [] for each in person_ids}
        for turn in turns:
            mine[turn.person_id].append(turn)
        return {each: count(found, passes) for each, found in mine.items()}

    def of_organisation(self, organisation_id: int, actor: Actor) -> Past:
        """Return how often people of an organisation, and of all below it, came."""
        with self.database.read() as connection:
            known = organisations.every(connection, actor.office_id)
            parents = {each.id: each.parent_id for each in known}
            turns = history.of_organisations(connection, below(parents, organisation_id))
        return self._told(turns).past

    def export(self, person_id: int, actor: Actor) -> dict[str, Any]:
        """Return everything the house keeps of a person, as plain JSON.

        Raises:
            NotFoundError: the office knows no such person.
        """
        at = int(self.clock())

        def work(tx: Connection) -> dict[str, Any]:
            person = own(tx, person_id, actor)
            audit.enter(tx, actor, "person.export", str(person_id), at=at)
            mine = groups.of_person(tx, person_id)
            names = [each.name for each in groups.every(tx, actor.office_id) if each.id in mine]
            return {
                "person": asdict(person),
                "groups": names,
                "guest_lists": history.guest_lines_of(tx, person_id),
                "events": [asdict(each) for each in history.of_people(tx, [person_id])],
                "letters": history.letters_of(tx, person_id),
                "exported_at": at,
            }

        return self.database.write(work)

    def erase(self, person_id: int, actor: Actor) -> bool:
        """Forget who a person is, everywhere but in the counts; the doors hear of it.

        Nothing happens, and False is returned, while an invitation of theirs is open: it has
        to be withdrawn first, or a guest would stand at the door without a name.

        Raises:
            NotFoundError: the office knows no such person.
        """
        at = int(self.clock())

        def work(tx: Connection) -> bool:
            own(tx, person_id, actor)
            if history.awaited(tx, person_id, now=at):
                return False
            register.forget_likenesses(tx, person_id)
            groups.leave_all(tx, person_id)
            for event_id, pass_id in history.erase(tx, person_id, at=at):
                line = rosters.entry(tx, event_id, pass_id)
                if line is not None:
                    news.tell(tx, event_id, "roster", to_json(line), at=at)
            audit.enter(tx, actor, "person.erase", str(person_id), at=at)
            return True

        return self.database.write(work)

    def _told(self, turns: Sequence[Turn]) -> History:
        passes = self._passes(turns)
        return History(tuple((each, each.came(passes)) for each in turns), count(turns, passes))

    def _passes(self, turns: Sequence[Turn]) -> Came:
        held = dict.fromkeys(each.event_id for each in turns if each.pass_id)
        return self.came(list(held))

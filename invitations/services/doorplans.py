"""The doors' desk: whom each gate serves, who may come without a line or an invitation."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from invitations.domain import doorplan
from invitations.domain.errors import NotFoundError
from invitations.domain.roster import gates_json, rules_json
from invitations.storage import audit, doorplans, events, news

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from invitations.domain.doorplan import DoorPlan
    from invitations.domain.model import Actor, Event
    from invitations.domain.plans import Problem
    from invitations.storage.database import Database


@dataclass(frozen=True)
class Settled:
    """An event with the rules of its doors, and the categories its guest list names."""

    event: Event
    plan: DoorPlan
    known: tuple[str, ...]


@dataclass(frozen=True)
class DoorPlans:
    """What officers decide for the doors of their own office's events."""

    database: Database
    clock: Callable[[], float] = time.time

    def of(self, event_id: int, actor: Actor) -> Settled:
        """Return what the doors of an event go by.

        Raises:
            NotFoundError: the office has no such event.
        """
        with self.database.read() as connection:
            event = _own(connection, event_id, actor)
            known = doorplans.known_categories(connection, event_id)
        return Settled(event, doorplan.plan_of(event), tuple(known))

    def settle(self, event_id: int, plan: DoorPlan, actor: Actor) -> tuple[Problem, ...]:
        """Have the doors go by *plan* from now on, or say what stands against it.

        Raises:
            NotFoundError: the office has no such event.
        """
        wrong = doorplan.problems(plan)
        if not wrong:
            at = int(self.clock())
            self.database.write(lambda tx: _settle(tx, event_id, plan, actor, at=at))
        return wrong


def _settle(
    connection: Connection, event_id: int, plan: DoorPlan, actor: Actor, *, at: int
) -> None:
    before = _own(connection, event_id, actor)
    changed = _changes(doorplan.plan_of(before), plan)
    if not changed:
        return
    doorplans.write(connection, event_id, plan, at=at)
    audit.enter(connection, actor, "event.doors", str(event_id), changed, at=at)
    event = _own(connection, event_id, actor)
    body = {"rules": rules_json(event), "title": event.title, "gates": gates_json(event)}
    news.tell(connection, event_id, "event", body, at=at)


def _changes(before: DoorPlan, after: DoorPlan) -> dict[str, Any]:
    """Return what was changed, as the audit book has it: old and new."""
    old, new = asdict(before), asdict(after)
    return {name: [old[name], new[name]] for name in old if old[name] != new[name]}


def _own(connection: Connection, event_id: int, actor: Actor) -> Event:
    event = events.find(connection, event_id)
    if event is None or event.office_id != actor.office_id:
        raise NotFoundError("event")
    return event

"""The planning desk: events are made, changed, taken over from last month, and called off."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from invitations.domain import plans
from invitations.domain.errors import NotFoundError
from invitations.domain.plans import Plan, Problem
from invitations.domain.roster import Counts, gates_json, rules_json
from invitations.storage import audit, doorplans, events, news, records

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from invitations.domain.model import Actor, Event
    from invitations.storage.database import Database

# What a guest has put into a calendar; a change of it is a new version of the appointment.
_APPOINTMENT = ("title", "place", "address", "starts_at", "ends_at")


@dataclass(frozen=True)
class Planned:
    """The event as it stands now, or what stands against the plan."""

    event: Event | None
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True)
class Summary:
    """An event, with how many are listed, invited, and have accepted."""

    event: Event
    counts: Counts


class _GateInUseError(Exception):
    """A gate that should go has a station; everything else of the edit goes back too."""


@dataclass(frozen=True)
class Planning:
    """What officers do with events of their own office, each deed in one transaction."""

    database: Database
    clock: Callable[[], float] = time.time

    def all(self, actor: Actor) -> list[Summary]:
        """Return the events of the actor's office, earliest first."""
        with self.database.read() as connection:
            found = events.of_office(connection, actor.office_id)
            counts = records.counts(connection, [event.id for event in found])
        return [Summary(event, counts[event.id]) for event in found]

    def event(self, event_id: int, actor: Actor) -> Summary:
        """Return one event.

        Raises:
            NotFoundError: the office has no such event.
        """
        with self.database.read() as connection:
            event = _own(connection, event_id, actor)
            return Summary(event, records.counts(connection, [event_id])[event_id])

    def create(self, plan: Plan, actor: Actor) -> Planned:
        """Make an event of *plan*, if nothing stands against it."""
        wrong = plans.problems(plan)
        if wrong:
            return Planned(None, wrong)
        at = int(self.clock())
        return Planned(self.database.write(lambda tx: _add(tx, plan, actor, at=at)))

    def edit(self, event_id: int, plan: Plan, actor: Actor) -> Planned:
        """Change an event to *plan*, if nothing stands against it; the doors hear of it.

        Raises:
            NotFoundError: the office has no such event.
        """
        wrong = plans.problems(plan)
        if wrong:
            return Planned(None, wrong)
        at = int(self.clock())
        try:
            return Planned(
                self.database.write(lambda tx: _edit(tx, event_id, plan, actor, at=at))
            )
        except _GateInUseError:
            return Planned(None, (Problem("gates", "gate-in-use"),))

    def duplicate(self, event_id: int, actor: Actor, *, with_guests: bool = False) -> Event:
        """Make next month's event out of this one: same weekday of the month, same hours.

        Its guest list is empty unless *with_guests*; invitations are never taken over.

        Raises:
            NotFoundError: the office has no such event.
        """
        at = int(self.clock())

        def work(tx: Connection) -> Event:
            plan = plans.moved(plans.plan_of(_own(tx, event_id, actor)), at)
            event = _add(tx, plan, actor, at=at, copied_from=event_id)
            if with_guests:
                events.copy_guests(tx, event_id, event.id, at=at)
            return event

        return self.database.write(work)

    def cancel(self, event_id: int, actor: Actor) -> Event:
        """Call an event off: from now on no pass opens its doors.

        Raises:
            NotFoundError: the office has no such event.
        """
        return self._turn(event_id, actor, "cancelled", "event.cancel")

    def resume(self, event_id: int, actor: Actor) -> Event:
        """Let an event that was called off take place after all.

        Raises:
            NotFoundError: the office has no such event.
        """
        return self._turn(event_id, actor, "open", "event.resume")

    def _turn(self, event_id: int, actor: Actor, state: str, action: str) -> Event:
        at = int(self.clock())

        def work(tx: Connection) -> Event:
            event = _own(tx, event_id, actor)
            if event.state == state:
                return event
            change = {
                "state": state,
                "sequence": event.sequence + 1,
                "updated_at": at,
                "changed_at": at,
            }
            events.change(tx, event_id, change)
            audit.enter(tx, actor, action, str(event_id), at=at)
            return _tell(tx, event_id, actor, at=at)

        return self.database.write(work)


def _add(
    connection: Connection,
    plan: Plan,
    actor: Actor,
    *,
    at: int,
    copied_from: int | None = None,
) -> Event:
    event_id = _new_id(connection)
    events.add(
        connection,
        _columns(plan)
        | {
            "id": event_id,
            "office_id": actor.office_id,
            "state": "open",
            "sequence": 0,
            "copied_from": copied_from,
            "created_at": at,
            "updated_at": at,
        },
    )
    events.add_gates(connection, event_id, [gate.name for gate in plan.gates])
    if copied_from is not None:
        doorplans.copy(connection, copied_from, event_id)
    detail = {"title": plan.title, "copied_from": copied_from}
    audit.enter(connection, actor, "event.create", str(event_id), detail, at=at)
    return _tell(connection, event_id, actor, at=at)


def _edit(connection: Connection, event_id: int, plan: Plan, actor: Actor, *, at: int) -> Event:
    event = _own(connection, event_id, actor)
    changed = _changes(event, plan)
    if not changed:
        return event
    values = _columns(plan) | {"updated_at": at}
    if any(name in changed for name in _APPOINTMENT):
        values |= {"sequence": event.sequence + 1, "changed_at": at}
    events.change(connection, event_id, values)
    _settle_gates(connection, event, plan)
    audit.enter(connection, actor, "event.edit", str(event_id), changed, at=at)
    return _tell(connection, event_id, actor, at=at)


def _changes(event: Event, plan: Plan) -> dict[str, Any]:
    """Return what *plan* changes of *event*, as the audit book has it: old and new."""
    before, after = asdict(plans.plan_of(event)), asdict(plan)
    return {name: [before[name], after[name]] for name in before if before[name] != after[name]}


def _settle_gates(connection: Connection, event: Event, plan: Plan) -> None:
    """Drop, rename and add gates; names that change hands pass through one nobody has."""
    old = {gate.id: gate.name for gate in event.gates}
    kept = {gate.id: gate for gate in plan.gates if gate.id in old}
    if not all(events.drop_gate(connection, each) for each in old if each not in kept):
        raise _GateInUseError
    renamed = [gate for gate in kept.values() if gate.name != old[gate.id]]
    for gate in renamed:
        events.rename_gate(connection, gate.id, f"\x01{gate.id}")
    for gate in renamed:
        events.rename_gate(connection, gate.id, gate.name)
    events.add_gates(
        connection, event.id, [gate.name for gate in plan.gates if gate.id not in kept]
    )


def _tell(connection: Connection, event_id: int, actor: Actor, *, at: int) -> Event:
    """Tell the doors what they go by now, and return the event as it stands."""
    event = _own(connection, event_id, actor)
    body = {"rules": rules_json(event), "title": event.title, "gates": gates_json(event)}
    news.tell(connection, event_id, "event", body, at=at)
    return event


def _own(connection: Connection, event_id: int, actor: Actor) -> Event:
    event = events.find(connection, event_id)
    if event is None or event.office_id != actor.office_id:
        raise NotFoundError("event")
    return event


def _new_id(connection: Connection) -> int:
    """Return 32 random bits that no event has and that are not 0."""
    found = secrets.randbits(32)
    while found == 0 or events.find(connection, found) is not None:
        found = secrets.randbits(32)
    return found


def _columns(plan: Plan) -> dict[str, Any]:
    return {name: value for name, value in asdict(plan).items() if name != "gates"}

"""The desk of walk-ins: guests without an invitation are asked for, answered, and let in."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from checkin.domain import decisions as choices
from checkin.domain.accounts import Right, Role, may
from checkin.domain.admission import Flag
from checkin.domain.book import SERVER
from checkin.domain.decisions import Decision
from checkin.domain.newcomers import WalkInAnswer
from checkin.domain.walkins import ADMITTED, ASKED, DENIED, WalkIn, course
from checkin.services.door import Door, ScanTakenError
from checkin.services.staff import must_do
from checkin.services.welcoming import OF_A_PERSON, Welcoming, typed_person
from checkin.storage import decisions, scans, walk_ins
from invitations.domain.errors import NotFoundError
from invitations.domain.register import Person
from invitations.services.offices import enter_deed
from invitations.services.register import checked
from invitations.storage import news

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from checkin.domain.newcomers import WalkInReport
    from checkin.domain.stations import Station
    from invitations.domain.model import Actor, Event

KIND = "walk_in"
POLICY, INVALID = "policy", "invalid"
_OF_THE_SCAN = ("scan_id", "epoch", "n", "reason", "vouched_by")


@dataclass(frozen=True)
class WalkIns:
    """Takes in whom nobody invited, as the event's policy has it; each deed once a scan."""

    door: Door
    welcoming: Welcoming

    def ask(self, station: Station, report: WalkInReport) -> WalkInAnswer:
        """Take in, ask the organiser about, or send away a guest without an invitation.

        The same report again is answered by what became of it since. Whoever is to be asked
        about may be written down by any steward; letting in is a supervisor's deed.

        Raises:
            NoRightError: who acts may not do this.
            ScanTakenError: another station used this scan id.
            StorageError: nothing could be written.
        """
        person, wrong = checked(typed_person(vars(report)))
        if wrong:
            return WalkInAnswer(0, "", problem=INVALID)
        self.welcoming.event(station.event_id)
        answer, pass_id = self.door.database.write(
            lambda tx: self._ask(tx, station, report, person)
        )
        self.door.announce(station.event_id)
        if not pass_id:
            return answer
        return replace(answer, pass_text=self.welcoming.text(station.event_id, pass_id))

    def waiting(self, event_id: int) -> list[WalkIn]:
        """Return those who wait for an answer, in the order of asking."""
        with self.door.database.read() as connection:
            return walk_ins.waiting(connection, event_id)

    def answer(
        self, event_id: int, number: int, actor: Actor, *, admit: bool, note: str = ""
    ) -> WalkIn:
        """Answer for the organiser; who is admitted has a pass from now on.

        The first answer holds. The station then lets the guest in by that pass.

        Raises:
            NotFoundError: there is no such walk-in of the actor's office.
            NoRightError: the actor does not organise.
            StorageError: nothing could be written.
        """
        self.welcoming.event(event_id)
        choice = choices.ADMIT if admit else choices.DENY
        at = int(self.door.clock())
        made = Decision(
            choices.WALK_IN, str(number), choice, actor.name, at, note, actor.account_id
        )
        found = self.door.database.write(lambda tx: self._answer(tx, event_id, actor, made))
        self.door.announce(event_id)
        return found

    def _ask(
        self, tx: Connection, station: Station, report: WalkInReport, person: Person
    ) -> tuple[WalkInAnswer, str]:
        known = walk_ins.of_scan(tx, report.scan_id)
        if known is not None:
            return _known(tx, station, known), known.pass_id
        event = self.welcoming.event_in(tx, station.event_id)
        actor = must_do(tx, event, report.actor, Right.DOOR)
        organises = may(Role(actor.role), Right.ORGANISE)
        state = course(event.walk_ins, organises=organises)
        verdict, pass_id = None, ""
        if state == ADMITTED:
            must_do(tx, event, report.actor, Right.SUPERVISE)
            pass_id = self.welcoming.invite(tx, event, person, actor)
            shown = self.door.let_in(tx, station, report, pass_id, Flag.WALK_IN)
            verdict = shown.to_json()
        values = _values(report, person, actor) | {
            "event_id": event.id,
            "station": station.id,
            "gate_id": station.gate_id,
            "state": state,
            "pass_id": pass_id,
            "at_ms": self._at_ms(report),
        }
        made = walk_ins.add(tx, values)
        self._note(tx, event, made, actor, state)
        problem = POLICY if state == DENIED else ""
        return WalkInAnswer(made.id, state, verdict, problem=problem), pass_id

    def _answer(self, tx: Connection, event_id: int, actor: Actor, made: Decision) -> WalkIn:
        event = self.welcoming.event_in(tx, event_id)
        found = walk_ins.find(tx, event_id, int(made.about))
        if found is None or event.office_id != actor.office_id:
            raise NotFoundError(made.about)
        must_do(tx, event, str(actor.account_id), Right.ORGANISE)
        if found.state != ASKED:
            return found
        state, pass_id = DENIED, ""
        if made.choice == choices.ADMIT:
            state, pass_id = (
                ADMITTED,
                self.welcoming.invite(tx, event, typed_person(vars(found)), actor),
            )
        walk_ins.answer(tx, found, state, pass_id, at=made.at)
        decisions.add(tx, event_id, made)
        answered = replace(found, state=state, pass_id=pass_id)
        self._note(tx, event, answered, actor, made.choice)
        return answered

    def _note(
        self, tx: Connection, event: Event, walk_in: WalkIn, actor: Actor, deed: str
    ) -> None:
        """Tell boards and stations, and write into the audit book who did it."""
        at = int(self.door.clock())
        gates = {gate.id: gate.name for gate in event.gates}
        body = walk_in.told(gates.get(walk_in.gate_id, ""))
        news.tell(tx, event.id, KIND, body, at=at)
        enter_deed(tx, actor, f"walk_in.{deed}", str(walk_in.id), at=at)

    def _at_ms(self, report: WalkInReport) -> int:
        if report.offset_ms is None:
            return int(self.door.clock() * 1000)
        return report.wall_ms + report.offset_ms


def _known(tx: Connection, station: Station, known: WalkIn) -> WalkInAnswer:
    """Return what became of a walk-in that was asked for before."""
    if known.station != station.id:
        raise ScanTakenError(known.scan_id)
    told = scans.answered(tx, known.scan_id)
    shown = told[1] if told is not None and told[1].judge == SERVER else None
    problem = POLICY if known.state == DENIED else ""
    return WalkInAnswer(
        known.id, known.state, shown.to_json() if shown else None, problem=problem
    )


def _values(report: WalkInReport, person: Person, actor: Actor) -> dict[str, Any]:
    return (
        {name: getattr(report, name) for name in _OF_THE_SCAN}
        | {name: getattr(person, name) for name in OF_A_PERSON}
        | {"by": actor.name}
    )

"""The bench of the door: gathers what is known of one presentation, and has it decided."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from checkin.domain.accounts import Right
from checkin.domain.admission import Direction, Flag, Knowledge, Outcome, decide
from checkin.domain.book import SERVER, Scan, counted
from checkin.domain.wire import on_the_wire
from checkin.services import merging, verdicts
from checkin.services.staff import may_do
from checkin.storage import scans
from invitations.domain.passes import DoorPass
from invitations.services.guestbook import Guestbook
from invitations.storage.prepared import Json

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from checkin.domain.protocol import ScanNews, ScanReport, WireVerdict
    from checkin.domain.stations import Station
    from checkin.services.hall import View
    from invitations.domain.roster import RosterEntry

NO_RIGHT, NO_REASON = "no_right", "no_reason"


@dataclass(frozen=True)
class ByHand:
    """A guest whom somebody found on the list: no pass was shown."""

    pass_id: str


Reading = DoorPass | Outcome | str | ByHand  # a text is a door code


@dataclass(frozen=True)
class Presentation:
    """What was shown at which station; *marks* are flags that its answer gets anyhow."""

    station: Station
    report: ScanReport
    reading: Reading
    marks: frozenset[Flag] = frozenset()


@dataclass(frozen=True)
class Case:
    """One presentation as it was judged, and the scans of its pass before it."""

    report: ScanReport
    wire: WireVerdict
    scan: Scan
    before: list[Scan]
    entry: RosterEntry | None
    now: int

    def news(self, scan: Scan) -> ScanNews:
        """Return the news of *scan*, as it was written."""
        after = [*self.before, scan]
        told = merging.told(
            scan,
            self.entry,
            before=counted(self.before, scan.key, scan.scan_id),
            after=counted(after, scan.key, scan.scan_id),
        )
        if not self.wire.overrode:
            return told
        report = self.report
        return replace(
            told, override_of=self.wire.overrode, reason=report.reason, actor=report.actor
        )

    def rest(self) -> dict[str, Any]:
        """Return what a row holds beside the scan itself."""
        report = self.report
        return {
            "generation": self.wire.generation,
            "wall_ms": report.wall_ms,
            "mono_ms": report.mono_ms,
            "boot_id": report.boot_id,
            "offset_ms": report.offset_ms,
            "offset_error_ms": report.offset_error_ms,
            "hash": "",
            "received_at": self.now,
            "override_of": self.wire.overrode,
            "reason": report.reason,
            "actor": report.actor,
            "verdict": self.wire.to_json() | {"many": True}
            if self.scan.many
            else Json(self.wire.text),
        }


@dataclass(frozen=True)
class Bench:
    """Judges out of one state of the house."""

    guestbook: Guestbook

    def judge(
        self, connection: Connection, view: View, shown: Presentation, now_ms: int
    ) -> Case:
        """Gather what is known of a presentation at *now_ms*, and decide."""
        event_id, report = view.event.id, shown.report
        found, entry = self._holder(connection, view, shown.reading)
        pass_id = found.pass_id if isinstance(found, DoorPass) else ""
        before = scans.of_pass(connection, event_id, pass_id, view.gates) if pass_id else []
        known = Knowledge(entry, verdicts.earlier(before, pass_id), view.inside, now_ms // 1000)
        problem = _problem(connection, view, report) if report.override else ""
        verdict = decide(
            found,
            known,
            view.rules,
            view.gate(shown.station.gate_id),
            now=now_ms // 1000,
            direction=Direction(report.direction),
            override=report.override and not problem,
            heads=report.heads or None,
        )
        if shown.marks and verdict.admitted:
            verdict = replace(verdict, flags=verdict.flags | shown.marks)
        wire = on_the_wire(verdict, found)
        if verdict.before is not None:
            wire = replace(wire, before=verdicts.used_at(connection, verdict.before))
        if problem:
            wire = replace(wire, problem=problem)
        if verdict.outcome is Outcome.WRONG_EVENT and isinstance(found, DoorPass):
            other = self.guestbook.event(connection, found.event)
            wire = replace(wire, event=verdicts.named(other, view.event))
        scan = _scan(shown, view, wire, now_ms)
        return Case(report, wire, scan, before, entry, now_ms // 1000)

    def _holder(
        self, connection: Connection, view: View, reading: Reading
    ) -> tuple[DoorPass | Outcome, RosterEntry | None]:
        """Return the pass that was shown and its line of the roster."""
        event_id = view.event.id
        if isinstance(reading, Outcome):
            return reading, None
        if isinstance(reading, DoorPass):
            if reading.event != event_id:
                return reading, None
            return reading, self.guestbook.entry(connection, event_id, reading.pass_id)
        entry = self._entry(connection, event_id, reading)
        if entry is None:
            return Outcome.UNKNOWN, None
        until = view.rules.closes_at
        return DoorPass(0, event_id, entry.pass_id, entry.generation, until), entry

    def _entry(
        self, connection: Connection, event_id: int, reading: str | ByHand
    ) -> RosterEntry | None:
        if isinstance(reading, ByHand):
            return self.guestbook.entry(connection, event_id, reading.pass_id)
        lines = self.guestbook.entry_by_door_code(connection, event_id, reading)
        return lines[0] if len(lines) == 1 else None


def _problem(connection: Connection, view: View, report: ScanReport) -> str:
    """Return why an override is not heard, or nothing."""
    if may_do(connection, view.event, report.actor, Right.SUPERVISE) is None:
        return NO_RIGHT
    return "" if report.reason.strip() else NO_REASON


def _scan(shown: Presentation, view: View, wire: WireVerdict, now_ms: int) -> Scan:
    report, station, offset = shown.report, shown.station, shown.report.offset_ms
    first = wire.before or {}
    return Scan(
        scan_id=report.scan_id,
        pass_id=wire.pass_id,
        outcome=wire.outcome,
        direction=report.direction,
        station=station.id,
        epoch=report.epoch,
        n=report.n,
        at_ms=now_ms if offset is None else report.wall_ms + offset,
        judge=SERVER,
        gate_id=station.gate_id,
        gate=view.gates.get(station.gate_id, ""),
        flags=tuple(wire.flags),
        first_ms=first.get("at_ms"),
        first_gate=first.get("gate", ""),
        heads=wire.heads,
        party=wire.entry["party"] if wire.entry else 1,
        many=view.rules.many_entries,
    )

"""The bench of the door: gathers what is known of presentations, and has them decided."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Self

from checkin.domain.accounts import Right
from checkin.domain.admission import Direction, Flag, Knowledge, Outcome, decide
from checkin.domain.book import SERVER, Scan, counted, people
from checkin.domain.wire import on_the_wire
from checkin.services import merging, verdicts
from checkin.services.staff import may_do
from checkin.storage import scans
from invitations.domain.passes import DoorPass
from invitations.services.guestbook import Guestbook
from invitations.storage.prepared import Json

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

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

    def news(self) -> ScanNews:
        """Return what is told of it."""
        scan, after = self.scan, [*self.before, self.scan]
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


@dataclass
class Sitting:
    """Judges several presentations at one event, each knowing of those before it.

    *entries* are the lines of the roster by pass, *typed* by the door code, and *before* the
    scans of each pass.
    """

    guestbook: Guestbook
    connection: Connection
    view: View
    entries: Mapping[str, RosterEntry]
    typed: Mapping[str, RosterEntry | None]
    before: dict[str, list[Scan]]

    @classmethod
    def open(
        cls,
        guestbook: Guestbook,
        connection: Connection,
        view: View,
        shown: Sequence[Presentation],
    ) -> Self:
        """Ask at once for all that the judgements of *shown* rest on."""
        event_id, ids, typed = view.event.id, set(), {}
        for reading in (each.reading for each in shown):
            if isinstance(reading, (DoorPass, ByHand)):
                ids.add(reading.pass_id)
            elif not isinstance(reading, Outcome):
                typed[reading] = _by_code(guestbook, connection, event_id, reading)
        entries = guestbook.entries_of(connection, event_id, ids) if ids else {}
        ids |= {entry.pass_id for entry in typed.values() if entry is not None}
        before = scans.of_passes(connection, event_id, ids, view.gates) if ids else {}
        return cls(guestbook, connection, view, entries, typed, before)

    def judge(self, shown: Presentation, now_ms: int) -> Case:
        """Decide of a presentation at *now_ms*."""
        connection, view, report = self.connection, self.view, shown.report
        found, entry = self._holder(shown.reading)
        pass_id = found.pass_id if isinstance(found, DoorPass) else ""
        before = self.before.get(pass_id, [])
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

    def heed(self, case: Case, body: Mapping[str, Any]) -> None:
        """Let whatever is judged next know of *case*, of which the news *body* tells."""
        if case.scan.pass_id:
            self.before[case.scan.pass_id] = [*case.before, case.scan]
        self.view = replace(self.view, inside=self.view.inside + people(body))

    def _holder(self, reading: Reading) -> tuple[DoorPass | Outcome, RosterEntry | None]:
        """Return the pass that was shown and its line of the roster."""
        event_id = self.view.event.id
        if isinstance(reading, Outcome):
            return reading, None
        if isinstance(reading, DoorPass):
            ours = reading.event == event_id
            return reading, self.entries.get(reading.pass_id) if ours else None
        if isinstance(reading, ByHand):
            entry = self.entries.get(reading.pass_id)
        else:
            entry = self.typed.get(reading)
        if entry is None:
            return Outcome.UNKNOWN, None
        until = self.view.rules.closes_at
        return DoorPass(0, event_id, entry.pass_id, entry.generation, until), entry


def _by_code(
    guestbook: Guestbook, connection: Connection, event_id: int, code: str
) -> RosterEntry | None:
    lines = guestbook.entry_by_door_code(connection, event_id, code)
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

"""The door desk: judges a presentation, writes it down, and only then answers."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING, Any

from checkin.domain.admission import (
    Direction,
    Knowledge,
    Outcome,
    decide,
)
from checkin.domain.book import SERVER, Scan, counted, people
from checkin.domain.protocol import ScanNews, ScanReport, WireVerdict
from checkin.services import merging, verdicts
from checkin.services.hall import Hall, View
from checkin.storage import scans, stations
from invitations.domain import doorcode, passes
from invitations.domain.errors import PassError
from invitations.domain.passes import DoorPass, TrustList
from invitations.services.guestbook import Guestbook
from invitations.storage import news
from invitations.storage.database import Database
from invitations.storage.news import News

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection

    from checkin.domain.stations import Station
    from invitations.domain.roster import RosterEntry

DOOR_CODE = re.compile(r"[0-9]{12}", re.ASCII)
SCAN = "scan"


class ScanTakenError(Exception):
    """The id of a scan belongs to another station's."""


class AskedTwiceError(Exception):
    """The same scan is being judged elsewhere; leave no trace of this attempt."""


def _nobody(_event_id: int) -> None:
    """Announce to nobody."""


@dataclass(frozen=True)
class Door:
    """Judges for every gate of the house.

    *trust* gives the keys whose passes are read, *clock* Unix seconds, and *announce* is
    called with the event's id after each commit that has news.
    """

    database: Database
    guestbook: Guestbook
    trust: Callable[[], TrustList]
    clock: Callable[[], float] = time.time
    announce: Callable[[int], None] = _nobody
    hall: Hall = field(init=False)

    def __post_init__(self) -> None:
        """Open the hall that this desk remembers between two scans."""
        object.__setattr__(self, "hall", Hall(self.guestbook))
        self.database.when_undone(self.hall.forget)

    def present(self, station: Station, report: ScanReport) -> WireVerdict:
        """Judge one presentation; the answer follows the commit.

        The same scan again gets the same answer, whatever has changed since.

        Raises:
            ScanTakenError: another station used this scan id.
            StorageError: nothing could be written, so nothing may be shown.
        """
        try:
            return self.settled(station, self.submit(station, report))
        except AskedTwiceError:
            return self.settled(station, self.submit(station, report))

    def submit(self, station: Station, report: ScanReport) -> Future[tuple[WireVerdict, bool]]:
        """Queue one presentation for the writer, and read its text meanwhile.

        The future is set after the commit; `settled` makes the answer of it.
        """
        reading = self._read(report.text)
        return self.database.submit(lambda tx: self._present(tx, station, report, reading))

    def settled(
        self, station: Station, judged: Future[tuple[WireVerdict, bool]]
    ) -> WireVerdict:
        """Return the verdict that was *judged*, and announce it if it is news.

        Raises:
            AskedTwiceError: the same scan was being judged elsewhere; ask again.
            ScanTakenError: another station used this scan id.
            StorageError: nothing could be written, so nothing may be shown.
        """
        verdict, fresh = judged.result()
        if fresh:
            self.announce(station.event_id)
        return verdict

    def simulate(self, station: Station, report: ScanReport) -> WireVerdict:
        """Return the verdict on a presentation as a rehearsal: nothing is written."""
        reading = self._read(report.text)
        with self.database.read() as connection:
            number = news.head(connection, station.event_id)
            view = Hall(self.guestbook).view(connection, station.event_id, number)
            case = self._case(connection, view, station, report, reading)
        return case.wire

    def upload(self, station: Station, records: Sequence[dict[str, Any]]) -> merging.Uploaded:
        """Take in *records* of the station's journal, any batch, any number of times.

        No record is refused for what it says; one that cannot be read is named in the
        answer and holds up no other.

        Raises:
            ValueError: there is no record, or they are of more than one epoch.
            StorageError: what the answer would claim could not be written.
        """
        merge = merging.Merge(self.guestbook, self.hall, int(self.clock()))
        batch = merging.sorted_out(records)
        for part in batch.parts():
            if self.database.write(partial(merge.take, station=station, records=part)):
                self.announce(station.event_id)
        with self.database.read() as connection:
            return merging.Uploaded(
                mark=scans.mark(connection, station.id, batch.epoch),
                incarnation=stations.fact(connection, "incarnation") or "",
                unreadable=batch.unreadable,
            )

    def _read(self, text: str) -> DoorPass | Outcome | str:
        """Return what *text* says; a door code is looked up later, within the write."""
        if DOOR_CODE.fullmatch(text):
            return text if doorcode.check(text) else Outcome.NOT_A_PASS
        try:
            return passes.read(text, self.hall.trust(self.trust))
        except PassError as refusal:
            return Outcome(refusal.reason)

    def _present(
        self,
        connection: Connection,
        station: Station,
        report: ScanReport,
        reading: DoorPass | Outcome | str,
    ) -> tuple[WireVerdict, bool]:
        told = scans.answered(connection, report.scan_id)
        if told is not None:
            if told[0] != station.id:
                raise ScanTakenError(report.scan_id)
            return told[1], False
        number = news.take_number(connection, station.event_id)
        view = self.hall.view(connection, station.event_id, number - 1)
        case = self._case(connection, view, station, report, reading)
        scan = scans.add(connection, view.event.id, case.scan, _rest(report, case))
        if scan is None:
            raise AskedTwiceError
        body = case.news(scan).to_json()
        news.write(connection, view.event.id, News(number, case.now, SCAN, body))
        self.hall.remember(replace(view, number=number, inside=view.inside + people(body)))
        return case.wire, True

    def _case(
        self,
        connection: Connection,
        view: View,
        station: Station,
        report: ScanReport,
        reading: DoorPass | Outcome | str,
    ) -> _Case:
        """Gather what is known of a presentation, and decide."""
        event_id = view.event.id
        found, entry = self._holder(connection, view, reading)
        pass_id = found.pass_id if isinstance(found, DoorPass) else ""
        before = scans.of_pass(connection, event_id, pass_id, view.gates) if pass_id else []
        now_ms = int(self.clock() * 1000)
        known = Knowledge(entry, verdicts.earlier(before, pass_id), view.inside, now_ms // 1000)
        verdict = decide(
            found,
            known,
            view.rules,
            view.gate(station.gate_id),
            now=now_ms // 1000,
            direction=Direction(report.direction),
        )
        wire = verdicts.on_the_wire(verdict, found)
        if verdict.before is not None:
            wire = replace(wire, before=verdicts.used_at(connection, verdict.before))
        scan = _scan(report, station, view, wire, now_ms)
        return _Case(wire, scan, before, entry, now_ms // 1000)

    def _holder(
        self, connection: Connection, view: View, reading: DoorPass | Outcome | str
    ) -> tuple[DoorPass | Outcome, RosterEntry | None]:
        """Return the pass that was shown and its line of the roster."""
        event_id = view.event.id
        if isinstance(reading, Outcome):
            return reading, None
        if isinstance(reading, DoorPass):
            if reading.event != event_id:
                return reading, None
            return reading, self.guestbook.entry(connection, event_id, reading.pass_id)
        lines = self.guestbook.entry_by_door_code(connection, event_id, reading)
        if len(lines) != 1:
            return Outcome.UNKNOWN, None
        entry = lines[0]
        until = view.rules.closes_at
        return DoorPass(0, event_id, entry.pass_id, entry.generation, until), entry


@dataclass(frozen=True)
class _Case:
    """One presentation as it was judged, and the scans of its pass before it."""

    wire: WireVerdict
    scan: Scan
    before: list[Scan]
    entry: RosterEntry | None
    now: int

    def news(self, scan: Scan) -> ScanNews:
        """Return the news of *scan*, as it was written."""
        after = [*self.before, scan]
        return merging.told(
            scan,
            self.entry,
            before=counted(self.before, scan.key, scan.scan_id),
            after=counted(after, scan.key, scan.scan_id),
        )


def _scan(
    report: ScanReport, station: Station, view: View, wire: WireVerdict, now_ms: int
) -> Scan:
    offset = report.offset_ms
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
    )


def _rest(report: ScanReport, case: _Case) -> dict[str, Any]:
    """Return what a row holds beside the scan itself."""
    return {
        "generation": case.wire.generation,
        "wall_ms": report.wall_ms,
        "mono_ms": report.mono_ms,
        "boot_id": report.boot_id,
        "offset_ms": report.offset_ms,
        "offset_error_ms": report.offset_error_ms,
        "hash": "",
        "received_at": case.now,
        "verdict": case.wire.to_json(),
    }

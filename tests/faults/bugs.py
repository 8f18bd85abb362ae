"""The seeded bugs: easy mistakes, each put into the house for one test, that must be caught."""

from collections.abc import Iterable
from typing import Any

import pytest
from sqlalchemy import Connection, func, select

from checkin.domain import book
from checkin.domain.admission import Outcome
from checkin.domain.book import Scan, Standing
from checkin.domain.protocol import ScanRecord
from checkin.domain.stations import Station as Paired
from checkin.storage import journals, scans
from checkin.storage.tables import scans as table
from scanner.clock import Clock, Moment
from scanner.errors import LineError
from scanner.journal import Journal
from scanner.line import Line
from tests.faults.machine import Machine
from tests.faults.world import Link, Message, Server

Patch = pytest.MonkeyPatch


class DroppingLink(Link):
    """F08: takes a refusal for the end of the matter, and drops what it had to send."""

    def _upload(self, line: Line) -> None:
        try:
            super()._upload(line)
        except LineError:
            while (batch := self.journal.unsent({})) is not None:
                self.journal.acknowledge(batch.epoch, batch.records[-1].n)


class EarlyServer(Server):
    """F01: answers an upload first and commits it later, if nothing comes between."""

    def __post_init__(self) -> None:
        self.later: list[tuple[Paired, Message]] = []
        super().__post_init__()

    def answer(self, station: Paired, verb: str, asked: Message) -> Message:
        if verb == "present":
            self._catch_up()
        if verb != "upload":
            return super().answer(station, verb, asked)
        self.later.append((station, asked))
        highest = max(each["n"] for each in asked["records"])
        return {"mark": highest, "incarnation": self.incarnation}

    def restore(self, which: int) -> None:
        self.later.clear()
        super().restore(which)

    def _catch_up(self) -> None:
        while self.later:
            station, asked = self.later.pop(0)
            super().answer(station, "upload", asked)


def ack_before_commit(patch: Patch) -> None:
    """F01: the answer to an upload is given before the commit."""
    patch.setattr(Machine, "server_of", EarlyServer)


def drop_queue_on_refusal(patch: Patch) -> None:
    """F08: records that the server refused once are not sent again."""
    patch.setattr(Machine, "link", DroppingLink)


def conflict_only_when_verdicts_differ(patch: Patch) -> None:
    """F09: two greens that look alike are taken for one."""
    true = book.standing

    def wrong(told: list[Scan]) -> Standing:
        found = true(told)
        first = found.arrival
        differ = tuple(each for each in found.conflicts if first and each.flags != first.flags)
        return Standing(found.arrival, found.inside, differ, found.refusals)

    patch.setattr("checkin.domain.attendance.standing", wrong)
    patch.setattr(book, "standing", wrong)


def wall_clock_order(patch: Patch) -> None:
    """F10: the time of a scan is whatever the tablet's wall clock says."""
    true = Clock.now

    def wrong(self: Clock) -> Moment:
        moment = true(self)
        offset = None if moment.offset_ms is None else 0
        return Moment(moment.wall_ms, moment.mono_ms, moment.boot_id, offset, 0)

    patch.setattr(Clock, "now", wrong)


def ack_highest(patch: Patch) -> None:
    """F11: the mark is the highest record there is, over any gap."""

    def wrong(connection: Connection, station: str, epoch: str) -> int:
        last = select(func.max(table.c.n)).where(
            table.c.station == station, table.c.epoch == epoch, table.c.judge == "station"
        )
        return int(connection.execute(last).scalar() or 0)

    patch.setattr(journals, "mark", wrong)
    patch.setattr(journals, "_contiguous", wrong)


def arrival_order(patch: Patch) -> None:
    """F12: scans count in the order in which the server heard of them."""

    def wrong(told: Iterable[Scan]) -> list[Scan]:
        chosen: dict[str, Scan] = {}
        for scan in told:
            if scan.scan_id not in chosen or scan.judge == book.STATION:
                chosen[scan.scan_id] = scan
        return list(chosen.values())

    patch.setattr(book, "effective", wrong)


def dedupe_by_pass_and_second(patch: Patch) -> None:
    """F12: two records of one pass in one second are taken for one."""
    true = scans.add

    def wrong(
        connection: Connection, event_id: int, scan: Scan, rest: dict[str, Any]
    ) -> Scan | None:
        twin = select(table.c.id).where(
            table.c.pass_id == scan.pass_id,
            table.c.judge == scan.judge,
            table.c.scan_id != scan.scan_id,
            table.c.at_ms / 1000 == scan.at_ms // 1000,
        )
        if scan.pass_id and scan.judge == book.STATION and connection.execute(twin).first():
            return None
        return true(connection, event_id, scan, rest)

    patch.setattr(scans, "add", wrong)


def keep_highest_ack(patch: Patch) -> None:
    """F14: the station never believes a mark lower than the one it once heard."""
    true = Journal.acknowledge
    highest: dict[str, int] = {}

    def wrong(self: Journal, epoch: str, mark: int) -> None:
        highest[epoch] = max(mark, highest.get(epoch, 0))
        true(self, epoch, highest[epoch])

    patch.setattr(Journal, "acknowledge", wrong)


def light_before_record(patch: Patch) -> None:
    """F01 at the station: the light comes first, the record after it."""
    true = Journal.write

    def wrong(self: Journal, record: ScanRecord) -> ScanRecord:
        return record if record.outcome == Outcome.ADMITTED else true(self, record)

    patch.setattr(Journal, "write", wrong)


# Each bug, and by which words it must be found out.
ALL = {
    ack_before_commit: "acknowledged, but not stored|records were lost|a mark over a gap",
    drop_queue_on_refusal: "acknowledged, but not stored",
    conflict_only_when_verdicts_differ: "a second green is not shown",
    wall_clock_order: "the order of the guests is wrong",
    ack_highest: "a mark over a gap",
    arrival_order: "order|a second green",
    dedupe_by_pass_and_second: "records were lost",
    keep_highest_ack: "acknowledged, but not stored|records were lost",
    light_before_record: "a light without a record",
}

"""The door desk: judges a presentation, writes it down, and only then answers."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING, Any

from checkin.domain.accounts import Right
from checkin.domain.admission import Flag, Outcome
from checkin.domain.protocol import ScanReport
from checkin.services import batches, merging
from checkin.services.hall import Hall
from checkin.services.judging import ByHand, Case, Presentation, Reading, Sitting
from checkin.services.staff import must_do
from checkin.services.welcoming import Welcoming
from checkin.storage import journals, scans, stations
from invitations.domain import doorcode, passes
from invitations.domain.errors import PassError
from invitations.domain.passes import TrustList
from invitations.services.guestbook import Guestbook
from invitations.storage import news
from invitations.storage.database import Database
from invitations.storage.news import News

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection

    from checkin.domain.newcomers import WalkInReport
    from checkin.domain.protocol import WireVerdict
    from checkin.domain.stations import Station

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
    called with the event's id after each commit that has news. *welcoming* invites those whom
    a station let in without a line. *seed* gives the private key of a key id of ours: with it
    our own passes are read in a third of the time.
    """

    database: Database
    guestbook: Guestbook
    trust: Callable[[], TrustList]
    clock: Callable[[], float] = time.time
    announce: Callable[[int], None] = _nobody
    welcoming: Welcoming | None = None
    seed: Callable[[int], bytes] | None = None
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
        shown = Presentation(station, report, self.read(report))
        return self.database.submit_to(self.present_all, shown)

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
        shown = Presentation(station, report, self.read(report))
        with self.database.read() as connection:
            number = news.head(connection, station.event_id)
            view = Hall(self.guestbook).view(connection, station.event_id, number)
            now_ms = int(self.clock() * 1000)
            sitting = Sitting.open(self.guestbook, connection, view, [shown])
            return sitting.judge(shown, now_ms).wire

    def upload(self, station: Station, records: Sequence[dict[str, Any]]) -> merging.Uploaded:
        """Take in *records* of the station's journal, any batch, any number of times.

        No record is refused for what it says; one that cannot be read is named in the
        answer and holds up no other.

        Raises:
            ValueError: there is no record, or they are of more than one epoch.
            StorageError: what the answer would claim could not be written.
        """
        batch = batches.sorted_out(records)
        if self.welcoming is not None and batch.walk_ins:
            self.welcoming.event(station.event_id)
        now = int(self.clock())
        merge = merging.Merge(self.guestbook, self.hall, now, self.welcoming)
        for part in batch.parts():
            if self.database.write(partial(merge.take, station=station, records=part)):
                self.announce(station.event_id)
        with self.database.read() as connection:
            return merging.Uploaded(
                mark=journals.mark(connection, station.id, batch.epoch),
                incarnation=stations.fact(connection, "incarnation") or "",
                unreadable=batch.unreadable,
            )

    def read(self, report: ScanReport) -> Reading:
        """Return what was shown; a door code or a guest is looked up later, in the write."""
        if report.pass_id and not report.text:
            return ByHand(report.pass_id)
        text = report.text
        if doorcode.is_like_one(text):
            return text if doorcode.check(text) else Outcome.NOT_A_PASS
        try:
            return passes.read(text, *self.hall.keys(self.trust, self.seed))
        except PassError as refusal:
            return Outcome(refusal.reason)

    def present_all(
        self, connection: Connection, shown: Sequence[Presentation]
    ) -> list[tuple[WireVerdict, bool]]:
        """Judge and write down presentations, in their order, in the caller's transaction.

        Return for each its verdict, and whether it is news; the same scan again gets the
        same answer.

        Raises:
            AskedTwiceError: the same scan is being judged elsewhere.
            ScanTakenError: another station used this scan id.
            NoRightError: somebody was sought out by hand, by nobody who may.
        """
        told = scans.answers(connection, [each.report.scan_id for each in shown])
        fresh: dict[int, dict[str, Presentation]] = {}
        for each in shown:
            if each.report.scan_id not in told:
                here = fresh.setdefault(each.station.event_id, {})
                here.setdefault(each.report.scan_id, each)
        unheard = set()
        for event_id in sorted(fresh):
            for case in self._judged(connection, event_id, list(fresh[event_id].values())):
                told[case.scan.scan_id] = case.scan.station, case.wire
                unheard.add(case.scan.scan_id)
        answers = []
        for each in shown:
            scan_id = each.report.scan_id
            station, wire = told[scan_id]
            if station != each.station.id:
                raise ScanTakenError(scan_id)
            answers.append((wire, scan_id in unheard))
            unheard.discard(scan_id)
        return answers

    def _judged(
        self, connection: Connection, event_id: int, shown: Sequence[Presentation]
    ) -> list[Case]:
        """Judge and write down presentations at one event, none of which is known yet."""
        first = news.take_numbers(connection, event_id, len(shown))
        view = self.hall.view(connection, event_id, first - 1)
        for each in shown:
            if isinstance(each.reading, ByHand):
                must_do(connection, view.event, each.report.actor, Right.DOOR)
        sitting = Sitting.open(self.guestbook, connection, view, shown)
        cases, told = [], []
        for number, each in enumerate(shown, first):
            case = sitting.judge(each, int(self.clock() * 1000))
            body = case.news().to_json()
            sitting.heed(case, body)
            cases.append(case)
            told.append(News(number, case.now, SCAN, body))
        rows = [(case.scan, case.rest()) for case in cases]
        if not scans.add_all(connection, event_id, rows):
            raise AskedTwiceError
        news.write_all(connection, event_id, told)
        self.hall.remember(replace(sitting.view, number=told[-1].number))
        return cases

    def let_in(
        self,
        connection: Connection,
        station: Station,
        report: ScanReport | WalkInReport,
        pass_id: str,
        mark: Flag,
    ) -> WireVerdict:
        """Judge the guest with *pass_id* by the scan reported, as `present_all` does."""
        told = {"text": "", "direction": "entry", "pass_id": pass_id}
        shown = ScanReport.from_json(report.to_json() | told)
        presentation = Presentation(station, shown, ByHand(pass_id), frozenset({mark}))
        return self.present_all(connection, [presentation])[0][0]

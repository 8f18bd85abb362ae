"""A Hypothesis machine over stations, a server, links and clocks, in any order of faults."""

import itertools
import random
import shutil
import sys
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import ClassVar

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from checkin.domain.admission import Direction
from checkin.domain.attendance import Attendance
from checkin.domain.protocol import ScanRecord
from scanner.gatekeeper import PLAIN, Wish
from tests.checkin.factories import Clock
from tests.faults.counting import dice
from tests.faults.reckoning import ENTRY, GREEN, Sum, greens, passages, reckoned, shown, used
from tests.faults.world import HOURS, PASSES, Link, Message, Server, Tablet, Template

STATIONS = 3
which_station = st.integers(0, STATIONS - 1)
which_pass = st.integers(0, PASSES - 1)
of_scan = st.sampled_from(
    ["", "", "", "answer lost", "request lost", "refused", "crash before", "crash after"]
)
of_upload = st.sampled_from(["", "", "answer lost", "refused", "crash after"])
seeds = st.integers(0, 2**32 - 1)


class Machine(RuleBasedStateMachine):
    """Three stations and one server; what must hold is looked at after each step."""

    template: ClassVar[Template]
    scratch: ClassVar[Path]
    counts: ClassVar[Counter[str]]
    link: ClassVar[type[Link]] = Link
    server_of: ClassVar[type[Server]] = Server
    _numbers: ClassVar = itertools.count()

    def __init__(self) -> None:
        super().__init__()
        self.folder = self.scratch / f"world-{next(self._numbers)}"
        self.clock = Clock()
        self.server = self.server_of(self.scratch / "server", self.template, self.clock)
        self.tablets = [
            Tablet(self.folder / f"{n}", each, self.server, self.clock, link_of=self.link)
            for n, each in enumerate(self.template.stations)
        ]
        self.withdrawn = False
        self.reentry = False
        self.told: dict[str, set[str]] = {}  # passes a station heard to be used up
        self.lost: list[dict[str, object]] = []  # rows of books that are no more; once told

    @initialize(reentry=st.booleans(), skews=st.tuples(*[st.integers(-12, 12)] * STATIONS))
    def open_doors(self, *, reentry: bool, skews: tuple[int, ...]) -> None:
        self.reentry = reentry
        if reentry:
            self.server.house.change_event(reentry=True)
            self.server.copy()
        for tablet, hours in zip(self.tablets, skews, strict=True):
            self._connect(tablet)
            tablet.skew = hours * HOURS

    @rule(tablet=which_station, guest=which_pass, fault=of_scan)
    def come(self, tablet: int, guest: int, fault: str) -> None:
        self._present(self.tablets[tablet], guest, Direction.ENTRY, fault)

    @rule(guest=which_pass, where=st.lists(which_station, min_size=2, max_size=4))
    def come_again(self, guest: int, where: list[int]) -> None:
        """One pass at several doors, one after the other."""
        for each in where:
            self._present(self.tablets[each], guest, Direction.ENTRY, "")

    @rule(tablet=which_station, faults=st.lists(of_scan, min_size=2, max_size=PASSES))
    def queue(self, tablet: int, faults: list[str]) -> None:
        """Several guests at one door, and what befalls the line meanwhile."""
        for guest, fault in enumerate(faults):
            self._present(self.tablets[tablet], guest, Direction.ENTRY, fault)

    @rule(tablet=which_station, guest=which_pass, fault=of_scan)
    def vouch(self, tablet: int, guest: int, fault: str) -> None:
        """A supervisor lets somebody in against the rules, and says why."""
        wish = Wish(override=True, reason="khách của lãnh đạo", actor=self.template.supervisor)
        self._present(self.tablets[tablet], guest, Direction.ENTRY, fault, wish)

    @precondition(lambda self: self.reentry)
    @rule(tablet=which_station, guest=which_pass, fault=of_scan)
    def leave(self, tablet: int, guest: int, fault: str) -> None:
        self._present(self.tablets[tablet], guest, Direction.EXIT, fault)

    @rule(tablet=which_station)
    def cut(self, tablet: int) -> None:
        self.tablets[tablet].link.cut()

    @rule(tablet=which_station, fault=of_upload)
    def heal(self, tablet: int, fault: str) -> None:
        self.tablets[tablet].fault = fault
        self._connect(self.tablets[tablet])

    @rule(
        tablet=which_station,
        guests=st.lists(which_pass, min_size=1, max_size=PASSES),
        fault=of_upload,
    )
    def outage(self, tablet: int, guests: list[int], fault: str) -> None:
        """A station works alone for a while, and not all goes well when it comes back."""
        self.tablets[tablet].link.cut()
        for guest in guests:
            self._present(self.tablets[tablet], guest, Direction.ENTRY, "")
        self.tablets[tablet].fault = fault
        self._connect(self.tablets[tablet])

    @rule(tablet=which_station, seed=seeds)
    def stray(self, tablet: int, seed: int) -> None:
        """Let some of a journal reach the server twice, without order, and unanswered."""
        self._stray(tablet, seed)

    def _stray(self, tablet: int, seed: int) -> None:
        rng = dice(seed)
        records = self.tablets[tablet].journal.all()
        some = rng.sample(records, rng.randint(0, len(records)))
        for epoch in {record.epoch for record in some}:
            sent = [record.to_json() for record in some if record.epoch == epoch]
            request: Message = {"records": sent + sent[:1]}
            paired = self.tablets[tablet].paired
            said = self.server.answer(paired, "upload", request)
            held = self.server.rows(judge="station", station=paired.id, epoch=epoch)
            numbers = {row["n"] for row in held}
            assert numbers.issuperset(range(1, said["mark"] + 1)), "a mark over a gap"
            self.counts["strays"] += 1

    @rule(tablet=which_station)
    def ask_again(self, tablet: int) -> None:
        """The same scan again gets the same answer, whatever has happened since."""
        for request, verdict in list(self.tablets[tablet].asked.values())[-3:]:
            said = self.server.answer(self.tablets[tablet].paired, "present", request)
            assert said["verdict"] == verdict, "another answer to the same scan"
            self.counts["repeats"] += 1

    @rule(tablet=which_station, reboot=st.booleans())
    def lose_power(self, tablet: int, *, reboot: bool) -> None:
        self.counts["crashes"] += 1
        self.tablets[tablet].crash(reboot=reboot)

    @rule(tablet=which_station, hours=st.integers(-12, 12))
    def set_clock(self, tablet: int, hours: int) -> None:
        self.tablets[tablet].skew = hours * HOURS

    @rule(seconds=st.sampled_from([1, 5, 20, 90, 3600]))
    def wait(self, seconds: int) -> None:
        self.clock.pass_by(seconds)

    @rule(tablet=which_station)
    def undo(self, tablet: int) -> None:
        found = self.tablets[tablet]
        if found.lights and found.door.undo(found.lights[-1].scan_id, "nhầm người"):
            self.told.get(found.paired.id, set()).discard(found.lights[-1].pass_id)
            self.counts["undone"] += 1

    @rule()
    def keep_copy(self) -> None:
        self.server.copy()

    @rule(which=st.integers(0, 3), late=st.none() | seeds)
    def lose_the_server(self, which: int, late: int | None) -> None:
        """The disk of the server is lost; an older copy takes its place.

        What was on its way meanwhile may arrive *late*, before any station has called again.
        """
        for tablet in self.tablets:
            tablet.link.cut()
            tablet.asked.clear()
        self.counts["restores"] += 1
        self.lost += self.server.rows()
        self.server.restore(which % max(1, len(self.server.copies)))
        if late is not None:
            for each in range(STATIONS):
                self._stray(each, late)

    @rule(guest=which_pass)
    def withdraw(self, guest: int) -> None:
        self.withdrawn = True
        house = self.server.house
        house.change_invitation(house.passes[guest], state="withdrawn")

    def teardown(self) -> None:
        """Heal every link; then nothing is lost, and every second green is shown."""
        try:
            if sys.exc_info()[0] is None:  # otherwise it would hide what was found
                self._come_to_an_end()
        finally:
            for tablet in self.tablets:
                tablet.close()
            shutil.rmtree(self.folder, ignore_errors=True)

    def _connect(self, tablet: Tablet) -> None:
        greeted = not tablet.link.online  # then it hears the news before anything can fail
        tablet.connect()
        tablet.fault = ""
        acknowledged = len(tablet.journal.all()) - tablet.journal.waiting()
        stored = self.server.rows(judge="station", station=tablet.paired.id)
        assert acknowledged <= len(stored), "acknowledged, but not stored"
        if greeted or tablet.link.online:
            house = self.server.house
            self.told[tablet.paired.id] = {each for each in house.passes if self._used(each)}

    def _present(
        self, tablet: Tablet, guest: int, direction: Direction, fault: str, wish: Wish = PLAIN
    ) -> None:
        self.clock.pass_by(0.5)  # a guest takes a moment
        house = self.server.house
        pass_id = house.passes[guest]
        known = {
            "station": self._known_here(tablet, pass_id),
            "server": tablet.link.online and self._used(pass_id),
        }
        tablet.fault = fault
        lit = tablet.present(house.text(pass_id), direction, wish)
        tablet.fault = ""
        if not fault:
            tablet.turn()  # as the uplink does after each scan
        self.counts["scans"] += 1
        if lit is None or lit.verdict.outcome != GREEN or direction != ENTRY:
            return
        self.counts["greens"] += 1
        if "overridden" in lit.verdict.flags:
            self.counts["overruled"] += 1
            return
        assert not known[lit.verdict.judge], "a second green among those who can talk"

    def _known_here(self, tablet: Tablet, pass_id: str) -> bool:
        """Tell whether a station must know, by its journal or by hearsay, of an entry.

        With re-entry it may have heard of a later exit elsewhere, which frees the pass,
        and of no entry after that.
        """
        own = passages([(tablet.paired.id, each) for each in tablet.journal.all()])
        mine = own.get(pass_id, [])
        if not self.reentry:
            heard = pass_id in self.told.get(tablet.paired.id, ())
            return heard or used(mine, reentry=False)
        if not used(mine, reentry=True):
            return False
        last = greens(mine)[-1]
        once = [row for row in self.lost if row["pass_id"] == pass_id]
        told = greens(shown([*self.server.rows(pass_id=pass_id), *once]))
        return not any(
            each.direction != ENTRY and each.order > last.order and each.scan_id != last.scan_id
            for each in told
        )

    def _used(self, pass_id: str) -> bool:
        """Tell whether the server's book, read by the oracle, says that a pass is used."""
        return used(shown(self.server.rows(pass_id=pass_id)), reentry=self.reentry)

    def _come_to_an_end(self) -> None:
        for tablet in self.tablets:
            tablet.fault = ""
            tablet.link.cut()
            tablet.connect()
        records = self._journals()
        stored = {row["scan_id"] for row in self.server.rows(judge="station")}
        missing = [each.scan_id for _, each in records if each.scan_id not in stored]
        assert missing == [], "records were lost"
        assert all(tablet.journal.waiting() == 0 for tablet in self.tablets)
        assert all(tablet.journal.broken_at() is None for tablet in self.tablets)
        found, whole = self.server.house.attendance(), reckoned(records)
        self._adds_up(found, whole)
        self._first_came_first(found, records)
        self._order_does_not_matter(found, records)
        self.counts["conflicts"] += whole.conflicts
        self.counts["records"] += len(records)
        self.counts["examples"] += 1

    def _journals(self) -> list[tuple[str, ScanRecord]]:
        return [
            (tablet.paired.id, record)
            for tablet in self.tablets
            for record in tablet.journal.all()
        ]

    def _adds_up(self, found: Attendance, whole: Sum) -> None:
        assert (found.arrived, found.refused) == (whole.arrived, whole.refused)
        if not self.withdrawn:
            assert found.conflicting == whole.conflicts, "a second green is not shown"
        assert found.conflicting >= whole.conflicts, "a second green is not shown"
        if not self.reentry:
            assert whole.conflicts + whole.overruled == whole.greens - whole.arrived

    def _first_came_first(
        self, found: Attendance, records: list[tuple[str, ScanRecord]]
    ) -> None:
        """Where every clock had been set right, who truly came first counts as arrived."""
        lights = {light.scan_id: light for each in self.tablets for light in each.lights}
        first = {line.pass_id: line.scan_id for line in found.latest}
        for key, told in passages(records).items():
            entries = [lights[e.scan_id] for e in greens(told) if e.direction == ENTRY]
            if entries and all(light.timed for light in entries):
                earliest = min(entries, key=lambda light: light.true_ms)
                assert first[key] == earliest.scan_id, "the order of the guests is wrong"

    def _order_does_not_matter(
        self, found: Attendance, records: list[tuple[str, ScanRecord]]
    ) -> None:
        """Rebuild the book from the journals in two orders: it is the same book."""
        if len(records) < 2:
            return
        rng = dice(len(records))
        views = [self._rebuilt(records, rng, f"again-{turn}") for turn in range(2)]
        assert views[0] == views[1], "the order of arrival shows"
        if not self.withdrawn:
            sums = ("arrived", "inside", "conflicting", "minutes", "gates", "reasons")
            pairs = [(getattr(views[0], name), getattr(found, name)) for name in sums]
            assert [rebuilt for rebuilt, _ in pairs] == [live for _, live in pairs]

    def _rebuilt(
        self, records: list[tuple[str, ScanRecord]], rng: random.Random, name: str
    ) -> Attendance:
        server = Server(self.scratch / name, self.template, self.clock)
        if self.reentry:
            server.house.change_event(reentry=True)
        paired = {each.id: each for each in self.template.stations}
        for station, record in rng.sample(records, len(records)):
            server.answer(paired[station], "upload", {"records": [record.to_json()]})
        return replace(server.house.attendance(), number=0)

"""F13, F14: a journal on two devices, a server from an older copy, a book made of journals."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection

from checkin.domain.book import Scan
from checkin.domain.protocol import RosterSnapshot
from checkin.storage import scans
from checkin.storage.tables import scans as table
from scanner.journal import Journal
from scanner.roster import Carried
from tests.checkin.factories import Clock
from tests.faults.counting import a_fresh_seed, a_seed, dice, tell
from tests.faults.world import Server, Tablet, Template, a_template

MANY = 40
SCANS, NIGHTLY_SCANS = 200, 2_000


@pytest.fixture
def template(quick_folder: Path) -> Iterator[Template]:
    template = a_template(quick_folder / "template", many=MANY)
    yield template
    template.close()


@pytest.fixture
def server(template: Template, quick_folder: Path) -> Server:
    return Server(quick_folder / "server", template, Clock())


def a_tablet(server: Server, folder: Path, which: int = 0) -> Tablet:
    return Tablet(folder, server.template.stations[which], server, server.clock)


def present(tablet: Tablet, guests: list[int]) -> None:
    for guest in guests:
        tablet.time.pass_by(0.5)
        tablet.present(tablet.server.house.text(tablet.server.house.passes[guest]))


def heard_of_a_lost_book(server: Server, folder: Path) -> str:
    """Tell one station of another's guest, lose the server, and show it the pass alone."""
    here, there = (a_tablet(server, folder / f"{each}", each) for each in (0, 1))
    there.connect()
    present(there, [0])
    there.turn()
    here.connect()
    server.restore(0)
    for tablet in (here, there):
        tablet.link.cut()
    here.connect()  # the older copy knows of nobody, and nobody else has called yet
    here.link.cut()
    present(here, [0])
    return here.lights[-1].outcome


def test_a_station_keeps_what_it_heard_of_a_book_that_was_lost(
    server: Server, quick_folder: Path
) -> None:
    assert heard_of_a_lost_book(server, quick_folder) == "already_in"


def test_a_station_that_forgets_with_the_server_is_caught(
    server: Server, quick_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Seeded bug: the first snapshot of an older copy replaces all that was heard."""
    true = Carried.take_snapshot

    def wrong(self: Carried, snapshot: RosterSnapshot) -> None:
        self.note("heard_from", self.noted("incarnation"))
        true(self, snapshot)

    monkeypatch.setattr(Carried, "take_snapshot", wrong)

    assert heard_of_a_lost_book(server, quick_folder) == "admitted"


def a_copied_journal(server: Server, folder: Path) -> tuple[Tablet, Tablet]:
    """Return two devices with one journal, each of which has gone on for a while, alone."""
    first = a_tablet(server, folder / "first")
    first.connect()
    present(first, [0, 1, 2])
    first.close()
    shutil.copytree(folder / "first", folder / "second")
    first.open()
    second = a_tablet(server, folder / "second")
    present(first, [3, 4, 5, 6, 7, 8])
    present(second, [10, 11, 12, 13])
    return first, second


def unsettled(server: Server, *tablets: Tablet) -> list[str]:
    """Bring both journals to the server, twice; return what it still has not."""
    for tablet in [*tablets, *tablets]:
        tablet.link.cut()
        tablet.connect()
    stored = {row["scan_id"] for row in server.rows(judge="station")}
    shown = [light.scan_id for tablet in tablets for light in tablet.lights]
    return [each for each in shown if each not in stored]


@pytest.mark.parametrize("order", [(0, 1), (1, 0)], ids=["original first", "copy first"])
def test_a_copied_journal_is_noticed_and_both_are_kept(
    order: tuple[int, int], server: Server, quick_folder: Path
) -> None:
    both = a_copied_journal(server, quick_folder)

    missing = unsettled(server, *(both[each] for each in order))

    assert missing == []
    assert server.house.pairing.copied(server.house.event) == {both[0].paired.id}
    assert server.house.attendance().arrived == 13
    epochs = [row["epoch"] for row in server.rows(judge="station")]
    assert any(scans.FORK in epoch for epoch in epochs)


def test_numbers_that_two_scans_claim_may_not_be_passed_over(
    server: Server, quick_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    true = scans.add

    def wrong(
        connection: Connection, event_id: int, scan: Scan, rest: dict[str, Any]
    ) -> Scan | None:
        claimed = table.select().where(
            table.c.station == scan.station, table.c.epoch == scan.epoch, table.c.n == scan.n
        )
        taken = connection.execute(claimed.where(table.c.judge == scan.judge)).first()
        return None if taken else true(connection, event_id, scan, rest)

    monkeypatch.setattr(scans, "add", wrong)
    both = a_copied_journal(server, quick_folder)

    assert unsettled(server, *both) != []


def an_evening(server: Server, folder: Path, many: int, seed: int) -> list[Tablet]:
    """Let guests come to three stations, with a copy of the server taken in between."""
    rng = dice(seed)
    tablets = [a_tablet(server, folder / f"{which}", which) for which in range(3)]
    for tablet in tablets:
        tablet.connect()
    for number in range(many):
        tablet = rng.choice(tablets)
        if rng.random() < 1 / 50:
            tablet.link.cut()
        if rng.random() < 1 / 10:
            tablet.connect()
        if number in {many // 2, many - 60}:  # half a minute before the end
            server.copy()
        present(tablet, [rng.randrange(MANY)])
    for tablet in tablets:
        tablet.connect()
    return tablets


def comes_back(
    server: Server, folder: Path, many: int, seed: int, copy: int
) -> tuple[int, int]:
    """Lose the server's disk after an evening; return lost records and the board's change."""
    tablets = an_evening(server, folder, many, seed)
    before = server.house.attendance()
    if copy < 0:
        server.copies.clear()  # nothing is left but the copy made before the doors opened
    server.restore(copy)
    held = len(server.rows(judge="station"))
    for tablet in tablets:
        tablet.link.cut()
        tablet.connect()
    records = [each.scan_id for tablet in tablets for each in tablet.journal.all()]
    stored = {row["scan_id"] for row in server.rows(judge="station")}
    after = server.house.attendance()
    names = ("arrived", "inside", "conflicting", "refused", "minutes", "gates", "reasons")
    changed = sum(getattr(before, name) != getattr(after, name) for name in names)
    tell("restore", seed, records=len(records), in_the_copy=held, stored=len(stored))
    assert held < len(records)
    return len(set(records) - stored), changed


@pytest.mark.parametrize("copy", [0, 1, -1], ids=["half", "30 s old", "before the doors"])
def test_a_server_from_an_older_copy_gets_everything_back(
    copy: int, server: Server, quick_folder: Path
) -> None:
    assert comes_back(server, quick_folder, SCANS, a_seed(5), copy) == (0, 0)


@pytest.mark.nightly
@pytest.mark.timeout(900)
@pytest.mark.parametrize("copy", [1, -1], ids=["30 s old", "before the doors"])
def test_two_thousand_scans_come_back(copy: int, server: Server, quick_folder: Path) -> None:
    assert comes_back(server, quick_folder, NIGHTLY_SCANS, a_fresh_seed(), copy) == (0, 0)


def test_a_station_that_keeps_its_highest_mark_is_found_out(
    server: Server, quick_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    true, highest = Journal.acknowledge, dict[str, int]()

    def wrong(self: Journal, epoch: str, mark: int) -> None:
        highest[epoch] = max(mark, highest.get(epoch, 0))
        true(self, epoch, highest[epoch])

    monkeypatch.setattr(Journal, "acknowledge", wrong)

    assert comes_back(server, quick_folder, SCANS, a_seed(5), 1)[0] > 0

"""What stations and boards are told: never more than they lack, never less."""

import random
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from checkin.domain.attendance import Attendance, Line, apply
from checkin.services import rosters
from checkin.services.rosters import Rosters, Update
from invitations.storage.database import Database
from tests.checkin.factories import Device, House, a_house


@pytest.fixture
def house(database: Database, tmp_path: Path) -> House:
    return a_house(database, tmp_path / "keys", many=30)


def keep_up(known: Attendance, update: Update) -> Attendance | None:
    """Return what a board shows that knew *known* and heard *update*."""
    if update.snapshot is not None:
        return as_board(update.snapshot)
    heard: Attendance | None = known
    for each in update.news:
        heard = apply(heard, each["number"], each["kind"], each["body"]) if heard else None
    return heard


def as_board(found: dict[str, Any]) -> Attendance:
    lists = {name: tuple(Line(**line) for line in found[name]) for name in LISTS}
    return Attendance(**found | lists)


LISTS = ("latest", "refusals", "conflicts")


def something_happens(house: House, devices: list[Device], rng: random.Random) -> None:
    """Let a guest come, online or not, leave, be stopped, or be taken back."""
    device, pass_id = rng.choice(devices), rng.choice(house.passes[:8])
    house.clock.pass_by(rng.choice([1, 40]))
    event = rng.randrange(5)
    if event == 0:
        device.shows(pass_id, offset_ms=rng.choice([0, -30_000, None]))
    elif event == 1:
        device.uploads(device.record(pass_id, offset_ms=rng.choice([0, -90_000])))
    elif event == 2:
        device.shows(pass_id, direction="exit")
    elif event == 3:
        report = device.report(house.text(pass_id))
        house.door.present(device.station, report)
        device.uploads(
            device.record(
                pass_id,
                rng.choice(["admitted", "already_in"]),
                n=report.n,
                scan_id=report.scan_id,
            )
        )
    else:
        latest = house.attendance().latest
        if latest:
            device.uploads(device.record(latest[0].pass_id, undoes=latest[0].scan_id))


@settings(max_examples=10, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 2**32), join=st.integers(0, 20))
def test_a_board_that_heard_the_news_shows_the_book(
    sqlite_database: Database, tmp_path: Path, seed: int, join: int
) -> None:
    rng = random.Random(seed)  # noqa: S311 - the same story for the same seed
    house = a_house(sqlite_database, tmp_path / f"keys{seed}", many=8, reentry=True)
    devices = [house.at_gate(0), house.at_gate(1)]
    known: Attendance | None = None
    for step in range(25):
        if step == join:
            known = house.attendance()
        something_happens(house, devices, rng)

    assert known is not None
    heard = keep_up(known, house.rosters.board_since(house.event, known.number))

    assert heard == house.attendance()


def test_what_a_board_cannot_work_out_comes_as_a_snapshot(house: House) -> None:
    house.at_gate().shows(house.passes[0])
    known = house.attendance()
    house.change_invitation(house.passes[1], state="withdrawn")

    update = house.rosters.board_since(house.event, known.number)

    assert (update.news, update.head) == ((), known.number + 1)
    assert keep_up(known, update) == house.attendance()


@pytest.mark.parametrize("number", [-1, 7])
def test_a_number_from_nowhere_gets_everything(house: House, number: int) -> None:
    device = house.at_gate()
    device.shows(house.passes[0])

    board = house.rosters.board_since(house.event, number)
    station = house.rosters.since(device.station, number)

    assert board.snapshot is not None
    assert station.snapshot is not None
    assert (len(station.snapshot["entries"]), len(station.snapshot["scans"])) == (30, 1)


def test_a_gap_that_is_too_large_gets_everything(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    device = house.at_gate()
    for each in house.passes[:4]:
        device.shows(each)
    monkeypatch.setattr(rosters, "LARGEST_GAP", 3)

    updates = [house.rosters.since(device.station, number) for number in (0, 1)]

    assert [update.snapshot is not None for update in updates] == [True, False]
    assert [each["number"] for each in updates[1].news] == [2, 3, 4]


def test_a_restarted_server_tells_the_same(house: House) -> None:
    house.at_gate().shows(house.passes[0])
    before = house.rosters.attendance(house.event)

    fresh = Rosters(house.database, house.guestbook, house.sealing)
    assert fresh.attendance(house.event) == before


def test_a_board_without_catching_up_is_caught(house: House) -> None:
    """Seeded bug: a board that lost some news shows what it happens to hear."""
    device, known = house.at_gate(), house.attendance()
    for each in house.passes[:3]:
        device.shows(each)
    lost = house.rosters.board_since(house.event, known.number).news[1:]

    heard = keep_up(known, Update(known.number, 3, lost))

    assert heard is None  # the gap is seen; nothing wrong is shown
    assert house.attendance().arrived == 3

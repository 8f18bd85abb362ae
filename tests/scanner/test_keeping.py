"""How long a station keeps what it has, and that it never forgets what nobody else holds."""

import os
import time
from dataclasses import replace
from pathlib import Path

import pytest

from checkin.domain.wire import rules_to_json
from scanner.config import Paired, StationConfig, keep_paired
from scanner.errors import JournalError
from scanner.identity import forget_key, has_key, station_key
from scanner.keeping import DAY_S, forget_journal, forget_list, set_aside, sweep
from scanner.station import assemble
from tests.scanner.door_frames import EVENT, a_text
from tests.scanner.little_server import RULES, STATION
from tests.scanner.rigs import NOWHERE
from tests.scanner.test_desk import open_at, shut


@pytest.mark.parametrize(
    ("days", "left"),
    [pytest.param(0.9, 3, id="the next day"), pytest.param(1.1, 0, id="later")],
)
def test_the_list_is_forgotten_a_day_after_the_doors_closed(
    tmp_path: Path, days: float, left: int
) -> None:
    station = open_at(tmp_path)
    carried = station.gatekeeper.carried
    station.desk.present(a_text(1))

    forget_list(carried, RULES.closes_at + days * DAY_S)

    assert (carried.counts().expected, bool(carried.noted("staff"))) == (left, left > 0)
    assert len(carried.earlier(f"{1:016x}")) == 1
    shut(station)


@pytest.mark.parametrize(
    ("days", "sent", "wiped"),
    [
        pytest.param(29, True, False, id="within thirty days"),
        pytest.param(31, True, True, id="after thirty days"),
        pytest.param(31, False, False, id="unsent records are kept for ever"),
    ],
)
def test_the_journal_is_kept_for_thirty_days_and_until_it_is_sent(
    tmp_path: Path, days: int, *, sent: bool, wiped: bool
) -> None:
    station = open_at(tmp_path)
    station.desk.present(a_text(1))
    if sent:
        station.journal.acknowledge(station.journal.epoch, 1)
    station.journal.close()
    carried, now = station.gatekeeper.carried, RULES.closes_at + days * DAY_S

    found = forget_journal(tmp_path, STATION, carried, now)

    assert (found, (tmp_path / "journal.db").exists()) == (wiped, not wiped)
    carried.close()


def test_a_station_opened_long_after_the_event_starts_a_journal_of_its_own(
    tmp_path: Path,
) -> None:
    station = open_at(tmp_path)
    station.desk.present(a_text(1))
    station.journal.acknowledge(station.journal.epoch, 1)
    long_ago = int(time.time()) - 40 * DAY_S
    rules = rules_to_json(replace(RULES, closes_at=long_ago))
    station.gatekeeper.carried.note("rules", rules)
    shut(station)

    place = Paired(NOWHERE, STATION, EVENT, "Họp báo", 1, "Cửa A", "một hai ba bốn")
    again = assemble(StationConfig(tmp_path, camera="61"), place)

    assert again.journal.all() == []
    shut(again)


def test_a_machine_that_becomes_another_station_keeps_its_old_journal(tmp_path: Path) -> None:
    station = open_at(tmp_path)
    station.desk.present(a_text(1))
    shut(station)
    with pytest.raises(JournalError):
        set_aside(tmp_path, STATION)
    again = open_at(tmp_path)
    again.journal.acknowledge(again.journal.epoch, 1)
    shut(again)

    set_aside(tmp_path, STATION)

    assert [path.name for path in tmp_path.glob("journal*")] == [f"journal-{STATION}.db"]


def test_journals_set_aside_are_swept_out_after_thirty_days(tmp_path: Path) -> None:
    for name, days in (("journal-old.db", 31), ("journal-new.db", 29)):
        (tmp_path / name).write_bytes(b"records")
        then = time.time() - days * DAY_S
        os.utime(tmp_path / name, (then, then))

    sweep(tmp_path)

    assert [path.name for path in tmp_path.iterdir()] == ["journal-new.db"]


def test_a_key_that_is_forgotten_is_gone_and_a_new_one_is_another(tmp_path: Path) -> None:
    first = station_key(tmp_path).public_hex
    forget_key(tmp_path)
    gone = not has_key(tmp_path)

    assert (gone, station_key(tmp_path).public_hex != first) == (True, True)


def test_how_it_is_paired_is_for_its_own_user_only(tmp_path: Path) -> None:
    place = Paired(NOWHERE, STATION, EVENT, "Họp báo", 1, "Cửa A", "một hai ba bốn")
    keep_paired(tmp_path, place)

    assert (tmp_path / "paired.json").stat().st_mode & 0o777 == 0o600

"""``thumoi verify-journal`` and ``thumoi fleet``: what was tampered with, how the doors are."""

import json
import sqlite3
from argparse import Namespace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from checkin.cli import main
from checkin.commands import journals, stations
from checkin.commands.room import Room
from checkin.config import Config
from checkin.control import Order
from checkin.domain.protocol import ScanRecord
from checkin.domain.stations import StationStatus
from checkin.words import speaking
from invitations.domain.model import Office
from invitations.storage.database import Database
from scanner.journal import Journal
from tests.checkin.factories import NOON, Device, House, a_house

STATION = "00000000000000a1"


def a_record(number: int) -> ScanRecord:
    return ScanRecord(
        epoch="",
        n=0,
        scan_id=f"scan-{number}",
        pass_id=f"{number:016x}",
        generation=0,
        direction="entry",
        outcome="admitted",
        flags=["offline"],
        judge="station",
        wall_ms=NOON * 1000,
        mono_ms=1,
        boot_id="boot",
        offset_ms=None,
        offset_error_ms=None,
        heads=2 if number == 2 else 0,
        detail={"sealed": "AAAA"} if number == 3 else {},
    )


@pytest.fixture(name="file")
def a_journal_file(tmp_path: Path) -> Path:
    journal = Journal(tmp_path / "journal.db", STATION)
    for number in range(1, 6):
        journal.write(a_record(number))
    journal.close()
    return tmp_path / "journal.db"


def tampered(file: Path, sql: str) -> None:
    """Do to the file what its own triggers would refuse."""
    database = sqlite3.connect(file)
    for trigger in ("never_changed", "never_deleted"):
        database.execute(f"DROP TRIGGER {trigger}")
    database.execute(sql)
    database.commit()
    database.close()


def verified(file: Path, capsys: pytest.CaptureFixture[str]) -> tuple[int, dict[str, Any]]:
    code = main(["verify-journal", str(file), "--json"])
    return code, json.loads(capsys.readouterr().out)


def test_a_journal_as_it_was_written_is_sound(
    file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = file.read_bytes()

    code, found = verified(file, capsys)

    assert (code, found["sound"]) == (0, True)
    assert [each["records"] for each in found["journals"]] == [5]
    assert file.read_bytes() == before
    assert [path.name for path in file.parent.iterdir()] == ["journal.db"]


@pytest.mark.parametrize(
    ("sql", "named"),
    [
        pytest.param(
            "UPDATE record SET outcome = 'already_in' WHERE n = 3", (3, "changed"), id="changed"
        ),
        pytest.param("UPDATE record SET heads = 1 WHERE n = 2", (2, "changed"), id="heads"),
        pytest.param("UPDATE record SET detail = '{}' WHERE n = 3", (3, "changed"), id="note"),
        pytest.param("DELETE FROM record WHERE n = 3", (4, "missing"), id="taken out"),
        pytest.param("UPDATE record SET hash = 'f' WHERE n = 4", (4, "changed"), id="its hash"),
        pytest.param("DELETE FROM record WHERE n = 1", (2, "missing"), id="the first taken"),
    ],
)
def test_the_first_damaged_record_is_named(
    file: Path, capsys: pytest.CaptureFixture[str], sql: str, named: tuple[int, str]
) -> None:
    tampered(file, sql)

    code, found = verified(file, capsys)
    (damage,) = [each["damage"] for each in found["journals"]]

    assert (code, found["sound"]) == (1, False)
    assert (damage["n"], damage["kind"]) == named


def test_it_is_said_in_words(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    tampered(file, "UPDATE record SET outcome = 'already_in' WHERE n = 3")

    with speaking("vi"):
        code = main(["verify-journal", str(file)])

    assert code == 1
    assert f"Trạm {STATION}" in (said := capsys.readouterr().out)
    assert "bản ghi số 3 (lượt scan-3, 19/11/2026 11:00:00) không khớp" in said


def test_what_is_no_journal_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "letter.txt").write_text("Kính gửi")

    codes = [
        main(["verify-journal", str(tmp_path / "letter.txt")]),
        main(["verify-journal", str(tmp_path / "nowhere.db")]),
    ]

    assert codes == [1, 2]
    assert capsys.readouterr().err.count("\n") >= 2


def a_room(house: House, folder: Path) -> Room:
    config = Config(data=folder, database="", keys=folder)
    office = Office(house.office, "Văn phòng UBND")
    return Room(config, house.database, office, house.officer, Order(()))


def of_server(house: House, folder: Path) -> tuple[int, dict[str, Any]]:
    wish = Namespace(server=house.event, json=True)
    answer = journals.of_server(wish, a_room(house, folder))
    return answer.code, json.loads(answer.out)


def a_device_with_records(house: House) -> Device:
    device = house.at_gate()
    device.uploads(*(device.record(guest) for guest in house.passes))
    return device


def test_the_servers_journals_are_sound(database: Database, tmp_path: Path) -> None:
    house = a_house(database, tmp_path / "keys")
    device = a_device_with_records(house)

    code, found = of_server(house, tmp_path)

    assert (code, found["sound"]) == (0, True)
    assert [(j["station"], j["records"]) for j in found["journals"]] == [(device.station.id, 5)]


def test_one_byte_changed_in_the_servers_book_is_found(
    sqlite_database: Database, tmp_path: Path
) -> None:
    house = a_house(sqlite_database, tmp_path / "keys")
    a_device_with_records(house)
    sqlite_database.write(lambda tx: tx.execute(text("DROP TRIGGER scans_update")))
    other = "CASE substr(pass_id, 1, 1) WHEN 'f' THEN 'e' ELSE 'f' END"
    change = f"UPDATE scans SET pass_id = {other} || substr(pass_id, 2) WHERE n = 2"  # noqa: S608 - ours
    sqlite_database.write(lambda tx: tx.execute(text(change)))

    code, found = of_server(house, tmp_path)

    assert (code, found["journals"][0]["damage"]["n"]) == (1, 2)


def test_the_fleet_is_told_with_its_health(sqlite_database: Database, tmp_path: Path) -> None:
    house = a_house(sqlite_database, tmp_path / "keys", closes_at=4_000_000_000)
    told, silent = house.at_gate(0), house.at_gate(1)
    status = StationStatus(
        online=False,
        waiting=7,
        list_as_of=NOON - 90,
        camera="stalled",
        median_ms=41,
        battery=64,
        last_scan_ms=NOON * 1000,
        operator="Trưởng Ca",
        offset_ms=-7_200_000,
        version="0.1.0",
    )
    house.pairing.heard(told.station.id, status.to_json())

    with speaking("vi"):
        answer = stations.show(Namespace(all=False, json=True), a_room(house, tmp_path))
        page = stations.show(Namespace(all=False, json=False), a_room(house, tmp_path)).out
    ships = json.loads(answer.out)

    assert [(ship["gate"], ship["state"]) for ship in ships] == [
        ("Cửa A", "silent"),
        ("Cửa B", "new"),
    ]
    assert ships[0] | {"list_age_s": 0, "seen_s": 0} == {
        "id": told.station.id,
        "name": "Máy 1",
        "event": house.event,
        "title": "Họp báo định kỳ tháng 11/2026",
        "gate": "Cửa A",
        "state": "silent",
        "seen_s": 0,
        "operator": "Trưởng Ca",
        "waiting": 7,
        "list_age_s": 0,
        "camera": "stalled",
        "battery": 64,
        "skew_ms": 7_200_000,
        "median_ms": 41,
        "last_scan_ms": NOON * 1000,
        "version": "0.1.0",
    }
    assert silent.station.name in page
    assert "64 %  +7200 s" in page


def test_stations_signed_out_are_listed_when_all_are_asked_for(
    sqlite_database: Database, tmp_path: Path
) -> None:
    house = a_house(sqlite_database, tmp_path / "keys", closes_at=4_000_000_000)
    house.pairing.revoke(house.at_gate().station.id)
    room = a_room(house, tmp_path)

    few = json.loads(stations.show(Namespace(all=False, json=True), room).out)
    every = json.loads(stations.show(Namespace(all=True, json=True), room).out)

    assert (few, [ship["state"] for ship in every]) == ([], ["signed_out"])

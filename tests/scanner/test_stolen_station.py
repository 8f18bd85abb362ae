"""A stolen station: no names, no passes; and once it was signed out, nothing at all."""

import sqlite3
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update

from checkin.domain.accounts import Account, Role
from checkin.domain.sealing import PinCost
from checkin.services.accounts import Accounts, NewAccount
from checkin.services.pins import Pins
from checkin.storage.tables import scans
from invitations.storage.database import Database
from invitations.storage.tables import guests
from scanner.answers import WalkInForm
from scanner.sealed import SealedList
from scanner.station import Station
from tests.checkin.factories import House
from tests.checkin.serving import PASSWORD, a_house_now, opened
from tests.scanner.test_with_the_house import a_paired_station, a_restarted_station, soon
from tests.scanner.theft import cells, haul, opened_by, readable

NOTE = "ngồi ghế đầu"
CHEAP = PinCost(t=1, m=64, p=1)
WALK_IN = WalkInForm(
    "Hoàng Thị Canary", "Tạp chí Chim Yến", "quên đăng ký", "Trần Vouch", phone="0901999888"
)


@dataclass
class Evening:
    """A house, a station in it, and the PIN of a supervisor."""

    house: House
    folder: Path
    staff: str
    pin: str


def phone_of(number: int) -> str:
    return f"090155{number:04d}"


@pytest.fixture(name="evening")
def an_evening(sqlite_database: Database, tmp_path: Path) -> Evening:
    house = a_house_now(sqlite_database, tmp_path, many=14, walk_ins="allow")

    def give_phones(tx: Any) -> None:
        for number in tx.scalars(select(guests.c.id)).all():
            mine = guests.c.id == number
            tx.execute(
                update(guests).where(mine).values(phone=phone_of(number), note="ghế đầu")
            )

    sqlite_database.write(give_phones)
    new = NewAccount("ca@ubnd.example", "Trưởng Ca", Role.SUPERVISOR, PASSWORD)
    account = Accounts(sqlite_database).create(house.officer, new)
    assert isinstance(account, Account)
    _, pin = Pins(sqlite_database, cost=CHEAP).renew(house.officer, account.id)
    return Evening(house, tmp_path / "station", str(account.id), pin)


def rehearsed(evening: Evening) -> Station:
    """Return a station after an evening with and without a line, cut off in its work."""
    house = evening.house
    with opened(house, evening.folder.parent) as found:
        station = a_paired_station(found, evening.folder)
        station.uplink.start()
        assert soon(lambda: station.uplink.online and station.gatekeeper.carried.head >= 1)
        for guest in house.passes[:3]:
            assert station.desk.present(house.text(guest)).shown is not None
        assert station.desk.present(house.door_code(house.passes[3])).shown is not None
        assert station.desk.open_shift(evening.staff, evening.pin).staff is not None
        assert station.desk.search("nguyen").hits != ()
        assert soon(lambda: station.journal.waiting() == 0)
    assert soon(lambda: not station.uplink.online)
    worked_alone(station, evening)
    return station


def worked_alone(station: Station, evening: Evening) -> None:
    """Let the station work without a line: passes, codes, a search, a walk-in, an undo."""
    desk, house = station.desk, evening.house
    desk.close_shift()
    shown = desk.present(house.text_as_issued(house.passes[4])).shown
    assert shown is not None
    assert shown.verdict.entry is not None
    assert shown.verdict.entry["name"] == house.entry(house.passes[4]).name
    assert desk.open_shift(evening.staff, evening.pin).staff is not None
    assert desk.present(house.door_code(house.passes[5])).shown is not None
    assert desk.admit(house.passes[6]).shown is not None
    assert desk.search("thanh nien").hits != ()
    assert desk.walk_in(WALK_IN).state == "admitted"
    assert desk.undo(shown.scan_id, "mistake").problem == ""


def secrets_of(house: House) -> set[str]:
    """Return everything that must not be read on a station."""
    entries = [house.entry(guest) for guest in house.passes]
    told = {value for each in entries for value in (each.name, each.organisation)}
    told |= {each.door_code for each in entries} | {phone_of(n) for n in range(1, 15)}
    told |= {WALK_IN.name, WALK_IN.organisation, WALK_IN.phone, WALK_IN.vouched_by}
    return told | {NOTE}


def end(station: Station) -> None:
    station.uplink.stop()
    station.journal.close()
    station.gatekeeper.carried.close()


@pytest.fixture(name="stolen")
def a_stolen_station(evening: Evening) -> Iterator[Station]:
    station = rehearsed(evening)
    yield station
    end(station)


def test_on_a_stolen_station_nobody_can_be_read(evening: Evening, stolen: Station) -> None:
    found = haul(evening.folder)

    assert {"journal.db", "roster.db", "paired.json", "station.key"} <= set(found)
    assert readable(found.values(), secrets_of(evening.house)) == set()
    assert stolen.gatekeeper.carried.counts().expected == 14


def test_nothing_on_a_stolen_station_is_a_pass(evening: Evening, stolen: Station) -> None:
    stolen.desk.close_shift()

    assert opened_by(haul(evening.folder), stolen.gatekeeper) == []


def test_a_pass_text_that_was_kept_is_caught(evening: Evening, stolen: Station) -> None:
    """The seeded bug: somebody logs what the camera read."""
    stolen.desk.close_shift()
    text = evening.house.text(evening.house.passes[2])
    (evening.folder / "camera.log").write_text(f"read {text} at 19:02\n")

    assert opened_by(haul(evening.folder), stolen.gatekeeper) == [text]


def test_a_thief_without_the_pin_reads_no_name(evening: Evening, stolen: Station) -> None:
    stolen.desk.close_shift()
    carried = stolen.gatekeeper.carried

    names = {getattr(carried.entry(guest), "name", None) for guest in evening.house.passes}

    assert names == {""}
    assert stolen.desk.search("nguyen").problem == "closed"


def test_a_column_with_names_is_caught(
    evening: Evening, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The seeded bug: somebody keeps the names that were shown, to draw the history again."""
    opens = SealedList.open

    def keeping(self: SealedList, *args: Any) -> Any:
        found = opens(self, *args)
        if found and found["name"]:
            database = self._database  # as a column of its own would
            database.execute("CREATE TABLE IF NOT EXISTS shown (name TEXT)")
            database.execute("INSERT INTO shown VALUES (?)", (found["name"],))
        return found

    monkeypatch.setattr(SealedList, "open", keeping)
    station = rehearsed(evening)

    found = readable(haul(evening.folder).values(), secrets_of(evening.house))
    end(station)

    assert evening.house.entry(evening.house.passes[4]).name in found


def test_only_its_own_user_reads_the_files(evening: Evening, stolen: Station) -> None:
    modes = {
        path.name: stat.S_IMODE(path.stat().st_mode) & 0o077
        for path in [evening.folder, *evening.folder.iterdir()]
    }

    assert set(modes.values()) == {0}
    assert stolen.journal.broken_at() is None


def test_signed_out_it_brings_its_records_and_forgets_everything(
    evening: Evening, stolen: Station
) -> None:
    house, station = evening.house, stolen.uplink.caller.station
    brought = {record.scan_id for record in stolen.journal.all()}
    assert stolen.journal.waiting() > 0
    house.pairing.revoke(station)
    end(stolen)
    port = int(stolen.uplink.caller.server.rsplit(":", 1)[1])
    again = a_restarted_station(stolen, evening.folder)
    with opened(house, evening.folder.parent, port):
        again.uplink.start()
        assert soon(lambda: again.uplink.trouble == "revoked")
        assert soon(lambda: not (evening.folder / "station.key").exists())

    with house.database.read() as connection:
        rows = connection.execute(
            select(scans.c.scan_id, scans.c.verdict).where(scans.c.judge == "station")
        ).all()
    carried = again.gatekeeper.carried
    left = [value for value in cells(evening.folder / "roster.db") if value is not None]

    assert brought <= {row.scan_id for row in rows}
    assert [row for row in rows if "revoked" in row.verdict] != []
    assert (carried.rules, carried.trust.keys, carried.noted("staff")) == (None, (), None)
    assert [value for value in left if value in house.passes] == []
    assert readable(haul(evening.folder).values(), secrets_of(house)) == set()
    assert again.desk.present(house.text(house.passes[9])).problem == "signed_out"
    end(again)


def test_what_is_deleted_from_the_list_is_gone_from_the_disk(
    evening: Evening, stolen: Station
) -> None:
    carried, path = stolen.gatekeeper.carried, evening.folder / "roster.db"
    sealed = [str(value) for value in cells(path) if isinstance(value, str)]
    marks = {value[:40] for value in sealed if len(value) > 200 and "{" not in value}

    carried.forget_list()

    assert len(marks) == 14
    assert readable(haul(evening.folder).values(), marks) == set()


def test_a_plain_delete_would_be_caught(evening: Evening, stolen: Station) -> None:
    """The seeded bug: rows deleted without ``secure_delete`` stay in the file."""
    path = evening.folder / "roster.db"
    marks = {str(v)[:40] for v in cells(path) if isinstance(v, str) and len(v) > 200}
    end(stolen)
    careless = sqlite3.connect(path)
    careless.execute("PRAGMA secure_delete = OFF")
    careless.execute("DELETE FROM entry")
    careless.commit()
    careless.close()

    assert readable(haul(evening.folder).values(), marks) != set()

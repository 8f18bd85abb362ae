"""PINs and signing out: made and shown once, told to the stations, nothing lost by haste."""

import re
from pathlib import Path

import pytest

from checkin.domain import sealing
from checkin.domain.accounts import Account, Role
from checkin.domain.sealing import PinCost
from checkin.domain.stations import StationStatus
from checkin.services.accounts import Accounts, NewAccount
from checkin.services.pins import Pins
from checkin.storage import accounts as rows
from invitations.domain.errors import NotFoundError
from invitations.domain.model import Actor
from invitations.storage.database import Database
from tests.checkin.factories import House, a_house
from tests.checkin.people import PASSWORD, SAME_ORIGIN
from tests.checkin.serving import a_house_now, opened

CHEAP = PinCost(t=1, m=64, p=1)


@pytest.fixture(name="house")
def the_house(database: Database, tmp_path: Path) -> House:
    return a_house(database, tmp_path / "keys", closes_at=4_000_000_000)


def an_account(house: House, role: Role) -> Account:
    new = NewAccount(f"{role}@ubnd.example", "Lê Thị Trực", role, PASSWORD)
    made = Accounts(house.database).create(house.officer, new)
    assert isinstance(made, Account)
    return made


def staff_of(house: House) -> list[dict[str, object]]:
    """Return the staff list that a station of the event is given."""
    snapshot = house.rosters.since(house.at_gate().station, -1).snapshot
    assert snapshot is not None
    found: list[dict[str, object]] = snapshot["staff"]
    return found


def test_a_pin_unwraps_the_events_key_for_its_own_role(house: House) -> None:
    account = an_account(house, Role.STEWARD)
    _, pin = Pins(house.database, house.clock, CHEAP).renew(house.officer, account.id)

    (line,) = staff_of(house)
    key = sealing.key_of_pin(pin, bytes.fromhex(str(line["salt"])), CHEAP)
    sealed = bytes.fromhex(str(line["sealed_key"]))

    assert re.fullmatch(r"[0-9]{6}", pin)
    assert sealing.unwrap_key(key, sealed, staff_id=str(line["id"])) == (
        house.sealing.key(house.event),
        "steward",
    )
    assert (line["id"], line["name"], line["role"]) == (
        str(account.id),
        "Lê Thị Trực",
        "steward",
    )


def test_the_pin_itself_is_nowhere_in_the_database(house: House) -> None:
    account = an_account(house, Role.SUPERVISOR)
    _, pin = Pins(house.database, house.clock, CHEAP).renew(house.officer, account.id)

    with house.database.read() as connection:
        (kept,) = rows.with_pins(connection, house.office)

    assert pin.encode() not in kept.key + kept.salt
    assert kept.key == sealing.key_of_pin(pin, kept.salt, CHEAP)


def test_a_new_pin_kills_the_old_one(house: House) -> None:
    account, pins = an_account(house, Role.STEWARD), Pins(house.database, house.clock, CHEAP)
    _, old = pins.renew(house.officer, account.id)
    pins.renew(house.officer, account.id)

    (line,) = staff_of(house)
    key = sealing.key_of_pin(old, bytes.fromhex(str(line["salt"])), CHEAP)

    sealed = bytes.fromhex(str(line["sealed_key"]))
    assert sealing.unwrap_key(key, sealed, staff_id=str(line["id"])) is None


def test_only_those_who_work_at_doors_get_one(house: House) -> None:
    viewer = an_account(house, Role.VIEWER)
    stranger = Actor("Chi", house.office + 1, "officer", 9)
    steward = an_account(house, Role.STEWARD)
    pins = Pins(house.database, house.clock, CHEAP)

    with pytest.raises(NotFoundError):
        pins.renew(house.officer, viewer.id)
    with pytest.raises(NotFoundError):
        pins.renew(stranger, steward.id)

    assert staff_of(house) == []


def test_the_stations_hear_of_a_new_pin_and_of_a_shut_account(house: House) -> None:
    account = an_account(house, Role.STEWARD)
    device, head = house.at_gate(), house.rosters.head(house.event)
    Pins(house.database, house.clock, CHEAP).renew(house.officer, account.id)
    Accounts(house.database, house.clock).disable(house.officer, account.id)

    first, second = house.rosters.since(device.station, head).news

    assert [first["kind"], second["kind"]] == ["staff", "staff"]
    assert second["body"] == {"staff": []}
    assert staff_of(house) == []


def test_the_accounts_page_shows_a_pin_once(sqlite_database: Database, tmp_path: Path) -> None:
    house = a_house_now(sqlite_database, tmp_path)
    account = an_account(house, Role.STEWARD)
    with opened(house, tmp_path) as found:
        client = found.app.test_client()
        for name, value in found.cookies(Role.OFFICER).items():
            client.set_cookie(name, value)
        made = client.post(f"/accounts/{account.id}/pin", headers=SAME_ORIGIN)
        later = client.get("/accounts")

    shown = re.search(r"<code>([0-9]{3}) ([0-9]{3})</code>", made.text)
    assert (made.status_code, later.status_code) == (200, 200)
    assert shown is not None
    assert "Có mã PIN ở cửa" in later.text
    assert "".join(shown.groups()) not in later.text.replace(" ", "")


def test_a_station_with_unsent_records_is_signed_out_only_when_forced(
    sqlite_database: Database, tmp_path: Path
) -> None:
    house = a_house_now(sqlite_database, tmp_path)
    station = house.at_gate().station
    status = StationStatus(
        online=True,
        waiting=3,
        list_as_of=1,
        camera="online",
        battery=64,
        operator="Đỗ Trưởng",
        offset_ms=-7_200_000,
    )
    house.pairing.heard(station.id, status.to_json())
    address = f"/events/{house.event}/stations/{station.id}/revoke"
    with opened(house, tmp_path) as found:
        client = found.app.test_client()
        for name, value in found.cookies(Role.OFFICER).items():
            client.set_cookie(name, value)
        asked = client.post(address, headers=SAME_ORIGIN, follow_redirects=True)
        still = house.pairing.find(station.id)
        client.post(address, headers=SAME_ORIGIN, data={"force": "1"})
        gone = house.pairing.find(station.id)

    assert "còn 3 lượt chưa gửi" in asked.text
    assert "Ngắt dù chưa gửi đủ (3 lượt)" in asked.text
    for words in ("Trực: Đỗ Trưởng", "Pin 64 %<", "Đồng hồ lệch 7200 giây"):
        assert words in asked.text
    assert still is not None
    assert still.revoked_at is None
    assert gone is not None
    assert gone.revoked_at is not None

"""The sealing desk: what leaves for a station tells no name, and is sealed once for all."""

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from checkin.domain import sealing
from checkin.services.rosters import Rosters
from checkin.services.sealing import Sealing
from invitations.domain import roster
from invitations.domain.errors import KeyFileError
from invitations.storage.database import Database
from tests.checkin.factories import House, a_house


@pytest.fixture(name="house")
def the_house(database: Database, tmp_path: Path) -> House:
    return a_house(database, tmp_path / "keys", many=12)


def snapshot_of(house: House) -> dict[str, Any]:
    found = house.rosters.since(house.at_gate().station, -1).snapshot
    assert found is not None
    return found


def names_of(house: House) -> set[str]:
    entries = [house.entry(guest) for guest in house.passes]
    private = {value for each in entries for value in (each.name, each.organisation)}
    return private | {each.door_code for each in entries}


def told_in_clear(house: House, found: object) -> set[str]:
    text = json.dumps(found, ensure_ascii=False)
    return {name for name in names_of(house) if name in text}


def test_a_snapshot_tells_no_name_and_opens_by_pass_and_by_key(house: House) -> None:
    found = snapshot_of(house)
    key = house.sealing.key(house.event)

    assert told_in_clear(house, found) == set()
    for line in found["entries"]:
        entry = roster.to_json(house.entry(line["pass_id"]))
        door_pass = house.text_as_issued(line["pass_id"])
        assert sealing.open_by_pass(line, door_pass) == entry
        assert sealing.open_by_key(line, key) == entry


def test_news_tell_no_name_either(house: House) -> None:
    device, head = house.at_gate(), house.rosters.head(house.event)
    device.shows(house.passes[0])
    house.change_invitation(house.passes[1], state="withdrawn")

    scan, changed = house.rosters.since(device.station, head).news

    assert (scan["kind"], changed["kind"]) == ("scan", "roster")
    assert told_in_clear(house, [scan, changed]) == set()
    opened = sealing.open_by_key(changed["body"], house.sealing.key(house.event))
    assert opened == roster.to_json(house.entry(house.passes[1]))


def test_names_in_the_news_of_scans_are_caught(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The seeded bug: the news go out as the board gets them."""
    monkeypatch.setattr("checkin.services.sealing.OF_THE_SCAN", ())
    device, head = house.at_gate(), house.rosters.head(house.event)
    device.shows(house.passes[0])

    (scan,) = house.rosters.since(device.station, head).news

    assert told_in_clear(house, scan) != set()


def test_the_key_of_an_event_is_made_once(house: House) -> None:
    other = Sealing(house.database, house.guestbook, house.keyring.seed)

    with ThreadPoolExecutor(8) as pool:
        keys = set(pool.map(lambda desk: desk.key(house.event), [house.sealing, other] * 8))

    assert len(keys) == 1


def test_a_list_is_sealed_once_for_stations_that_come_together(house: House) -> None:
    fetched: list[int] = []

    def seed(kid: int) -> bytes:
        fetched.append(kid)
        return house.keyring.seed(kid)

    rosters = Rosters(
        house.database, house.guestbook, Sealing(house.database, house.guestbook, seed)
    )
    stations = [house.at_gate().station for _ in range(6)]
    with ThreadPoolExecutor(6) as pool:
        found = list(pool.map(lambda station: rosters.since(station, -1), stations))

    assert len(fetched) == 1
    assert [len((each.snapshot or {})["entries"]) for each in found] == [12] * 6


def test_without_the_private_key_a_line_still_opens_by_the_events_key(house: House) -> None:
    def nobody_has_it(kid: int) -> bytes:
        raise KeyFileError("missing", str(kid))

    desk = replace(house.sealing, seed=nobody_has_it)
    key = desk.key(house.event)
    with house.database.read() as connection:
        line = desk.line(connection, house.event, house.entry(house.passes[0]))

    assert line["box"] == ""
    assert sealing.open_by_key(line, key) == roster.to_json(house.entry(house.passes[0]))

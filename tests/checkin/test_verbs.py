"""The rarer verbs of a station's line: searches, guests by name, walk-ins, substitutes."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from invitations.storage.database import Database
from tests.checkin.doorstaff import Staffed
from tests.checkin.factories import Device
from tests.checkin.serving import Open, a_house_now, opened
from tests.checkin.test_line import ask, called


@pytest.fixture
def place(sqlite_database: Database, tmp_path: Path) -> Iterator[tuple[Open, Staffed]]:
    house = a_house_now(sqlite_database, tmp_path)
    doors = Staffed(house)
    with opened(house, tmp_path) as found:
        yield found, doors


def scan(device: Device, **changes: Any) -> dict[str, Any]:
    """Return a report of *device* of this moment."""
    return device.report("", wall_ms=int(time.time() * 1000), **changes).to_json()


def test_a_guest_is_searched_for_and_admitted_by_name(place: tuple[Open, Staffed]) -> None:
    house, doors = place
    device, pass_id = house.house.at_gate(), house.house.passes[0]
    steward = doors.id_of("steward")
    name = house.house.entry(pass_id).name

    with called(house, device) as (line, _):
        found = ask(line, do="search", query=name, actor=steward)
        named = scan(device, pass_id=pass_id, actor=steward)
        tried = ask(line, do="simulate", scan=named)
        admitted = ask(line, do="admit", scan=named)
        again = ask(line, do="search", query=name, actor=steward)

    assert [(hit["pass_id"], hit["inside"]) for hit in found["hits"]] == [(pass_id, False)]
    assert found["more"] is False
    assert tried["verdict"]["outcome"] == admitted["verdict"]["outcome"] == "admitted"
    assert [hit["inside"] for hit in again["hits"]] == [True]


def test_who_may_not_is_told_so(place: tuple[Open, Staffed]) -> None:
    house, doors = place
    device, pass_id = house.house.at_gate(), house.house.passes[0]
    viewer, steward = doors.id_of("viewer"), doors.id_of("steward")
    guest = {"name": "Lê Thị Sáu"}

    with called(house, device) as (line, _):
        errors = [
            ask(line, do="search", query="Nguyễn", actor=viewer)["error"],
            ask(line, do="search", query="ng", actor=steward)["error"],
            ask(line, do="admit", scan=scan(device, pass_id=pass_id, actor=viewer))["error"],
            ask(
                line,
                do="substitute",
                scan=scan(device, pass_id=pass_id, actor=steward),
                guest=guest,
            )["error"],
            ask(line, do="present", scan=scan(device, pass_id=pass_id, actor=viewer))["error"],
        ]

    assert errors == ["no_right", "too_short", "no_right", "no_right", "no_right"]


def test_a_substitute_and_a_walk_in_come_in(place: tuple[Open, Staffed]) -> None:
    house, doors = place
    device, pass_id = house.house.at_gate(), house.house.passes[0]
    supervisor = doors.id_of("supervisor")
    walk_in = scan(device, actor=supervisor) | {"name": "Đỗ Văn Tám", "reason": "Đi cùng"}

    with called(house, device) as (line, _):
        seat = scan(device, pass_id=pass_id, actor=supervisor)
        sat = ask(line, do="substitute", scan=seat, guest={"name": "Lê Thị Sáu"})
        shown = device.report(sat["pass_text"], wall_ms=int(time.time() * 1000)).to_json()
        again = ask(line, do="present", scan=shown)
        asked = ask(line, do="walk_in", walk_in=walk_in)

    assert (sat["verdict"]["outcome"], again["verdict"]["outcome"]) == (
        "admitted",
        "already_in",
    )
    assert asked["walk_in"]["state"] == "asked"


@pytest.mark.parametrize(
    ("request_", "field"),
    [
        ({"do": "search", "query": 3, "actor": "1"}, "query"),
        ({"do": "admit"}, "scan"),
        ({"do": "walk_in", "walk_in": []}, "walk_in"),
        ({"do": "substitute", "scan": {}}, "guest"),
    ],
)
def test_a_malformed_wish_is_named(
    place: tuple[Open, Staffed], request_: dict[str, Any], field: str
) -> None:
    house, _ = place

    with called(house, house.house.at_gate()) as (line, _):
        answer = ask(line, **request_)

    assert (answer["error"], answer["detail"]) == ("bad_message", field)


@pytest.mark.parametrize(
    "changes",
    [{"heads": -1}, {"heads": 1.5}, {"override": 1}, {"reason": 3}, {"pass_id": "a\0"}],
)
def test_a_wish_with_a_wrong_field_is_refused_by_name(
    place: tuple[Open, Staffed], changes: dict[str, Any]
) -> None:
    house, _ = place
    device = house.house.at_gate()

    with called(house, device) as (line, _):
        answer = ask(line, do="present", scan=scan(device) | changes)

    assert (answer["error"], answer["detail"]) == ("bad_message", next(iter(changes)))


@pytest.mark.parametrize("name", ["name", "vouched_by", "reason"])
def test_a_walk_in_with_a_wrong_field_is_refused_by_name(
    place: tuple[Open, Staffed], name: str
) -> None:
    house, doors = place
    device = house.house.at_gate()
    plain = scan(device, actor=doors.id_of("steward")) | {"name": "Tám"}

    with called(house, device) as (line, _):
        answer = ask(line, do="walk_in", walk_in=plain | {name: "x" * 501})

    assert (answer["error"], answer["detail"]) == ("bad_message", name)

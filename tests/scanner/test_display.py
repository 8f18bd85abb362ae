"""The kiosk's web server: it answers this machine alone, and tells no more than it must."""

import re
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import httpx
import numpy as np
import pytest
import zxingcpp

from checkin.domain.admission import Direction
from checkin.domain.protocol import WireVerdict
from scanner.cameras import list_cameras
from scanner.devices import devices
from scanner.display import Display, kiosk
from scanner.door import Shown
from scanner.facing import Facing
from scanner.labels import qr_symbol
from scanner.lines import lines_of
from tests.scanner.door_frames import a_text
from tests.scanner.little_server import an_entry
from tests.scanner.rigs import Rig
from tests.scanner.screens import a_door, employ

CODE = "471108329957"
GUESTS = [
    an_entry(1, honorific="Bà", name="Nguyễn Thị Minh Ánh", door_code=CODE),
    an_entry(2, name="Lê Quang Huy", vip=True),
    an_entry(3, name="<img src=x onerror=alert(1)>", state="withdrawn"),
    an_entry(4, name="Tâm & Sơn"),
]


@pytest.fixture(name="rig")
def a_rig_with_a_screen(tmp_path: Path) -> Iterator[tuple[Rig, Display]]:
    with a_door(tmp_path, GUESTS) as door:
        yield door


def ask(method: str, url: str, **headers: str) -> int:
    fields = {name.replace("_", "-"): value for name, value in headers.items()}
    body = {"text": a_text(1)} if method == "POST" else None
    return httpx.request(method, url, headers=fields, json=body, trust_env=False).status_code


def test_only_this_machine_under_its_own_name_is_answered(rig: tuple[Rig, Display]) -> None:
    url = rig[1].url

    assert ask("GET", url + "state") == 200
    assert ask("GET", url + "state", Host="evil.example") == 403
    assert ask("GET", url + "state", Host="127.0.0.1.evil.example") == 403


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        pytest.param({"Sec_Fetch_Site": "same-origin"}, 200, id="our page"),
        pytest.param({"Sec_Fetch_Site": "cross-site"}, 403, id="a foreign page"),
        pytest.param({"Sec_Fetch_Site": "same-site"}, 403, id="another port"),
        pytest.param({}, 403, id="nobody says who"),
        pytest.param({"Origin": "http://evil.example"}, 403, id="a foreign origin"),
    ],
)
def test_only_our_own_page_may_act(
    rig: tuple[Rig, Display], headers: dict[str, str], status: int
) -> None:
    found, display = rig

    assert ask("POST", display.url + "typed", **headers) == status
    assert len(found.station.journal.all()) == (status == 200)


def test_an_old_browser_is_known_by_its_origin(rig: tuple[Rig, Display]) -> None:
    url = rig[1].url

    assert ask("POST", url + "typed", Origin=url.rstrip("/")) == 200


def test_the_page_may_load_nothing_from_elsewhere(rig: tuple[Rig, Display]) -> None:
    answer = httpx.get(rig[1].url, trust_env=False)

    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "https://" not in answer.text


def test_the_state_names_no_guest(rig: tuple[Rig, Display]) -> None:
    found, display = rig
    found.station.typed(a_text(1))

    state = httpx.get(display.url + "state", trust_env=False)

    assert state.json()["last"]["outcome"] == "admitted"
    assert (state.json()["arrived"], state.json()["expected"]) == (1, 4)
    assert "Ánh" not in state.text


def test_undo_needs_a_known_reason(rig: tuple[Rig, Display]) -> None:
    found, display = rig
    shown = found.station.typed(a_text(1))
    assert shown is not None

    def undo(reason: str) -> int:
        wish = {"scan_id": shown.scan_id, "reason": reason}
        ours = {"Sec-Fetch-Site": "same-origin"}
        return httpx.post(
            display.url + "undo", json=wish, headers=ours, trust_env=False
        ).status_code

    assert [undo("because"), undo("mistake"), undo("mistake")] == [400, 200, 409]


def act(display: Display, path: str, **wish: str) -> int:
    ours = {"Sec-Fetch-Site": "same-origin"}
    url = display.url + path
    return httpx.post(url, json=wish, headers=ours, trust_env=False).status_code


def test_only_a_camera_that_is_plugged_in_can_be_chosen(
    rig: tuple[Rig, Display], tmp_path: Path
) -> None:
    station = rig[0].station
    for number, name in enumerate(("Cổng trước", "Cổng sau")):
        node = tmp_path / "system" / f"video{number}"
        node.mkdir(parents=True)
        (node / "name").write_text(name, encoding="utf-8")
        (node / "index").write_text("0")
    found = partial(list_cameras, tmp_path / "system", tmp_path / "none", tmp_path)
    display = Display(station, cameras=found)
    display.start()

    sheet = httpx.get(display.url + "sheet/cameras", trust_env=False).text
    chosen = [
        act(display, "camera", source="rtsp://evil.example/"),
        act(display, "camera", source=str(tmp_path / "video1")),
    ]
    display.stop()

    assert ("Cổng trước" in sheet, "Cổng sau" in sheet) == (True, True)
    assert chosen == [400, 200]
    assert station.camera.source == str(tmp_path / "video1")
    assert station.gatekeeper.carried.noted("camera") == str(tmp_path / "video1")


def test_a_camera_without_a_lamp_lights_none(rig: tuple[Rig, Display]) -> None:
    assert act(rig[1], "torch", on="1") == 409
    assert rig[0].station.screen.lamp is None


@pytest.mark.parametrize(
    ("path", "wish", "status"),
    [
        pytest.param("override", {"scan_id": "x", "reason": "because"}, 400, id="no reason"),
        pytest.param("override", {"scan_id": "x", "reason": "other"}, 409, id="no such scan"),
        pytest.param("heads", {"scan_id": "x", "heads": "two"}, 400, id="no number"),
        pytest.param("heads", {"scan_id": "x", "heads": "2"}, 409, id="no such party"),
        pytest.param("answers", {"scan_id": "x", "a-card": "yes"}, 409, id="nothing asked"),
        pytest.param("badge", {"scan_id": "x"}, 409, id="no badge"),
        pytest.param("admit", {"pass_id": "x"}, 409, id="no shift"),
        pytest.param("walk-in", {"name": "A"}, 409, id="nobody to vouch"),
        pytest.param("substitute", {"pass_id": "x", "name": "A"}, 409, id="nobody decides"),
        pytest.param("direction", {"direction": "up"}, 400, id="no direction"),
        pytest.param("self-service", {}, 409, id="nobody could leave it"),
        pytest.param("rehearsal", {"on": "1"}, 409, id="no supervisor"),
        pytest.param("shift", {"staff_id": "x", "pin": "1"}, 409, id="no such PIN"),
    ],
)
def test_what_cannot_be_done_is_refused_and_changes_nothing(
    rig: tuple[Rig, Display], path: str, wish: dict[str, str], status: int
) -> None:
    assert act(rig[1], path, **wish) == status
    assert rig[0].station.journal.all() == []


def test_guests_who_scan_alone_reach_nothing_else(rig: tuple[Rig, Display]) -> None:
    found, display = rig
    shown = found.station.typed(a_text(1))
    assert shown is not None
    employ(found, Lan="steward")
    Facing(found.station.gatekeeper.carried).to_guests(on=True)

    reached = [ask("GET", display.url + path) for path in ("", "state", "sheet/leave")]
    closed = [
        *("sheet/history", "search?q=nguyen", "organisations?q=bao", "devices"),
        *(f"verdict/{shown.scan_id}", f"label/{shown.scan_id}", "sheet/cameras"),
    ]
    refused = [ask("GET", display.url + path) for path in closed]
    acts = [act(display, path) for path in ("admit", "walk-in", "undo", "camera", "facing")]

    assert reached == [200] * 3
    assert refused == [403] * len(closed)
    assert acts == [403] * 5


def test_only_a_page_that_is_printed_may_stand_in_a_frame(rig: tuple[Rig, Display]) -> None:
    found, display = rig
    shown = found.station.typed(a_text(1))
    assert shown is not None

    framed = {
        path: "frame-ancestors 'self'"
        in httpx.get(display.url + path, trust_env=False).headers["Content-Security-Policy"]
        for path in ("", "sheet/history", f"label/{shown.scan_id}")
    }

    assert framed == {"": False, "sheet/history": False, f"label/{shown.scan_id}": True}


def test_a_pass_made_at_the_door_is_drawn_as_every_reader_reads_it() -> None:
    drawn = str(qr_symbol(a_text(1)))
    path = re.search(r'd="(M4[^"]*)"', drawn)
    assert path is not None
    picture = np.full((45 * 4, 45 * 4), 255, np.uint8)
    for x, y, width, height in re.findall(r"M(\d+) (\d+)h(\d+)v(\d+)", path[1]):
        left, top = int(x) * 4, int(y) * 4
        picture[top : top + 4 * int(height), left : left + 4 * int(width)] = 0

    assert [symbol.text for symbol in zxingcpp.read_barcodes(picture)] == [a_text(1)]


def test_a_pass_for_another_event_says_which_if_the_server_knew(
    rig: tuple[Rig, Display],
) -> None:
    budget = {"title": "Họp báo ngân sách", "starts_at": 1_797_039_000}
    at_the_server = WireVerdict("wrong_event", [], event=budget)
    shown = [
        Shown(1, "s", verdict, Direction.ENTRY, 0, 0)
        for verdict in (at_the_server, WireVerdict("wrong_event", [], judge="station"))
    ]

    with kiosk(rig[0].station).test_request_context("/?lang=vi"):
        said = [lines_of(each) for each in shown]

    other, desk = "Thẻ của sự kiện khác", "Mời khách qua bàn hỗ trợ."
    assert said == [(other, "Họp báo ngân sách, 08:30 12/12/2026", desk), (other, desk)]


def test_the_check_list_names_what_is_wrong(rig: tuple[Rig, Display], tmp_path: Path) -> None:
    battery = tmp_path / "power" / "BAT0"
    battery.mkdir(parents=True)
    (battery / "capacity").write_text("12\n")
    (battery / "status").write_text("Discharging\n")
    app = kiosk(rig[0].station)
    with app.test_request_context("/", base_url="http://127.0.0.1"):
        found = {each.key: each.state for each in devices(rig[0].station, tmp_path / "power")}

    assert found == {
        "camera": "bad",
        "decoder": "bad",
        "journal": "good",
        "line": "good",
        "clock": "good",
        "list": "good",
        "battery": "bad",
    }

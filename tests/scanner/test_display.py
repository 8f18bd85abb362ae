"""The kiosk's web server: it answers this machine alone, and tells no more than it must."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from scanner.display import Display
from tests.scanner.door_frames import a_text
from tests.scanner.little_server import an_entry
from tests.scanner.rigs import Rig
from tests.scanner.screens import a_door

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

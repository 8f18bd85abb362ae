"""The stations' line over a real server: the protocol word by word, and what is malformed."""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from checkin.domain.protocol import (
    CHALLENGE_PATH,
    LINE_PATH,
    PAIR_PATH,
    POST_PATH,
    SESSION_PATH,
    RosterSnapshot,
    challenge_bytes,
)
from checkin.domain.wire import trust_from_json
from checkin.web.frames import LARGEST_MESSAGE
from invitations.storage.database import Database
from tests.checkin.factories import Device
from tests.checkin.serving import Open, a_house_now, opened


@pytest.fixture
def place(sqlite_database: Database, tmp_path: Path) -> Iterator[Open]:
    with opened(a_house_now(sqlite_database, tmp_path), tmp_path) as found:
        yield found


@contextmanager
def called(place: Open, device: Device) -> Iterator[tuple[ClientConnection, dict[str, Any]]]:
    """Lend an open line of *device*, and what the server greeted it with."""
    address = place.address.replace("http", "ws", 1) + LINE_PATH
    with connect(address, proxy=None, compression=None, close_timeout=1) as line:
        challenge = json.loads(line.recv(5))["challenge"]
        line.send(json.dumps(proof(device, challenge)))
        yield line, json.loads(line.recv(5))


def proof(device: Device, challenge: str) -> dict[str, Any]:
    signed = device.key.sign(challenge_bytes(challenge, device.station.id)).hex()
    return {"station": device.station.id, "signature": signed, "head": 0, "version": 1}


def ask(line: ClientConnection, **request: Any) -> dict[str, Any]:
    line.send(json.dumps({"id": 7, **request}))
    return heard(line, "id")


def heard(line: ClientConnection, key: str) -> dict[str, Any]:
    """Return the next message that has *key*."""
    while True:
        found: dict[str, Any] = json.loads(line.recv(5))
        if key in found:
            return found


def present(device: Device, which: int) -> dict[str, Any]:
    text = device.house.text(device.house.passes[which])
    now = int(time.time() * 1000)
    return {"do": "present", "scan": device.report(text, wall_ms=now).to_json()}


def test_a_station_is_greeted_with_everything_it_needs(place: Open) -> None:
    device = place.house.at_gate(1)

    with called(place, device) as (_, hello):
        assert (hello["event"], hello["gate"], hello["marks"]) == (
            place.house.event,
            "Cửa B",
            {},
        )
        assert trust_from_json(hello["trust"]) == place.house.keyring.trust()
        assert hello["incarnation"] == place.house.pairing.incarnation()
        assert abs(hello["now_ms"] - time.time() * 1000) < 5_000


def test_present_upload_since_and_status_over_one_line(place: Open) -> None:
    device = place.house.at_gate()

    with called(place, device) as (line, _):
        verdict = ask(line, **present(device, 0))
        record = device.record(place.house.passes[1], n=1)
        uploaded = ask(line, do="upload", records=[record.to_json()])
        since = ask(line, do="since", number=0)
        whole = ask(line, do="since", number=-1)
        status = ask(
            line,
            do="status",
            status={"online": True, "waiting": 0, "list_as_of": 1, "camera": "online"},
        )

    assert verdict["verdict"]["outcome"] == "admitted"
    assert (uploaded["mark"], uploaded["incarnation"]) == (1, place.house.pairing.incarnation())
    assert [each["kind"] for each in since["news"]] == ["scan", "scan"]
    snapshot = RosterSnapshot.from_json(whole["snapshot"])
    assert (snapshot.head, len(snapshot.entries), len(snapshot.scans)) == (2, 5, 2)
    assert "error" not in status
    found = place.house.pairing.find(device.station.id)
    assert found is not None
    assert found.status["camera"] == "online"


def test_what_happens_at_one_gate_is_pushed_to_the_other(place: Open) -> None:
    at_a, at_b = place.house.at_gate(0), place.house.at_gate(1)

    with called(place, at_a) as (line_a, _), called(place, at_b) as (line_b, _):
        ask(line_a, **present(at_a, 0))
        pushed = heard(line_b, "push")

    assert pushed["head"] == 1
    assert pushed["news"][0]["body"]["pass_id"] == place.house.passes[0]


@pytest.mark.parametrize(
    "message",
    [
        pytest.param("not json", id="no json"),
        pytest.param("[]", id="no object"),
        pytest.param("[" * 50_000, id="deep"),
        pytest.param('{"id": 7}', id="no verb"),
        pytest.param('{"id": 7, "do": "dance"}', id="unknown verb"),
        pytest.param('{"id": 7, "do": "present"}', id="no scan"),
        pytest.param('{"id": 7, "do": "present", "scan": {"text": 1}}', id="half a scan"),
        pytest.param('{"id": 7, "do": "upload", "records": 3}', id="no records"),
        pytest.param('{"id": 7, "do": "upload", "records": []}', id="empty records"),
        pytest.param('{"id": 7, "do": "upload", "records": [null]}', id="null record"),
        pytest.param('{"id": 7, "do": "since", "number": "x"}', id="no number"),
        pytest.param('{"id": 7, "do": "status", "status": {}}', id="empty status"),
    ],
)
def test_a_malformed_message_is_named_and_the_line_lives_on(place: Open, message: str) -> None:
    device = place.house.at_gate()

    with called(place, device) as (line, _):
        line.send(message)
        answer = heard(line, "id")
        after = ask(line, **present(device, 0))

    assert answer["error"] == "bad_message"
    assert after["verdict"]["outcome"] == "admitted"


@pytest.mark.parametrize(
    "changes",
    [
        {"n": "1"},
        {"wall_ms": 2**70},
        {"scan_id": ""},
        {"direction": "up"},
        {"epoch": "e" * 99},
        {"text": "x\0"},
    ],
)
def test_a_scan_with_a_wrong_field_is_refused_by_name(
    place: Open, changes: dict[str, Any]
) -> None:
    device = place.house.at_gate()
    asked = present(device, 0)
    asked["scan"] |= changes

    with called(place, device) as (line, _):
        answer = ask(line, **asked)

    assert (answer["error"], answer["detail"]) == ("bad_message", next(iter(changes)))


def test_a_message_that_is_too_large_ends_the_line_but_not_the_server(place: Open) -> None:
    device = place.house.at_gate()

    with called(place, device) as (line, _):
        line.send("x" * (LARGEST_MESSAGE + 1))
        with pytest.raises(ConnectionClosed):
            heard(line, "id")
    with called(place, device) as (line, _):
        assert ask(line, **present(device, 0))["verdict"]["outcome"] == "admitted"


def test_a_stranger_and_a_revoked_station_are_turned_away(place: Open) -> None:
    device, stranger = place.house.at_gate(), place.house.at_gate()
    stranger.key = device.key
    with called(place, stranger) as (_, answer):
        assert answer == {"error": "unknown"}

    place.house.pairing.revoke(device.station.id)
    with called(place, device) as (_, answer):
        assert answer == {"error": "revoked"}


def test_pairing_over_http_says_what_is_wrong(place: Open) -> None:
    house = place.house
    offer = house.pairing.offer(house.event, house.gates[0], house.officer)
    key = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"

    def pair(code: str, public_key: str = key) -> httpx.Response:
        body = {"code": code, "public_key": public_key, "name": "Máy", "version": 1}
        return httpx.post(place.address + PAIR_PATH, json=body, trust_env=False)

    unknown, bad, good, used = (
        pair("1"),
        pair(offer.code, "00"),
        pair(offer.code),
        pair(offer.code),
    )

    assert (unknown.status_code, unknown.json()) == (404, {"error": "code_unknown"})
    assert (bad.status_code, bad.json()["error"]) == (400, "bad_key")
    assert (good.status_code, good.json()["gate"]) == (200, "Cửa A")
    assert (used.status_code, used.json()) == (410, {"error": "code_expired"})


def session(client: httpx.Client, device: Device) -> httpx.Response:
    challenge = client.get(CHALLENGE_PATH).json()["challenge"]
    body = proof(device, challenge) | {"challenge": challenge}
    return client.post(SESSION_PATH, json=body)


def test_the_same_messages_work_over_http(place: Open) -> None:
    device = place.house.at_gate()

    with httpx.Client(base_url=place.address, trust_env=False) as client:
        hello = session(client, device).json()
        bearer = {"Authorization": f"Bearer {hello['bearer']}"}
        asked = {"id": 1, **present(device, 0)}
        verdict = client.post(POST_PATH, json=asked, headers=bearer).json()
        nobody = client.post(POST_PATH, json=asked)

    assert verdict["verdict"]["outcome"] == "admitted"
    assert nobody.status_code == 401


def test_a_revoked_station_may_still_bring_its_journal(place: Open) -> None:
    device = place.house.at_gate()
    place.house.pairing.revoke(device.station.id)
    record = device.record(place.house.passes[0], wall_ms=int(time.time() * 1000))

    with httpx.Client(base_url=place.address, trust_env=False) as client:
        refused = session(client, device)
        bearer = {"Authorization": f"Bearer {refused.json()['bearer']}"}
        upload = {"id": 1, "do": "upload", "records": [record.to_json()]}
        taken = client.post(POST_PATH, json=upload, headers=bearer)
        asked = client.post(POST_PATH, json={"id": 2, **present(device, 1)}, headers=bearer)

    assert (refused.status_code, refused.json()["error"]) == (403, "revoked")
    assert taken.json()["mark"] == 1
    assert (asked.status_code, asked.json()["error"]) == (403, "revoked")


def test_a_page_in_a_browser_cannot_use_these_routes(place: Open) -> None:
    strange = {"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"}

    for path in (PAIR_PATH, SESSION_PATH, POST_PATH):
        answer = httpx.post(place.address + path, json={}, headers=strange, trust_env=False)
        assert answer.status_code == 403


def test_the_short_way_and_the_long_way_answer_alike(place: Open) -> None:
    device = place.house.at_gate()
    with called(place, device) as (_, hello):
        bearer = {"Authorization": f"Bearer {hello['bearer']}"}
    request = present(device, 0)
    origin = place.address  # a sign of a browser of ours: this one goes the long way

    with httpx.Client(base_url=place.address, headers=bearer, trust_env=False) as client:
        first = client.post(POST_PATH, json=request)
        bodies: list[object] = [request, {"do": "dance"}, [], {"do": "present", "scan": {}}]
        head = {"Origin": origin}
        answers = [
            (client.post(POST_PATH, json=body), client.post(POST_PATH, json=body, headers=head))
            for body in bodies
        ]
        client.headers.pop("Authorization")
        strangers = [
            client.post(POST_PATH, json=request, headers=head)
            for head in ({}, {"Origin": origin})
        ]

    assert first.json()["verdict"]["outcome"] == "admitted"
    for short, long in [*answers, tuple(strangers)]:
        told = [{**each.json(), "now_ms": 0} for each in (short, long)]
        assert told[0] == told[1]
        assert short.status_code == long.status_code
        ours = [dict(each.headers) for each in (short, long)]
        for each in ours:
            for name in ("date", "server", "content-length", "connection", "vary"):
                each.pop(name, None)
        assert ours[0] == ours[1]


def test_a_strange_host_does_not_take_the_short_way(place: Open) -> None:
    device = place.house.at_gate()
    with called(place, device) as (_, hello):
        headers = {"Authorization": f"Bearer {hello['bearer']}", "Host": "evil.example"}

    refused = httpx.post(
        place.address + POST_PATH, json=present(device, 0), headers=headers, trust_env=False
    )

    assert refused.status_code == httpx.codes.BAD_REQUEST
    assert place.house.attendance().arrived == 0

"""The boards' own line speaks Socket.IO as a browser expects it, and only to its own pages."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect

from checkin.domain.accounts import Role
from invitations.storage.database import Database
from tests.checkin.factories import House
from tests.checkin.serving import Open, a_house_now, opened

WITHIN_S = 10


@pytest.fixture
def house(sqlite_database: Database, tmp_path: Path) -> House:
    return a_house_now(sqlite_database, tmp_path)


@pytest.fixture
def place(house: House, tmp_path: Path) -> Iterator[Open]:
    with opened(house, tmp_path) as found:
        yield found


@contextmanager
def a_board(place: Open, cookies: dict[str, str], **more: Any) -> Iterator[ClientConnection]:
    cookie = "; ".join(f"{name}={value}" for name, value in cookies.items())
    address = place.address.replace("http:", "ws:")
    with connect(
        f"{address}/socket.io/?EIO=4&transport=websocket",
        additional_headers={"Cookie": cookie},
        **more,
    ) as board:
        assert heard(board)[0] == "0"
        yield board


def heard(board: ClientConnection) -> tuple[str, Any]:
    """Return the next message but pings: its numbers, and what it says."""
    while (said := str(board.recv(WITHIN_S))) == "2":
        board.send("3")
    rest = said.lstrip("0123456789")
    return said[: len(said) - len(rest)], json.loads(rest)


def test_a_board_is_let_in_told_everything_and_answered(house: House, place: Open) -> None:
    with a_board(place, place.cookies(Role.VIEWER)) as board:
        board.send(f'40{{"event":{house.event},"number":-1}}')
        told = [heard(board) for _ in range(3)]
        head = told[1][1][1]["head"]
        board.send(f'427["since",{{"number":{head}}}]')
        answer = heard(board)

    assert [(kind, body[0] if isinstance(body, list) else "") for kind, body in told] == [
        ("40", ""),
        ("42", "update"),
        ("42", "gates"),
    ]
    assert answer == ("437", [{"since": head, "head": head, "news": [], "snapshot": None}])


def test_an_admission_is_told_on_a_line_of_its_own(house: House, place: Open) -> None:
    with a_board(place, place.cookies(Role.VIEWER)) as board:
        board.send(f'40{{"event":{house.event},"number":-1}}')
        told = [heard(board)[1] for _ in range(3)]
        device = house.at_gate()
        place.app_door().present(
            device.station, device.report(house.text(house.passes[0]), offset_ms=None)
        )
        while told[-1][0] != "update":
            told.append(heard(board)[1])

    assert [each["body"]["pass_id"] for each in told[-1][1]["news"]] == [house.passes[0]]


@pytest.mark.parametrize(
    "said", ["40", "40{}", '40{"event":1}', '40{"event":"1"}', "40[[[", '40{"event":999}']
)
def test_nobody_watches_without_an_account(place: Open, said: str) -> None:
    with a_board(place, {}) as board:
        board.send(said)

        assert heard(board)[0] == "44"


def test_who_is_not_let_in_is_answered_nothing(place: Open) -> None:
    with a_board(place, {}) as board:
        board.send('421["since",{"number":0}]')

        assert heard(board) == ("431", [{"error": "unknown"}])


def test_a_page_of_another_origin_gets_no_line(place: Open) -> None:
    cookies = place.cookies(Role.VIEWER)
    with (
        pytest.raises(InvalidStatus) as refusal,
        a_board(place, cookies, origin="https://evil.example"),
    ):
        pass

    assert refusal.value.response.status_code == 400


def test_a_board_that_says_good_bye_is_let_go(house: House, place: Open) -> None:
    with a_board(place, place.cookies(Role.VIEWER)) as board:
        board.send(f'40{{"event":{house.event},"number":-1}}')
        board.send("41")

        with pytest.raises(ConnectionClosed):
            until_the_end(board)


def until_the_end(board: ClientConnection) -> None:
    while True:
        board.recv(WITHIN_S)

"""The switchboard: answers follow the commit, frames survive any cut, boards hear the same."""

from __future__ import annotations

import fcntl
import json
import socket
import threading
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Connection
from websockets.sync.client import connect

from checkin.bench.clientframes import frame as masked
from checkin.bench.clientframes import unframed
from checkin.domain.protocol import LINE_PATH
from checkin.storage.ear import Ear
from checkin.storage.schema import migrate
from checkin.web.frames import LARGEST_MESSAGE, TEXT, FrameError, Reader, frame
from checkin.web.sockets import Socket
from checkin.web.switchboard import Call, Switchboard
from invitations.storage import news
from invitations.storage.database import Database
from tests.checkin.factories import a_house
from tests.checkin.serving import a_house_now, opened
from tests.checkin.test_line import present, proof

PATIENCE_S = 30
A_WHILE_S = 0.7


class HeldDatabase(Database):
    """A database whose commits wait until they are let go."""

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self.go = threading.Event()
        self.go.set()

    def _settle(self, connection: Connection) -> None:
        self.go.wait(PATIENCE_S)
        super()._settle(connection)


class HastyDatabase(HeldDatabase):
    """The seeded bug: what a work returns is told before it is durable."""

    def submit_to(self, gathering: Any, item: Any) -> Future[Any]:
        told: Future[Any] = Future()

        def hasty(connection: Connection, items: Any) -> Any:
            found = gathering(connection, items)
            if not told.done():
                told.set_result(found[0])
            return found

        super().submit_to(hasty, item)
        return told


def answered_while_held(kind: type[HeldDatabase], folder: Path) -> tuple[bool, str]:
    """Present a pass while no commit ends; tell if it was answered, and what came of it."""
    database = kind(f"sqlite:///{folder}/held.db")
    migrate(database)
    house = a_house_now(database, folder)
    device = house.at_gate()
    with opened(house, folder) as place:
        address = place.address.replace("http", "ws", 1) + LINE_PATH
        with connect(address, proxy=None, compression=None, close_timeout=1) as line:
            challenge = json.loads(line.recv(PATIENCE_S))["challenge"]
            line.send(json.dumps(proof(device, challenge)))
            line.recv(PATIENCE_S)
            database.go.clear()
            line.send(json.dumps({"id": 7, **present(device, 0)}))
            early = _answer(line, A_WHILE_S)
            database.go.set()
            late = early or _answer(line, PATIENCE_S)
    database.close()
    return early is not None, late["verdict"]["outcome"] if late else ""


def _answer(line: Any, within: float) -> dict[str, Any] | None:
    """Return the next message that is an answer, or nothing *within* so many seconds."""
    while True:
        try:
            found: dict[str, Any] = json.loads(line.recv(within))
        except TimeoutError:
            return None
        if "id" in found:
            return found


def test_no_answer_crosses_the_line_before_the_commit(tmp_path: Path) -> None:
    assert answered_while_held(HeldDatabase, tmp_path) == (False, "admitted")


def test_an_answer_before_the_commit_is_caught(tmp_path: Path) -> None:
    assert answered_while_held(HastyDatabase, tmp_path) == (True, "admitted")


@given(st.lists(st.binary(max_size=400), max_size=5), st.data())
def test_messages_survive_any_cut_of_their_bytes(messages: list[bytes], data: Any) -> None:
    stream = b"".join(masked(message) for message in messages)
    cuts = sorted(data.draw(st.sets(st.integers(0, len(stream)), max_size=8)))
    reader, heard = Reader(), []

    for start, end in zip([0, *cuts], [*cuts, len(stream)], strict=True):
        heard += [payload for kind, payload in reader.feed(stream[start:end]) if kind == TEXT]

    assert heard == messages


@given(st.binary(max_size=70_000))
def test_what_a_server_frames_a_client_reads(payload: bytes) -> None:
    waiting = bytearray(frame(payload))

    assert unframed(waiting) == (TEXT, payload)
    assert waiting == b""


@pytest.mark.parametrize(
    "stream",
    [
        pytest.param(frame(b"hello"), id="without a mask"),
        pytest.param(b"\xc1\x80\x00\x00\x00\x00", id="with a reserved bit"),
        pytest.param(b"\x81\xff" + (LARGEST_MESSAGE + 1).to_bytes(8, "big"), id="too long"),
    ],
)
def test_who_does_not_speak_as_a_client_is_sent_away(stream: bytes) -> None:
    with pytest.raises(FrameError):
        list(Reader().feed(stream))


def test_a_line_is_heard_when_a_thousand_files_are_open() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs, socket.socket(fileno=fcntl.fcntl(ours, fcntl.F_DUPFD, 1_500)) as high:
        line = Socket(high)
        nothing = line.hear(0.01)
        theirs.sendall(masked(b"{}"))

        found = line.hear(PATIENCE_S)

    assert (nothing, found) == (None, b"{}")


def test_a_board_that_does_not_read_holds_up_nobody_and_gets_whole_frames() -> None:
    ours, theirs = socket.socketpair()
    board, line = Switchboard(), Socket(ours)
    message = frame(b"x" * 60_000)
    with ours, theirs:
        theirs.settimeout(PATIENCE_S)
        board.take(Call(line, lambda _: None, lambda: None))
        sent = 0
        while line.hint(message):
            sent += 1
        taken = bytearray()
        heard: list[bytes] = []
        while len(heard) <= sent:
            if len(heard) == sent:
                line.say_text("the end")
            taken += theirs.recv(1 << 20)
            while (found := unframed(taken)) is not None:
                if found[0] == TEXT:  # between them it asks who is there
                    heard.append(found[1])

    assert heard == [b"x" * 60_000] * sent + [b"the end"]


@pytest.mark.postgres
@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_news_of_another_process_is_heard_on_postgresql(
    database: Database, database_url: str, tmp_path: Path
) -> None:
    house = a_house(database, tmp_path)
    heard, done = [], threading.Event()

    def hear(event_id: int) -> None:
        heard.append(event_id)
        done.set()

    ear = Ear(database, hear)
    ear.start()
    other = Database(database_url)
    try:
        for _ in range(PATIENCE_S):
            other.write(lambda tx: news.tell(tx, house.event, "event", {}, at=1))
            if done.wait(1):  # the first may come before we listen
                break
    finally:
        ear.stop()
        other.close()

    assert set(heard) == {house.event}

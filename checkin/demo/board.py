"""The organiser's screen of the demo: a real Socket.IO client that keeps the count by itself.

It speaks Engine.IO 4 over one WebSocket, as a browser does: begins with the page's snapshot,
applies every numbered piece of news to it, and asks again from its number after a break.
"""

from __future__ import annotations

import contextlib
import json
import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

from websockets.exceptions import WebSocketException
from websockets.sync.client import connect
from websockets.typing import Origin

from checkin.demo.processes import DemoError
from checkin.domain.attendance import Attendance, Line, apply

if TYPE_CHECKING:
    from collections.abc import Iterator

    from websockets.sync.client import ClientConnection

    from checkin.demo.visitor import Visitor

SOCKET = "/socket.io/?EIO=4&transport=websocket"
PING, PONG, JOIN, EVENT, REFUSED = "2", "3", "40", "42", "44"
AGAIN_AFTER_S = 0.3
OPEN_WITHIN_S = 5.0
SETTLED_WITHIN_S = 10.0
LOOK_EVERY_S = 0.2


@dataclass(frozen=True)
class Seen:
    """What the screen shows in the end, and where it differs from the book."""

    arrived: int
    differences: tuple[str, ...]


class BoardWatcher:
    """One open board of *event* at *visitor*'s browser; use it as a context manager.

    *moves* holds when (Unix seconds) the count became which number.
    """

    def __init__(self, visitor: Visitor, event: int) -> None:
        self._visitor = visitor
        self._event = event
        self._board = self.book()
        self._lock = threading.Lock()
        self._ending = threading.Event()
        self._line: ClientConnection | None = None
        self._thread = threading.Thread(target=self._run, name="board", daemon=True)
        self.moves: list[tuple[float, int]] = []

    def __enter__(self) -> Self:
        """Open the board and begin to count."""
        self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        """Close the board."""
        self._ending.set()
        if self._line is not None:
            self._line.close()
        self._thread.join(OPEN_WITHIN_S)

    @property
    def attendance(self) -> Attendance:
        """What the screen shows now."""
        with self._lock:
            return self._board

    def book(self) -> Attendance:
        """Return what the book says now, to a board that knows nothing.

        Raises:
            DemoError: the server does not answer.
        """
        try:
            with self._call(-1) as line:
                return snapshot(_first_snapshot(line))
        except (OSError, WebSocketException) as error:
            raise DemoError(SOCKET, str(error)) from error

    def settled(self, arrived: int) -> Seen:
        """Wait until *arrived* are counted, at most ten seconds; compare with the book."""
        until = time.monotonic() + SETTLED_WITHIN_S
        while (wrong := self._differences(arrived)) and time.monotonic() < until:
            time.sleep(LOOK_EVERY_S)
        return Seen(self.attendance.arrived, tuple(wrong))

    def _run(self) -> None:
        """Keep the line open, and open it again after each break."""
        while not self._ending.is_set():
            with contextlib.suppress(OSError, WebSocketException, DemoError):
                self._follow()
            self._ending.wait(AGAIN_AFTER_S)

    def _follow(self) -> None:
        with self._call(self.attendance.number) as line:
            self._line = line
            for message in line:
                update = _spoken(line, message)
                if update is not None:
                    self._learn(update)

    def _learn(self, update: dict[str, Any]) -> None:
        """Take a snapshot, or apply news one by one; after a gap the line begins anew."""
        board: Attendance | None = self.attendance
        if update["snapshot"] is not None:
            board = snapshot(update["snapshot"])
        for each in update["news"]:
            board = apply(board, each["number"], each["kind"], each["body"]) if board else None
        if board is None:
            board = self.book()
        with self._lock:
            moved = board.arrived != self._board.arrived
            self._board = board
        if moved:
            self.moves.append((time.time(), board.arrived))

    def _differences(self, arrived: int) -> list[str]:
        shown, book = self.attendance.to_json(), self.book().to_json()
        wrong = [
            f"board {name} {shown[name]}, book {book[name]}"
            for name in shown
            if shown[name] != book[name]
        ]
        if shown["arrived"] != arrived:
            wrong.append(f"board counted {shown['arrived']}, station admitted {arrived}")
        return wrong

    @contextlib.contextmanager
    def _call(self, number: int) -> Iterator[ClientConnection]:
        """Lend an open line that has joined the event's room as of *number*."""
        with connect(
            self._visitor.server.replace("http", "ws", 1) + SOCKET,
            additional_headers={"Cookie": self._visitor.cookie},
            origin=Origin(self._visitor.server),
            open_timeout=OPEN_WITHIN_S,
            ping_interval=None,  # Engine.IO has pings of its own
            compression=None,
            max_size=None,
            proxy=None,
        ) as line:
            line.recv(OPEN_WITHIN_S)  # what the server offers
            line.send(JOIN + json.dumps({"event": self._event, "number": number}))
            yield line


def snapshot(found: dict[str, Any]) -> Attendance:
    """Return the attendance that a snapshot says, as it came over the line."""
    lists = {
        name: tuple(Line(**each | {"flags": tuple(each["flags"])}) for each in found[name])
        for name in ("latest", "refusals", "conflicts")
    }
    minutes = {int(minute): count for minute, count in found["minutes"].items()}
    return Attendance(**found | lists | {"minutes": minutes})


def _first_snapshot(line: ClientConnection) -> dict[str, Any]:
    """Return the first snapshot that comes over *line*; news may come before it.

    Raises:
        DemoError: the server refused, or said nothing in time.
    """
    while True:
        try:
            update = _spoken(line, line.recv(OPEN_WITHIN_S))
        except TimeoutError as error:
            raise DemoError(SOCKET, str(error)) from error
        if update is not None and update["snapshot"] is not None:
            return dict(update["snapshot"])


def _spoken(line: ClientConnection, message: str | bytes) -> dict[str, Any] | None:
    """Answer pings; return the update in *message*, or nothing if it holds none.

    Raises:
        DemoError: the server does not let us watch.
    """
    text = message if isinstance(message, str) else message.decode()
    if text == PING:
        line.send(PONG)
    if text.startswith(REFUSED):
        raise DemoError(SOCKET, text)
    if not text.startswith(EVENT):
        return None
    name, body = json.loads(text[len(EVENT) :])
    return dict(body) if name == "update" else None

"""``python -m checkin.bench.boards``: very many boards in one process, as light as can be.

It speaks Socket.IO over plain WebSockets (Engine.IO 4). On standard input it reads what to
do as one line of JSON; when every board is open it writes a line, and when its input ends,
for each number of the news: when the first and the last board heard of it, and how many did.
"""

from __future__ import annotations

import json
import selectors
import socket
import sys
import time
from dataclasses import asdict, dataclass, field
from urllib.parse import urlsplit

from checkin.bench.clientframes import CLOSE, PING, PONG, frame, unframed
from checkin.bench.load import PATIENCE_S, READ_BYTES

ASK = (
    "GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: {host}\r\n"
    "Upgrade: websocket\r\nConnection: Upgrade\r\nCookie: {cookie}\r\n"
    "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
)
UPDATE = b'42["update"'
HEAD = b'"head":'


@dataclass(frozen=True)
class Wish:
    """How many boards of which event to open, with the session's cookie.

    Each has drawn its page as of the news *number*, as a browser has when it connects.
    """

    url: str
    cookie: str
    event: int
    number: int
    many: int


@dataclass
class Heard:
    """What the boards heard: by the number of the news, (first, last, how many), monotonic."""

    boards: int = 0
    updates: dict[int, tuple[float, float, int]] = field(default_factory=dict)
    lost: int = 0


class Board:
    """One board, opened one after the other and then only listened to."""

    def __init__(self, wish: Wish) -> None:
        where = urlsplit(wish.url)
        address = (where.hostname or "", where.port or 80)
        self.socket = socket.create_connection(address, PATIENCE_S)
        self._waiting = bytearray()
        self.socket.sendall(ASK.format(host=where.netloc, cookie=wish.cookie).encode())
        while b"\r\n\r\n" not in self._waiting:
            self._receive()
        del self._waiting[: self._waiting.index(b"\r\n\r\n") + 4]
        self._until(b"0")
        self._say(f'40{{"event":{wish.event},"number":{wish.number}}}'.encode())
        self._until(UPDATE)

    def hear(self, heard: Heard) -> bool:
        """Take in what arrived and note updates; tell whether the board is still open."""
        try:
            self._receive()
        except OSError:
            return False
        now = time.monotonic()
        while (found := unframed(self._waiting)) is not None:
            kind, payload = found
            if kind == CLOSE:
                return False
            self._answer(kind, payload)
            if payload.startswith(UPDATE):
                place = payload.index(HEAD) + len(HEAD)
                head = int(payload[place : payload.index(b",", place)])
                first, _, many = heard.updates.get(head, (now, now, 0))
                heard.updates[head] = first, now, many + 1
        return True

    def _until(self, start: bytes) -> None:
        while True:
            while (found := unframed(self._waiting)) is not None:
                self._answer(*found)
                if found[1].startswith(start):
                    return
            self._receive()

    def _answer(self, kind: int, payload: bytes) -> None:
        if kind == PING:
            self.socket.sendall(frame(payload, PONG))
        elif payload == b"2":  # Engine.IO's own ping
            self._say(b"3")

    def _say(self, payload: bytes) -> None:
        self.socket.sendall(frame(payload))

    def _receive(self) -> None:
        received = self.socket.recv(READ_BYTES)
        if not received:
            raise ConnectionError
        self._waiting += received


def run(wish: Wish) -> Heard:
    """Open the boards, say so, and listen until standard input ends."""
    heard = Heard(boards=wish.many)
    with selectors.DefaultSelector() as selector:
        for _ in range(wish.many):
            board = Board(wish)
            selector.register(board.socket, selectors.EVENT_READ, board)
            _listen(selector, heard, 0)
        heard.updates.clear()
        sys.stdout.write("open\n")
        sys.stdout.flush()
        selector.register(sys.stdin, selectors.EVENT_READ)
        while _listen(selector, heard, None):
            pass
    return heard


def _listen(selector: selectors.BaseSelector, heard: Heard, timeout: float | None) -> bool:
    """Hear every board that has something to say; tell whether to go on."""
    for key, _ in selector.select(timeout):
        if key.data is None:
            return False
        if not key.data.hear(heard):
            selector.unregister(key.fileobj)
            heard.lost += 1
    return True


if __name__ == "__main__":
    found = run(Wish(**json.loads(sys.stdin.readline())))
    sys.stdout.write(json.dumps(asdict(found)))

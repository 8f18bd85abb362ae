"""The boards' own line: Engine.IO 4 and Socket.IO 5 on a plain WebSocket, no thread for each.

Flask-SocketIO keeps four threads for every client, and a thousand boards would spend more on
waking them than on the guests. So one switchboard listens to all boards that open a WebSocket
at once, as nearly every browser does; whoever has to poll is left to Flask-SocketIO.
"""

from __future__ import annotations

import json
import logging
import secrets
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import parse_qs

from checkin.web.frames import frame
from checkin.web.sockets import HungUpError, Socket, give
from checkin.web.switchboard import PING_S, Call, Switchboard

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable, Iterable
    from wsgiref.types import StartResponse, WSGIEnvironment

PATH = "/socket.io/"
PONG_WITHIN_S = 8.0  # the switchboard asks every 8 to 12 s
GREETED_WITHIN_S = 20.0
HELPERS = 4
REFUSED = b'44{"message":"Connection rejected by server"}'

# Engine.IO's numbers and, after the 4 of a message, Socket.IO's.
OPEN, CLOSE, PING = b"0", b"1", b"2"
CONNECT, DISCONNECT, EVENT, ACK = "40", "41", "42", "43"

_log = logging.getLogger(__name__)


class Host(Protocol):
    """Who answers the boards; called on threads that may wait."""

    def welcome(self, board: Board, asked: object) -> bool:
        """Tell whether *board* may watch what it *asked* for; it is then told everything."""

    def asked(self, board: Board, wanted: object) -> dict[str, Any]:
        """Return what a board has to learn that asks for news."""

    def gone(self, board: Board) -> None:
        """Forget *board*."""


class BoardSocket(Socket):
    """A WebSocket on which the pings are Engine.IO's."""

    def __init__(self, raw: socket.socket) -> None:
        super().__init__(raw)
        self.greeted = False
        self._since = time.monotonic()

    def ping(self) -> None:
        """Ask whether anybody is there, unless nobody ever said what they want to watch.

        Raises:
            HungUpError: nobody is.
        """
        if not self.greeted and time.monotonic() - self._since > GREETED_WITHIN_S:
            raise HungUpError
        self._send(frame(PING))


@dataclass(eq=False)
class Board:
    """One open board and the *cookie* it came with."""

    line: BoardSocket
    cookie: str
    host: Host
    helpers: ThreadPoolExecutor
    sid: str = field(default_factory=lambda: secrets.token_urlsafe(15))

    def hear(self, message: bytes) -> None:
        """Hear one message; what needs long is left to a helper."""
        said = message.decode("utf-8", "replace")
        kind, rest = said[:2], said[2:]
        if kind == CONNECT and not self.line.greeted:
            self.line.greeted = True
            self._let(partial(self._welcome, _read(rest)))
        elif kind == EVENT:
            number = rest[: len(rest) - len(rest.lstrip("0123456789"))]
            self._let(partial(self._answer, number, _read(rest[len(number) :])))
        elif kind == DISCONNECT or message == CLOSE:
            raise HungUpError

    def end(self) -> None:
        """Forget this board."""
        self.line.raw.close()
        self._let(partial(self.host.gone, self))

    def admit(self) -> None:
        """Tell the board that it is let in.

        Raises:
            HungUpError: the board is gone.
        """
        self.line.say_text(f"{CONNECT}{_written({'sid': self.sid})}")

    def send_away(self) -> None:
        """Tell the board that it may watch no longer."""
        self.line.hint(frame(DISCONNECT.encode()))
        self.line.shut()

    def tell(self, event: bytes) -> None:
        """Tell an event that was `packed`, and must not be missed.

        Raises:
            HungUpError: the board is gone.
        """
        self.line.say_text(event.decode())

    def _welcome(self, asked: object) -> None:
        if not self.host.welcome(self, asked):
            self.line.say_text(REFUSED.decode())

    def _answer(self, number: str, event: object) -> None:
        if not (isinstance(event, list) and len(event) > 1 and event[0] == "since"):
            return
        found = self.host.asked(self, event[1])
        if number:
            self.line.say_text(f"{ACK}{number}{_written([found])}")

    def _let(self, do: Callable[[], None]) -> None:
        with suppress(RuntimeError):  # the house is closing, and nobody helps any more
            self.helpers.submit(_calmly, do)


class Boards:
    """Every open board, in front of the application."""

    def __init__(self, host: Host) -> None:
        self._host = host
        self._switchboard = Switchboard()
        self._helpers = ThreadPoolExecutor(HELPERS, "boards")

    def in_front_of(
        self, app: Callable[..., Iterable[bytes]]
    ) -> Callable[..., Iterable[bytes]]:
        """Return *app* behind a door where every board's own WebSocket is taken over."""

        def handle(environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
            if not _is_board(environ) or not _is_ours(environ):
                return app(environ, start)
            take = partial(self._take, environ.get("HTTP_COOKIE", ""))
            return give(environ, take)(environ, start)

        return handle

    def close(self) -> None:
        """Help nobody any more."""
        self._helpers.shutdown(wait=False, cancel_futures=True)

    def _take(self, cookie: str, raw: socket.socket) -> None:
        line = BoardSocket(raw)
        board = Board(line, cookie, self._host, self._helpers)
        self._switchboard.take(Call(line, board.hear, board.end))
        hello = {
            "sid": board.sid,
            "upgrades": [],
            "pingInterval": int(PING_S * 1.5 * 1000),
            "pingTimeout": int(PONG_WITHIN_S * 1000),
            "maxPayload": 1 << 16,
        }
        _calmly(partial(line.say_text, OPEN.decode() + _written(hello)))


def packed(name: str, body: dict[str, Any]) -> bytes:
    """Return an event of Socket.IO as the content of one frame."""
    return f"{EVENT}{_written([name, body])}".encode()


def _is_board(environ: WSGIEnvironment) -> bool:
    """Tell whether a browser opens a board's WebSocket without having polled before."""
    if environ["PATH_INFO"] != PATH or environ.get("HTTP_UPGRADE", "").lower() != "websocket":
        return False
    asked = parse_qs(environ.get("QUERY_STRING", ""))
    return asked.get("EIO") == ["4"] and "sid" not in asked


def _is_ours(environ: WSGIEnvironment) -> bool:
    """Tell whether no page of another origin asks (RFC 6455, 10.2)."""
    origin = environ.get("HTTP_ORIGIN")
    if origin is None:
        return True
    scheme, host = environ["wsgi.url_scheme"], environ.get("HTTP_HOST", "")
    outside = (environ.get("HTTP_X_FORWARDED_PROTO"), environ.get("HTTP_X_FORWARDED_HOST"))
    before, named = (str(each or "").split(",")[0].strip() for each in outside)
    return origin in {f"{scheme}://{host}", f"{before or scheme}://{named or host}"}


def _read(said: str) -> object:
    try:
        found: object = json.loads(said)
    except (ValueError, RecursionError):
        return None
    return found


def _calmly(do: Callable[[], None]) -> None:
    try:
        do()
    except HungUpError:
        return  # its line ends when it is listened to next
    except Exception:  # noqa: BLE001 - one board's trouble must not end the others
        _log.exception("a board")


_written = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode

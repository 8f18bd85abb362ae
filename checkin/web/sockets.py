"""Plain WebSockets in a Flask view: taken over from the web server, then spoken to."""

from __future__ import annotations

import json
import select
import socket
import threading
import time
from collections import deque
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from flask import Response

from checkin.web.frames import (
    CLOSE,
    PING,
    PONG,
    TEXT,
    FrameError,
    Reader,
    accept,
    farewell,
    frame,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

FAREWELL_S = 1.0
GOING = 1000
READ_BYTES = 64 * 1024
LARGEST_BACKLOG = 64 * 1024 * 1024
SOCKETS = ("werkzeug.socket", "gunicorn.socket")
VERSION = "13"


class HungUpError(Exception):
    """The other side is gone, or we sent it away."""


class Socket:
    """An open WebSocket that speaks JSON; every thread may say something on it.

    At first whoever serves it hears for itself. Once a switchboard listens, nobody waits for
    a slow reader: what it does not take at once is kept, and sent when it does.
    """

    def __init__(self, raw: socket.socket) -> None:
        self.raw = raw
        self.heard_at = time.monotonic()
        self.busy: Callable[[], None] | None = None  # told when something was kept
        self._reader = Reader()
        self._said: deque[bytes] = deque()
        self._kept = bytearray()
        self._lock = threading.Lock()

    def hear(self, within: float) -> bytes | None:
        """Return the next message, or None if there is none *within* so many seconds.

        Raises:
            HungUpError: the other side hung up, or did not speak as it should.
        """
        until = time.monotonic() + within
        while not self._said:
            left = until - time.monotonic()
            if left <= 0 or not _speaks(self.raw, left):
                return None
            self.receive()
        return self._said.popleft()

    def said(self) -> Iterator[bytes]:
        """Give every message that was received and not heard yet."""
        while self._said:
            yield self._said.popleft()

    def receive(self) -> None:
        """Take in what has arrived.

        Raises:
            HungUpError: the other side hung up, or did not speak as it should.
        """
        try:
            received = self.raw.recv(READ_BYTES)
        except BlockingIOError:
            return
        except OSError as error:
            raise HungUpError from error
        if not received:
            raise HungUpError
        self.heard_at = time.monotonic()
        try:
            for kind, payload in self._reader.feed(received):
                self._take(kind, payload)
        except FrameError as error:
            self._send(farewell(error.code))
            raise HungUpError from error

    def _take(self, kind: int, payload: bytes) -> None:
        if kind == TEXT:
            self._said.append(payload)
        elif kind == PING:
            self._send(frame(payload, PONG))
        elif kind == CLOSE:
            self._send(frame(payload[:2], CLOSE))
            raise HungUpError

    def say(self, message: dict[str, Any]) -> None:
        """Send *message*.

        Raises:
            HungUpError: the other side is gone.
        """
        self.say_text(_written(message))

    def say_text(self, message: str) -> None:
        """Send a *message* that is JSON already.

        Raises:
            HungUpError: the other side is gone.
        """
        self._send(frame(message.encode()))

    def hint(self, data: bytes) -> bool:
        """Send whole frames that may also be missed, unless the other side is behind.

        Nobody waits; tell whether they are on their way.
        """
        if self._kept:
            return False
        try:
            self._send(data)
        except HungUpError:  # its line ends when it is listened to next
            return False
        return True

    def ping(self) -> None:
        """Ask whether anybody is there.

        Raises:
            HungUpError: nobody is.
        """
        self._send(frame(b"", PING))

    def close(self) -> None:
        """Say good-bye, and end the conversation."""
        with suppress(HungUpError):
            self._send(farewell(GOING))
        self.shut()

    def shut(self) -> None:
        """End the conversation, so that nobody waits for the rest of a message."""
        with suppress(OSError):
            self.raw.shutdown(socket.SHUT_RDWR)

    def flush(self) -> bool:
        """Send what was kept, as far as it goes; tell whether nothing is left.

        Raises:
            HungUpError: the other side is gone.
        """
        with self._lock:
            if self._kept:
                del self._kept[: self._sent(bytes(self._kept))]
            return not self._kept

    def _send(self, data: bytes) -> None:
        with self._lock:
            if not self._kept:
                data = data[self._sent(data) :]
            self._kept += data
            if len(self._kept) > LARGEST_BACKLOG:
                self.shut()
                raise HungUpError
            waits = bool(self._kept)
        if waits and self.busy is not None:
            self.busy()

    def _sent(self, data: bytes) -> int:
        """Send *data* and return how much of it was taken."""
        try:
            if self.busy is None:
                self.raw.sendall(data)
                return len(data)
            return self.raw.send(data)
        except BlockingIOError:
            return 0
        except OSError as error:
            raise HungUpError from error


def hold(environ: dict[str, Any], serve: Callable[[Socket], None]) -> Response:
    """Take the socket over from the web server, and *serve* it until either side hangs up.

    What is no handshake of RFC 6455 is answered with 400.
    """
    raw = _greeted(environ)
    if raw is None:
        return Response(status=400, headers={"Connection": "close"})
    line = Socket(raw)
    try:
        serve(line)
        line.close()
    except (HungUpError, OSError):
        line.shut()  # whoever was there has hung up; there is nobody to tell
    return _Served()


def give(environ: dict[str, Any], take: Callable[[socket.socket], None]) -> Response:
    """Take the socket away from the web server for good, and give it to *take*.

    No thread stays with it; whoever took it closes it. What is no handshake of RFC 6455 is
    answered with 400.
    """
    raw = _greeted(environ)
    if raw is None:
        return Response(status=400, headers={"Connection": "close"})
    take(socket.socket(fileno=raw.detach()))
    return _Served(given=True)


def _greeted(environ: dict[str, Any]) -> socket.socket | None:
    """Answer the handshake and return the socket; nothing where it is none."""
    raw: socket.socket | None = next(
        (environ[name] for name in SOCKETS if name in environ), None
    )
    key = environ.get("HTTP_SEC_WEBSOCKET_KEY", "")
    version = environ.get("HTTP_SEC_WEBSOCKET_VERSION")
    if raw is None or not key or version != VERSION:
        return None
    with suppress(OSError):  # it hung up: its line will end as soon as it is heard
        raw.sendall(
            b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
            b"Connection: Upgrade\r\nSec-WebSocket-Accept: "
            + accept(key).encode()
            + b"\r\n\r\n"
        )
    return raw


class _Served(Response):
    """What is left to say to the web server after a WebSocket: nothing."""

    def __init__(self, *, given: bool = False) -> None:
        super().__init__(headers={"Connection": "close"})
        self._given = given

    def __call__(self, environ: Any, start_response: Callable[..., Any]) -> Iterable[bytes]:  # noqa: ANN401 - the WSGI of the base class
        if "gunicorn.socket" in environ:
            raise StopIteration  # its sign that the socket is no longer its own
        if self._given:
            raise ConnectionAbortedError  # to Werkzeug, the client went away
        return super().__call__(environ, start_response)


def _speaks(raw: socket.socket, within: float) -> bool:
    """Wait until something arrives; select(2) would know no more than 1,024 open files."""
    ear = select.poll()
    ear.register(raw, select.POLLIN)
    return bool(ear.poll(within * 1000))


_written = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode

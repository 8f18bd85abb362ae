"""Plain WebSockets in a Flask view: the one room that knows simple-websocket."""

from __future__ import annotations

import json
import socket
import threading
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from flask import Response
from simple_websocket import ConnectionClosed, Server

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

LARGEST_MESSAGE = 512 * 1024
PING_S = 8
FAREWELL_S = 1.0
SOCKETS = ("werkzeug.socket", "gunicorn.socket")


class Socket:
    """An open WebSocket that speaks JSON."""

    def __init__(self, server: Server) -> None:
        self._server = server

    def hear(self, within: float) -> str | bytes | None:
        """Return the next message, or None if there is none *within* so many seconds.

        Raises:
            ConnectionClosed: the other side hung up.
        """
        message = self._server.receive(timeout=within)
        if message is None and not self._server.thread.is_alive():
            raise ConnectionClosed
        found: str | bytes | None = message
        return found

    def say(self, message: dict[str, Any]) -> None:
        """Send *message*.

        Raises:
            ConnectionClosed: the other side hung up.
            OSError: the line broke.
        """
        self.say_text(json.dumps(message, ensure_ascii=False, separators=(",", ":")))

    def say_text(self, message: str) -> None:
        """Send a *message* that is JSON already.

        Raises:
            ConnectionClosed: the other side hung up.
            OSError: the line broke.
        """
        self._server.send(message)


def hold(environ: dict[str, Any], serve: Callable[[Socket], None]) -> Response:
    """Take the socket over from the web server, and *serve* it until either side hangs up."""
    steady = {name: _Steady(environ[name]) for name in SOCKETS if name in environ}
    server = Server(environ | steady, ping_interval=PING_S, max_message_size=LARGEST_MESSAGE)
    try:
        serve(Socket(server))
        server.close()
    except (ConnectionClosed, OSError):
        pass  # whoever was there has hung up; there is nobody to tell
    server.thread.join(FAREWELL_S)
    for each in steady.values():
        each.shut()
    return _Served(server.mode)


class _Steady:
    """A socket on which two threads may speak without cutting each other's messages."""

    def __init__(self, inner: socket.socket) -> None:
        self._inner = inner
        self._lock = threading.Lock()

    def send(self, data: bytes) -> int:
        """Send all of *data* before anybody else speaks."""
        with self._lock:
            self._inner.sendall(data)
        return len(data)

    def shut(self) -> None:
        """End the conversation, so that nobody waits for the rest of a message."""
        with suppress(OSError):
            self._inner.shutdown(socket.SHUT_RDWR)

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - whatever a socket has
        return getattr(self._inner, name)


class _Served(Response):
    """What is left to say to the web server after a WebSocket: nothing."""

    def __init__(self, mode: str) -> None:
        super().__init__(headers={"Connection": "close"})
        self._mode = mode

    def __call__(self, environ: Any, start_response: Callable[..., Any]) -> Iterable[bytes]:  # noqa: ANN401 - the WSGI of the base class
        if self._mode == "gunicorn":
            raise StopIteration  # its sign that the socket is no longer its own
        return super().__call__(environ, start_response) if self._mode == "werkzeug" else []

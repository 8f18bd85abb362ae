"""Telling many boards the same: framed once, then handed to each socket as it is.

Socket.IO encodes a message for each client and wakes a thread to send it. What every board
of an event hears is only a hint, with numbers by which a board sees that it missed one; so it
may be written past all that, and left out where a board does not take it at once.
"""

from __future__ import annotations

import json
import socket
import threading
from typing import TYPE_CHECKING, Any

from checkin.web.frames import frame
from checkin.web.sockets import SOCKETS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from wsgiref.types import StartResponse, WSGIEnvironment

PATH = "/socket.io/"
EVENT = "42"  # a message (4) that is an event (2), in Engine.IO's and Socket.IO's numbers


class SharedSocket:
    """A WebSocket's socket on which several threads speak without cutting each other short."""

    def __init__(self, inner: socket.socket) -> None:
        self._inner = inner
        self._lock = threading.Lock()
        self._rest = b""

    def send(self, data: bytes) -> int:
        """Send all of *data* before anybody else speaks."""
        with self._lock:
            self._inner.sendall(self._rest + data)
            self._rest = b""
        return len(data)

    def hint(self, data: bytes) -> bool:
        """Send *data* if nobody has to wait for it; tell whether it is on its way."""
        if not self._lock.acquire(blocking=False):
            return False
        try:
            if self._rest:
                self._rest = self._rest[self._inner.send(self._rest, socket.MSG_DONTWAIT) :]
            if self._rest:
                return False
            self._rest = data[self._inner.send(data, socket.MSG_DONTWAIT) :]
        except OSError:
            return False
        finally:
            self._lock.release()
        return True

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - whatever a socket has
        return getattr(self._inner, name)


def shared(app: Callable[..., Iterable[bytes]]) -> Callable[..., Iterable[bytes]]:
    """Return *app* behind a door where every board's WebSocket becomes a shared one."""

    def handle(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        is_socket = environ.get("HTTP_UPGRADE", "").lower() == "websocket"
        if is_socket and environ["PATH_INFO"].startswith(PATH):
            environ |= {
                name: SharedSocket(environ[name]) for name in SOCKETS if name in environ
            }
        return app(environ, start_response)

    return handle


def socket_of(environ: WSGIEnvironment) -> SharedSocket | None:
    """Return the shared socket on which *environ* was asked; none where it was a poll."""
    found = next((environ[name] for name in SOCKETS if name in environ), None)
    return found if isinstance(found, SharedSocket) else None


def packed(name: str, body: dict[str, Any]) -> bytes:
    """Return an event of Socket.IO as one frame."""
    text = json.dumps([name, body], ensure_ascii=False, separators=(",", ":"))
    return frame(f"{EVENT}{text}".encode())

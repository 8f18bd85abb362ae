"""A proxy between a station and its server: it breaks lines, or swallows what they carry."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

PIECE = 65_536


@dataclass
class Proxy:
    """Carries TCP between a port of its own and *server*; *hole* swallows every byte."""

    server: tuple[str, int]
    hole: threading.Event = field(default_factory=threading.Event)
    broken: int = 0
    _pairs: set[tuple[socket.socket, socket.socket]] = field(default_factory=set)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        self._open = True

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def serve(self) -> None:
        """Take lines in until closed."""
        while self._open:
            try:
                near, _ = self._listener.accept()
            except OSError:
                return
            try:
                far = socket.create_connection(self.server, timeout=2)
            except OSError:
                near.close()
                continue
            far.settimeout(None)
            with self._lock:
                self._pairs.add((near, far))
            for one, other in ((near, far), (far, near)):
                carry = threading.Thread(target=self._carry, args=(one, other), daemon=True)
                carry.start()

    def snap(self) -> None:
        """Break every line there is, in whatever it was just carrying."""
        with self._lock:
            pairs = list(self._pairs)
        self.broken += len(pairs)
        for near, far in pairs:
            self._end(near, far)

    def close(self) -> None:
        """End everything."""
        self._open = False
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self.snap()

    def _carry(self, one: socket.socket, other: socket.socket) -> None:
        with suppress(OSError):
            while piece := one.recv(PIECE):
                if not self.hole.is_set():
                    other.sendall(piece)
        self._end(one, other)

    def _end(self, one: socket.socket, other: socket.socket) -> None:
        with self._lock:
            self._pairs.discard((one, other))
            self._pairs.discard((other, one))
        for each in (one, other):
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
            each.close()


@contextmanager
def between(server: tuple[str, int]) -> Iterator[Proxy]:
    """Lend a proxy before *server*."""
    proxy = Proxy(server)
    thread = threading.Thread(target=proxy.serve, daemon=True)
    thread.start()
    try:
        yield proxy
    finally:
        proxy.close()
        thread.join(5)

"""The side door of a running server: commands that write go through it, not beside it.

A command sends its words and the files it read over a Unix socket in the data folder, which
only the server's own user may open; the server runs it and sends back what to print.
"""

from __future__ import annotations

import base64
import json
import os
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

NAME = "control.sock"
LARGEST = 64 * 1024 * 1024
PATIENCE_S = 300


@dataclass(frozen=True)
class Order:
    """A command as it was typed: its words, what its files hold, who typed it."""

    words: tuple[str, ...]
    files: dict[str, bytes] = field(default_factory=dict, repr=False)
    login: str = ""
    language: str = "vi"


@dataclass(frozen=True)
class Answer:
    """What a command has to say: to whoever asked, to whoever must mend, and the exit code."""

    code: int = 0
    out: str = ""
    err: str = ""


Run = Callable[[Order], Answer]


def ask(folder: Path, order: Order) -> Answer | None:
    """Have the server of *folder* run *order*; None where no server listens.

    Raises:
        ConnectionError: the server went away in the middle.
    """
    with socket.socket(socket.AF_UNIX) as line:
        line.settimeout(PATIENCE_S)
        try:
            with _short_path(folder) as path:
                line.connect(path)
        except (FileNotFoundError, ConnectionRefusedError):
            return None
        _send(line, _order_to_json(order))
        return Answer(**_receive(line))


class Listener:
    """Takes commands for *run* from the socket in *folder*, one after the other."""

    def __init__(self, folder: Path, run: Run) -> None:
        self._folder = folder
        self._run = run
        self._line = socket.socket(socket.AF_UNIX)
        self._thread = threading.Thread(target=self._serve, name="control", daemon=True)

    def start(self) -> None:
        """Listen; whatever an earlier server left behind is swept away."""
        (self._folder / NAME).unlink(missing_ok=True)
        mask = os.umask(0o177)
        try:
            with _short_path(self._folder) as path:
                self._line.bind(path)
        finally:
            os.umask(mask)
        self._line.listen(8)
        self._thread.start()

    def stop(self) -> None:
        """Hang up; a command that runs is finished first."""
        with suppress(OSError):
            self._line.shutdown(socket.SHUT_RDWR)
        self._line.close()
        self._thread.join(PATIENCE_S)
        (self._folder / NAME).unlink(missing_ok=True)

    def _serve(self) -> None:
        while True:
            try:
                line, _ = self._line.accept()
            except OSError:
                return
            with line, suppress(OSError, ValueError):
                line.settimeout(PATIENCE_S)
                _send(line, asdict(self._run(_order_from_json(_receive(line)))))


@contextmanager
def _short_path(folder: Path) -> Iterator[str]:
    """Lend a path to the socket that is short enough, wherever *folder* is (limit 107)."""
    opened = os.open(folder, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        yield f"/proc/self/fd/{opened}/{NAME}"
    finally:
        os.close(opened)


def _order_to_json(order: Order) -> dict[str, Any]:
    files = {name: base64.b64encode(data).decode() for name, data in order.files.items()}
    return {**asdict(order), "files": files}


def _order_from_json(found: dict[str, Any]) -> Order:
    files = {name: base64.b64decode(data) for name, data in found["files"].items()}
    return Order(tuple(found["words"]), files, found["login"], found["language"])


def _send(line: socket.socket, body: dict[str, Any]) -> None:
    data = json.dumps(body).encode()
    line.sendall(len(data).to_bytes(4, "big") + data)


def _receive(line: socket.socket) -> dict[str, Any]:
    size = int.from_bytes(_exactly(line, 4), "big")
    if size > LARGEST:
        raise ConnectionError
    found: dict[str, Any] = json.loads(_exactly(line, size))
    return found


def _exactly(line: socket.socket, size: int) -> bytes:
    parts = bytearray()
    while len(parts) < size:
        part = line.recv(size - len(parts))
        if not part:
            raise ConnectionError
        parts += part
    return bytes(parts)

"""A real mailbox on this machine: pymap, kept in memory, spoken to by IMAP (RFC 9051)."""

from __future__ import annotations

import imaplib
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PATIENCE_S = 30
SERVER = Path(sys.executable).with_name("pymap")


@contextmanager
def a_mailbox() -> Iterator[imaplib.IMAP4]:
    """Start the server on a free port of the loopback; yield a line that is logged in."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    place = ["--host", "127.0.0.1", "--port", str(port), "--no-tls", "--no-service", "admin"]
    with subprocess.Popen(
        [SERVER, *place, "dict", "--demo-data"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as server:
        try:
            line = _line(port)
            line.login("demouser", "demopass")
            yield line
            line.logout()
        finally:
            server.terminate()


def kept(line: imaplib.IMAP4, mail: bytes) -> bytes:
    """Lay *mail* into the inbox and return it as a reader fetches it from there."""
    line.append("INBOX", "", "", mail)
    last = line.select("INBOX")[1][0]
    assert last is not None
    (found, _) = line.fetch(last.decode(), "(BODY.PEEK[])")[1]
    assert isinstance(found, tuple)
    return found[1]


def _line(port: int) -> imaplib.IMAP4:
    end = time.monotonic() + PATIENCE_S
    while True:
        try:
            return imaplib.IMAP4("127.0.0.1", port, timeout=PATIENCE_S)
        except OSError:
            if time.monotonic() > end:
                raise
            time.sleep(0.1)

"""Postfix's own sender and sink, with which ours are compared; our own sink without them."""

from __future__ import annotations

import os
import resource
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from checkin.demo.processes import DemoError
from checkin.demo.sinks import HOST, free_port

UNPACKED = Path(__file__).parents[2] / ".tools" / "postfix" / "usr"
SOURCE, SINK = "smtp-source", "smtp-sink"
BACKLOG = "100"
OPENS_WITHIN_S = 10.0
PATIENCE_S = 120


@dataclass(frozen=True)
class Sink:
    """A mail server that takes everything: its *port*, and whose it is."""

    port: int
    name: str


@dataclass(frozen=True)
class Rate:
    """What Postfix's sender did: messages a second, and a second of its own processor."""

    per_second: float
    per_cpu_second: float


def found(name: str) -> str | None:
    """Return the path of one of Postfix's tools, or nothing."""
    path = os.pathsep.join((str(UNPACKED / "sbin"), "/usr/sbin", os.environ.get("PATH", "")))
    return shutil.which(name, path=path)


@contextmanager
def sink() -> Iterator[Sink]:
    """Open Postfix's sink, or else our own, on a free port of the loopback.

    Raises:
        DemoError: it did not open.
    """
    program = found(SINK)
    port = free_port(0)
    order = [sys.executable, "-m", "checkin.bench.sink", str(port)]
    if program:
        rights = ["-u", "nobody"] if os.geteuid() == 0 else []
        order = [program, *rights, f"{HOST}:{port}", BACKLOG]
    with subprocess.Popen(  # noqa: S603 - Postfix's, or our own program
        order, env=_surroundings(), stdout=subprocess.DEVNULL
    ) as running:
        try:
            _wait_for(port)
            yield Sink(port, "smtp-sink" if program else "own")
        finally:
            running.terminate()


def source(port: int, *, messages: int, size: int, lines: int) -> Rate | None:
    """Send *messages* of *size* bytes over *lines* by Postfix's sender; nothing without it.

    Raises:
        DemoError: it failed.
    """
    program = found(SOURCE)
    if program is None:
        return None
    order = [program, "-d", "-s", str(lines), "-m", str(messages), "-l", str(size)]
    before, started = _children_cpu(), time.perf_counter()
    done = subprocess.run(  # noqa: S603 - Postfix's own
        [*order, f"{HOST}:{port}"],
        env=_surroundings(),
        check=False,
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
    )
    if done.returncode:
        raise DemoError(SOURCE, done.stderr)
    took, spent = time.perf_counter() - started, _children_cpu() - before
    return Rate(messages / took, messages / spent)


def _surroundings() -> dict[str, str]:
    """Return the environment in which unpacked tools find their libraries."""
    return dict(os.environ) | {"LD_LIBRARY_PATH": str(UNPACKED / "lib" / "postfix")}


def _children_cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _wait_for(port: int) -> None:
    until = time.monotonic() + OPENS_WITHIN_S
    while time.monotonic() < until:
        try:
            socket.create_connection((HOST, port), timeout=1).close()
        except OSError:
            time.sleep(0.02)
        else:
            return
    raise DemoError(SINK, f"{HOST}:{port}")

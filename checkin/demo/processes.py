"""The real programs of the demo: started as an office would start them, and always ended."""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Self

import httpx

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

THUMOI = (sys.executable, "-m", "checkin")
PROC = Path("/proc")
POLITE_S = 10.0
EVERY_S = 0.05
LINES_SHOWN = 12


class DemoError(Exception):
    """The demo cannot go on.

    *what* went wrong, the last *words* of whoever failed, and the *log* to read, if any.
    """

    def __init__(self, what: str, words: str = "", log: Path | None = None) -> None:
        super().__init__(f"{what}\n{words}" if words else what)
        self.what = what
        self.words = words
        self.log = log


@dataclass
class Program:
    """One process whose output goes to *log*; use it as a context manager.

    It is ``thumoi`` unless another *command* is given. It has a process group of its own, so
    that whatever it started ends with it.
    """

    arguments: Sequence[str]
    log: Path
    environment: Mapping[str, str] = field(default_factory=dict)
    command: Sequence[str] = THUMOI
    _process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        """Start it."""
        self.start()
        return self

    def __exit__(self, *_error: object) -> None:
        """End it."""
        self.stop()

    def start(self) -> None:
        """Start it (again); its output is added to the log."""
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(  # noqa: S603 - our own command line
                [*self.command, *self.arguments],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                env=dict(os.environ) | dict(self.environment),
                start_new_session=True,
            )

    def stop(self, *, hard: bool = False) -> int | None:
        """End it politely, or at once if *hard*; return its exit code."""
        if self._process is None:
            return None
        self._signal(signal.SIGKILL if hard else signal.SIGTERM)
        try:
            self._process.wait(POLITE_S)
        except subprocess.TimeoutExpired:
            self._signal(signal.SIGKILL)
            self._process.wait(POLITE_S)
        self._signal(signal.SIGKILL)  # whatever of its group outlived it
        return self._process.returncode

    @property
    def alive(self) -> bool:
        """Tell whether it runs."""
        return self._process is not None and self._process.poll() is None

    @property
    def pid(self) -> int:
        """Its process id; 0 before it was started."""
        return self._process.pid if self._process else 0

    def cpu_seconds(self) -> float:
        """Return how much processor time it and whatever it started have used so far."""
        ticks = sum(_ticks(entry, self.pid) for entry in PROC.glob("[0-9]*/stat"))
        return ticks / os.sysconf("SC_CLK_TCK")

    def memory_bytes(self) -> int:
        """Return the memory it and whatever it started hold; what is shared, by its share."""
        groups = [entry for entry in PROC.glob("[0-9]*/stat") if _is_of(entry, self.pid)]
        return sum(_held(entry.with_name("smaps_rollup")) for entry in groups)

    def wait_until(self, ready: Callable[[], bool], seconds: float, what: str) -> None:
        """Wait until *ready*, at most *seconds*.

        Raises:
            DemoError: it ended instead, or was not ready in time; *what* says what for.
        """
        until = time.monotonic() + seconds
        while not ready():
            if not self.alive:
                raise self.failure(what)
            if time.monotonic() > until:
                raise self.failure(what)
            time.sleep(EVERY_S)

    def failure(self, what: str) -> DemoError:
        """Return the error that *what* failed, with the end of the log."""
        return DemoError(what, self.last_words(), self.log)

    def last_words(self) -> str:
        """Return the last lines of its log."""
        try:
            lines = self.log.read_text(encoding="utf-8", errors="replace").splitlines()
        except OSError:
            return ""
        return "\n".join(lines[-LINES_SHOWN:])

    def _signal(self, number: signal.Signals) -> None:
        if self._process is None:
            return
        try:
            os.killpg(self._process.pid, number)
        except ProcessLookupError:
            return


def _is_of(entry: Path, group: int) -> bool:
    try:
        return int(entry.read_text().rpartition(")")[2].split()[2]) == group
    except OSError:
        return False  # it has ended meanwhile


def _held(rollup: Path) -> int:
    """Return the proportional set size that *rollup* tells, in bytes; see proc(5)."""
    try:
        lines = rollup.read_text().splitlines()
    except OSError:
        return 0
    return sum(int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss:"))


def _ticks(entry: Path, group: int) -> int:
    """Return the ticks (user and system) of a process, if it is of *group*; see proc(5)."""
    try:
        fields = entry.read_text().rpartition(")")[2].split()
    except OSError:
        return 0  # it has ended meanwhile
    return int(fields[11]) + int(fields[12]) if int(fields[2]) == group else 0


def run(
    arguments: Sequence[str], environment: Mapping[str, str], *, seconds: float = 60
) -> str:
    """Run one ``thumoi`` command to its end and return what it printed.

    Raises:
        DemoError: it failed; carries its words.
    """
    try:
        done = subprocess.run(  # noqa: S603 - our own command line
            [*THUMOI, *arguments],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            env=dict(os.environ) | dict(environment),
            timeout=seconds,
            check=False,
            text=True,
        )
    except subprocess.TimeoutExpired as error:
        raise DemoError(shlex.join(("thumoi", *arguments)), str(error)) from error
    if done.returncode:
        raise DemoError(shlex.join(("thumoi", *arguments)), done.stderr or done.stdout)
    return done.stdout


def answers(address: str) -> bool:
    """Tell whether a web server answers at *address*."""
    try:
        return (
            httpx.get(address, timeout=2, trust_env=False).status_code
            < httpx.codes.INTERNAL_SERVER_ERROR
        )
    except httpx.HTTPError:
        return False

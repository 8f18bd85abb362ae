"""The station's clocks: its own wall and monotonic clock, and what the server's clock says."""

from __future__ import annotations

import threading
import time
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
DRIFT_PPM = 100
THIS_PROCESS = str(uuid.uuid4())


@dataclass(frozen=True)
class Moment:
    """One instant on every clock, in milliseconds; *offset_ms* is server minus wall time.

    *offset_ms* and *offset_error_ms* are None where the server's clock was never heard in
    this boot of the machine.
    """

    wall_ms: int
    mono_ms: int
    boot_id: str
    offset_ms: int | None
    offset_error_ms: int | None

    @property
    def corrected_ms(self) -> int:
        """The server's time as well as it is known, Unix milliseconds."""
        return self.wall_ms + (self.offset_ms or 0)


@dataclass(frozen=True)
class Heard:
    """What the last contact taught: server time minus monotonic time, and its error."""

    boot_id: str
    base_ms: int
    error_ms: int
    at_mono_ms: int


class Clock:
    """Tells the time; learns the server's from each answer (half the round trip is error).

    *wall* and *mono* are the machine's two clocks, in milliseconds, and *boot* names the boot
    in which the second one counts.
    """

    def __init__(
        self,
        wall: Callable[[], int] | None = None,
        mono: Callable[[], int] | None = None,
        boot: str = "",
    ) -> None:
        self._lock = threading.Lock()
        self._wall_ms = wall or wall_ms
        self.mono_ms = mono or mono_ms
        self._boot_id = boot or boot_id()
        self._heard: Heard | None = None

    def now(self) -> Moment:
        """Return this instant on every clock.

        The offset follows the monotonic clock, so a wall clock set by hand between two
        contacts does not change the order of the guests.
        """
        wall, mono = self._wall_ms(), self.mono_ms()
        with self._lock:
            heard = self._heard
        if heard is None:
            return Moment(wall, mono, self._boot_id, None, None)
        drift = (mono - heard.at_mono_ms) * DRIFT_PPM // 1_000_000
        offset = mono + heard.base_ms - wall
        return Moment(wall, mono, self._boot_id, offset, heard.error_ms + drift)

    def hear(self, server_ms: int, asked_mono_ms: int) -> None:
        """Learn that the server said *server_ms* in answer to a question asked then.

        A vaguer answer than the one already known does not replace it until drift has made
        that one vaguer still.
        """
        answered = self.mono_ms()
        error = (answered - asked_mono_ms + 1) // 2
        base = server_ms - (asked_mono_ms + answered) // 2
        heard = Heard(self._boot_id, base, error, answered)
        with self._lock:
            old = self._heard
            age = answered - old.at_mono_ms if old else 0
            if old is None or error <= old.error_ms + max(age * DRIFT_PPM // 1_000_000, 1):
                self._heard = heard
            elif abs(base - old.base_ms) > error + old.error_ms + age:
                self._heard = heard  # the server's clock was set

    def to_json(self) -> dict[str, Any]:
        """Return what was learnt, to be kept over a restart of the station."""
        with self._lock:
            return vars(self._heard).copy() if self._heard else {}

    def recall(self, found: dict[str, Any]) -> None:
        """Take up what an earlier run had learnt, if the machine was not booted since."""
        if found.get("boot_id") != self._boot_id:
            return
        with self._lock:
            self._heard = Heard(**found)


def wall_ms() -> int:
    """Return the wall clock in Unix milliseconds."""
    return time.time_ns() // 1_000_000


def mono_ms() -> int:
    """Return the monotonic clock in milliseconds."""
    return time.monotonic_ns() // 1_000_000


def boot_id() -> str:
    """Return the identity of this boot of the machine; where it has none, of this process."""
    try:
        return BOOT_ID.read_text().strip()
    except OSError:
        return THIS_PROCESS

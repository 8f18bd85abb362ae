"""The station of the demo: the real program, followed by what it says on its output."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from checkin.demo.processes import Program

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

READY_WITHIN_S = 60.0
STATION_LOG = "station.log"


@dataclass(frozen=True)
class Scan:
    """One verdict as the station showed it; times in milliseconds."""

    pass_id: str
    outcome: str
    judge: str
    at_ms: int
    latency_ms: int
    flags: tuple[str, ...] = ()


@dataclass
class DoorStation:
    """A ``thumoi station`` in *folder* that watches *film*; use its program to end it."""

    program: Program

    def wait_until_ready(self) -> str:
        """Wait until it watches the door; return the address of its screen.

        Raises:
            DemoError: it ended instead, or took more than a minute.
        """
        self.program.wait_until(
            lambda: bool(self._said("ready")), READY_WITHIN_S, "thumoi station"
        )
        return str(self._said("ready")[-1]["url"])

    def scans(self) -> list[Scan]:
        """Return every verdict so far, in order."""
        return [
            Scan(
                pass_id=str(each["pass_id"]),
                outcome=str(each["outcome"]),
                judge=str(each["judge"]),
                at_ms=int(each["at_ms"]),
                latency_ms=int(each["latency_ms"]),
                flags=tuple(each["flags"]),
            )
            for each in self._said("scan")
        ]

    def summary(self) -> dict[str, Any]:
        """Return what it summed up at its end, or nothing while it runs."""
        found = self._said("summary")
        return found[-1] if found else {}

    def _said(self, what: str) -> list[dict[str, Any]]:
        """Return the lines of its output that are JSON about *what*."""
        text = self.program.log.read_text(encoding="utf-8", errors="replace")
        whole = text[: text.rfind("\n") + 1]
        lines = [line for line in whole.splitlines() if line.startswith("{")]
        found = [json.loads(line) for line in lines]
        return [each for each in found if each.get("is") == what]


def station(
    folder: Path, film: Path, server: str, code: str, options: Sequence[str] = ()
) -> DoorStation:
    """Return the station of *folder*, not yet started, that pairs with *code* at *server*."""
    folder.mkdir(exist_ok=True)
    words = ["station", "--server", server, "--code", code, "--data", str(folder)]
    words += ["--camera", str(film), "--json", *options]
    return DoorStation(Program(words, folder / STATION_LOG))

"""What a station prints: one line a scan for people or programs, and a sum at the end."""

from __future__ import annotations

import json
import sys
from collections import Counter
from typing import TYPE_CHECKING, Any

from scanner.lines import clock_time

if TYPE_CHECKING:
    from scanner.config import Paired
    from scanner.door import Shown
    from scanner.station import Station


class Reporter:
    """Follows a station on standard output."""

    def __init__(self, station: Station, *, as_json: bool) -> None:
        self._station = station
        self._as_json = as_json
        self._told = 0
        self._outcomes: Counter[str] = Counter()
        self._judges: Counter[str] = Counter()
        self._latencies: list[int] = []

    def begin(self, url: str, place: Paired) -> None:
        """Say that the station stands, and where its screen is."""
        self._say(
            {"is": "ready", "url": url, "station": place.station, "gate": place.gate},
            f"{place.gate} · {place.title} · {url}",
        )

    def tell(self) -> None:
        """Print the verdicts since the last call."""
        for shown in self._station.screen.since(self._told):
            self._told = shown.number
            self._outcomes[shown.verdict.outcome] += 1
            self._judges[shown.verdict.judge] += 1
            self._latencies.append(shown.latency_ms)
            self._say(_as_json(shown), _as_line(shown))

    def sum_up(self) -> None:
        """Print the sum of the run."""
        self._say({"is": "summary", **self.summary()}, json.dumps(self.summary()))

    def summary(self) -> dict[str, Any]:
        """Return scans by outcome and judge, records not acknowledged, milliseconds."""
        camera = self._station.camera.status()
        ordered = sorted(self._latencies)
        return {
            "scans": self._told,
            "outcomes": dict(sorted(self._outcomes.items())),
            "judges": dict(sorted(self._judges.items())),
            "waiting": self._station.journal.waiting(),
            "records": len(self._station.journal.all()),
            "frames": camera.frames,
            "dropped": camera.dropped,
            "decoder_restarts": self._station.decoder.restarts,
            "latency_ms": {"p50": _at(ordered, 0.5), "p95": _at(ordered, 0.95)},
        }

    def _say(self, found: dict[str, Any], line: str) -> None:
        text = json.dumps(found, ensure_ascii=False) if self._as_json else line
        sys.stdout.write(text + "\n")
        sys.stdout.flush()


def _as_json(shown: Shown) -> dict[str, Any]:
    return {
        "is": "scan",
        "number": shown.number,
        "scan_id": shown.scan_id,
        "pass_id": shown.verdict.pass_id,
        "outcome": shown.verdict.outcome,
        "flags": shown.verdict.flags,
        "judge": shown.verdict.judge,
        "direction": shown.direction.value,
        "at_ms": shown.at_ms,
        "latency_ms": shown.latency_ms,
    }


def _as_line(shown: Shown) -> str:
    when = clock_time(shown.at_ms // 1000, "%H:%M:%S")
    return f"{when}  {shown.verdict.outcome:14} {shown.verdict.judge:8} {shown.latency_ms} ms"


def _at(ordered: list[int], part: float) -> int | None:
    return ordered[min(int(len(ordered) * part), len(ordered) - 1)] if ordered else None

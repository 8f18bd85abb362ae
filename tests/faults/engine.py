"""A station without eyes, as a process of its own: real journal, door and uplink.

It is told what to do on its standard input, one JSON object a line, and says which lights it
showed on its standard output. Its clocks may be hours off, and simulated time may pass.
"""

import json
import os
import random
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scanner.clock import Clock, mono_ms, wall_ms
from scanner.config import StationConfig, paired
from scanner.door import Shown
from scanner.errors import JournalError
from scanner.line import Caller
from scanner.station import Station, assemble

OUT = 1


@dataclass
class Engine:
    """One station; *skew* is how wrong its wall clock is, *passed* the time simulated."""

    folder: Path
    skew: int = 0
    passed: int = 0

    def __post_init__(self) -> None:
        place = paired(self.folder)
        assert place is not None
        self.station: Station = assemble(StationConfig(self.folder, camera="61"), place)
        clock = Clock(
            lambda: wall_ms() + self.passed + self.skew, lambda: mono_ms() + self.passed
        )
        clock.recall(self.station.gatekeeper.carried.noted("clock", {}))
        uplink, door = self.station.uplink, self.station.door
        uplink.caller = Caller(
            uplink.caller.server, uplink.caller.station, uplink.caller.key, clock
        )
        door.clock, door.show = clock, self._light
        uplink.start()

    def present(self, text: str) -> None:
        """Show a pass at the door; a light that may not be shown is told as well."""
        found = self.station.gatekeeper.identify(text)
        self.began = wall_ms() + self.passed
        try:
            self.station.door.present(text, found, time.monotonic())
        except JournalError as error:
            say("dark", why=str(error))

    def obey(self, order: dict[str, Any]) -> None:
        """Do what one line says."""
        self.passed = order.get("passed", self.passed)
        self.skew = order.get("skew", self.skew)
        for words in order.get("run", ()):
            subprocess.run(words, check=True)
        for at, text in order.get("scans", ()):
            self.passed = at
            self.present(text)
        if "journal" in order:
            records = self.station.journal.all()
            say("journal", written={each.scan_id: each.outcome for each in records})
        uplink = self.station.uplink
        say("status", online=uplink.online, waiting=self.station.journal.waiting())

    def storm(self, texts: list[str], seed: int, pace_s: float) -> None:
        """Show one pass after the other, in any order, until the power goes."""
        rng = random.Random(seed)  # noqa: S311 - the order of guests is no secret
        while True:
            self.present(rng.choice(texts))
            time.sleep(rng.random() * pace_s * 2)

    def _light(self, shown: Shown) -> None:
        say(
            "light",
            scan_id=shown.scan_id,
            outcome=shown.outcome.value,
            pass_id=shown.verdict.pass_id,
            judge=shown.verdict.judge,
            true_ms=[self.began, wall_ms() + self.passed],
            latency_ms=shown.latency_ms,
        )


def light_before_record(engine: Engine) -> None:
    """The seeded bug: a light is shown although its record could not be written."""
    for where, name in (
        (engine.station.journal, "write"),
        (engine.station.gatekeeper.carried, "learn_own"),
    ):
        setattr(where, name, heedless(getattr(where, name)))


def heedless(true: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Return *true*, but for what it says when the disk is full."""

    def wrong(given: Any) -> Any:
        try:
            return true(given)
        except JournalError:
            return given

    return wrong


def say(what: str, **told: Any) -> None:
    """Write one line at once: what was said before a kill stays said."""
    os.write(OUT, (json.dumps({"is": what, **told}) + "\n").encode())


def run(order: dict[str, Any]) -> None:
    """Be the station that *order* describes until killed, or told everything."""
    engine = Engine(Path(order["folder"]), order.get("skew", 0))
    if order.get("bug"):
        light_before_record(engine)
    while order.get("rest"):
        time.sleep(1)
    if "storm" in order:
        texts = Path(order["texts"]).read_text().split()
        engine.storm(texts, order["storm"], order["pace_s"])
    for line in sys.stdin:
        engine.obey(json.loads(line))
    engine.station.uplink.stop()


if __name__ == "__main__":
    run(json.loads(sys.argv[1]))

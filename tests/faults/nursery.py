"""A process that has imported everything and forks servers and stations, to be killed.

Each child is a session of its own. A child may be given a crash point: a place in the house's
code at which its power goes, sooner or later. The points are put there by this launcher; the
house itself knows nothing of them.
"""

import json
import os
import random
import resource
import signal
import sys
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from checkin.cli import main as thumoi
from checkin.domain.protocol import ScanReport, WireVerdict
from checkin.domain.stations import Station
from checkin.services.door import Door
from checkin.services.pulse import Pulse
from checkin.storage import scans
from invitations.storage.database import Database
from scanner.door import Door as StationDoor
from scanner.journal import Journal
from scanner.uplink import Uplink
from tests.faults import engine

SERVER_POINTS = {
    "before begin": (Database, "write", "before"),
    "after insert": (scans, "add", "after"),
    "after commit, before the answer": (Database, "write", "after"),
    "before the news": (Pulse, "ring", "before"),
}
STATION_POINTS = {
    "after the number": (Journal, "reserve", "after"),
    "before the question": (Uplink, "present", "before"),
    "after the answer": (Uplink, "present", "after"),
    "after the record, before the light": (Journal, "write", "after"),
    "after the light": (StationDoor, "present", "after"),
    "before the mark": (Journal, "acknowledge", "before"),
    "after the mark": (Journal, "acknowledge", "after"),
}
POINTS = SERVER_POINTS | STATION_POINTS


def power_goes_at(point: str, after: int) -> None:
    """Kill this process, group and all, the *after*-th time it comes to *point*."""
    where, name, when = POINTS[point]
    true: Callable[..., Any] = getattr(where, name)
    left = [after]

    def dying(*arguments: Any, **named: Any) -> Any:
        left[0] -= 1
        if left[0] <= 0 and when == "before":
            os.killpg(0, signal.SIGKILL)
        found = true(*arguments, **named)
        if left[0] <= 0:
            os.killpg(0, signal.SIGKILL)
        return found

    setattr(where, name, dying)


def answer_before_commit() -> None:
    """The seeded bug: the verdict is given first, and written a tenth of a second later."""
    true = Door.present

    def early(self: Door, station: Station, report: ScanReport) -> WireVerdict:
        later = threading.Timer(0.1, true, (self, station, report))
        later.daemon = True
        later.start()
        return self.simulate(station, report)

    Door.present = early  # type: ignore[method-assign]  # that is the bug


def be(order: dict[str, Any]) -> None:
    """Become what *order* says, in this fresh process."""
    os.setsid()
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    with Path(order["log"]).open("ab") as log:
        os.dup2(log.fileno(), 1)
        os.dup2(log.fileno(), 2)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    random.seed()
    os.environ.update(order.get("environment", {}))
    if order.get("point"):
        power_goes_at(order["point"], order["after"])
    if order.get("bug"):
        answer_before_commit()
    if order.get("largest"):
        resource.setrlimit(resource.RLIMIT_FSIZE, (order["largest"], resource.RLIM_INFINITY))
    if order["kind"] == "server":
        thumoi(["serve"])
        return
    engine.run(order)


def main(lines: Sequence[str] = ()) -> None:
    """Fork one child for each line of standard input, and say its process id."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    for line in lines or sys.stdin:
        child = os.fork()
        if not child:
            try:
                be(json.loads(line))
            finally:
                os._exit(1)
        print(child, flush=True)  # noqa: T201 - that is what it is asked


if __name__ == "__main__":
    main()

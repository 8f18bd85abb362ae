"""F03, F04: disks run full: no green without a record, and no answer without a row."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scanner.config import Paired as Place
from scanner.config import keep_paired
from tests.checkin.factories import Clock
from tests.faults.counting import tell
from tests.faults.networks import a_way
from tests.faults.storm import DirectCaller, Storm, kill, nursery, wait_for
from tests.faults.world import Server, Tablet, a_template

SMALL, LARGE = "3m", "60m"
GUESTS = 60
SCANS = 300
ROOM = 400_000  # bytes by which a file of the server may grow


@dataclass
class Cramped:
    """A station on a disk of its own, which is small."""

    process: subprocess.Popen[str]
    disk: Path
    texts: list[str]

    def obeys(self, **order: Any) -> list[dict[str, Any]]:
        """Give an order; return everything that is said until the status."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(json.dumps(order) + "\n")
        self.process.stdin.flush()
        said = []
        for line in self.process.stdout:
            said.append(json.loads(line))
            if said[-1]["is"] == "status":
                return said
        message = "the station is gone"
        raise AssertionError(message)

    def sees(self, many: int) -> list[dict[str, Any]]:
        """Let guests come; return the lights, and where there was none."""
        scans = [[number, self.texts[number % len(self.texts)]] for number in range(many)]
        return self.obeys(scans=scans)[:-1]

    def written(self) -> dict[str, str]:
        """Return the outcome of each record in the journal."""
        return dict(self.obeys(journal=True)[0]["written"])

    def grow(self) -> None:
        """Make room on the disk."""
        self.obeys(run=[["mount", "-o", f"remount,size={LARGE}", str(self.disk)]])


@contextmanager
def a_cramped_station(folder: Path, *, bug: bool = False) -> Iterator[Cramped]:
    """Lend a station that knows its guests, whose disk is small."""
    template = a_template(folder / "template", stations=1, many=GUESTS)
    server = Server(folder / "server", template, Clock())
    tablet = Tablet(folder / "station", template.stations[0], server, server.clock)
    tablet.connect()
    texts = [server.house.text(each) for each in server.house.passes]
    tablet.close()
    template.close()
    place = Place("http://127.0.0.1:9", tablet.paired.id, server.house.event, "", 1, "", "")
    keep_paired(folder / "station", place)
    disk = folder / "disk"
    disk.mkdir()
    order = json.dumps({"folder": str(disk), "bug": bug})
    script = (
        f"mount -t tmpfs -o size={SMALL} none {disk} && cp {folder}/station/* {disk}"
        f" && exec {sys.executable} -m tests.faults.engine '{order}'"
    )
    with subprocess.Popen(
        [*a_way(), "--kill-child", "sh", "-c", script],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            yield Cramped(process, disk, texts)
        finally:
            process.kill()


def unwritten(said: list[dict[str, Any]], written: dict[str, str]) -> list[str]:
    """Return the lights whose record is not in the journal."""
    return [
        each["scan_id"]
        for each in said
        if each["is"] == "light" and written.get(each["scan_id"]) != each["outcome"]
    ]


def test_on_a_full_disk_there_is_no_light_without_a_record(tmp_path: Path) -> None:
    with a_cramped_station(tmp_path) as station:
        full = station.sees(SCANS)
        station.grow()
        after = station.sees(GUESTS)
        written = station.written()
    dark = [each for each in full if each["is"] == "dark"]
    tell("full disk", 0, lights=len(full) - len(dark), dark=len(dark), records=len(written))

    assert len(dark) > 0
    assert len(full) == SCANS
    assert unwritten([*full, *after], written) == []
    assert [each["is"] for each in after] == ["light"] * GUESTS


def test_a_light_before_its_record_is_found_out(tmp_path: Path) -> None:
    with a_cramped_station(tmp_path, bug=True) as station:
        full = station.sees(SCANS)
        station.grow()
        written = station.written()

    assert unwritten(full, written) != []


def test_a_full_server_answers_nothing_it_has_not_written(tmp_path: Path) -> None:
    """Its files may not grow; it goes on answering what needs no writing, then recovers."""
    with nursery(tmp_path) as born:
        storm = Storm(tmp_path / "storm", born, 1)
        caller = DirectCaller(storm.url, *storm.direct, storm.texts, 1)
        storm.server.start(largest=storm.file.stat().st_size + ROOM)
        wait_for(storm.serving, 60)
        with caller.asking():
            wait_for(lambda: caller.refused > 20, 60)
            readable = storm.serving()
        before = dict(caller.answers)
        kill(storm.server.pid)
        kept = storm.answers()
        storm.server.start()
        wait_for(storm.serving, 60)
        with caller.asking():
            wait_for(lambda: len(caller.answers) > len(before) + 20, 60)
        kill(storm.server.pid)
    tell("full server", 1, answered=len(before), refused=caller.refused, kept=len(kept))

    assert readable
    assert len(before) > 0
    assert before.keys() - kept == set()
    assert caller.answers.keys() - storm.answers() == set()
    assert caller.changed == []

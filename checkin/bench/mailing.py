"""A real server that mails a long list into Postfix's sink while its officer looks on."""

from __future__ import annotations

import re
import resource
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from checkin.bench import postfix
from checkin.bench.alone import guest_list
from checkin.bench.measures import Measure, percentile
from checkin.demo.desk import Desk
from checkin.demo.house import CONFIG, House, open_house
from checkin.demo.processes import PROC, DemoError
from checkin.demo.visitor import Visitor

GUESTS = 3_000
EVERY_S = 0.5
IMPORT_WITHIN_S = 180.0
SENT_WITHIN_S = 300.0
MILLISECONDS = 1_000

_PORT = re.compile(r"(?<=\[mail\]\n)(host = .*\n)port = \d+")
_RESIDENT = re.compile(r"VmRSS:\s+(\d+) kB")


@dataclass(frozen=True)
class _Look:
    """What an officer saw of a sending, how long it took, and what the server weighed."""

    at: float
    every: int
    done: int
    answered_ms: float
    megabytes: float
    cpu_seconds: float


def mailing(folder: Path, guests: int = GUESTS) -> Iterator[Measure]:
    """Measure a list of *guests* taken in and mailed by a server, and how the server bears it.

    Raises:
        DemoError: the server failed, or the mails did not leave in time.
    """
    room = folder / "mailing"
    room.mkdir()
    with postfix.sink() as sink, open_house(room) as house:
        _lead_mail_to(house, sink.port)
        person = house.add_person("officer", "bench@vanphong.example", "Bench")
        with Visitor(house.url) as visitor:
            visitor.sign_in(person.email, person.password)
            desk = Desk(visitor)
            event = desk.plan("Bench", "A", datetime.now(UTC))
            yield _taken_in(house, event, guests)
            yield _sent(house, desk, event, sink)


def _taken_in(house: House, event: int, guests: int) -> Measure:
    """Measure the processor time of the import, of the server and of the command."""
    path = house.folder / "guests.xlsx"
    guest_list(path, guests)
    before = _cpu(house)
    house.thumoi("import", str(path), "--event", str(event), seconds=IMPORT_WITHIN_S)
    spent = _cpu(house) - before
    return Measure(
        "import", guests / spent, "/CPU-s", {"guests": guests, "cpu_seconds": spent}, 2_000
    )


def _sent(house: House, desk: Desk, event: int, sink: postfix.Sink) -> Measure:
    """Measure mails a second between the first look at the page and the last mail."""
    before = _megabytes(house.server.pid)
    pressed = time.monotonic()
    sending = desk.send(event, channels=("email",))
    looks = [_look(house, desk, sending)]
    while looks[-1].done < looks[-1].every:
        if time.monotonic() > pressed + SENT_WITHIN_S:
            raise house.server.failure("send")
        time.sleep(EVERY_S)
        looks.append(_look(house, desk, sending))
    first, last = looks[0], looks[-1]
    spent = (last.cpu_seconds - first.cpu_seconds) / (last.done - first.done)
    answers = sorted(look.answered_ms for look in looks)
    more = {
        "mails": float(last.every),
        "seconds_from_the_press": last.at - pressed,
        "server_cpu_ms_each": spent * MILLISECONDS,
        "page_ms_p50": percentile(answers, 0.5),
        "page_ms_p95": percentile(answers, 0.95),
        "megabytes_before": before,
        "megabytes_peak": max(look.megabytes for look in looks),
    }
    rate = (last.done - first.done) / (last.at - first.at)
    return Measure("messages", rate, "/s", more, 900, notes={"sink": sink.name})


def _look(house: House, desk: Desk, sending: int) -> _Look:
    """Open the page of a sending, and weigh the server."""
    started = time.perf_counter()
    pile = desk.pile(sending)
    took = (time.perf_counter() - started) * MILLISECONDS
    return _Look(
        at=time.monotonic(),
        every=pile.every,
        done=pile.done,
        answered_ms=took,
        megabytes=_megabytes(house.server.pid),
        cpu_seconds=house.server.cpu_seconds(),
    )


def _lead_mail_to(house: House, port: int) -> None:
    """Send the house's mail to *port* from now on, as an operator would."""
    config = house.folder / CONFIG
    text, done = _PORT.subn(rf"\g<1>port = {port}", config.read_text(encoding="utf-8"))
    if done != 1:
        raise DemoError(CONFIG, text)
    config.write_text(text, encoding="utf-8")
    house.server.stop()
    house.open_doors()


def _cpu(house: House) -> float:
    """Return the processor time of the server, and of the commands that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return house.server.cpu_seconds() + used.ru_utime + used.ru_stime


def _megabytes(pid: int) -> float:
    """Return what a process holds in memory; see proc(5)."""
    found = _RESIDENT.search((PROC / str(pid) / "status").read_text())
    return int(found[1]) / 1_024 if found else 0.0

"""What is measured at the doors: durable admissions a second, boards, search, memory.

The stations are a process of their own, and so are the boards; a server's processor time is
the server's alone (proc(5)). Beside it stands what one signature costs to verify in the same
run, because a machine that others use is slower by a factor that no table can know.
"""

from __future__ import annotations

import json
import secrets
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

import httpx

from checkin.bench.alone import a_pass
from checkin.bench.boards import Heard, Wish
from checkin.bench.doorhouse import DoorHouse, door_house
from checkin.bench.load import Result
from checkin.bench.measures import Measure, percentile
from checkin.bench.pgserver import postgresql, programs
from checkin.demo.processes import DemoError
from checkin.domain.protocol import POST_PATH
from checkin.services.pairing import Pairing
from checkin.web.access import PLAIN_COOKIE
from invitations.domain import passes
from invitations.domain.passes import TrustedKey, TrustList
from invitations.storage.database import Database

MILLISECONDS = 1_000
MEGABYTE = 1 << 20
INVITED = 100_000
FEW = 6_000
PASSES = {("ws", 1): 400, ("ws", 8): 4_000, ("ws", 32): 3_000}
PASSES |= {("http", 1): 200, ("http", 8): 1_500, ("http", 32): 1_500}
WARM = 200
BOARDS = 1_000
LONE = 5  # lone scans whose way to the boards is timed
SLOW_MS = 5.0
TARGETS: dict[tuple[str, int], float] = {("ws", 8): 3_000, ("http", 8): 1_000}
P99_MS: dict[tuple[str, int], float] = {
    ("ws", 1): 5,
    ("ws", 8): 10,
    ("http", 8): 25,
    ("ws", 32): 40,
}
CPU_MS: dict[tuple[str, int], float] = {("ws", 8): 0.3, ("http", 8): 0.9}
QUERIES = ("Nguyen", "dang", "tran thi huong", "nguyen van an", "bao ha", "1234", "khongcoai")


def doors(folder: Path) -> Iterator[Measure]:
    """Measure the doors of a house on SQLite, on a slow disk, and on PostgreSQL."""
    shown = WARM + sum(PASSES.values()) + PASSES["ws", 8] + LONE
    with door_house(folder / "doors", invited=INVITED, shown=shown) as house:
        house.load("ws", 8, WARM)
        for by, stations in PASSES:
            yield from _admissions(house, by, stations, "")
        memory = house.server.memory_bytes() / MEGABYTE
        yield Measure("server_memory", memory, "MB", {}, 150, least=False)
        yield from _search(house)
        yield from _or_why_not("loss_with_1000_boards", _boards(house))
    yield from _or_why_not("admissions_slow_commit", _slow(folder / "slow"))
    yield from _or_why_not("admissions_postgresql", _on_postgresql(folder))


def _or_why_not(name: str, measures: Iterator[Measure]) -> Iterator[Measure]:
    """Give *measures*; if they cannot be had, say so, and let the others be measured."""
    try:
        yield from measures
    except (DemoError, subprocess.TimeoutExpired) as error:
        why = str(error).strip().splitlines()[-1]
        yield Measure(name, 0.0, "", notes={"value": None, "why_not": why})


def _admissions(house: DoorHouse, by: str, stations: int, where: str) -> Iterator[Measure]:
    many = PASSES[by, stations]
    found, cpu = _cost(house, by, stations, many)
    name = f"admissions_{by}_{stations}{where}"
    more = {
        "ms_p50": percentile(found.ms, 0.5),
        "ms_p99": percentile(found.ms, 0.99),
        "server_cpu_ms_each": cpu,
        "verification_cpu_ms": verification_ms(),
        "client_cpu_ms_each": found.cpu * MILLISECONDS / many,
        "failures": found.failures,
    }
    target = None if where else TARGETS.get((by, stations))
    yield Measure(name, len(found.ms) / found.seconds, "/s", more, target)
    if where:
        return
    if limit := P99_MS.get((by, stations)):
        yield Measure(f"{name}_p99", more["ms_p99"], "ms", {}, limit, least=False)
    if limit := CPU_MS.get((by, stations)):
        share = {"of_which_verification": more["verification_cpu_ms"] / cpu}
        yield Measure(f"{name}_cpu", cpu, "ms", share, limit, least=False)


def _cost(house: DoorHouse, by: str, stations: int, many: int) -> tuple[Result, float]:
    """Present passes; return the result, sorted, and the server's milliseconds for each."""
    before = house.server.cpu_seconds()
    found = house.load(by, stations, many)
    spent = house.server.cpu_seconds() - before
    found.ms.sort()
    return found, spent * MILLISECONDS / many


def verification_ms(times: int = 200) -> float:
    """Return what it costs to read one pass, in milliseconds of the processor."""
    seed = secrets.token_bytes(32)
    text, trust = a_pass(1, seed), TrustList(1, (TrustedKey(1, passes.public_key(seed)),))
    started = time.process_time()
    for _ in range(times):
        passes.read(text, trust)
    return (time.process_time() - started) * MILLISECONDS / times


def _search(house: DoorHouse) -> Iterator[Measure]:
    """Measure searches for names by one station over HTTP, each by a new word or more."""
    database = Database(house.config.database)
    try:
        pairing = Pairing(database)
        station = pairing.find(house.stations[0][0])
        if station is None:
            raise DemoError("station")
        bearer = {"Authorization": f"Bearer {pairing.bearer(station)}"}
    finally:
        database.close()
    spent, found = [], {}
    with httpx.Client(base_url=house.url, headers=bearer, trust_env=False) as client:
        for turn in range(20 * len(QUERIES)):
            query = QUERIES[turn % len(QUERIES)]
            asked = {"id": 1, "do": "search", "query": query, "actor": str(house.officer)}
            started = time.perf_counter()
            answer = client.post(POST_PATH, json=asked).json()
            spent.append((time.perf_counter() - started) * MILLISECONDS)
            if "hits" not in answer:
                raise DemoError("search", json.dumps(answer))
            found[query] = len(answer["hits"])
    spent.sort()
    more = {
        "guests": INVITED,
        "ms_p50": percentile(spent, 0.5),
        "found_Nguyen": found["Nguyen"],
        "found_dang": found["dang"],
    }
    yield Measure("name_search_p95", percentile(spent, 0.95), "ms", more, 5, least=False)


def _boards(house: DoorHouse) -> Iterator[Measure]:
    """Measure what a thousand open boards cost, and how soon they show a lone scan."""
    many = PASSES["ws", 8] // 2
    alone, _ = _cost(house, "ws", 8, many)
    cookie = f"{PLAIN_COOKIE}={house.session}"
    wish = Wish(house.url, cookie, house.event, house.head(), BOARDS)
    shown_at = []
    with _opened(wish) as boards:
        memory = house.server.memory_bytes() / MEGABYTE
        watched, cpu = _cost(house, "ws", 8, many)
        for _ in range(LONE):
            time.sleep(1.0)
            shown_at.append(house.load("ws", 1, 1).at)
        time.sleep(1.0)
        heard = _closed(boards)
    late = sorted(_delay(heard, at) for at in shown_at)
    before, after = (len(each.ms) / each.seconds for each in (alone, watched))
    more = {
        "boards": heard.boards,
        "lost": heard.lost,
        "admissions_without": before,
        "admissions_with": after,
        "server_cpu_ms_each": cpu,
        "memory_mb": memory,
        "heard_at_most": max(each[2] for each in heard.updates.values()),
    }
    yield Measure(
        "loss_with_1000_boards", 100 * (1 - after / before), "%", more, 15, least=False
    )
    last = {"ms_to_the_last_board": max(_spread(heard))}
    yield Measure(
        "lone_scan_to_board", MILLISECONDS * late[len(late) // 2], "ms", last, 50, least=False
    )


def _delay(heard: Heard, at: float) -> float:
    """Return how long after *at*, at the earliest, some board heard of news."""
    return min(
        (first - at for first, _, _ in heard.updates.values() if first > at), default=9.9
    )


def _spread(heard: Heard) -> list[float]:
    """Return, for each piece of news, the milliseconds between the first board and the last."""
    return [MILLISECONDS * (last - first) for first, last, _ in heard.updates.values()]


@contextmanager
def _opened(wish: Wish) -> Iterator[subprocess.Popen[bytes]]:
    """Lend a process in which every board is open."""
    command = (sys.executable, "-m", "checkin.bench.boards")
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe) as boards:  # noqa: S603 - our own
        if boards.stdin is None or boards.stdout is None:
            raise DemoError("boards")
        boards.stdin.write(json.dumps(asdict(wish)).encode() + b"\n")
        boards.stdin.flush()
        if boards.stdout.readline() != b"open\n":
            raise DemoError("boards")
        try:
            yield boards
        finally:
            boards.kill()


def _closed(boards: subprocess.Popen[bytes]) -> Heard:
    told, _ = boards.communicate(timeout=30)
    found: dict[str, Any] = json.loads(told)
    return Heard(**found)


def _slow(folder: Path) -> Iterator[Measure]:
    """Measure 32 stations where each commit takes 5 ms more."""
    many = PASSES["ws", 32] // 2
    with door_house(folder, invited=FEW, shown=many + WARM, commit_ms=SLOW_MS) as house:
        house.load("ws", 8, WARM)
        found, cpu = _cost(house, "ws", 32, many)
    more = {
        "commit_ms": SLOW_MS,
        "ms_p99": percentile(found.ms, 0.99),
        "server_cpu_ms_each": cpu,
        "failures": found.failures,
    }
    yield Measure("admissions_slow_commit", len(found.ms) / found.seconds, "/s", more, 1_000)


def _on_postgresql(folder: Path) -> Iterator[Measure]:
    """Measure the same on PostgreSQL, where its programs are installed."""
    binaries = programs()
    if binaries is None:
        yield Measure("admissions_postgresql", 0, "/s", notes={"why_not": "no PostgreSQL"})
        return
    rows = (("ws", 1), ("ws", 8), ("ws", 32), ("http", 8))
    shown = WARM + sum(PASSES[row] for row in rows)
    with (
        postgresql(folder / "postgresql", binaries) as url,
        door_house(folder / "pg", invited=shown, shown=shown, database=url) as house,
    ):
        house.load("ws", 8, WARM)
        for by, stations in rows:
            yield from _admissions(house, by, stations, "_postgresql")

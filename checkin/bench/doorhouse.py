"""A house for the door's measures: one event, a long guest list, and paired stations."""

from __future__ import annotations

import json
import os
import secrets
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from checkin.bench.load import Job, Result
from checkin.config import Config, read_config
from checkin.demo.house import CONFIG
from checkin.demo.processes import THUMOI, DemoError, Program, answers
from checkin.demo.sinks import HOST, free_port
from checkin.domain.accounts import Account, Role
from checkin.domain.protocol import PairRequest
from checkin.opening import prepare
from checkin.services.accounts import Accounts, NewAccount
from checkin.services.pairing import Pairing
from invitations.domain import passes
from invitations.domain.model import Actor, Gate
from invitations.domain.names import fold, sort_key
from invitations.domain.plans import Plan
from invitations.services.issuing import Issuing
from invitations.services.keyring import Keyring
from invitations.services.planning import Planning
from invitations.storage import news
from invitations.storage.database import Database, metadata

COMMIT_MS = "BENCH_COMMIT_MS"  # heard by `checkin.bench.slow` alone
MOST_STATIONS = 64
STARTS_WITHIN_S = 60.0
LOAD_WITHIN_S = 120
THREADS = 1_300  # a board or a station holds one
GROUP = 5_000
FAMILY = ("Nguyễn", "Trần", "Lê", "Phạm", "Hoàng", "Huỳnh", "Đặng", "Bùi", "Đỗ", "Võ", "Ngô")
WEIGHTS = (38, 12, 10, 7, 6, 5, 6, 4, 4, 4, 4)
MIDDLE = ("Thị", "Văn", "Minh", "Thanh", "Đức", "Ngọc", "Quốc", "Hữu", "Thu", "Kim")
GIVEN = ("Ánh", "Hà", "Đức", "Huy", "Nguyệt", "Hương", "Phước", "Yến", "Đạt", "Sơn", "Tâm")


@dataclass
class DoorHouse:
    """A server, what is shown at its doors (each text once), and the stations' seeds."""

    folder: Path
    url: str
    config: Config
    event: int
    texts: list[str]
    stations: list[tuple[str, str]]
    officer: int
    session: str
    server: Program

    def taken(self, many: int) -> list[str]:
        """Return so many passes that were not shown yet."""
        chosen, self.texts = self.texts[:many], self.texts[many:]
        if len(chosen) < many:
            raise DemoError("passes")
        return chosen

    def head(self) -> int:
        """Return the number of the latest news."""
        database = Database(self.config.database)
        try:
            with database.read() as connection:
                return news.head(connection, self.event)
        finally:
            database.close()

    def load(self, by: str, stations: int, many: int) -> Result:
        """Present *many* passes at so many stations, from a process of its own."""
        return loaded(Job(self.url, by, self.stations[:stations], self.taken(many)))


def loaded(job: Job) -> Result:
    """Run *job* in a process of its own and return what came of it.

    Raises:
        DemoError: it could not be run.
    """
    done = subprocess.run(
        (sys.executable, "-m", "checkin.bench.load"),
        input=json.dumps(asdict(job)).encode(),
        capture_output=True,
        timeout=LOAD_WITHIN_S,
        check=False,
    )
    if done.returncode:
        raise DemoError("load", done.stderr.decode()[-2_000:])
    return Result(**json.loads(done.stdout))


@contextmanager
def door_house(
    folder: Path, *, invited: int, shown: int, database: str = "", commit_ms: float = 0
) -> Iterator[DoorHouse]:
    """Lend a house in *folder* with *invited* guests, *shown* of whose passes are minted.

    *database* is the URL of an empty PostgreSQL database; without it SQLite is used. Each
    commit takes *commit_ms* more than it does.
    """
    folder.mkdir(parents=True, exist_ok=True)
    port = free_port(0)
    _write_config(folder, port, database)
    os.environ.pop("THUMOI_CONFIG", None)
    config = read_config(folder / CONFIG)
    found = _furnished(config, invited, shown)
    environment = {"THUMOI_CONFIG": str(folder / CONFIG)}
    command: Sequence[str] = THUMOI
    if commit_ms:
        environment[COMMIT_MS] = str(commit_ms)
        command = (sys.executable, "-m", "checkin.bench.slow")
    server = Program(["serve"], folder / "server.log", environment, command)
    url = f"http://{HOST}:{port}"
    with server:
        _wait(server, url)
        yield DoorHouse(folder, url, config, *found, server)


@contextmanager
def second_server(house: DoorHouse) -> Iterator[str]:
    """Lend the address of a second server process on the PostgreSQL of *house*."""
    folder = house.folder / "second"
    folder.mkdir()
    port = free_port(0)
    _write_config(folder, port, house.config.database, house.config.keys)
    environment = {"THUMOI_CONFIG": str(folder / CONFIG)}
    server = Program(["serve"], folder / "server.log", environment)
    url = f"http://{HOST}:{port}"
    with server:
        _wait(server, url)
        yield url


def _wait(server: Program, url: str) -> None:
    ready = f"{url}/sign-in"
    server.wait_until(lambda: answers(ready), STARTS_WITHIN_S, "thumoi serve")


def _furnished(
    config: Config, invited: int, shown: int
) -> tuple[int, list[str], list[tuple[str, str]], int, str]:
    """Return the event, the passes, the stations, and the officer with an open session."""
    database = Database(config.database)
    try:
        office = prepare(config, database).office
        actor = Actor("bench", office.id, "officer", 1)
        made = Planning(database).create(_plan(), actor)
        event = made.event
        if event is None:
            raise DemoError("event", str(made))
        _invite(database, event.id, invited)
        keyring = Keyring(database, config.keys)
        issuing = Issuing(database, keyring)
        issuing.issue(event.id, actor)
        holders = issuing.holders(event.id, actor)[:shown]
        texts = [issuing.pass_text(holder.invitation) for holder in holders]
        gates = [gate.id for gate in event.gates]
        pairing = Pairing(database)
        stations = [
            _paired(pairing, event.id, gates[number % len(gates)], actor)
            for number in range(MOST_STATIONS)
        ]
        return event.id, texts, stations, *_officer(Accounts(database), actor)
    finally:
        database.close()


def _invite(database: Database, event: int, many: int) -> None:
    for start in range(0, many, GROUP):
        numbers = range(start, min(start + GROUP, many))
        _put(database, [_guest(event, number) for number in numbers])


def _put(database: Database, part: list[dict[str, Any]]) -> None:
    order = metadata.tables["guests"].insert()
    database.write(lambda tx: tx.execute(order, part).rowcount)


def _guest(event: int, number: int) -> dict[str, Any]:
    """Return one of very many guests: names as frequent as they are in this country."""
    family = FAMILY[_weighed(number * 7919 % sum(WEIGHTS))]
    middle, given = MIDDLE[number // 11 % len(MIDDLE)], GIVEN[number // 3 % len(GIVEN)]
    name, paper = (
        f"{family} {middle} {given}",
        f"Báo {GIVEN[number % len(GIVEN)]} {number % 37}",
    )
    return {
        "event_id": event,
        "honorific": "Bà",
        "name": name,
        "organisation": paper,
        "folded": fold(f"{name} {paper}"),
        "sort_key": sort_key(name),
        "phone": f"+849{number * 6_700_417 % 100_000_000:08d}",
        "created_at": 0,
    }


def _weighed(place: int) -> int:
    for index, weight in enumerate(WEIGHTS):
        if place < weight:
            return index
        place -= weight
    return 0


def _officer(accounts: Accounts, actor: Actor) -> tuple[int, str]:
    password = secrets.token_hex(16)
    new = NewAccount("bench@vanphong.example", "Bench", Role.OFFICER, password)
    made = accounts.create(actor, new)
    session = accounts.sign_in(new.email, password)
    if not isinstance(made, Account) or session is None:
        raise DemoError("account")
    return made.id, session


def _paired(pairing: Pairing, event: int, gate: int, actor: Actor) -> tuple[str, str]:
    seed = secrets.token_bytes(32)
    offer = pairing.offer(event, gate, actor)
    request = PairRequest(offer.code, passes.public_key(seed).hex(), "bench")
    return pairing.pair(request).id, seed.hex()


def _plan() -> Plan:
    now = int(time.time())
    return Plan(
        title="Bench",
        place="Hội trường A",
        starts_at=now + 3_600,
        ends_at=now + 7_200,
        opens_at=now - 3_600,
        closes_at=now + 43_200,
        gates=(Gate(0, "Cửa A"), Gate(0, "Cửa B")),
    )


def _write_config(folder: Path, port: int, database: str, keys: Path | None = None) -> None:
    lines = [f"data = {json.dumps(str(folder / 'office'))}"]
    if keys:
        lines.append(f"keys = {json.dumps(str(keys))}")
    if database:
        lines.append(f"database = {json.dumps(database)}")
    lines += ["", "[server]", f'host = "{HOST}"', f"port = {port}", f"threads = {THREADS}"]
    lines += [f'base_url = "http://{HOST}:{port}"']
    (folder / CONFIG).write_text("\n".join(lines) + "\n", encoding="utf-8")

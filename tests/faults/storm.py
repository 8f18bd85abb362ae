"""A storm: a server and stations that are killed again and again while guests come."""

import json
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import httpx
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from checkin.domain.protocol import challenge_bytes
from checkin.storage.schema import migrate
from invitations.storage.database import Database
from scanner.__main__ import main as station_command
from scanner.identity import new_scan_id
from tests.checkin.factories import House
from tests.checkin.serving import a_house_now
from tests.faults.counting import dice
from tests.faults.nursery import SERVER_POINTS, STATION_POINTS
from tests.faults.proxies import Proxy, between

UP_WITHIN_S = 60.0
GUESTS, DIRECT_GUESTS, STATIONS = 40, 40, 3


@dataclass
class Nursery:
    """Gives birth to processes; see the module of that name."""

    process: subprocess.Popen[str]
    children: list[int] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def born(self, order: dict[str, Any]) -> int:
        """Return the process id of a new child."""
        with self.lock:
            assert self.process.stdin is not None
            assert self.process.stdout is not None
            self.process.stdin.write(json.dumps(order) + "\n")
            self.process.stdin.flush()
            self.children.append(int(self.process.stdout.readline()))
            return self.children[-1]


@contextmanager
def nursery(folder: Path) -> Iterator[Nursery]:
    """Lend a nursery."""
    with (folder / "nursery.log").open("ab") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.nursery"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        )
    found = Nursery(process)
    with process:
        try:
            yield found
        finally:
            for child in found.children:
                kill(child)
            process.kill()


def alive(pid: int) -> bool:
    """Tell whether a process is there."""
    with suppress(ProcessLookupError):
        os.kill(pid, 0)
        return True
    return False


def kill(pid: int) -> None:
    """Kill a process and whatever it started, at once, and wait until it is gone."""
    with suppress(ProcessLookupError):
        os.killpg(pid, signal.SIGKILL)
    wait_for(lambda: not alive(pid), UP_WITHIN_S)  # the disk may be busy


def wait_for(ready: Callable[[], bool], seconds: float) -> None:
    """Wait until *ready*."""
    until = time.monotonic() + seconds
    while not ready():
        assert time.monotonic() < until, "waited in vain"
        time.sleep(0.01)


@dataclass
class Victim:
    """A server or a station that is killed, and started again."""

    nursery: Nursery
    order: dict[str, Any]
    ready: Callable[[], bool]
    points: list[str]
    seed: int
    pid: int = 0
    deaths: Counter[str] = field(default_factory=Counter)

    def start(self, **more: Any) -> None:
        """Start it, perhaps with a crash point."""
        self.pid = self.nursery.born(self.order | more)

    def suffer(self, budget: "Budget") -> None:
        """Be killed as long as there is anything left of the *budget*."""
        rng = dice(self.seed)
        while budget.take():
            point = rng.choice([*self.points, *[""] * len(self.points)])
            wait = rng.uniform(0.02, 0.35)
            self.start(point=point, after=rng.randint(1, 25), storm=rng.randrange(2**32))
            until = time.monotonic() + UP_WITHIN_S
            while alive(self.pid) and not self.ready() and time.monotonic() < until:
                time.sleep(0.01)
            if point:
                wait += 0.5
            until = time.monotonic() + wait
            while alive(self.pid) and time.monotonic() < until:
                time.sleep(0.005)
            self.deaths[point if not alive(self.pid) else "at any time"] += 1
            kill(self.pid)


@dataclass
class Budget:
    """How many kills are left, shared by all."""

    left: int
    lock: threading.Lock = field(default_factory=threading.Lock)

    def take(self) -> bool:
        with self.lock:
            self.left -= 1
            return self.left >= 0


@dataclass
class DirectCaller:
    """A caller that keeps every answer it gets, and asks again what it asked before."""

    url: str
    station: str
    key: Ed25519PrivateKey
    texts: list[str]
    seed: int
    answers: dict[str, tuple[dict[str, Any], dict[str, Any]]] = field(default_factory=dict)
    changed: list[str] = field(default_factory=list)
    repeats: int = 0
    refused: int = 0
    stopping: bool = False

    @contextmanager
    def asking(self) -> Iterator[None]:
        """Ask all the time, from a thread."""
        self.stopping = False
        thread = threading.Thread(target=self.run)
        thread.start()
        try:
            yield
        finally:
            self.stopping = True
            thread.join()

    def run(self) -> None:
        """Present passes until told to stop; a broken line is opened again."""
        rng, number = dice(self.seed + len(self.answers)), len(self.answers) + self.refused
        while not self.stopping:
            with (
                suppress(httpx.HTTPError, ValueError, KeyError),
                httpx.Client(base_url=self.url, timeout=2, trust_env=False) as client,
            ):
                self._prove(client)
                while not self.stopping:
                    number += 1
                    self._ask(client, self._scan(rng.choice(self.texts), number))
                    if self.answers and number % 3 == 0:
                        self._ask(client, rng.choice(list(self.answers.values()))[0])
            time.sleep(0.02)

    def _prove(self, client: httpx.Client) -> None:
        challenge = client.get("/station/challenge").json()["challenge"]
        signature = self.key.sign(challenge_bytes(challenge, self.station)).hex()
        proof = {"station": self.station, "signature": signature, "challenge": challenge}
        bearer = client.post("/station/session", json=proof).json()["bearer"]
        client.headers["Authorization"] = f"Bearer {bearer}"

    def _ask(self, client: httpx.Client, scan: dict[str, Any]) -> None:
        response = client.post("/station/post", json={"id": 1, "do": "present", "scan": scan})
        if response.status_code == httpx.codes.SERVICE_UNAVAILABLE:
            self.refused += 1
            return
        said = response.json()["verdict"]
        before = self.answers.setdefault(scan["scan_id"], (scan, said))[1]
        if before is not said:
            self.repeats += 1
            if before != said:
                self.changed.append(scan["scan_id"])

    def _scan(self, text: str, number: int) -> dict[str, Any]:
        now = int(time.time() * 1000)
        return {
            "scan_id": new_scan_id(now),
            "epoch": "direct",
            "n": number,
            "text": text,
            "direction": "entry",
            "wall_ms": now,
            "mono_ms": number,
            "boot_id": "direct",
            "offset_ms": 0,
            "offset_error_ms": 5,
        }


@dataclass
class Storm:
    """A house, its killable server, three killable stations, and proxies between them."""

    folder: Path
    nursery: Nursery
    seed: int
    bug: bool = False

    def __post_init__(self) -> None:
        self.data = self.folder / "office"
        self.data.mkdir(parents=True)
        self.file = self.data / "thumoi.db"
        self.house: House = self._house()
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        environment = {
            "THUMOI_DATA": str(self.data),
            "THUMOI_SERVER_PORT": str(self.port),
            "THUMOI_SERVER_BASE_URL": self.url,
        }
        order: dict[str, Any] = {"kind": "server", "log": str(self.folder / "server.log")}
        order |= {"environment": environment, "bug": self.bug}
        self.server = Victim(self.nursery, order, self.serving, list(SERVER_POINTS), self.seed)

    def _house(self) -> House:
        database = Database(f"sqlite:///{self.file}")
        migrate(database)
        house = a_house_now(database, self.data, many=GUESTS + DIRECT_GUESTS)
        self.texts = [house.text(each) for each in house.passes]
        self.codes = [
            house.pairing.offer(house.event, house.gates[n % 2], house.officer).code
            for n in range(STATIONS)
        ]
        direct = house.at_gate(0)
        self.direct = (direct.station.id, direct.key)
        database.close()
        return house

    def serving(self) -> bool:
        """Tell whether the server answers a question for which it writes nothing."""
        with suppress(httpx.HTTPError):
            got = httpx.get(f"{self.url}/station/challenge", timeout=1, trust_env=False)
            return got.status_code == httpx.codes.OK
        return False

    def answers(self) -> set[str]:
        """Return the scans to which the server's book holds an answer."""
        return {row["scan_id"] for row in rows(self.file, "scans") if row["judge"] == "server"}

    def pair(self, proxy: Proxy) -> list[Victim]:
        """Pair the stations, each through the *proxy*, as a person would."""
        (self.folder / "texts").write_text("\n".join(self.texts[:GUESTS]))
        stations = []
        for number, code in enumerate(self.codes):
            folder = self.folder / f"station-{number}"
            words = ["pair", "--server", proxy.url, "--code", code, "--data", str(folder)]
            assert station_command(words) == 0
            order: dict[str, Any] = {
                "kind": "station",
                "folder": str(folder),
                "pace_s": 0.01,
                "storm": number,
            }
            order |= {"log": str(folder / "lights"), "texts": str(self.folder / "texts")}
            lit = _grows(folder / "lights")
            points = list(STATION_POINTS)
            stations.append(Victim(self.nursery, order, lit, points, self.seed + 1 + number))
        return stations

    def rage(self, kills: int) -> "Debris":
        """Kill *kills* times, then let everything come up once more and settle."""
        self.server.start()
        wait_for(self.serving, UP_WITHIN_S)
        with between(("127.0.0.1", self.port)) as proxy:
            stations = self.pair(proxy)
            kill(self.server.pid)
            caller = DirectCaller(self.url, *self.direct, self.texts[GUESTS:], self.seed + 9)
            budget = Budget(kills)
            victims = [self.server, *stations]
            threads = [threading.Thread(target=v.suffer, args=(budget,)) for v in victims]
            with caller.asking():
                for each in threads:
                    each.start()
                while any(each.is_alive() for each in threads):
                    time.sleep(0.4)
                    proxy.snap()
                self.server.start()
                wait_for(self.serving, UP_WITHIN_S)
            self._settle(stations)
        kill(self.server.pid)
        deaths = sum((each.deaths for each in victims), Counter[str]())
        return Debris(self, caller, deaths, proxy.broken)

    def _settle(self, stations: list[Victim]) -> None:
        """Start every station once more, without guests, until it has nothing left to send."""
        for each in stations:
            each.start(rest=True)
        folders = [Path(each.order["folder"]) for each in stations]
        wait_for(lambda: all(waiting(folder) == 0 for folder in folders), UP_WITHIN_S)
        for each in stations:
            kill(each.pid)


@dataclass(frozen=True)
class Debris:
    """What lies about after the storm: journals, lights, the book, and every answer."""

    storm: Storm
    caller: DirectCaller
    deaths: Counter[str]
    broken: int

    @property
    def folders(self) -> list[Path]:
        return [self.storm.folder / f"station-{number}" for number in range(STATIONS)]

    def lights(self) -> list[dict[str, Any]]:
        """Return every light that was shown, at every station."""
        lines = [
            line
            for folder in self.folders
            for line in (folder / "lights").read_text(errors="replace").splitlines()
            if line.startswith('{"is": "light"')
        ]
        return [json.loads(line) for line in lines]

    def journals(self) -> list[dict[str, Any]]:
        """Return every record of every journal."""
        return [row for folder in self.folders for row in rows(folder / "journal.db", "record")]

    def book(self) -> list[dict[str, Any]]:
        """Return every row of the server's book."""
        return rows(self.storm.file, "scans")

    def conflicts(self) -> int:
        """Return how many conflicts the organiser's board shows."""
        database = Database(f"sqlite:///{self.storm.file}")
        found = replace(self.storm.house, database=database).attendance()
        database.close()
        return found.conflicting

    def sound(self) -> list[str]:
        """Return what SQLite says of each database."""
        files = [self.storm.file, *(folder / "journal.db" for folder in self.folders)]
        found = []
        for file in files:
            with closing(sqlite3.connect(file)) as disk:
                found += [line for (line,) in disk.execute("PRAGMA integrity_check")]
        return found


def rows(file: Path, table: str) -> list[dict[str, Any]]:
    """Return a whole table."""
    with closing(sqlite3.connect(file)) as disk:
        disk.row_factory = sqlite3.Row
        return [dict(row) for row in disk.execute(f"SELECT * FROM {table}")]  # noqa: S608 - our own names


def waiting(folder: Path) -> int:
    """Return how many records a station's journal has not had acknowledged."""
    with closing(sqlite3.connect(folder / "journal.db", timeout=5)) as disk:
        (many,) = disk.execute(
            "SELECT (SELECT count(*) FROM reserved) + (SELECT count(*) FROM record"
            " JOIN epoch ON epoch.name = record.epoch WHERE record.n > epoch.mark)"
        ).fetchone()
    return int(many)


def free_port() -> int:
    """Return a port nobody listens on."""
    with closing(socket.create_server(("127.0.0.1", 0))) as probe:
        return int(probe.getsockname()[1])


def _grows(file: Path) -> Callable[[], bool]:
    """Return a test whether *file* has grown since the last time it was found grown."""
    seen = [0]

    def grown() -> bool:
        size = file.stat().st_size if file.exists() else 0
        if size <= seen[0]:
            return False
        seen[0] = size
        return True

    return grown

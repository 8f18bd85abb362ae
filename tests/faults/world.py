"""A small world in one process: a real server, real stations, and links and clocks that fail.

Server, journal, door and uplink are the house's own; only what lies between them is ours: a
wire that loses what it carries, and clocks that are set by hand. Times in milliseconds.
"""

import json
import shutil
import sqlite3
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import closing, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from sqlalchemy import select

from checkin.domain.accounts import Account, Role
from checkin.domain.admission import Direction
from checkin.domain.protocol import Hello, ScanReport
from checkin.domain.stations import Station as Paired
from checkin.domain.stations import sound_report
from checkin.domain.wire import trust_to_json
from checkin.services.accounts import Accounts, NewAccount
from checkin.storage.schema import migrate
from checkin.storage.tables import scans
from invitations.services.keyring import Keyring
from invitations.storage.database import Database
from scanner.clock import Clock as StationClock
from scanner.config import Paired as Place
from scanner.config import StationConfig
from scanner.door import Shown
from scanner.errors import LineError
from scanner.gatekeeper import PLAIN, Wish
from scanner.line import Caller, Line
from scanner.station import Station, assemble
from scanner.uplink import Uplink
from tests.checkin.factories import NOON, Clock, House, a_house
from tests.checkin.serving import PASSWORD

HOURS = 3_600_000
YEARS_S = 10 * 365 * 86_400
PASSES = 4

Message = dict[str, Any]


class CrashError(BaseException):
    """The station's power is gone; nothing of ours catches it."""


@dataclass(frozen=True)
class Template:
    """A house with its stations, on the disk, from which each world is a copy.

    The connections of one folder are used again by the next world in it, because whatever
    SQLAlchemy has learnt of our statements is kept with them.
    """

    file: Path
    house: House
    stations: tuple[Paired, ...]
    supervisor: str  # who may overrule the door
    databases: dict[Path, Database] = field(default_factory=dict)

    def database(self, file: Path, copy: Path) -> Database:
        """Return the database at *file*, which holds what *copy* holds."""
        if file not in self.databases:
            shutil.copyfile(copy, file)
            self.databases[file] = Database(f"sqlite:///{file}")
        else:
            _put_back(copy, file)
        return self.databases[file]

    def close(self) -> None:
        """Let every database go."""
        for each in self.databases.values():
            each.close()


def a_template(
    folder: Path, *, stations: int = 3, many: int = PASSES, **event: Any
) -> Template:
    """Make a house whose doors stay open for years, and pair its stations."""
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "template.db"
    database = Database(f"sqlite:///{file}")
    migrate(database)
    years = {"opens_at": NOON - YEARS_S, "closes_at": NOON + YEARS_S}
    house = a_house(database, folder / "keys", many=many, **years | event)
    paired = tuple(house.at_gate(which % 2).station for which in range(stations))
    house.pairing.renew()
    new = NewAccount("giang@ubnd.example", "Lê Thị Giang", Role.SUPERVISOR, PASSWORD)
    made = Accounts(database).create(house.officer, new)
    assert isinstance(made, Account)
    database.close()
    return Template(file, house, paired, str(made.id))


@dataclass
class Server:
    """The real desks of the door on a database file that can be copied and put back."""

    folder: Path
    template: Template
    clock: Clock
    copies: list[Path] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        self.file = self.folder / "server.db"
        self._put(self.template.file)

    def copy(self) -> None:
        """Keep a copy of the database as it is now."""
        to = self.folder / f"copy-{len(self.copies)}.db"
        _put_back(self.file, to)
        self.copies.append(to)

    def restore(self, which: int) -> None:
        """Lose the disk, and start again from an older copy."""
        self._put(self.copies[which] if self.copies else self.template.file)

    def _put(self, copy: Path) -> None:
        database = self.template.database(self.file, copy)
        keyring = Keyring(database, self.template.house.keyring.directory, self.clock)
        self.house = replace(
            self.template.house, database=database, keyring=keyring, clock=self.clock, rung=[]
        )
        self.incarnation = self.house.pairing.renew()

    def hello(self, station: Paired) -> Hello:
        """Greet a station as the line does."""
        house = self.house
        return Hello(
            incarnation=self.incarnation,
            now_ms=self.now_ms,
            head=house.rosters.head(house.event),
            event=house.event,
            title="",
            gate_id=station.gate_id,
            gate="",
            bearer="",
            marks=house.pairing.marks(station.id),
            trust=trust_to_json(house.keyring.trust()),
        )

    def answer(self, station: Paired, verb: str, asked: Message) -> Message:
        """Answer one request as the line does, but for its wrapping."""
        if verb == "present":
            report = sound_report(ScanReport.from_json(asked["scan"]))
            return {"verdict": self.house.door.present(station, report).to_json()}
        if verb == "upload":
            found = self.house.door.upload(station, asked["records"])
            return {"mark": found.mark, "incarnation": found.incarnation}
        if verb == "since":
            update = self.house.rosters.since(station, asked["number"])
            if update.snapshot is not None:
                return {"head": update.head, "snapshot": update.snapshot}
            return {"head": update.head, "news": list(update.news)}
        return {}

    @property
    def now_ms(self) -> int:
        return round(self.clock.now * 1000)

    def rows(self, **wanted: object) -> list[Message]:
        """Return the rows of the book with these values."""
        where = [scans.c[name] == value for name, value in wanted.items()]
        with self.house.database.read() as connection:
            found = connection.execute(select(scans).where(*where)).mappings()
            return [dict(row) for row in found]


@dataclass
class Wire(Line):
    """A line without a network; *fault* is what befalls the next scan or upload."""

    server: Server
    tablet: "Tablet"
    pushes: bool = False

    def __post_init__(self) -> None:
        self.hello = self.server.hello(self.tablet.paired)
        self.tablet.clock.hear(self.hello.now_ms, self.tablet.clock.mono_ms())

    def begin(self, verb: str, request: Message) -> Future[Message]:
        answer: Future[Message] = Future()
        try:
            answer.set_result(self._carried(verb, json.loads(json.dumps(request))))
        except LineError as error:
            answer.set_exception(error)
        return answer

    def close(self) -> None:
        """Nothing is held open."""

    def _carried(self, verb: str, request: Message) -> Message:
        fault = ""
        if verb in {"present", "upload"}:
            fault, self.tablet.fault = self.tablet.fault, ""
        if fault == "crash before":
            raise CrashError
        if fault in {"request lost", "refused"}:
            raise LineError(fault)
        spoken = self.server.answer(self.tablet.paired, verb, request)
        self.tablet.heard(verb, request, spoken)
        if fault == "crash after":
            raise CrashError
        if fault == "answer lost":
            raise LineError(fault)
        now = self.server.now_ms
        self.tablet.clock.hear(now, self.tablet.clock.mono_ms())
        said: Message = json.loads(json.dumps({**spoken, "now_ms": now}))
        return said


class Link(Uplink):
    """The real uplink, turned by hand instead of by its thread."""

    def connect(self, line: Line) -> None:
        """Greet, learn, and be online, as its thread does."""
        self._greet(line.hello)
        self._catch_up(line)
        self.asking.line = line

    def turn(self) -> None:
        """Upload and learn what is new; whatever goes wrong takes the line down."""
        line = self.asking.line
        if line is None:
            return
        try:
            self._upload(line)
            self._catch_up(line)
        except (LineError, TimeoutError):
            self._go_offline(line, "broken")

    def cut(self) -> None:
        """Lose the line."""
        if self.asking.line is not None:
            self._go_offline(self.asking.line, "cut")


@dataclass(frozen=True)
class Light:
    """One verdict that a steward saw: which scan, what it said, and the true time."""

    scan_id: str
    pass_id: str
    outcome: str
    direction: str
    station: str
    true_ms: int
    timed: bool  # the server's clock had been heard in this boot


@dataclass
class Tablet:
    """One real station but for its camera, with a wall clock that is *skew* ms off."""

    folder: Path
    paired: Paired
    server: Server
    time: Clock
    skew: int = 0
    fault: str = ""
    lights: list[Light] = field(default_factory=list)
    asked: dict[str, tuple[Message, Message]] = field(default_factory=dict)
    link_of: Callable[..., Link] = Link

    def __post_init__(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        self.boot = 1
        self.booted_ms = self.true_ms - 1_000_000
        self.open()

    @property
    def true_ms(self) -> int:
        return round(self.time.now * 1000)

    def open(self) -> None:
        """Switch the station on: every part as `assemble` makes it, with our clock and link."""
        house, paired = self.server.house, self.paired
        place = Place("http://127.0.0.1:9", paired.id, house.event, "", paired.gate_id, "", "")
        self.station: Station = assemble(StationConfig(self.folder, camera="61"), place)
        self.clock = StationClock(
            lambda: self.true_ms + self.skew,
            lambda: self.true_ms - self.booted_ms,
            f"boot {self.boot}",
        )
        self.clock.recall(self.carried.noted("clock", {}))
        caller = Caller("", paired.id, self.station.uplink.caller.key, self.clock)
        self.link = self.link_of(caller, self.journal, self.carried)
        self.link.describe = self.station.describe
        self.door = self.station.door
        self.door.clock, self.door.uplink, self.door.show = self.clock, self.link, self._light

    @property
    def journal(self) -> Any:
        return self.station.journal

    @property
    def carried(self) -> Any:
        return self.station.gatekeeper.carried

    def close(self) -> None:
        self.link.cut()
        with suppress(sqlite3.ProgrammingError):
            self.journal.close()
            self.carried.close()

    def crash(self, *, reboot: bool = False) -> None:
        """Lose the power, and start again; with *reboot* the monotonic clock begins anew."""
        self.close()
        self.fault = ""
        if reboot:
            self.boot += 1
            self.booted_ms = self.true_ms - 5_000
        self.open()

    def connect(self) -> None:
        """Reach the server, and bring it what it has not."""
        if not self.link.online:
            self.link.connect(Wire(self.server, self))
        self.turn()

    def turn(self) -> None:
        """Let the uplink do one round; the power may go in it."""
        try:
            self.link.turn()
        except CrashError:
            self.crash()

    def present(
        self, text: str, direction: Direction = Direction.ENTRY, wish: Wish = PLAIN
    ) -> Shown | None:
        """Show a pass; None where the power went before the light."""
        self.door.direction = direction
        try:
            found = self.station.gatekeeper.identify(text)
            return self.door.present(text, found, 0.0, wish)
        except CrashError:
            self.crash()
            return None

    def heard(self, verb: str, request: Message, spoken: Message) -> None:
        """Keep what the server answered to a scan, to be asked again."""
        if verb == "present":
            self.asked[request["scan"]["scan_id"]] = (request, spoken["verdict"])

    def _light(self, shown: Shown) -> None:
        """See the light, and look at the disk whether its record is there."""
        with closing(sqlite3.connect(self.folder / "journal.db")) as disk:
            found = disk.execute(
                "SELECT outcome, pass_id, direction, offset_ms FROM record WHERE scan_id = ?",
                (shown.scan_id,),
            ).fetchone()
        assert found is not None, "a light without a record"
        outcome, pass_id, direction, offset = found
        assert outcome == shown.outcome, "the light and its record differ"
        light = Light(
            shown.scan_id,
            pass_id,
            outcome,
            direction,
            self.paired.id,
            self.true_ms,
            offset is not None,
        )
        self.lights.append(light)


def _put_back(copy: Path, to: Path) -> None:
    """Make the database *to* hold what *copy* holds, for whoever has it open as well."""
    with closing(sqlite3.connect(copy)) as this, closing(sqlite3.connect(to)) as that:
        this.backup(that)

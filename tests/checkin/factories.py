"""A house with one event and a few guests, and stations at its gates, for tests of the door."""

import hashlib
import itertools
import secrets
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import Connection, insert, update

from checkin.domain.attendance import Attendance
from checkin.domain.protocol import PairRequest, ScanRecord, ScanReport, chain_bytes
from checkin.domain.stations import Station
from checkin.services.door import Door
from checkin.services.pairing import Pairing
from checkin.services.rosters import Rosters
from checkin.services.sealing import Sealing
from invitations.domain import doorcode, passes, roster
from invitations.domain.model import Actor
from invitations.domain.names import fold
from invitations.domain.passes import DoorPass
from invitations.services.guestbook import Guestbook
from invitations.services.keyring import Keyring
from invitations.storage import news
from invitations.storage.database import Database
from invitations.storage.tables import events, gates, guests, invitations, offices

NOON = 1_795_060_800  # Thursday 19 November 2026, 11:00 at the hall
FAMILY = ("Nguyễn", "Trần", "Lê", "Phạm", "Đặng", "Bùi", "Đỗ", "Hồ", "Ngô", "Dương")
GIVEN = ("Thu Hà", "Quang Huy", "Kim Thoa", "Văn Phước", "Bích Ngọc", "Minh Đức", "Hải Yến")
PAPERS = ("Báo Thanh Niên", "Báo Tuổi Trẻ", "Đài Tiếng nói TP", "Sở Thông tin", "Báo Sài Gòn")


@dataclass
class Clock:
    """A clock that only moves when told; Unix seconds."""

    now: float = NOON

    def __call__(self) -> float:
        return self.now

    def pass_by(self, seconds: float) -> None:
        self.now += seconds


@dataclass
class House:
    """One office, one event with two gates, and its guests; every desk of the door."""

    database: Database
    keyring: Keyring
    clock: Clock
    office: int
    kid: int
    event: int
    gates: tuple[int, int]
    passes: list[str] = field(default_factory=list)
    rung: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.guestbook = Guestbook(self.database)
        self.door = Door(
            self.database, self.guestbook, self.keyring.trust, self.clock, self.rung.append
        )
        self.sealing = Sealing(self.database, self.guestbook, self.keyring.seed)
        self.rosters = Rosters(self.database, self.guestbook, self.sealing)
        self.pairing = Pairing(self.database, self.clock)
        self.officer = Actor("Bích Ngọc", self.office, "officer", 1)

    def text(self, pass_id: str, **changes: Any) -> str:
        """Return the text of a pass."""
        until = passes.whole_minute(NOON + 10 * 365 * 86_400)
        shown = DoorPass(self.kid, self.event, pass_id, 0, until)
        return passes.mint(replace(shown, **changes), self.keyring.seed(self.kid))

    def text_as_issued(self, pass_id: str) -> str:
        """Return the text of a pass exactly as the office sends it to its guest."""
        with self.database.read() as connection:
            shown = self.guestbook.minted(connection, self.event, pass_id)[pass_id]
        return passes.mint(shown, self.keyring.seed(shown.kid))

    def door_code(self, pass_id: str) -> str:
        """Return the digits that a hand can type for a pass."""
        return self.entry(pass_id).door_code

    def entry(self, pass_id: str) -> roster.RosterEntry:
        """Return a pass's line of the roster."""
        with self.database.read() as connection:
            entry = self.guestbook.entry(connection, self.event, pass_id)
        assert entry is not None
        return entry

    def change_event(self, **values: Any) -> None:
        """Change the event, and tell it."""

        def work(connection: Connection) -> None:
            connection.execute(update(events).where(events.c.id == self.event).values(**values))
            news.tell(connection, self.event, "event", {"rules": {}, "title": ""}, at=NOON)

        self.database.write(work)

    def change_invitation(self, pass_id: str, **values: Any) -> None:
        """Change an invitation, and tell the doors."""

        def work(connection: Connection) -> None:
            wanted = invitations.c.pass_id == pass_id
            connection.execute(update(invitations).where(wanted).values(**values))
            entry = self.guestbook.entry(connection, self.event, pass_id)
            assert entry is not None
            news.tell(connection, self.event, "roster", roster.to_json(entry), at=NOON)

        self.database.write(work)

    def at_gate(self, which: int = 0) -> "Device":
        """Return a device, freshly paired, at one of the gates."""
        key = Ed25519PrivateKey.generate()
        offer = self.pairing.offer(self.event, self.gates[which], self.officer)
        public = key.public_key().public_bytes_raw().hex()
        station = self.pairing.pair(PairRequest(offer.code, public, f"Máy {which + 1}"))
        return Device(self, station, key)

    def attendance(self) -> Attendance:
        """Return what a fresh board shows."""
        return Rosters(self.database, self.guestbook, self.sealing).attendance(self.event)


@dataclass
class Device:
    """A device at a gate: it asks, and it keeps a chained journal."""

    house: House
    station: Station
    key: Ed25519PrivateKey
    epoch: str = field(default_factory=lambda: secrets.token_hex(4))
    last_hash: str = ""

    def __post_init__(self) -> None:
        self.numbers = itertools.count(1)

    def report(self, text: str, **changes: Any) -> ScanReport:
        """Return a presentation of *text*, with the next number."""
        report = ScanReport(
            scan_id=secrets.token_hex(16),
            epoch=self.epoch,
            n=next(self.numbers),
            text=text,
            direction="entry",
            wall_ms=int(self.house.clock() * 1000),
            mono_ms=1,
            boot_id="boot",
            offset_ms=0,
            offset_error_ms=5,
        )
        return replace(report, **changes)

    def shows(self, pass_id: str, **changes: Any) -> str:
        """Present a pass to the server and return the outcome."""
        report = self.report(self.house.text(pass_id), **changes)
        return self.house.door.present(self.station, report).outcome

    def record(self, pass_id: str, outcome: str = "admitted", **changes: Any) -> ScanRecord:
        """Return a record of this device's journal: a guest it judged on its own."""
        record = ScanRecord(
            epoch=self.epoch,
            n=changes.pop("n", None) or next(self.numbers),
            scan_id=secrets.token_hex(16),
            pass_id=pass_id,
            generation=0,
            direction="entry",
            outcome=outcome,
            flags=["offline"],
            judge="station",
            wall_ms=int(self.house.clock() * 1000),
            mono_ms=1,
            boot_id="boot",
            offset_ms=0,
            offset_error_ms=5,
        )
        return self.chain(replace(record, **changes))

    def chain(self, record: ScanRecord) -> ScanRecord:
        """Return *record* with its hash after the one before it."""
        self.last_hash = hashlib.sha256(chain_bytes(self.last_hash, record)).hexdigest()
        return replace(record, hash=self.last_hash)

    def uploads(self, *records: ScanRecord) -> int:
        """Bring records to the server and return its mark."""
        found = [record.to_json() for record in records]
        return self.house.door.upload(self.station, found).mark


def a_house(
    database: Database, keys: Path, *, many: int = 5, now: float = NOON, **event: Any
) -> House:
    """Return a house whose event has its doors open, with *many* guests who accepted."""
    clock = Clock(now)
    office = database.write(
        lambda tx: tx.execute(
            insert(offices)
            .values(name="Văn phòng UBND", created_at=NOON)
            .returning(offices.c.id)
        ).scalar_one()
    )
    keyring = Keyring(database, keys, clock)
    kid = keyring.ensure(office)
    event_id = secrets.randbits(31)
    row = _event(event_id, office, int(now)) | event
    database.write(lambda tx: tx.execute(insert(events).values(**row)).rowcount)
    both = tuple(
        database.write(lambda tx, name=name: _gate(tx, event_id, name))  # type: ignore[misc]  # mypy does not infer a lambda's default
        for name in ("Cửa A", "Cửa B")
    )
    house = House(database, keyring, clock, office, kid, event_id, (both[0], both[1]))
    house.passes = database.write(lambda tx: [_guest(tx, house, each) for each in range(many)])
    return house


def _event(event_id: int, office: int, now: int) -> dict[str, Any]:
    return {
        "id": event_id,
        "office_id": office,
        "title": "Họp báo định kỳ tháng 11/2026",
        "place": "Hội trường A, 86 Lê Thánh Tôn",
        "starts_at": now + 3_600,
        "ends_at": now + 7_200,
        "opens_at": now - 3_600,
        "closes_at": now + 10_800,
        "state": "open",
        "created_at": now,
        "updated_at": now,
    }


def _gate(connection: Connection, event_id: int, name: str) -> int:
    made = insert(gates).values(event_id=event_id, name=name).returning(gates.c.id)
    return int(connection.execute(made).scalar_one())


def _guest(connection: Connection, house: House, number: int) -> str:
    name = f"{FAMILY[number % len(FAMILY)]} {GIVEN[number % len(GIVEN)]}"
    guest = connection.execute(
        insert(guests)
        .values(
            event_id=house.event,
            honorific="Bà" if number % 2 else "Ông",
            name=name,
            folded=fold(f"{name} {PAPERS[number % len(PAPERS)]}"),
            title="Phóng viên",
            organisation=PAPERS[number % len(PAPERS)],
            vip=number % 9 == 8,
            party=1,
            created_at=NOON,
        )
        .returning(guests.c.id)
    ).scalar_one()
    pass_id = secrets.token_hex(8)
    connection.execute(
        insert(invitations).values(
            event_id=house.event,
            guest_id=guest,
            tag=secrets.token_hex(8),
            link=secrets.token_hex(12),
            state="issued",
            pass_id=pass_id,
            generation=0,
            kid=house.kid,
            not_after=passes.whole_minute(int(house.clock.now) + 86_400),
            door_code=doorcode.new(secrets.randbelow),
            reply="accepted",
            issued_at=NOON,
        )
    )
    return pass_id

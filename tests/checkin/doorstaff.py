"""The people at the doors of a house for tests, and the desks where they do rarer things."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from sqlalchemy import func, insert, select

from checkin.domain import attendance
from checkin.domain.accounts import Role
from checkin.domain.attendance import Attendance
from checkin.domain.newcomers import Newcomer, WalkInReport
from checkin.domain.protocol import ScanReport, WireVerdict
from checkin.services.door import Door
from checkin.services.handling import Handling
from checkin.services.searching import Searching
from checkin.services.substituting import Substituting
from checkin.services.walkins import WalkIns
from checkin.services.welcoming import Welcoming
from checkin.storage.tables import accounts
from invitations.domain.model import Actor
from invitations.services.changes import Changes
from invitations.services.letters import Letters
from invitations.storage import news
from invitations.storage.database import Database
from invitations.storage.tables import guests, invitations, offices
from tests.checkin.factories import NOON, Device, House, a_house

TEMPLATES = Path(__file__).parents[2] / "templates"
LETTERS = Letters(TEMPLATES, "https://moi.example.vn", "thumoi@vp.example.vn")


@dataclass
class Staffed:
    """A house with an officer, a supervisor, a steward, and a stranger of another office."""

    house: House
    staff: dict[str, Actor] = field(default_factory=dict)

    def __post_init__(self) -> None:
        house = self.house
        changes = Changes(house.database, LETTERS, house.keyring, house.clock)
        welcoming = Welcoming(
            house.database, house.guestbook, changes, house.keyring, house.clock
        )
        self.door = Door(
            house.database,
            house.guestbook,
            house.keyring.trust,
            house.clock,
            house.rung.append,
            welcoming,
        )
        house.door = self.door
        self.walk_ins = WalkIns(self.door, welcoming)
        self.substituting = Substituting(self.door, welcoming)
        self.handling = Handling(self.door)
        self.searching = Searching(house.database, house.guestbook, house.clock)
        for role in Role:
            self.staff[role.value] = self.hire(role.value, role, house.office)
        self.staff["stranger"] = self.hire("stranger", Role.OFFICER, self.found_office())
        self.seen = house.attendance()

    def hire(self, name: str, role: Role, office: int, *, disabled: bool = False) -> Actor:
        """Give somebody an account."""
        row = {
            "office_id": office,
            "email": f"{name}@example.vn",
            "name": name.title(),
            "role": role.value,
            "password_hash": "",
            "disabled": disabled,
            "created_at": NOON,
        }
        made = insert(accounts).values(**row).returning(accounts.c.id)
        number = self.house.database.write(lambda tx: tx.execute(made).scalar_one())
        return Actor(name.title(), office, role.value, int(number))

    def found_office(self) -> int:
        """Open another office."""
        made = insert(offices).values(name="Phường Sài Gòn", created_at=NOON)
        number = made.returning(offices.c.id)
        return int(self.house.database.write(lambda tx: tx.execute(number).scalar_one()))

    def id_of(self, role: str) -> str:
        """Return the account id of somebody as a station sends it."""
        return str(self.staff[role].account_id)

    def present(self, device: Device, pass_id: str, **changes: Any) -> WireVerdict:
        """Present a pass at *device*."""
        report = device.report(self.house.text(pass_id), **changes)
        return self.door.present(device.station, report)

    def by_hand(self, device: Device, pass_id: str, role: str, **changes: Any) -> ScanReport:
        """Return the report of a guest whom *role* found on the list."""
        actor = self.id_of(role)
        return device.report("", pass_id=pass_id, actor=actor, **changes)

    def walk_in(self, device: Device, role: str, **changes: Any) -> WalkInReport:
        """Return the report of somebody without an invitation."""
        plain = device.report("").to_json() | {
            "name": "Ông Đỗ Văn Tám",
            "organisation": "Báo Mới",
            "phone": "0903 123 456",
            "reason": "Đến thay đồng nghiệp",
            "vouched_by": "Bà Ngọc",
            "actor": self.id_of(role),
        }
        return WalkInReport.from_json(plain | changes)

    def board(self) -> Attendance:
        """Return what a board shows that has heard the news since it was opened.

        It must be what a fresh board shows; then it is remembered.
        """
        with self.house.database.read() as connection:
            heard = news.since(connection, self.house.event, self.seen.number)
        known: Attendance | None = self.seen
        for each in heard:
            if known is not None:
                known = attendance.apply(known, each.number, each.kind, each.body)
        fresh = self.house.attendance()
        assert known is None or known == fresh
        self.seen = fresh
        return fresh

    def kinds(self) -> list[str]:
        """Return the kinds of all news so far."""
        with self.house.database.read() as connection:
            return [each.kind for each in news.since(connection, self.house.event, 0)]

    def guests(self) -> int:
        """Return how many guests are on the list."""
        count = select(func.count()).select_from(guests)
        with self.house.database.read() as connection:
            return int(connection.execute(count).scalar_one())

    def state(self, pass_id: str) -> str:
        """Return the state of the invitation that has a pass."""
        wanted = select(invitations.c.state).where(invitations.c.pass_id == pass_id)
        with self.house.database.read() as connection:
            return str(connection.execute(wanted).scalar_one())


def staffed(database: Database, keys: Path, **event: Any) -> Staffed:
    """Return a house with its people; *event* changes the columns of the event."""
    return Staffed(a_house(database, keys, **event))


def a_newcomer(**changes: Any) -> Newcomer:
    """Return somebody who comes in another's place."""
    return replace(Newcomer("Bà Lê Thị Sáu", email="sau@example.vn"), **changes)

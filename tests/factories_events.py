"""Offices, plans, events and guests with dull defaults, made by the desks themselves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from sqlalchemy import Connection, insert, select

from invitations.domain.model import Actor, Event, Gate, Holder
from invitations.domain.names import fold, sort_key
from invitations.domain.plans import Plan
from invitations.services.guestbook import Guestbook
from invitations.services.issuing import Issuing
from invitations.services.keyring import Keyring
from invitations.services.planning import Planning
from invitations.storage.database import Database
from invitations.storage.tables import audit, guests, news, offices

NOVEMBER_19 = 1_795_075_200  # Thursday 19 November 2026, 15:00 at the hall
TODAY = 1_793_606_400  # Monday 2 November 2026, 15:00 at the hall
ANH = Actor("Ánh", 1, "officer")  # of the host office
CHI = Actor("Chi", 2, "officer")  # of another office
NAMES = ("Nguyễn Thị Minh Ánh", "Trần Văn Đức", "Lê Quang Huy")


@dataclass
class Clock:
    """A clock that only moves when told; Unix seconds."""

    now: float = TODAY

    def __call__(self) -> float:
        return self.now


@dataclass(frozen=True)
class Office:
    """Two offices in one database, and the desks that the first one works at."""

    database: Database
    clock: Clock
    keyring: Keyring
    planning: Planning
    issuing: Issuing
    guestbook: Guestbook

    def event(self, plan: Plan | None = None, *, names: Sequence[str] = NAMES) -> Event:
        """Plan an event of Ánh's with these guests."""
        event = self.planning.create(plan or a_plan(), ANH).event
        assert event is not None
        self.invite(event, names)
        return event

    def invite(self, event: Event, names: Sequence[str]) -> None:
        """Put more guests on the list of *event*."""
        rows = [
            {
                "event_id": event.id,
                "name": name,
                "folded": fold(name),
                "sort_key": sort_key(name),
                "honorific": "Bà",
                "organisation": "Báo Sài Gòn Giải Phóng",
                "phone": "+84903123456",
                "created_at": TODAY,
            }
            for name in names
        ]
        if rows:
            self.database.write(lambda tx: tx.execute(insert(guests), rows).rowcount)

    def holders(self, event: Event) -> list[Holder]:
        """Give every guest of *event* an invitation; return them by given name."""
        self.issuing.issue(event.id, ANH)
        return self.issuing.holders(event.id, ANH)

    def deeds(self) -> list[tuple[str, str]]:
        """Return the audit book: action and subject, oldest first."""
        with self.database.read() as connection:
            rows = connection.execute(
                select(audit.c.action, audit.c.subject).order_by(audit.c.id)
            )
            return [(row.action, row.subject) for row in rows]

    def told(self, event: Event, kind: str) -> list[dict[str, object]]:
        """Return the bodies of the news of one kind, oldest first."""
        with self.database.read() as connection:
            rows = connection.scalars(
                select(news.c.body)
                .where(news.c.event_id == event.id, news.c.kind == kind)
                .order_by(news.c.number)
            )
            return list(rows)


def an_office(database: Database, folder: Path) -> Office:
    """Return two offices in *database*; private keys are in *folder*."""

    def work(tx: Connection) -> None:
        for number, name in ((1, "Văn phòng UBND Thành phố"), (2, "UBND phường Bến Nghé")):
            row = {"id": number, "name": name, "phone": "028 3829 6052", "created_at": TODAY}
            tx.execute(insert(offices).values(row))

    database.write(work)
    clock = Clock()
    keyring = Keyring(database, folder / "keys", clock)
    return Office(
        database,
        clock,
        keyring,
        Planning(database, clock),
        Issuing(database, keyring, clock),
        Guestbook(database),
    )


def a_plan(**changes: object) -> Plan:
    """Return the plan of November's press conference, with *changes*."""
    plan = Plan(
        title="Họp báo định kỳ tháng 11/2026",
        place="Hội trường A",
        address="86 Lê Thánh Tôn",
        contact="Bà Hương, 0903 123 456",
        starts_at=NOVEMBER_19,
        ends_at=NOVEMBER_19 + 5_400,
        opens_at=NOVEMBER_19 - 2_700,
        closes_at=NOVEMBER_19 + 5_400,
        gates=(Gate(0, "Cửa A"), Gate(0, "Cửa B")),
    )
    return replace(plan, **changes)  # type: ignore[arg-type]  # fields of a plan, by name

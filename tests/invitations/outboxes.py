"""An office with guests, a sending desk and a postman, over any database."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, func, insert, select, update

from invitations.couriers import Courier
from invitations.couriers.email import EmailCourier, Relay
from invitations.couriers.gateways import Gateway
from invitations.couriers.sms import SmsCourier
from invitations.domain.dispatch import Terms
from invitations.domain.model import Actor
from invitations.domain.outbox import EMAIL
from invitations.domain.wording import Words
from invitations.services.keyring import Keyring
from invitations.services.letters import Letters
from invitations.services.postman import Postman
from invitations.services.sending import Sending
from invitations.storage.database import Database
from invitations.storage.tables import (
    audit,
    deliveries,
    delivery_events,
    events,
    guests,
    invitations,
    offices,
)
from tests.invitations.letterbox import EVENT, LETTERS, OFFICE

AT_ANY_HOUR = Terms(at_night=True)  # the tests run when they run
OFFICER = Actor("Trần Thị Bích Ngọc", 1, "officer", 1)
CHI = Actor("Chi", 2, "officer", 3)  # of another office


@dataclass
class Clock:
    """A clock that moves only when told."""

    now: float

    def __call__(self) -> float:
        """Return the time it shows."""
        return self.now


@dataclass
class House:
    """One office's desks over *database*."""

    database: Database
    keyring: Keyring
    sending: Sending
    clock: Callable[[], float]
    letters: Letters = LETTERS

    def postman(
        self, couriers: Mapping[str, Courier], pauses: Callable[[int], float] = lambda _: 0.01
    ) -> Postman:
        """Return a postman for *couriers* who loses no time over an ill relay."""
        return Postman(
            self.database, self.letters, self.keyring, couriers, self.clock, pauses=pauses
        )

    def send(
        self, *channels: str, words: Words | None = None, terms: Terms = AT_ANY_HOUR
    ) -> int:
        """Send to everybody by *channels* (by mail without any), at night too."""
        said = words or LETTERS.standard_words()
        return self.sending.send(EVENT.id, OFFICER, said, channels or (EMAIL,), terms=terms)

    def states(self) -> dict[str, int]:
        """Return how many deliveries are in each state."""
        with self.database.read() as connection:
            rows = connection.execute(
                select(deliveries.c.state, func.count()).group_by(deliveries.c.state)
            )
            return {str(row[0]): int(row[1]) for row in rows}

    def attempts(self) -> dict[str, int]:
        """Return the attempts charged to each address."""
        with self.database.read() as connection:
            rows = connection.execute(select(deliveries.c.address, deliveries.c.attempts))
            return {str(row[0]): int(row[1]) for row in rows}

    def story(self, address: str) -> list[str]:
        """Return the states that the delivery to *address* went through."""
        with self.database.read() as connection:
            return list(
                connection.scalars(
                    select(delivery_events.c.state)
                    .join(deliveries, deliveries.c.id == delivery_events.c.delivery_id)
                    .where(deliveries.c.address == address)
                    .order_by(delivery_events.c.id)
                )
            )

    def change_guest(self, guest_id: int, **values: str) -> None:
        """Correct a guest."""
        self.database.write(
            lambda tx: tx.execute(update(guests).where(guests.c.id == guest_id).values(values))
        )

    def change_event(self, **values: int) -> None:
        """Move the event."""
        self.database.write(
            lambda tx: tx.execute(update(events).where(events.c.id == EVENT.id).values(values))
        )

    def deeds(self) -> list[str]:
        """Return the deeds of the audit book, but for those of accounts, oldest first."""
        with self.database.read() as connection:
            rows = connection.scalars(select(audit.c.action).order_by(audit.c.id))
            return [deed for deed in rows if not deed.startswith("account")]

    def detail(self, action: str) -> dict[str, object]:
        """Return what the audit book says of the last deed of a kind."""
        with self.database.read() as connection:
            found = connection.scalars(
                select(audit.c.detail).where(audit.c.action == action).order_by(audit.c.id)
            )
            return dict(list(found)[-1])

    def withdraw(self, guest_id: int) -> None:
        """Take one invitation back."""
        self.database.write(
            lambda tx: tx.execute(
                update(invitations)
                .where(invitations.c.guest_id == guest_id)
                .values(state="withdrawn")
            )
        )


def address(number: int) -> str:
    """Return the mail address of guest *number*, from 1."""
    return f"khach{number}@bao.example.vn"


def a_house(
    database: Database, keys: Path, *, people: int, clock: Callable[[], float] = time.time
) -> House:
    """Return the desks of an office with *people* guests at an event that is to come."""
    starts_at = int(clock()) + 20 * 86_400
    database.write(lambda tx: _furnish(tx, people, starts_at))
    keyring = Keyring(database, keys)
    return House(database, keyring, Sending(database, LETTERS, keyring, clock), clock)


def _furnish(connection: Connection, people: int, starts_at: int) -> None:
    office = {"id": 1, "name": OFFICE.name, "short_name": OFFICE.short_name, "created_at": 0}
    ward = {"id": 2, "name": "UBND phường Sài Gòn", "short_name": "", "created_at": 0}
    connection.execute(insert(offices), [office, ward])
    connection.execute(
        insert(events).values(
            id=EVENT.id,
            office_id=1,
            title=EVENT.title,
            place=EVENT.place,
            address=EVENT.address,
            starts_at=starts_at,
            ends_at=starts_at + 7_200,
            opens_at=starts_at - 1_800,
            closes_at=starts_at + 7_200,
            state="open",
            created_at=0,
            updated_at=0,
        )
    )
    rows = [
        {
            "id": number,
            "event_id": EVENT.id,
            "honorific": "Ông",
            "name": f"Nguyễn Văn Khách {number}",
            "folded": f"nguyen van khach {number}",
            "sort_key": f"{number:05}",
            "email": address(number),
            "phone": f"+8490312{number:04}",
            "created_at": 0,
        }
        for number in range(1, people + 1)
    ]
    connection.execute(insert(guests), rows)


def by_mail(port: int, *, lines: int = 4) -> dict[str, Courier]:
    """Return a mail courier to a relay on this machine."""
    relay = Relay("127.0.0.1", port, security="none", timeout_s=3, max_connections=lines)
    return {"email": EmailCourier(relay)}


def by_text(url: str) -> dict[str, Courier]:
    """Return a courier of text messages to a gateway on this machine."""
    return {"sms": SmsCourier(Gateway(url, username="moi", password="x", timeout_s=2))}

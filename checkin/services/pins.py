"""The desk of PINs: six digits by which staff open a shift at a station."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from checkin.domain.accounts import Account, Right, may
from checkin.domain.sealing import PIN_DIGITS, SALT_BYTES, PinCost, key_of_pin
from checkin.storage import accounts as rows
from invitations.domain.errors import NotFoundError
from invitations.services.guestbook import Guestbook
from invitations.services.offices import enter_deed
from invitations.storage import news
from invitations.storage.database import Database

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from invitations.domain.model import Actor

DEAR = PinCost()
STAFF = "staff"
AFTER_S = 12 * 3600  # so long after closing a station may still have a shift open


@dataclass(frozen=True)
class Pins:
    """Makes PINs; the house keeps only what *cost* makes of each."""

    database: Database
    clock: Callable[[], float] = time.time
    cost: PinCost = DEAR

    def renew(self, actor: Actor, account_id: int) -> tuple[Account, str]:
        """Give somebody a new PIN, tell the stations, and return it: it is nowhere kept.

        Raises:
            NotFoundError: the actor's office has no such account, or it does no door work.
        """
        pin = "".join(str(secrets.randbelow(10)) for _ in range(PIN_DIGITS))
        salt = secrets.token_bytes(SALT_BYTES)
        key = key_of_pin(pin, salt, self.cost)
        at = int(self.clock())

        def work(tx: Connection) -> Account:
            account = rows.find(tx, account_id)
            if account is None or account.office_id != actor.office_id or account.disabled:
                raise NotFoundError("account")
            if not may(account.role, Right.DOOR):
                raise NotFoundError("account")
            rows.set_pin(tx, account_id, key, salt, self.cost)
            enter_deed(tx, actor, "account.pin", str(account_id), at=at)
            tell_stations(tx, self.database, actor.office_id, at=at)
            return account

        return self.database.write(work), pin

    def holders(self, office_id: int) -> frozenset[int]:
        """Return the accounts of an office that have a PIN."""
        with self.database.read() as connection:
            return frozenset(row.account.id for row in rows.with_pins(connection, office_id))


def tell_stations(tx: Connection, database: Database, office_id: int, *, at: int) -> None:
    """Tell the stations of every event of an office that is not over whom they obey now.

    The news says only that there is some; each station is given its list when it hears it.
    """
    for event in Guestbook(database).events(tx, office_id):
        if event.closes_at + AFTER_S > at:
            news.tell(tx, event.id, STAFF, {}, at=at)

"""The register of offices: who hosts events in this house."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from invitations.storage import audit, offices

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from invitations.domain.model import Actor, Office
    from invitations.storage.database import Database


@dataclass(frozen=True)
class Offices:
    """Knows the offices, and founds the first."""

    database: Database
    clock: Callable[[], float] = time.time

    def ensure(self, office: Office) -> Office:
        """Return the first office of this house; found *office* where there is none."""

        def work(tx: Connection) -> Office:
            if not (found := offices.every(tx)):
                offices.add(tx, office, at=int(self.clock()))
                found = offices.every(tx)
            return found[0]

        return self.database.write(work)

    def found(self, office: Office) -> Office:
        """Found one more office beside those that are there, and return it."""

        def work(tx: Connection) -> Office:
            number = offices.add(tx, office, at=int(self.clock()))
            return next(each for each in offices.every(tx) if each.id == number)

        return self.database.write(work)

    def every(self) -> list[Office]:
        """Return all offices, the oldest first."""
        with self.database.read() as connection:
            return offices.every(connection)


def enter_deed(
    connection: Connection, actor: Actor, action: str, subject: str = "", *, at: int
) -> None:
    """Write into the office's audit book what *actor* did in the caller's transaction."""
    audit.enter(connection, actor, action, subject, at=at)

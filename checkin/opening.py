"""Opening the house: folder, tables, office and key are there before the first page is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from checkin.domain.accounts import Account, Role
from checkin.services.accounts import Accounts
from checkin.storage.schema import migrate
from invitations.domain.model import Actor, Office
from invitations.services.keyring import Keyring
from invitations.services.offices import Offices
from invitations.storage.database import Database

if TYPE_CHECKING:
    from checkin.config import Config


@dataclass(frozen=True)
class House:
    """What stands when the doors are unlocked: the office, its key, who may sign in."""

    office: Office
    kid: int
    accounts: tuple[Account, ...]

    @property
    def has_officer(self) -> bool:
        """Tell whether anybody can do the office's work."""
        return any(each.role is Role.OFFICER and not each.disabled for each in self.accounts)


def prepare(config: Config, database: Database) -> House:
    """Make whatever is missing for the first start; change nothing that is there.

    Raises:
        WriterBusyError: another process is at work on this database.
        StorageError: the database cannot be opened or changed.
        KeyFileError: the office's private key is missing or not the one it should be.
    """
    config.data.mkdir(mode=0o700, parents=True, exist_ok=True)
    migrate(database)
    wanted = config.office
    office = Offices(database).ensure(
        Office(0, wanted.name, wanted.short_name, wanted.address, wanted.email, wanted.phone)
    )
    kid = Keyring(database, config.keys).ensure(office.id)
    return House(office, kid, tuple(Accounts(database).every(office.id)))


def caretaker(office: Office, name: str) -> Actor:
    """Return the actor for what is done at the command line by the login *name*."""
    return Actor(f"{name} (thumoi)", office.id, "system")

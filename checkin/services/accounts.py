"""Accounts: who may sign in, with which password, and for how long."""

from __future__ import annotations

import hashlib
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from threading import BoundedSemaphore
from typing import TYPE_CHECKING

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from checkin.domain.accounts import (
    LONGEST_PASSWORD,
    LONGEST_SESSION_S,
    Account,
    PasswordProblem,
    Role,
    Session,
    folded,
    password_problem,
)
from checkin.domain.errors import HashBusyError
from checkin.services.pins import tell_stations
from checkin.storage import accounts as rows
from invitations.domain.errors import NotFoundError
from invitations.services.offices import enter_deed

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from invitations.domain.model import Actor
    from invitations.storage.database import Database

SESSION_BYTES = 32
SEEN_EVERY_S = 60
PARALLEL_HASHES = 4
HASH_PATIENCE_S = 10
# The OWASP minimum is 19 MiB in two passes; one lane, since whoever guesses has many.
HASHER = PasswordHasher(time_cost=2, memory_cost=32 * 1024, parallelism=1)
_AT_ONCE = BoundedSemaphore(PARALLEL_HASHES)


@dataclass(frozen=True)
class NewAccount:
    """What the officer filled in for somebody new."""

    email: str
    name: str
    role: Role
    password: str
    language: str = "vi"


@dataclass(frozen=True)
class Accounts:
    """Signs people in and out, and keeps the list of who works here."""

    database: Database
    clock: Callable[[], float] = time.time

    def sign_in(self, email: str, password: str) -> str | None:
        """Return the secret id of a new session, or None when address or password is wrong.

        An unknown address takes as long as a wrong password.

        Raises:
            HashBusyError: too many people sign in at this moment.
        """
        with self.database.read() as connection:
            found = rows.find_by_email(connection, folded(email))
        account, stored = found or (None, _nobodys_hash())
        good = _matches(stored, password[: LONGEST_PASSWORD + 1])
        if not good or account is None or account.disabled:
            return None
        fresh = _hash(password) if HASHER.check_needs_rehash(stored) else None
        return self._open(account, fresh)

    def session(self, session_id: str) -> Session | None:
        """Return the session behind the secret *session_id* if it still holds."""
        key = _key(session_id)
        now = int(self.clock())
        with self.database.read() as connection:
            found = rows.session(connection, key)
        if found is None or not found.good_at(now):
            return None
        if now - found.seen_at >= SEEN_EVERY_S:
            self.database.submit(lambda tx: rows.see_session(tx, key, at=now))
        return found

    def sign_out(self, session_id: str) -> None:
        """End the session behind *session_id*, here and on the server."""
        self.database.write(lambda tx: rows.close_session(tx, _key(session_id)))

    def change_password(self, actor: Actor, old: str, new: str) -> PasswordProblem | bool:
        """Give the actor's own account a new password and end all its sessions.

        Return True, or False when the *old* password is wrong, or what is wrong with *new*.

        Raises:
            NotFoundError: the account is gone.
            HashBusyError: too many passwords are being checked at this moment.
        """
        account = self.find(actor, actor.account_id or 0)
        with self.database.read() as connection:
            found = rows.find_by_email(connection, account.email)
        if found is None or not _matches(found[1], old[: LONGEST_PASSWORD + 1]):
            return False
        return self.set_password(actor, account.id, new) or True

    def set_password(self, actor: Actor, account_id: int, new: str) -> PasswordProblem | None:
        """Give an account of the actor's office a new password and end all its sessions.

        Raises:
            NotFoundError: the office has no such account.
            HashBusyError: too many passwords are being checked at this moment.
        """
        account = self.find(actor, account_id)
        problem = password_problem(new, email=account.email, name=account.name)
        if problem is None:
            self._change(actor, account, {"password_hash": _hash(new)}, "account.password")
        return problem

    def create(self, actor: Actor, new: NewAccount) -> Account | PasswordProblem:
        """Add an account to the actor's office; return it, or what is wrong with its password.

        Raises:
            EmailTakenError: somebody has this address already.
            HashBusyError: too many passwords are being checked at this moment.
        """
        problem = password_problem(new.password, email=new.email, name=new.name)
        if problem is not None:
            return problem
        at = int(self.clock())
        values = {
            "office_id": actor.office_id,
            "email": folded(new.email),
            "name": new.name,
            "role": new.role,
            "password_hash": _hash(new.password),
            "language": new.language,
            "disabled": False,
            "created_at": at,
        }

        def work(tx: Connection) -> Account:
            account = rows.add(tx, values)
            enter_deed(tx, actor, "account.create", f"{account.id} {new.role}", at=at)
            return account

        return self.database.write(work)

    def disable(self, actor: Actor, account_id: int, *, disabled: bool = True) -> None:
        """Shut an account of the actor's office and end its sessions, or open it again.

        Raises:
            NotFoundError: the office has no such account.
        """
        account = self.find(actor, account_id)
        action = "account.disable" if disabled else "account.enable"
        self._change(actor, account, {"disabled": disabled}, action)

    def choose_language(self, account_id: int, language: str) -> None:
        """Remember in which language an account reads: ``vi`` or ``en``."""
        self.database.write(lambda tx: rows.change(tx, account_id, {"language": language}))

    def find(self, actor: Actor, account_id: int) -> Account:
        """Return an account of the actor's office.

        Raises:
            NotFoundError: the office has no such account.
        """
        with self.database.read() as connection:
            account = rows.find(connection, account_id)
        if account is None or account.office_id != actor.office_id:
            raise NotFoundError("account")
        return account

    def mail_of(self, actor: Actor) -> str:
        """Return the mail address of the actor's own account; empty without one."""
        with self.database.read() as connection:
            account = rows.find(connection, actor.account_id or 0)
        return "" if account is None else account.email

    def every(self, office_id: int) -> list[Account]:
        """Return the accounts of an office, those in use first, by name."""
        with self.database.read() as connection:
            return rows.of_office(connection, office_id)

    def _open(self, account: Account, fresh_hash: str | None) -> str:
        session_id = secrets.token_urlsafe(SESSION_BYTES)
        at = int(self.clock())
        until = at + LONGEST_SESSION_S

        def work(tx: Connection) -> None:
            rows.open_session(tx, _key(session_id), account.id, at=at, until=until)
            if fresh_hash:
                rows.change(tx, account.id, {"password_hash": fresh_hash})

        self.database.write(work)
        return session_id

    def _change(
        self, actor: Actor, account: Account, values: dict[str, object], action: str
    ) -> None:
        at = int(self.clock())

        def work(tx: Connection) -> None:
            rows.change(tx, account.id, values)
            rows.close_sessions(tx, account.id)
            enter_deed(tx, actor, action, str(account.id), at=at)
            if "disabled" in values:
                tell_stations(tx, self.database, account.office_id, at=at)

        self.database.write(work)


def new_password() -> str:
    """Return a password nobody guesses, in groups that can be read aloud: 80 bits."""
    letters = "abcdefghjkmnpqrstuvwxyz23456789"
    return "-".join("".join(secrets.choice(letters) for _ in range(4)) for _ in range(4))


def _key(session_id: str) -> bytes:
    """Return what the database knows a session by; its id itself is in the cookie only."""
    return hashlib.sha256(session_id.encode("utf-8", "replace")).digest()


def _hash(password: str) -> str:
    with _TurnToHash():
        return HASHER.hash(password)


def _matches(stored: str, password: str) -> bool:
    with _TurnToHash():
        try:
            return HASHER.verify(stored, password)
        except (VerificationError, InvalidHashError):
            return False


@cache
def _nobodys_hash() -> str:
    return _hash(secrets.token_hex())


class _TurnToHash:
    """One of the few places at the memory-hungry hash."""

    def __enter__(self) -> None:
        if not _AT_ONCE.acquire(timeout=HASH_PATIENCE_S):
            raise HashBusyError

    def __exit__(self, *_: object) -> None:
        _AT_ONCE.release()

"""Accounts and their sessions: rows in and out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import Column, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from checkin.domain.accounts import Account, Role, Session
from checkin.domain.errors import EmailTakenError
from checkin.domain.sealing import PinCost
from checkin.storage.tables import accounts, sessions

if TYPE_CHECKING:
    from sqlalchemy import Connection, Row

COLUMNS: tuple[Column[Any], ...] = (
    accounts.c.id,
    accounts.c.office_id,
    accounts.c.email,
    accounts.c.name,
    accounts.c.role,
    accounts.c.language,
    accounts.c.disabled,
    accounts.c.created_at,
)


@dataclass(frozen=True)
class PinHolder:
    """Somebody with a PIN: what argon2id made of it, with which salt and at which cost."""

    account: Account
    key: bytes
    salt: bytes
    cost: PinCost


def add(connection: Connection, values: dict[str, Any]) -> Account:
    """Write a new account and return it.

    Raises:
        EmailTakenError: somebody has this address already.
    """
    try:
        made = connection.execute(insert(accounts).values(values).returning(accounts.c.id))
    except IntegrityError as error:
        raise EmailTakenError(values["email"]) from error
    account = find(connection, int(made.scalar_one()))
    if account is None:
        raise LookupError(values["email"])
    return account


def find(connection: Connection, account_id: int) -> Account | None:
    """Return the account *account_id*, or nothing."""
    row = connection.execute(select(*COLUMNS).where(accounts.c.id == account_id)).one_or_none()
    return _account(row) if row else None


def find_by_email(connection: Connection, email: str) -> tuple[Account, str] | None:
    """Return the account of *email* (folded) and its password hash, or nothing."""
    row = connection.execute(
        select(*COLUMNS, accounts.c.password_hash).where(accounts.c.email == email)
    ).one_or_none()
    return (_account(row), str(row.password_hash)) if row else None


def of_office(connection: Connection, office_id: int) -> list[Account]:
    """Return the accounts of an office, those in use first, by name."""
    rows = connection.execute(
        select(*COLUMNS)
        .where(accounts.c.office_id == office_id)
        .order_by(accounts.c.disabled, accounts.c.name, accounts.c.id)
    )
    return [_account(row) for row in rows]


def change(connection: Connection, account_id: int, values: dict[str, Any]) -> None:
    """Change the columns *values* of an account."""
    connection.execute(update(accounts).where(accounts.c.id == account_id).values(values))


def set_pin(
    connection: Connection, account_id: int, key: bytes, salt: bytes, cost: PinCost
) -> None:
    """Keep what a new PIN of an account comes to."""
    values = {"pin_key": key, "pin_salt": salt, "pin_cost": cost.to_json()}
    change(connection, account_id, values)


def with_pins(connection: Connection, office_id: int) -> list[PinHolder]:
    """Return the open accounts of an office that have a PIN, by name."""
    rows = connection.execute(
        select(*COLUMNS, accounts.c.pin_key, accounts.c.pin_salt, accounts.c.pin_cost)
        .where(accounts.c.office_id == office_id, accounts.c.disabled.is_(False))
        .where(accounts.c.pin_key.isnot(None))
        .order_by(accounts.c.name, accounts.c.id)
    )
    return [
        PinHolder(
            _account(row), bytes(row.pin_key), bytes(row.pin_salt), PinCost(**row.pin_cost)
        )
        for row in rows
    ]


def open_session(
    connection: Connection, id_hash: bytes, account_id: int, *, at: int, until: int
) -> None:
    """Write a session that ends at *until* at the latest; sweep out those that have ended."""
    connection.execute(delete(sessions).where(sessions.c.expires_at <= at))
    connection.execute(
        insert(sessions).values(
            id_hash=id_hash, account_id=account_id, created_at=at, seen_at=at, expires_at=until
        )
    )


def session(connection: Connection, id_hash: bytes) -> Session | None:
    """Return the session behind *id_hash*, or nothing."""
    row = connection.execute(
        select(
            *COLUMNS,
            sessions.c.created_at.label("opened_at"),
            sessions.c.seen_at,
            sessions.c.expires_at,
        )
        .join(sessions, sessions.c.account_id == accounts.c.id)
        .where(sessions.c.id_hash == id_hash)
    ).one_or_none()
    return Session(_account(row), row.opened_at, row.seen_at, row.expires_at) if row else None


def see_session(connection: Connection, id_hash: bytes, *, at: int) -> None:
    """Note that the session was used at *at*."""
    connection.execute(update(sessions).where(sessions.c.id_hash == id_hash).values(seen_at=at))


def close_session(connection: Connection, id_hash: bytes) -> None:
    """End one session."""
    connection.execute(delete(sessions).where(sessions.c.id_hash == id_hash))


def close_sessions(connection: Connection, account_id: int) -> None:
    """End every session of an account."""
    connection.execute(delete(sessions).where(sessions.c.account_id == account_id))


def _account(row: Row[*tuple[Any, ...]]) -> Account:
    return Account(
        id=row.id,
        office_id=row.office_id,
        email=row.email,
        name=row.name,
        role=Role(row.role),
        language=row.language,
        disabled=row.disabled,
        created_at=row.created_at,
    )

"""Public signing keys, office by office: rows in and out. Private keys are never here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import func, insert, select

from invitations.domain.passes import TrustedKey, TrustList
from invitations.storage.tables import offices, signing_keys

if TYPE_CHECKING:
    from sqlalchemy import Connection

_ACTIVE = select(signing_keys.c.kid).where(signing_keys.c.status == "active")


def active(connection: Connection, office_id: int) -> int | None:
    """Return the key id with which an office signs now, or nothing before its first key."""
    found = connection.scalar(
        _ACTIVE.where(signing_keys.c.office_id == office_id).order_by(signing_keys.c.kid.desc())
    )
    return None if found is None else int(found)


def largest(connection: Connection) -> int:
    """Return the largest key id that was ever given away; 0 before the first."""
    return int(connection.scalar(select(func.max(signing_keys.c.kid))) or 0)


def add(
    connection: Connection, office_id: int, kid: int, public_key: bytes, *, at: int
) -> None:
    """Write a new active key of an office; *public_key* has 32 bytes."""
    connection.execute(
        insert(signing_keys).values(
            kid=kid,
            office_id=office_id,
            public_key=public_key,
            status="active",
            created_at=at,
        )
    )


def trusted(connection: Connection) -> TrustList:
    """Return every key whose passes are read; the number rises with each key and retirement."""
    rows = connection.execute(
        select(
            signing_keys.c.kid, signing_keys.c.public_key, signing_keys.c.status, offices.c.name
        )
        .join_from(signing_keys, offices)
        .order_by(signing_keys.c.kid)
    ).all()
    retired = sum(row.status != "active" for row in rows)
    keys = tuple(TrustedKey(row.kid, bytes(row.public_key), row.name) for row in rows)
    return TrustList(len(rows) + retired, keys)

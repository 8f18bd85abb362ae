"""Offices: rows in and out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import insert, select

from invitations.domain.model import Office
from invitations.storage.tables import offices

if TYPE_CHECKING:
    from sqlalchemy import Connection


def add(connection: Connection, office: Office, *, at: int) -> int:
    """Write a new office and return its number; the number of *office* itself is not used."""
    made = connection.execute(
        insert(offices)
        .values(
            name=office.name,
            short_name=office.short_name,
            address=office.address,
            email=office.email,
            phone=office.phone,
            created_at=at,
        )
        .returning(offices.c.id)
    )
    return int(made.scalar_one())


def every(connection: Connection) -> list[Office]:
    """Return all offices of this house, the oldest first."""
    rows = connection.execute(
        select(
            offices.c.id,
            offices.c.name,
            offices.c.short_name,
            offices.c.address,
            offices.c.email,
            offices.c.phone,
        ).order_by(offices.c.id)
    )
    return [Office(*row) for row in rows]

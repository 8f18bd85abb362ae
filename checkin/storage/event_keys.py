"""The key of each event, under which its stations carry the guest list."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite

from checkin.storage.tables import event_keys

if TYPE_CHECKING:
    from sqlalchemy import Connection


def find(connection: Connection, event_id: int) -> bytes | None:
    """Return the key of an event, or nothing while it has none."""
    found = connection.execute(
        select(event_keys.c.key).where(event_keys.c.event_id == event_id)
    ).scalar()
    return None if found is None else bytes(found)


def keep(connection: Connection, event_id: int, fresh: bytes) -> bytes:
    """Keep *fresh* as the key of an event unless it has one; return the one that holds."""
    build = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
    connection.execute(
        build(event_keys).values(event_id=event_id, key=fresh).on_conflict_do_nothing()
    )
    return find(connection, event_id) or fresh

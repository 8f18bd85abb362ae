"""Brings a database to the schema this house is built for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import text

import checkin.storage.tables
import invitations.storage.tables
from invitations.storage.database import metadata

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from invitations.storage.database import Database

APPEND_ONLY = ("scans", "delivery_events", "audit", "news")
REFUSAL = """
CREATE OR REPLACE FUNCTION only_grows() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION '% only grows', TG_TABLE_NAME; END $$
"""
TABLES = (checkin.storage.tables, invitations.storage.tables)


def migrate(database: Database) -> None:
    """Create whatever is missing in *database*; what is there stays as it is.

    Raises:
        StorageError: the database could not be changed; nothing of the change remains.
    """
    database.write(_create)


def _create(connection: Connection) -> None:
    metadata.create_all(connection)
    for statement in guards(connection.dialect.name):
        connection.execute(text(statement))


def guards(dialect: str) -> tuple[str, ...]:
    """Return the statements that make the database itself refuse to rewrite the books."""
    if dialect == "sqlite":
        return tuple(
            f"CREATE TRIGGER IF NOT EXISTS {table}_{verb.lower()} BEFORE {verb} ON {table} "
            f"BEGIN SELECT RAISE(ABORT, '{table} only grows'); END"
            for table in APPEND_ONLY
            for verb in ("UPDATE", "DELETE")
        )
    return (
        REFUSAL,
        *(
            f"CREATE OR REPLACE TRIGGER {table}_only_grows BEFORE UPDATE OR DELETE OR TRUNCATE "
            f"ON {table} FOR EACH STATEMENT EXECUTE FUNCTION only_grows()"
            for table in APPEND_ONLY
        ),
    )

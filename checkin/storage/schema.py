"""Brings a database to the schema this house is built for, and tells how far it is."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import make_url, text
from sqlalchemy.exc import SQLAlchemyError

import checkin.storage.tables
import invitations.storage.composer_tables
import invitations.storage.import_tables
import invitations.storage.tables
from invitations.domain.errors import StorageError
from invitations.storage.database import Database, metadata

if TYPE_CHECKING:
    from sqlalchemy import Connection

STEPS = Path(__file__).parent / "migrations"
TABLES = (
    checkin.storage.tables,
    invitations.storage.composer_tables,
    invitations.storage.import_tables,
    invitations.storage.tables,
)
RESET_BUG_MENDED = (3, 51, 3)  # https://sqlite.org/wal.html, "The WAL-Reset Bug"
JOURNAL, FULL = "wal", 2
SOUGHT = "guests_sought"  # and what SQLite keeps of it in tables of its own


@dataclass(frozen=True)
class DatabaseState:
    """What an examination of a database finds.

    *trouble* says why it cannot be opened; *unsafe* why an answered write could be lost;
    *fragile* that its SQLite has the WAL-reset bug, which one writer avoids.
    """

    version: str = ""
    current: bool = False
    fragile: bool = False
    trouble: str = ""
    unsafe: str = ""


def migrate(database: Database) -> None:
    """Bring *database* to the latest schema; an older SQLite file is copied first.

    Raises:
        WriterBusyError: another process is the writer of this database.
        StorageError: the database could not be changed; nothing of the change remains.
    """
    database.start()
    with database.read() as connection:
        found = _revision(connection)
    if found == newest():
        return
    if found is not None and database.dialect == "sqlite":
        _copy(Path(str(database.url.database)), found)
    try:
        database.write(_upgrade)
    except CommandError as error:  # a step that this version does not know
        raise StorageError(str(error)) from error


def newest() -> str | None:
    """Return the number of the latest step."""
    return ScriptDirectory.from_config(_config()).get_current_head()


def differences(connection: Connection) -> list[object]:
    """Return in what the tables of a database differ from those that the house declares."""
    opts = {"compare_type": True, "include_object": _declared}
    context = MigrationContext.configure(connection, opts=opts)
    return list(compare_metadata(context, metadata))


def state_of(url: str) -> DatabaseState:
    """Examine the database at *url* without changing or making anything."""
    path = make_url(url).database
    if url.startswith("sqlite") and not (path and Path(path).is_file()):
        return DatabaseState(trouble=f"{path}: –")
    database = Database(url)
    try:
        with database.read() as connection:
            return _state(connection)
    except (SQLAlchemyError, StorageError) as error:
        return DatabaseState(trouble=str(error).partition("\n")[0])
    finally:
        database.close()


def _declared(_item: object, name: str | None, *_more: object) -> bool:
    """Tell whether an item is one that tables can declare; an index of words is none."""
    return not (name or "").startswith(SOUGHT)


def _state(connection: Connection) -> DatabaseState:
    current = _revision(connection) == newest()
    if connection.dialect.name != "sqlite":
        version = str(connection.execute(text("SHOW server_version")).scalar())
        fsync = connection.execute(text("SHOW fsync")).scalar()
        return DatabaseState(
            f"PostgreSQL {version}", current, unsafe="" if fsync == "on" else "fsync = off"
        )
    journal = connection.execute(text("PRAGMA journal_mode")).scalar()
    synchronous = connection.execute(text("PRAGMA synchronous")).scalar()
    unsafe = "" if (journal, synchronous) == (JOURNAL, FULL) else f"{journal}, {synchronous}"
    return DatabaseState(
        f"SQLite {sqlite3.sqlite_version}",
        current,
        fragile=sqlite3.sqlite_version_info < RESET_BUG_MENDED,
        unsafe=unsafe,
    )


def _upgrade(connection: Connection) -> None:
    config = _config()
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def _revision(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()


def _copy(path: Path, revision: str) -> None:
    """Copy a database as it is, beside itself; an earlier copy of the same step stays."""
    target = path.with_name(f"{path.name}.before-{revision}")
    if target.exists():
        return
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("VACUUM INTO ?", (str(target),))
    target.chmod(0o600)


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(STEPS).replace("%", "%%"))
    return config

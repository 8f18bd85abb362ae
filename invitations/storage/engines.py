"""Engines of the one database: how a connection is opened, and what it promises."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import Connection, Engine, create_engine, event, make_url, text

from invitations.domain.errors import StorageError
from invitations.storage.prepared import Prepared, written

if TYPE_CHECKING:
    from sqlite3 import Connection as SqliteConnection

    from sqlalchemy import URL

BUSY_MS = 5_000
LONGEST_LOG_PAGES = 16_384  # of 4 kB; `invitations.storage.checkpoints` keeps it far shorter

_BEGIN = (Prepared(lambda _: text("BEGIN")), Prepared(lambda _: text("BEGIN IMMEDIATE")))


def with_driver(url: str) -> URL:
    """Return *url* with the driver that we use for its kind of database."""
    parsed = make_url(url)
    if parsed.drivername in {"postgres", "postgresql"}:
        return parsed.set(drivername="postgresql+psycopg")
    return parsed


def engine_of(url: URL, *, writes: bool) -> Engine:
    """Return an engine for readers, or for the one writer.

    Raises:
        StorageError: SQLite would not wait for the disk (when it connects).
    """
    if url.get_backend_name() != "sqlite":
        size = 1 if writes else 8
        return create_engine(
            url,
            pool_size=size,
            max_overflow=24,
            pool_pre_ping=True,
            json_serializer=written,
        )
    engine = create_engine(
        url,
        connect_args={"timeout": BUSY_MS / 1000, "check_same_thread": False},
        pool_size=1 if writes else 8,
        max_overflow=64,
        json_serializer=written,
    )

    @event.listens_for(engine, "connect")
    def _prepare(raw: SqliteConnection, _record: object) -> None:
        raw.isolation_level = None  # transactions are begun below, not by the driver
        for pragma in _pragmas(writes=writes):
            raw.execute(pragma).close()
        if raw.execute("PRAGMA synchronous").fetchone() != (2,):
            msg = "SQLite refused synchronous=FULL"
            raise StorageError(msg)

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        _BEGIN[writes].run(connection, {})

    return engine


def _pragmas(*, writes: bool) -> tuple[str, ...]:
    shared = ("PRAGMA synchronous=FULL", "PRAGMA foreign_keys=ON", "PRAGMA secure_delete=ON")
    if writes:
        return (
            "PRAGMA journal_mode=WAL",
            *shared,
            f"PRAGMA wal_autocheckpoint={LONGEST_LOG_PAGES}",
        )
    return (*shared, "PRAGMA query_only=ON", "PRAGMA wal_autocheckpoint=0")

"""The storeroom: a file that only this station's user reads, and that can be wiped for good."""

from __future__ import annotations

import os
import sqlite3
from contextlib import contextmanager
from typing import TYPE_CHECKING

from scanner.errors import JournalError, StationError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

OURS_ALONE = 0o600
BESIDE = ("", "-wal", "-shm", "-journal")
CHUNK = 1 << 20


def open_store(path: Path, schema: str, version: int) -> sqlite3.Connection:
    """Open or create the file at *path*; one of another *version* is wiped and made anew.

    What is deleted or overwritten in it is gone from the disk too (``secure_delete``).

    Raises:
        StationError: the file is damaged; it may simply be deleted and fetched again.
    """
    try:
        database = _opened(path)
        found = database.execute("PRAGMA user_version").fetchone()[0]
        if found != version and _used(database):
            database.close()
            wipe_files(path)
            database = _opened(path)
        database.executescript(schema)
        database.execute(f"PRAGMA user_version = {version:d}")
    except sqlite3.DatabaseError as error:
        msg = f"{path}: {error}"
        raise StationError(msg) from error
    return database


@contextmanager
def writing(database: sqlite3.Connection) -> Iterator[None]:
    """Hold *database* in one transaction.

    Raises:
        JournalError: the disk refused it; whoever is let in now would not be remembered.
    """
    try:
        with database:
            database.execute("BEGIN")
            yield
    except sqlite3.OperationalError as error:
        raise JournalError(str(error)) from error


def wipe_files(path: Path) -> None:
    """Overwrite the closed database at *path* and the files beside it, then remove them."""
    for suffix in BESIDE:
        file = path.with_name(path.name + suffix)
        if file.exists():
            wipe_file(file)


def wipe_file(file: Path) -> None:
    """Overwrite one file with noughts, sync it, and remove it."""
    file.chmod(OURS_ALONE)
    with file.open("r+b") as out:
        left = file.stat().st_size
        while left > 0:
            left -= out.write(bytes(min(left, CHUNK)))
        out.flush()
        os.fsync(out.fileno())
    file.unlink()


def keep_private(path: Path) -> None:
    """Create the file at *path* if it is not there, readable by nobody else."""
    os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, OURS_ALONE))
    path.chmod(OURS_ALONE)


def _opened(path: Path) -> sqlite3.Connection:
    keep_private(path)
    database = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
    database.execute("PRAGMA journal_mode = WAL")
    database.execute("PRAGMA synchronous = NORMAL")
    database.execute("PRAGMA secure_delete = ON")
    return database


def _used(database: sqlite3.Connection) -> bool:
    return bool(database.execute("SELECT count(*) FROM sqlite_master").fetchone()[0])

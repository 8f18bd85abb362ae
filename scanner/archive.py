"""A journal read as it lies there, wherever it was copied from, without touching it."""

from __future__ import annotations

import json
import shutil
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from checkin.domain.protocol import ScanRecord
from scanner.errors import JournalError

_RECORDS = """
SELECT record.* FROM record JOIN epoch ON epoch.name = record.epoch
ORDER BY epoch.number, record.n
"""
_AS_JSON = ("flags", "detail")


@dataclass(frozen=True)
class Archive:
    """A journal's *station*, its *records* in order, and how many the server had not taken."""

    station: str
    records: tuple[ScanRecord, ...]
    waiting: int


def read_archive(path: Path) -> Archive:
    """Return what the journal at *path* holds; it is copied first, with its unfinished part.

    Raises:
        JournalError: it is no journal of a station, or SQLite cannot read it.
    """
    with TemporaryDirectory() as folder:
        copy = Path(folder) / "journal.db"
        try:
            for suffix in ("", "-wal"):
                beside = path.with_name(path.name + suffix)
                if not suffix or beside.exists():
                    shutil.copyfile(beside, copy.with_name(copy.name + suffix))
            with closing(sqlite3.connect(copy)) as database:
                return _read(database)
        except (OSError, sqlite3.Error, ValueError, TypeError) as error:
            msg = f"{path}: {error}"
            raise JournalError(msg) from error


def _read(database: sqlite3.Connection) -> Archive:
    database.row_factory = sqlite3.Row
    station = database.execute("SELECT value FROM about WHERE key = 'station'").fetchone()
    waiting = database.execute(
        "SELECT count(*) FROM record JOIN epoch ON epoch.name = record.epoch"
        " WHERE record.n > epoch.mark"
    ).fetchone()
    records = tuple(_record(dict(row)) for row in database.execute(_RECORDS))
    return Archive(station[0] if station else "", records, waiting[0])


def _record(row: dict[str, Any]) -> ScanRecord:
    parsed = {name: json.loads(row[name]) for name in _AS_JSON if row.get(name)}
    return ScanRecord.from_json(row | parsed)

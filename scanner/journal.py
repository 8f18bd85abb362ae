"""The journal: what this station saw and showed, written to the disk before any light.

Append-only SQLite (WAL, synchronous=FULL). Each record is hashed together with the one
before it in its epoch. A number is reserved before the server is asked, so that one number
never means two scans, whatever is killed in between.
"""

from __future__ import annotations

import json
import sqlite3
import threading
from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, Any

from checkin.domain.chains import first_damage, link
from checkin.domain.protocol import LARGEST_UPLOAD, ScanRecord
from scanner.errors import JournalError
from scanner.identity import new_epoch
from scanner.storeroom import keep_private

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

FULL = 2
NO_LIGHT = "stopped before the light"

_COLUMNS = tuple(each.name for each in fields(ScanRecord))
_LATER = {"heads": "0", "override_of": "''", "about": "''", "detail": "'{}'"}  # with defaults
_SCHEMA = f"""
CREATE TABLE IF NOT EXISTS about (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS epoch (
  number INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, mark INTEGER NOT NULL DEFAULT 0);
CREATE TABLE IF NOT EXISTS record (
  {", ".join(_COLUMNS)}, PRIMARY KEY (epoch, n), UNIQUE (scan_id));
CREATE INDEX IF NOT EXISTS record_of_pass ON record (pass_id);
CREATE INDEX IF NOT EXISTS record_that_undoes ON record (undoes) WHERE undoes != '';
CREATE TABLE IF NOT EXISTS reserved (
  epoch TEXT NOT NULL, n INTEGER NOT NULL, draft TEXT NOT NULL, PRIMARY KEY (epoch, n));
CREATE TRIGGER IF NOT EXISTS never_changed BEFORE UPDATE ON record
  BEGIN SELECT RAISE(ABORT, 'records are never changed'); END;
CREATE TRIGGER IF NOT EXISTS never_deleted BEFORE DELETE ON record
  BEGIN SELECT RAISE(ABORT, 'records are never deleted'); END;
"""
_INSERT = f"INSERT INTO record VALUES ({', '.join('?' * len(_COLUMNS))})"  # noqa: S608 - only question marks


@dataclass(frozen=True)
class Batch:
    """Records of one *epoch* that the server has not acknowledged, in order."""

    epoch: str
    records: tuple[ScanRecord, ...]


class Journal:
    """The journal of one station; safe to use from several threads."""

    def __init__(self, path: Path, station: str) -> None:
        """Open or create the journal at *path*.

        A number that was reserved when the power went is closed by a record saying that no
        light was shown.

        Raises:
            JournalError: the file is damaged, another station's, or does not sync.
        """
        self._lock = threading.RLock()
        keep_private(path)
        try:
            self._database = sqlite3.connect(
                path, check_same_thread=False, isolation_level=None
            )
            self._open(station)
        except sqlite3.DatabaseError as error:
            msg = f"{path}: {error}"
            raise JournalError(msg) from error

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._database.close()

    @property
    def epoch(self) -> str:
        """The random name of the present run of numbers."""
        return str(self._one("SELECT name FROM epoch ORDER BY number DESC LIMIT 1"))

    @property
    def last_n(self) -> int:
        """The last number used or reserved in the present epoch."""
        return int(
            self._one(
                "SELECT max((SELECT coalesce(max(n), 0) FROM record WHERE epoch = :e),"
                " (SELECT coalesce(max(n), 0) FROM reserved WHERE epoch = :e))",
                {"e": self.epoch},
            )
        )

    def reserve(self, draft: ScanRecord) -> ScanRecord:
        """Give *draft* the next number, synced to the disk, and return it so numbered.

        Raises:
            JournalError: the disk refused it.
        """
        with self._lock:
            numbered = replace(draft, epoch=self.epoch, n=self.last_n + 1)
            row = numbered.epoch, numbered.n, json.dumps(numbered.to_json())
            try:
                self._database.execute("INSERT INTO reserved VALUES (?, ?, ?)", row)
            except sqlite3.Error as error:
                raise JournalError(str(error)) from error
            return numbered

    def write(self, record: ScanRecord) -> ScanRecord:
        """Write *record* to the disk, chained to the one before, and return it as written.

        A record without a number gets the next one. When this returns, the record survives
        a power cut.

        Raises:
            JournalError: the disk refused it; no light may be shown.
        """
        with self._lock:
            try:
                self._database.execute("BEGIN IMMEDIATE")
                written = self._insert(record)
                self._database.execute("COMMIT")
            except (sqlite3.Error, JournalError) as error:
                if self._database.in_transaction:
                    self._database.execute("ROLLBACK")
                raise JournalError(str(error)) from error
            return written

    def waiting(self) -> int:
        """Return how many records the server has not acknowledged."""
        return int(
            self._one(
                "SELECT count(*) FROM record JOIN epoch ON epoch.name = record.epoch"
                " WHERE record.n > epoch.mark"
            )
        )

    def unsent(self, beyond: Mapping[str, int], most: int = LARGEST_UPLOAD) -> Batch | None:
        """Return the oldest records not acknowledged, at most *most*, of one epoch.

        *beyond* names, per epoch, the last number sent in this round: one record that the
        server does not take cannot hold up those behind it.
        """
        with self._lock:
            epochs = self._database.execute("SELECT name, mark FROM epoch ORDER BY number")
            for name, mark in epochs.fetchall():
                rows = self._database.execute(
                    "SELECT * FROM record WHERE epoch = ? AND n > ? ORDER BY n LIMIT ?",
                    (name, max(mark, beyond.get(name, 0)), most),
                ).fetchall()
                if rows:
                    return Batch(name, tuple(_record(row) for row in rows))
        return None

    def acknowledge(self, epoch: str, mark: int) -> None:
        """Note that the server holds every record of *epoch* up to and including *mark*."""
        with self._lock:
            self._database.execute("UPDATE epoch SET mark = ? WHERE name = ?", (mark, epoch))

    def step_back(self, marks: Mapping[str, int]) -> None:
        """Take back what *marks* do not confirm; a higher mark may be that of a copy of us."""
        with self._lock:
            for row in self._database.execute("SELECT name, mark FROM epoch").fetchall():
                self.acknowledge(row[0], min(row[1], marks.get(row[0], 0)))

    def greet(self, incarnation: str, marks: Mapping[str, int]) -> None:
        """Go back to the *marks* of a server restored from an older copy (*incarnation*).

        A mark beyond our last number means that this journal is the older copy: numbers go
        on in a new epoch.
        """
        with self._lock:
            self._remember("incarnation", incarnation)
            self.step_back(marks)
            if marks.get(self.epoch, 0) > self.last_n:
                self._database.execute("INSERT INTO epoch (name) VALUES (?)", (new_epoch(),))

    def of_pass(self, pass_id: str) -> list[ScanRecord]:
        """Return every record of *pass_id*, oldest first."""
        return self._records(
            "SELECT record.* FROM record JOIN epoch ON epoch.name = record.epoch"
            " WHERE pass_id = ? ORDER BY epoch.number, n",
            (pass_id,),
        )

    def find(self, scan_id: str) -> ScanRecord | None:
        """Return the record of one scan, or nothing."""
        found = self._records("SELECT * FROM record WHERE scan_id = ?", (scan_id,))
        return found[0] if found else None

    def undone(self, scan_id: str) -> bool:
        """Tell whether a record takes the scan *scan_id* back."""
        return bool(self._one("SELECT 1 FROM record WHERE undoes = :s", {"s": scan_id}))

    def noted_of(self, scan_id: str, what: str) -> bool:
        """Tell whether a note about the scan *scan_id* speaks of *what*."""
        notes = self._records("SELECT * FROM record WHERE about = ?", (scan_id,))
        return any(what in note.detail for note in notes)

    def latest(self, most: int) -> list[ScanRecord]:
        """Return the last *most* records, newest first."""
        return self._records(
            "SELECT record.* FROM record JOIN epoch ON epoch.name = record.epoch"
            " ORDER BY epoch.number DESC, n DESC LIMIT ?",
            (most,),
        )

    def all(self) -> list[ScanRecord]:
        """Return every record, oldest first."""
        return self._records(
            "SELECT record.* FROM record JOIN epoch ON epoch.name = record.epoch"
            " ORDER BY epoch.number, n"
        )

    def broken_at(self) -> ScanRecord | None:
        """Return the first record whose hash or number does not follow on, or nothing."""
        damage = first_damage(self.all())
        return damage.record if damage else None

    def _open(self, station: str) -> None:
        mode = self._one("PRAGMA journal_mode = WAL")
        self._database.execute("PRAGMA synchronous = FULL")
        if mode != "wal" or self._one("PRAGMA synchronous") != FULL:
            msg = "the journal cannot be kept in WAL mode with synchronous=FULL"
            raise JournalError(msg)
        self._database.executescript(_SCHEMA)
        self._widen()
        if self._recall("station") not in {None, station}:
            msg = "this journal belongs to another station"
            raise JournalError(msg)
        self._remember("station", station)
        if not self._one("SELECT count(*) FROM epoch"):
            self._database.execute("INSERT INTO epoch (name) VALUES (?)", (new_epoch(),))
        for (draft,) in self._database.execute("SELECT draft FROM reserved").fetchall():
            self.write(replace(ScanRecord.from_json(json.loads(draft)), reason=NO_LIGHT))

    def _widen(self) -> None:
        """Give a journal of an earlier version the columns that records have come to have."""
        found = {row[1] for row in self._database.execute("PRAGMA table_info(record)")}
        for name in _COLUMNS:
            if name not in found:
                self._database.execute(
                    f"ALTER TABLE record ADD COLUMN {name} DEFAULT {_LATER[name]}"
                )

    def _insert(self, record: ScanRecord) -> ScanRecord:
        if not record.n:
            record = replace(record, epoch=self.epoch, n=self.last_n + 1)
        before = self._one(
            "SELECT hash FROM record WHERE epoch = :e AND n = :n",
            {"e": record.epoch, "n": record.n - 1},
        )
        if before is None and record.n > 1:
            msg = f"record {record.n} has none before it"
            raise JournalError(msg)
        record = replace(record, hash=link(before or "", record))
        self._database.execute(_INSERT, _row(record))
        self._database.execute(
            "DELETE FROM reserved WHERE epoch = ? AND n = ?", (record.epoch, record.n)
        )
        return record

    def _records(self, question: str, values: Iterable[Any] = ()) -> list[ScanRecord]:
        with self._lock:
            return [_record(row) for row in self._database.execute(question, tuple(values))]

    def _one(self, question: str, values: Mapping[str, Any] | None = None) -> Any:  # noqa: ANN401 - a cell of SQLite
        with self._lock:
            row = self._database.execute(question, values or {}).fetchone()
        return None if row is None else row[0]

    def _remember(self, key: str, value: str) -> None:
        with self._lock:
            self._database.execute("INSERT OR REPLACE INTO about VALUES (?, ?)", (key, value))

    def _recall(self, key: str) -> Any:  # noqa: ANN401 - a cell of SQLite
        return self._one("SELECT value FROM about WHERE key = :key", {"key": key})


def _row(record: ScanRecord) -> tuple[Any, ...]:
    found = vars(record) | {
        "flags": json.dumps(record.flags),
        "detail": json.dumps(record.detail),
    }
    return tuple(found[name] for name in _COLUMNS)


def _record(row: Iterable[Any]) -> ScanRecord:
    found = dict(zip(_COLUMNS, row, strict=True))
    read = {name: json.loads(found[name]) for name in ("flags", "detail")}
    return ScanRecord(**found | read)

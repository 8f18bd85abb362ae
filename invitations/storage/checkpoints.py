"""Keeps SQLite's log short, and lets nobody who waits for a commit wait for that."""

from __future__ import annotations

import logging
import sqlite3
import threading
from contextlib import closing

EVERY_S = 1.0
BUSY_S = 5.0

_log = logging.getLogger(__name__)


class Checkpointer:
    """Moves what was committed from the log into the database file, on a thread of its own.

    Left to itself, SQLite has the writer do it every thousand pages, and whoever waits for
    that commit waits for the whole database file to reach the disk: on a busy disk more than
    a second, while a station at a door waits 0.3 s. The writer still does it where the log
    becomes very long all the same (`LONGEST_LOG_PAGES` in `invitations.storage.engines`).
    """

    def __init__(self, file: str) -> None:
        self.file = file
        self._written = False
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="checkpointer", daemon=True)

    def start(self) -> None:
        """Begin; returns at once."""
        self._thread.start()

    def stop(self) -> None:
        """End, after what is under way."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join()

    def note(self) -> None:
        """Remember that something was committed."""
        self._written = True

    def _run(self) -> None:
        while not self._stopping.wait(EVERY_S):
            if self._written:
                self._written = False
                self._move()

    def _move(self) -> None:
        """Move what no reader needs any more; what is committed meanwhile comes next time."""
        try:
            with closing(sqlite3.connect(self.file, BUSY_S, isolation_level=None)) as database:
                database.execute("PRAGMA synchronous=FULL").close()
                database.execute("PRAGMA wal_checkpoint(PASSIVE)").close()
        except sqlite3.Error:  # a full disk, say: what was committed stays in the log
            _log.exception("the log of %s was not moved into it", self.file)

"""The sealed list: a line for each guest, of which only what the decision needs is in clear."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from checkin.domain import sealing

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Iterator

    from checkin.domain.sealing import Line

SCHEMA = """
CREATE TABLE IF NOT EXISTS entry (
  place INTEGER PRIMARY KEY, pass_id TEXT NOT NULL UNIQUE, clear TEXT NOT NULL,
  sealed TEXT NOT NULL, box TEXT NOT NULL);
"""
_TAKE = """
INSERT INTO entry (pass_id, clear, sealed, box) VALUES (?, ?, ?, ?)
ON CONFLICT (pass_id) DO UPDATE SET clear = excluded.clear, sealed = excluded.sealed,
  box = excluded.box
"""
_LINE = "SELECT clear, sealed, box FROM entry WHERE pass_id = ?"
_LINES = "SELECT clear, sealed, box FROM entry ORDER BY place"


class SealedList:
    """The lines of the list in a station's file; whoever calls holds the file's lock.

    What an older server tells in the clear stays in memory only.
    """

    def __init__(self, database: sqlite3.Connection) -> None:
        self._database = database
        self._told: dict[str, Line] = {}

    def replace(self, lines: Iterable[Line]) -> None:
        """Put *lines* in the place of the whole list."""
        self._database.execute("DELETE FROM entry")
        self._told.clear()
        self._database.executemany(_TAKE, [self._row(line) for line in lines])

    def take(self, line: Line) -> None:
        """Add a line, or put it in the place of the one of the same pass."""
        self._database.execute(_TAKE, self._row(line))

    def open(
        self, pass_id: str, text: str = "", key: bytes | bytearray | None = None
    ) -> Line | None:
        """Return what is known of a pass, or nothing if it is not on the list.

        The pass *text* that was shown opens its line, the event's *key* any line; without
        either the name is empty.
        """
        row = self._database.execute(_LINE, (pass_id,)).fetchone()
        if row is None:
            return None
        line = _line(row)
        found = self._told.get(pass_id) or sealing.open_by_pass(line, text)
        if found is None and key is not None:
            found = sealing.open_by_key(line, key)
        return found or {"name": ""} | {name: line[name] for name in sealing.CLEAR}

    def every(self) -> Iterator[Line]:
        """Give every line as it is kept, in the office's order."""
        for row in self._database.execute(_LINES).fetchall():
            line = _line(row)
            yield self._told.get(line["pass_id"], line)

    def told(self) -> Iterator[Line]:
        """Give what was told in the clear."""
        yield from self._told.values()

    def count(self) -> int:
        """Return how many lines there are."""
        return int(self._database.execute("SELECT count(*) FROM entry").fetchone()[0])

    def _row(self, line: Line) -> tuple[str, str, str, str]:
        pass_id = str(line["pass_id"])
        self._told.pop(pass_id, None)
        if line.get("name"):
            self._told[pass_id] = line
        clear = {name: line[name] for name in sealing.CLEAR if name in line}
        sealed, box = str(line.get("sealed", "")), str(line.get("box", ""))
        return pass_id, json.dumps(clear), sealed, box


def _line(row: tuple[str, str, str]) -> Line:
    clear: Line = json.loads(row[0])
    return clear | {"sealed": row[1], "box": row[2]}

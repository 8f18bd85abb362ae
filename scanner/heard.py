"""The scans a station has heard of or made, by pass; no name is among them."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, Any

from checkin.domain.admission import Direction, Earlier
from checkin.domain.passages import fold
from checkin.domain.wire import outcome_from_json

if TYPE_CHECKING:
    import sqlite3

    from checkin.domain.protocol import ScanNews, ScanRecord

SCHEMA = """
CREATE TABLE IF NOT EXISTS scan (
  scan_id TEXT PRIMARY KEY, pass_id TEXT NOT NULL, outcome TEXT NOT NULL,
  direction TEXT NOT NULL, at_ms INTEGER NOT NULL, station TEXT NOT NULL, gate TEXT NOT NULL,
  party INTEGER NOT NULL, heads INTEGER NOT NULL, own INTEGER NOT NULL,
  undone INTEGER NOT NULL DEFAULT 0
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS scan_of_pass ON scan (pass_id);
"""
_LEARN = """
INSERT INTO scan (scan_id, pass_id, outcome, direction, at_ms, station, gate, party, heads, own)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (scan_id) DO UPDATE SET outcome = excluded.outcome, at_ms = excluded.at_ms,
  heads = excluded.heads, own = excluded.own WHERE own <= excluded.own
"""
_COLUMNS = "pass_id, scan_id, outcome, direction, at_ms, station, gate, undone, heads, party"
_OF_PASS = f"SELECT {_COLUMNS} FROM scan WHERE pass_id = ? ORDER BY at_ms, scan_id"  # noqa: S608 - own columns
_THAT_COUNT = f"SELECT {_COLUMNS} FROM scan WHERE outcome = 'admitted' AND NOT undone"  # noqa: S608 - own columns
_ARRIVED = """
SELECT count(DISTINCT pass_id) FROM scan
WHERE outcome = 'admitted' AND direction = 'entry' AND NOT undone
"""


@dataclass(frozen=True)
class Heard:
    """A scan, and what the table keeps beside it."""

    scan: ScanRecord | ScanNews
    at_ms: int
    station: str
    gate: str
    party: int
    own: bool


class HeardScans:
    """The scans in a station's file; whoever calls holds the file's lock."""

    def __init__(self, database: sqlite3.Connection) -> None:
        self._database = database

    def forget_others(self) -> None:
        """Forget every scan that is not this station's own."""
        self._database.execute("DELETE FROM scan WHERE NOT own")

    def learn(self, heard: Heard) -> None:
        """Take a scan in; what this station showed itself wins over what it is told."""
        scan = heard.scan
        self._database.execute(
            _LEARN,
            (
                *(scan.scan_id, scan.pass_id, scan.outcome, scan.direction),
                *(heard.at_ms, heard.station, heard.gate, heard.party),
                *(scan.heads or heard.party, int(heard.own)),
            ),
        )

    def undo(self, scan_id: str) -> None:
        """Strike a scan out."""
        self._database.execute("UPDATE scan SET undone = 1 WHERE scan_id = ?", (scan_id,))

    def of_pass(self, pass_id: str) -> list[Earlier]:
        """Return every scan of a pass, in the order of corrected time."""
        rows = self._database.execute(_OF_PASS, (pass_id,)).fetchall()
        return [_earlier(row) for row in rows]

    def arrived(self) -> int:
        """Return how many passes were let in."""
        return int(self._database.execute(_ARRIVED).fetchone()[0])

    def inside(self) -> int:
        """Return how many people are in the room."""
        rows = self._database.execute(f"{_THAT_COUNT} ORDER BY pass_id").fetchall()
        return sum(
            fold([_earlier(row) for row in group], max(row[-1] for row in group)).inside
            for group in (list(each) for _, each in groupby(rows, key=lambda row: row[0]))
        )


def _earlier(row: tuple[Any, ...]) -> Earlier:
    _, scan_id, outcome, direction, at_ms, station, gate, undone, heads, _ = row
    return Earlier(
        scan_id,
        outcome_from_json(outcome),
        Direction(direction),
        at_ms,
        station,
        gate,
        undone=bool(undone),
        heads=heads,
    )

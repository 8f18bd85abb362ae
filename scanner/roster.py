"""What the station carries of the office's knowledge: roster, rules, trust list, admissions.

Everything here can be fetched again from the server, so it is kept in a file beside the
journal with lighter promises than the journal's.
"""

from __future__ import annotations

import json
import sqlite3
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from checkin.domain.admission import Direction, Earlier, EventRules, GateRules, Outcome
from checkin.domain.protocol import RosterSnapshot, ScanNews, ScanRecord
from checkin.domain.wire import (
    gate_from_json,
    outcome_from_json,
    rules_from_json,
    trust_from_json,
)
from invitations.domain import roster
from invitations.domain.passes import TrustList
from invitations.domain.roster import RosterEntry
from scanner.errors import StationError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

SCHEMA_VERSION = 1
_SCHEMA = """
CREATE TABLE IF NOT EXISTS about (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS entry (
  pass_id TEXT PRIMARY KEY, door_code TEXT NOT NULL, body TEXT NOT NULL) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS entry_by_code ON entry (door_code);
CREATE TABLE IF NOT EXISTS scan (
  scan_id TEXT PRIMARY KEY, pass_id TEXT NOT NULL, outcome TEXT NOT NULL,
  direction TEXT NOT NULL, at_ms INTEGER NOT NULL, station TEXT NOT NULL, gate TEXT NOT NULL,
  party INTEGER NOT NULL, own INTEGER NOT NULL, undone INTEGER NOT NULL DEFAULT 0
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS scan_of_pass ON scan (pass_id);
"""
_INSIDE = """
SELECT coalesce(sum(party), 0) FROM (
  SELECT max(at_ms), direction, party FROM scan
  WHERE outcome = 'admitted' AND NOT undone GROUP BY pass_id)
WHERE direction = 'entry'
"""
_LEARN = """
INSERT INTO scan (scan_id, pass_id, outcome, direction, at_ms, station, gate, party, own)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (scan_id) DO UPDATE SET outcome = excluded.outcome, at_ms = excluded.at_ms,
  own = excluded.own WHERE own <= excluded.own
"""


@dataclass(frozen=True)
class Counts:
    """The figures on the kiosk: admitted passes, people on the list, people in the room."""

    arrived: int
    expected: int
    inside: int


class Carried:
    """The station's copy of what the office knows; safe to use from several threads."""

    def __init__(self, path: Path) -> None:
        """Open or create the copy at *path*.

        Raises:
            StationError: the file is damaged; it may simply be deleted and fetched again.
        """
        self._lock = threading.RLock()
        self.station = ""
        try:
            self._database = sqlite3.connect(
                path, check_same_thread=False, isolation_level=None
            )
            self._database.execute("PRAGMA journal_mode = WAL")
            self._database.execute("PRAGMA synchronous = NORMAL")
            self._database.executescript(_SCHEMA)
        except sqlite3.DatabaseError as error:
            msg = f"{path}: {error}"
            raise StationError(msg) from error
        self._about = {
            key: json.loads(value)
            for key, value in self._database.execute("SELECT key, value FROM about")
        }

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._database.close()

    def note(self, key: str, value: Any) -> None:  # noqa: ANN401 - any JSON value
        """Keep *value* (JSON) under *key*."""
        with self._lock:
            if self._about.get(key) == value:
                return
            self._about[key] = value
            self._database.execute(
                "INSERT OR REPLACE INTO about VALUES (?, ?)", (key, json.dumps(value))
            )

    def noted(self, key: str, default: Any = None) -> Any:  # noqa: ANN401 - any JSON value
        """Return what is kept under *key*."""
        return self._about.get(key, default)

    @property
    def head(self) -> int:
        """The number of the last news taken in."""
        return int(self.noted("head", 0))

    @property
    def rules(self) -> EventRules | None:
        """The rules of the event, or nothing before the first contact."""
        found = self.noted("rules")
        return rules_from_json(found) if found else None

    @property
    def gate(self) -> GateRules:
        """The gate at which this station stands."""
        found = self.noted("gate")
        return gate_from_json(found) if found else GateRules(0, "")

    @property
    def trust(self) -> TrustList:
        """The keys whose passes this station believes."""
        found = self.noted("trust")
        return trust_from_json(found) if found else TrustList(0, ())

    def take_trust(self, found: dict[str, Any]) -> bool:
        """Take the trust list *found*; one with a lower number than ours is refused."""
        if trust_from_json(found).number < self.trust.number:
            return False
        self.note("trust", found)
        return True

    def take_snapshot(self, snapshot: RosterSnapshot) -> None:
        """Replace everything but this station's own scans by *snapshot*."""
        with self._lock, self._database:
            self._database.execute("BEGIN")
            self._database.execute("DELETE FROM entry")
            self._database.execute("DELETE FROM scan WHERE NOT own")
            for found in snapshot.entries:
                self._take_entry(roster.from_json(found))
            for found in snapshot.scans:
                self._take_scan(ScanNews.from_json(found))
            self.note("rules", snapshot.rules)
            self.note("gate", snapshot.gate)
            self.note("title", snapshot.title)
            self.note("head", snapshot.head)

    def take_news(self, number: int, kind: str, body: dict[str, Any]) -> bool:
        """Take one numbered piece of news; tell whether it followed on from ours.

        News of a kind that this version does not know only moves the number on.
        """
        with self._lock, self._database:
            if number <= self.head:
                return True
            if number != self.head + 1:
                return False
            self._database.execute("BEGIN")
            if kind == "roster":
                self._take_entry(roster.from_json(body))
            elif kind == "scan":
                self._take_scan(ScanNews.from_json(body))
            elif kind == "event":
                self.note("rules", body["rules"])
                self.note("title", body.get("title", self.noted("title", "")))
            self.note("head", number)
            return True

    def learn_own(self, records: Iterable[ScanRecord]) -> None:
        """Take this station's own *records* into account, as its light showed them."""
        with self._lock, self._database:
            self._database.execute("BEGIN")
            for record in records:
                if record.undoes:
                    self._undo(record.undoes)
                elif record.pass_id:
                    at = record.wall_ms + (record.offset_ms or 0)
                    party = self._party(record.pass_id)
                    self._learn(_Row(record, at, self.station, self.gate.name, party, own=1))

    def entry(self, pass_id: str) -> RosterEntry | None:
        """Return the line of the roster for *pass_id*."""
        return self._entry("SELECT body FROM entry WHERE pass_id = ?", pass_id)

    def entry_by_code(self, door_code: str) -> RosterEntry | None:
        """Return the line of the roster for a door code of 12 digits."""
        return self._entry("SELECT body FROM entry WHERE door_code = ?", door_code)

    def earlier(self, pass_id: str) -> list[Earlier]:
        """Return every scan of *pass_id* this station has heard of or made."""
        with self._lock:
            rows = self._database.execute(
                "SELECT scan_id, outcome, direction, at_ms, station, gate, undone FROM scan"
                " WHERE pass_id = ? ORDER BY at_ms, scan_id",
                (pass_id,),
            ).fetchall()
        return [
            Earlier(
                scan_id,
                outcome_from_json(outcome),
                Direction(direction),
                at_ms,
                station,
                gate,
                undone=bool(undone),
            )
            for scan_id, outcome, direction, at_ms, station, gate, undone in rows
        ]

    def counts(self) -> Counts:
        """Return the figures on the kiosk, as far as this station has heard."""
        with self._lock:
            one = self._database.execute
            arrived = one(
                "SELECT count(DISTINCT pass_id) FROM scan"
                " WHERE outcome = 'admitted' AND direction = 'entry' AND NOT undone"
            ).fetchone()[0]
            expected = one("SELECT count(*) FROM entry").fetchone()[0]
            return Counts(arrived, expected, one(_INSIDE).fetchone()[0])

    def _entry(self, question: str, value: str) -> RosterEntry | None:
        with self._lock:
            row = self._database.execute(question, (value,)).fetchone()
        return roster.from_json(json.loads(row[0])) if row and value else None

    def _party(self, pass_id: str) -> int:
        entry = self.entry(pass_id)
        return entry.party if entry else 1

    def _take_entry(self, entry: RosterEntry) -> None:
        self._database.execute(
            "INSERT OR REPLACE INTO entry VALUES (?, ?, ?)",
            (entry.pass_id, entry.door_code, json.dumps(roster.to_json(entry))),
        )

    def _take_scan(self, news: ScanNews) -> None:
        if news.undoes:
            self._undo(news.undoes)
        elif news.pass_id and news.outcome in set(Outcome):
            self._learn(_Row(news, news.at_ms, news.station, news.gate, news.party, own=0))

    def _undo(self, scan_id: str) -> None:
        self._database.execute("UPDATE scan SET undone = 1 WHERE scan_id = ?", (scan_id,))

    def _learn(self, row: _Row) -> None:
        scan = row.scan
        self._database.execute(
            _LEARN,
            (
                *(scan.scan_id, scan.pass_id, scan.outcome, scan.direction),
                *(row.at_ms, row.station, row.gate, row.party, row.own),
            ),
        )


@dataclass(frozen=True)
class _Row:
    """A scan and what the table keeps beside it."""

    scan: ScanRecord | ScanNews
    at_ms: int
    station: str
    gate: str
    party: int
    own: int

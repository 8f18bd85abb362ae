"""What the station carries of the office's knowledge: list, rules, trust list, admissions.

Everything here can be fetched again from the server, so it is kept in a file beside the
journal with lighter promises than the journal's. A thief reads in it who nobody is.
"""

from __future__ import annotations

import json
import threading
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from checkin.domain.admission import Earlier, EventRules, GateRules, Outcome
from checkin.domain.protocol import NOTE, RosterSnapshot, ScanNews, ScanRecord
from checkin.domain.wire import gate_from_json, rules_from_json, trust_from_json
from invitations.domain import roster
from invitations.domain.passes import TrustList
from invitations.domain.roster import RosterEntry
from scanner import heard, sealed
from scanner.heard import Heard, HeardScans
from scanner.sealed import SealedList
from scanner.search import Register
from scanner.storeroom import open_store, wipe_files, writing

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

ROSTER_FILE = "roster.db"
VERSION = 2
_ABOUT = """
CREATE TABLE IF NOT EXISTS about (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
"""
_SCHEMA = _ABOUT + sealed.SCHEMA + heard.SCHEMA


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
        self._path = path
        self._lock = threading.RLock()
        self._key: bytearray | None = None
        self._counted: Counts | None = None
        self.register: Register | None = None
        self.walk_ins: dict[int, dict[str, Any]] = {}  # news of them; in memory, for the names
        self.station = ""
        self._open()

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self.lock_up()
            self._database.close()

    def wipe(self) -> None:
        """Forget everything, on the disk too; the copy is empty and still open afterwards."""
        with self._lock:
            self.close()
            wipe_files(self._path)
            self._counted = None
            self.walk_ins.clear()
            self._open()

    def forget_list(self) -> None:
        """Forget who may come and who works here; what this station saw stays."""
        if not self._list.count() and not self.noted("staff"):
            return
        self.lock_up()
        with self._writing():
            self._list.replace(())
            self.note("staff", [])
        with self._lock:
            self._database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            self._database.execute("VACUUM")

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
        """Replace everything but this station's own scans by *snapshot*.

        A server that was put back from an older copy does not know yet of all that it had
        told us: what we heard of its former book is kept beside its first snapshot.
        """
        server = self.noted("incarnation")
        with self._writing():
            self._list.replace(snapshot.entries)
            if self.noted("heard_from", server) == server:
                self._scans.forget_others()
            self.note("heard_from", server)
            for found in snapshot.scans:
                self._take_scan(ScanNews.from_json(found))
            self.note("rules", snapshot.rules)
            self.note("gate", snapshot.gate)
            self.note("title", snapshot.title)
            self.note("staff", snapshot.staff)
            self.note("head", snapshot.head)
        if self._key is not None:
            self._fill_register(self._key)

    def take_news(self, number: int, kind: str, body: dict[str, Any]) -> bool:
        """Take one numbered piece of news; tell whether it followed on from ours.

        News of a kind that this version does not know only moves the number on.
        """
        with self._lock:
            if number <= self.head:
                return True
            if number != self.head + 1:
                return False
            with self._writing():
                self._take(kind, body)
                self.note("head", number)
            return True

    def learn_own(self, records: Iterable[ScanRecord]) -> None:
        """Take this station's own *records* into account, as its light showed them."""
        with self._writing():
            for record in records:
                if record.undoes:
                    self._scans.undo(record.undoes)
                elif record.pass_id and record.outcome != NOTE:
                    at = record.wall_ms + (record.offset_ms or 0)
                    party = self._party(record.pass_id)
                    gate = self.gate.name
                    self._scans.learn(Heard(record, at, self.station, gate, party, own=True))

    def unlock(self, key: bytes) -> None:
        """Open the list with the event's *key*, so that it can be searched."""
        with self._lock:
            self._key = bytearray(key)
        self._fill_register(self._key)

    def lock_up(self) -> None:
        """Forget the event's key, and everything that it opened."""
        with self._lock:
            if self._key is not None:
                self._key[:] = bytes(len(self._key))
            self._key = self.register = None

    @property
    def open(self) -> bool:
        """Whether door codes can be looked up: the list is unlocked, or came in the clear."""
        with self._lock:
            return self.register is not None or any(True for _ in self._list.told())

    @property
    def key(self) -> bytes | None:
        """The event's key while the list is unlocked."""
        with self._lock:
            return None if self._key is None else bytes(self._key)

    def entry(self, pass_id: str, text: str = "") -> RosterEntry | None:
        """Return the line of the list for *pass_id*, or nothing.

        Its name is empty unless the pass *text* is shown or the list is unlocked.
        """
        with self._lock:
            found = self._list.open(pass_id, text, self._key)
        return None if found is None else roster.from_json(found)

    def entry_by_code(self, door_code: str) -> RosterEntry | None:
        """Return the line for a door code of 12 digits, if the list is unlocked."""
        register = self.register
        pass_id = register.by_code(door_code) if register else self._told_code(door_code)
        return self.entry(pass_id) if pass_id else None

    def earlier(self, pass_id: str) -> list[Earlier]:
        """Return every scan of *pass_id* this station has heard of or made."""
        with self._lock:
            return self._scans.of_pass(pass_id)

    def counts(self) -> Counts:
        """Return the figures on the kiosk, as far as this station has heard."""
        with self._lock:
            if self._counted is None:
                scans = self._scans
                self._counted = Counts(scans.arrived(), self._list.count(), scans.inside())
            return self._counted

    def _open(self) -> None:
        self._database = open_store(self._path, _SCHEMA, VERSION)
        self._list, self._scans = SealedList(self._database), HeardScans(self._database)
        self._about = {
            key: json.loads(value)
            for key, value in self._database.execute("SELECT key, value FROM about")
        }

    @contextmanager
    def _writing(self) -> Iterator[None]:
        """Hold the file in one transaction; afterwards the figures are counted anew."""
        with self._lock, writing(self._database):
            self._counted = None
            yield

    def _fill_register(self, key: bytearray) -> None:
        with self._lock:
            lines = list(self._list.every())
        register = Register(lines, key)
        with self._lock:
            if self._key is key:
                self.register = register

    def _take(self, kind: str, body: dict[str, Any]) -> None:
        if kind == "roster":
            self._list.take(body)
            if self.register is not None:
                self.register.take(body)
        elif kind == "scan":
            self._take_scan(ScanNews.from_json(body))
        elif kind == "staff":
            self.note("staff", body.get("staff", []))
        elif kind == "walk_in" and isinstance(body.get("id"), int):
            self.walk_ins[body["id"]] = body
        elif kind == "event":
            self._take_event(body)

    def _take_event(self, body: dict[str, Any]) -> None:
        self.note("rules", body["rules"])
        self.note("title", body.get("title", self.noted("title", "")))
        if "gates" in body and self.noted("gate"):
            own: dict[str, Any] = next(
                (each for each in body["gates"] if each["id"] == self.gate.id), {}
            )
            self.note("gate", self.noted("gate") | own | {"all": body["gates"]})

    def _take_scan(self, news: ScanNews) -> None:
        if news.undoes:
            self._scans.undo(news.undoes)
        elif news.pass_id and news.outcome in set(Outcome):
            at, station, gate = news.at_ms, news.station, news.gate
            self._scans.learn(Heard(news, at, station, gate, news.party, own=False))

    def _told_code(self, door_code: str) -> str | None:
        """Return the pass with a door code that an older server told in the clear."""
        with self._lock:
            told = [each for each in self._list.told() if each.get("door_code") == door_code]
        return str(told[0]["pass_id"]) if told and door_code else None

    def _party(self, pass_id: str) -> int:
        entry = self.entry(pass_id)
        return entry.party if entry else 1

"""Takes in what the stations wrote down: every record once, whatever it says."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from checkin.domain.accounts import Right
from checkin.domain.admission import Direction, Flag, Knowledge, Outcome, decide
from checkin.domain.book import SERVER, STATION, Scan, counted, people
from checkin.domain.protocol import NOTE, ScanNews, ScanRecord
from checkin.domain.stations import chained
from checkin.domain.walkins import pass_id_of
from checkin.services.batches import is_walk_in
from checkin.services.staff import may_do
from checkin.storage import journals, scans
from invitations.domain.passes import DoorPass
from invitations.storage import news

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from checkin.domain.stations import Station
    from checkin.services.hall import Hall, View
    from checkin.services.welcoming import Welcoming
    from invitations.domain.roster import RosterEntry
    from invitations.services.guestbook import Guestbook

_SAME = ("flags", "undoes", "against", "people")
BROKEN = "broken"
BY_NOBODY = "override"  # what is against an override by somebody without the right

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Uploaded:
    """The answer to an upload.

    Every record up to *mark* is in the book; *unreadable* gives the place in the batch and
    the field of each record that could not be kept.
    """

    mark: int
    incarnation: str
    unreadable: tuple[tuple[int, str], ...] = ()


def told(
    scan: Scan, entry: RosterEntry | None, *, before: dict[str, Any], after: dict[str, Any]
) -> ScanNews:
    """Return the news of *scan*, whose pass counted for *before* and counts for *after*."""
    who = {
        name: getattr(entry, name)
        for name in ("name", "honorific", "title", "organisation", "party")
        if entry is not None
    }
    return ScanNews(
        scan_id=scan.scan_id,
        pass_id=scan.pass_id,
        outcome=scan.outcome,
        direction=scan.direction,
        flags=list(scan.flags),
        judge=scan.judge,
        station=scan.station,
        gate_id=scan.gate_id,
        gate=scan.gate,
        at_ms=scan.at_ms,
        undoes=scan.undoes,
        heads=scan.heads,
        before=before,
        after=after,
        **who,
    )


@dataclass(frozen=True)
class Merge:
    """Merges journals into the book at *now* (Unix seconds)."""

    guestbook: Guestbook
    hall: Hall
    now: int
    welcoming: Welcoming | None = None

    def take(
        self, connection: Connection, station: Station, records: Sequence[ScanRecord]
    ) -> bool:
        """Add those of *records* that are new; tell whether there is news."""
        head = news.hold(connection, station.event_id)
        view = self.hall.view(connection, station.event_id, head)
        known = scans.of_ids(connection, [each.scan_id for each in records], view.gates)
        chain = _Chain(connection, station.id, records)
        number = head
        for record in records:
            siblings = known.get(record.scan_id, [])
            if any(scan.judge == STATION for scan in siblings):
                continue
            step = _Step(self, connection, station, view, record, siblings)
            for told_of in step.take(broken=chain.breaks_at(record)):
                body = told_of.to_json()
                number = news.tell(connection, view.event.id, "scan", body, at=self.now)
                view = replace(view, number=number, inside=view.inside + people(body))
            if record.outcome == NOTE:
                body = _note(record, station)
                number = news.tell(connection, view.event.id, NOTE, body, at=self.now)
                view = replace(view, number=number)
        self.hall.remember(view)
        return number != head


@dataclass(frozen=True)
class _Step:
    """One new record on its way into the book; *siblings* are our answers to its scan."""

    merge: Merge
    connection: Connection
    station: Station
    view: View
    record: ScanRecord
    siblings: Sequence[Scan]

    def take(self, *, broken: bool) -> list[ScanNews]:
        """Add the record; return the news, of which there is none if nothing changed."""
        entry = self._guest()
        against = self._against(entry)
        scan = self._scan(entry, against)
        changes = not any(_same(scan, sibling) for sibling in self.siblings)
        keys = dict.fromkeys([*(each.key for each in self.siblings), scan.key])
        before = {key: self._rows(key) for key in keys} if changes else {}
        rest = self._rest(scan, broken=broken)
        written = scans.add(self.connection, self.view.event.id, scan, rest)
        if written is None or self.record.outcome == NOTE:
            return []
        self._warn(scan, written, broken=broken)
        nobody = {scan.scan_id, scan.undoes}
        return [
            told(
                replace(written, pass_id="" if key in nobody else key),
                entry if key == scan.key else self._entry(key),
                before=counted(rows, key, scan.scan_id),
                after=counted([*rows, written], key, scan.scan_id),
            )
            for key, rows in before.items()
        ]

    @property
    def _pass_id(self) -> str:
        """The pass of the record, or the one that its walk-in gets."""
        walk_in = is_walk_in(self.record) and not self.record.pass_id
        return pass_id_of(self.record.scan_id) if walk_in else self.record.pass_id

    def _guest(self) -> RosterEntry | None:
        welcoming = self.merge.welcoming
        if welcoming is None or not is_walk_in(self.record):
            return self._entry(self._pass_id)
        return welcoming.take_in(self.connection, self.view.event, self.record)

    def _entry(self, pass_id: str) -> RosterEntry | None:
        if not pass_id:
            return None
        book = self.merge.guestbook
        return book.entry(self.connection, self.view.event.id, pass_id)

    def _rows(self, key: str) -> list[Scan]:
        """Return the scans of one pass; of a scan without a pass, our answers to it."""
        if key in {self.record.scan_id, self.record.undoes}:
            return list(self.siblings)
        return scans.of_pass(self.connection, self.view.event.id, key, self.view.gates)

    def _scan(self, entry: RosterEntry | None, against: str) -> Scan:
        record, station = self.record, self.station
        first = next((each for each in self.siblings if each.first_ms is not None), None)
        return Scan(
            scan_id=record.scan_id,
            pass_id=self._pass_id,
            outcome=record.outcome,
            direction=record.direction,
            station=station.id,
            epoch=record.epoch,
            n=record.n,
            at_ms=record.wall_ms + (record.offset_ms or 0),
            judge=STATION,
            gate_id=station.gate_id,
            gate=self.view.gates.get(station.gate_id, ""),
            flags=tuple(record.flags),
            undoes=record.undoes,
            against=against,
            first_ms=first.first_ms if first else None,
            first_gate=first.first_gate if first else "",
            heads=record.heads,
            party=entry.party if entry else 1,
            many=self.view.rules.many_entries,
            once=not self.view.rules.reentry,
            about=record.about,
        )

    def _rest(self, scan: Scan, *, broken: bool) -> dict[str, Any]:
        record = self.record
        first = next((each for each in self.siblings if each.first_ms is not None), None)
        verdict: dict[str, Any] = {"judge": record.judge}
        if scan.pass_id != record.pass_id:
            verdict["recorded"] = record.pass_id
        if first:
            verdict["before"] = {"at_ms": first.first_ms, "gate": first.first_gate}
        marks = {
            **{name: getattr(scan, name) for name in ("against", "many", "once")},
            "party": scan.party if scan.party > 1 else 0,
            "chain": BROKEN if broken else "",
            "revoked": self.station.revoked_at,
        }
        return {
            "generation": record.generation,
            "reason": record.reason,
            "actor": record.actor,
            "override_of": record.override_of,
            "detail": record.detail or None,
            "wall_ms": record.wall_ms,
            "mono_ms": record.mono_ms,
            "boot_id": record.boot_id,
            "offset_ms": record.offset_ms,
            "offset_error_ms": record.offset_error_ms,
            "hash": record.hash,
            "received_at": self.merge.now,
            "verdict": verdict | {name: value for name, value in marks.items() if value},
        }

    def _against(self, entry: RosterEntry | None) -> str:
        """Return why we should have refused what the station admitted on its own."""
        record = self.record
        own = record.judge != SERVER and not record.undoes
        if not own or record.outcome != Outcome.ADMITTED or not self._pass_id:
            return ""
        if Flag.OVERRIDDEN in record.flags:
            return self._against_right()
        rules = self.view.rules
        shown = DoorPass(0, rules.event, self._pass_id, record.generation, rules.closes_at)
        known = Knowledge(entry, roster_as_of=self.merge.now)
        gate = self.view.gate(self.station.gate_id)
        verdict = decide(
            shown, known, rules, gate, now=self.merge.now, direction=Direction.EXIT
        )
        if is_walk_in(record) and rules.walk_ins != "allow":
            return Outcome.UNKNOWN.value
        return "" if verdict.admitted else verdict.outcome.value

    def _against_right(self) -> str:
        """Return what is against an override without a line: nobody who may, answers for it."""
        event, actor = self.view.event, self.record.actor
        by = may_do(self.connection, event, actor, Right.SUPERVISE)
        return "" if by else BY_NOBODY

    def _warn(self, scan: Scan, written: Scan, *, broken: bool) -> None:
        if written.epoch != scan.epoch:
            _log.warning("station %s: number %d claimed twice", scan.station, scan.n)
        if broken:
            _log.warning("station %s: record %d does not follow", scan.station, scan.n)


def _note(record: ScanRecord, station: Station) -> dict[str, Any]:
    """Return the news of a fact about an earlier scan."""
    said = ("scan_id", "about", "pass_id", "actor", "detail")
    return {name: getattr(record, name) for name in said} | {
        "station": station.id,
        "gate_id": station.gate_id,
        "at_ms": record.wall_ms + (record.offset_ms or 0),
    }


class _Chain:
    """What stands before and behind the records of one batch in their journal."""

    def __init__(
        self, connection: Connection, station: str, records: Sequence[ScanRecord]
    ) -> None:
        numbers = {each.n + by for each in records for by in (-1, 1)}
        epoch = records[0].epoch
        self._stored = journals.beside(connection, station, epoch, numbers)
        self._all = self._stored | {each.n: each for each in records}

    def breaks_at(self, record: ScanRecord) -> bool:
        """Tell whether *record* does not fit its neighbours, where they are known."""
        before = self._all.get(record.n - 1)
        behind = self._stored.get(record.n + 1)
        if record.n == 1 and not chained("", record):
            return True
        if before is not None and not chained(before.hash, record):
            return True
        return behind is not None and not chained(record.hash, behind)


def _same(scan: Scan, answer: Scan) -> bool:
    """Tell whether the station showed what we had answered, at the time we thought."""
    return all(
        getattr(scan, name) == getattr(answer, name)
        for name in (*("key", "outcome", "direction", "at_ms"), *_SAME)
    )

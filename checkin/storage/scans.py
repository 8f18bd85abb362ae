"""The book of scans: rows are added, never changed, and never added twice."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, func, select
from sqlalchemy.dialects import postgresql, sqlite

from checkin.domain.book import SERVER, STATION, Scan
from checkin.domain.decisions import CONFLICT
from checkin.domain.protocol import NOTE, ScanRecord, WireVerdict
from checkin.storage.tables import decisions, scans
from invitations.storage.prepared import Prepared

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sqlalchemy import Connection, Row
    from sqlalchemy.sql.dml import ReturningInsert

FORK = "+"

_BOOK = (
    *(scans.c.scan_id, scans.c.pass_id, scans.c.outcome, scans.c.direction, scans.c.station),
    *(scans.c.epoch, scans.c.n, scans.c.at_ms, scans.c.judge, scans.c.gate_id),
    *(scans.c.flags, scans.c.undoes, scans.c.verdict, scans.c.heads, scans.c.about),
    select(decisions.c.choice)
    .where(
        decisions.c.event_id == scans.c.event_id,
        decisions.c.kind == CONFLICT,
        decisions.c.about == scans.c.scan_id,
    )
    .order_by(decisions.c.id.desc())
    .limit(1)
    .correlate(scans)
    .scalar_subquery()
    .label("decision"),
)
_OF_PASS = select(*_BOOK).where(
    scans.c.scan_id.in_(
        select(scans.c.scan_id).where(
            scans.c.event_id == bindparam("event_id"), scans.c.pass_id == bindparam("pass_id")
        )
    )
)
_OF_EVENT = select(*_BOOK).where(scans.c.event_id == bindparam("event_id"))
_OF_IDS = select(*_BOOK, scans.c.event_id, scans.c.generation).where(
    scans.c.scan_id.in_(bindparam("ids", expanding=True))
)
_ONE = select(
    *(scans.c.judge, scans.c.station, scans.c.verdict, scans.c.pass_id, scans.c.generation),
    *(scans.c.outcome, scans.c.flags),
).where(scans.c.scan_id == bindparam("scan_id"))
_RECORDED = (
    *(scans.c.epoch, scans.c.n, scans.c.scan_id, scans.c.pass_id, scans.c.generation),
    *(scans.c.direction, scans.c.outcome, scans.c.flags, scans.c.judge, scans.c.wall_ms),
    *(scans.c.mono_ms, scans.c.boot_id, scans.c.offset_ms, scans.c.offset_error_ms),
    *(scans.c.undoes, scans.c.reason, scans.c.actor, scans.c.hash),
    *(scans.c.heads, scans.c.override_of, scans.c.about, scans.c.detail),
)
_WRITTEN = (
    *("scan_id", "pass_id", "outcome", "direction", "station", "epoch", "n", "at_ms"),
    *("judge", "gate_id", "flags", "undoes", "heads", "about"),
)
_PLAIN = {"reason": "", "actor": "", "override_of": "", "detail": None}


def add(connection: Connection, event_id: int, scan: Scan, rest: dict[str, Any]) -> Scan | None:
    """Add a scan with the *rest* of its row; return it as written, or nothing if it is there.

    When another scan has taken its number in its epoch, as happens when a journal was copied
    to a second device, both are kept: this one under an epoch of its own.
    """
    row = _PLAIN | {name: getattr(scan, name) for name in _WRITTEN} | rest
    row["event_id"] = event_id
    if _ADD.run(connection, row).fetchone() is not None:
        return scan
    forked = replace(scan, epoch=f"{scan.epoch}{FORK}{scan.scan_id}")
    if _ADD.run(connection, row | {"epoch": forked.epoch}).fetchone() is not None:
        return forked
    return None


def answered(connection: Connection, scan_id: str) -> tuple[str, WireVerdict] | None:
    """Return the station that made the scan *scan_id* and the verdict it was given."""
    if _IS_ASKED.run(connection, {"scan_id": scan_id}).fetchone() is None:
        return None
    rows = connection.execute(_ONE, {"scan_id": scan_id}).all()
    row = max(rows, key=lambda each: each.judge == SERVER)
    if row.judge == SERVER:
        return row.station, WireVerdict.from_json(row.verdict)
    return row.station, WireVerdict(
        row.outcome, row.flags, row.pass_id, row.generation, judge=STATION
    )


def of_pass(
    connection: Connection, event_id: int, pass_id: str, gates: Mapping[int, str]
) -> list[Scan]:
    """Return every scan of one pass at one event, and whatever superseded one of them."""
    wanted = {"event_id": event_id, "pass_id": pass_id}
    if _IS_SEEN.run(connection, wanted).fetchone() is None:  # nearly every guest comes once
        return []
    rows = connection.execute(_OF_PASS, wanted)
    return [_scan(row, gates) for row in rows]


def of_event(connection: Connection, event_id: int, gates: Mapping[int, str]) -> list[Scan]:
    """Return the whole book of one event."""
    rows = connection.execute(_OF_EVENT, {"event_id": event_id})
    return [_scan(row, gates) for row in rows]


def of_scan(
    connection: Connection, event_id: int, scan_id: str, gates: Mapping[int, str]
) -> list[Scan]:
    """Return what the book of one event has under a scan id."""
    wanted = scans.c.event_id == event_id, scans.c.scan_id == scan_id
    return [_scan(row, gates) for row in connection.execute(select(*_BOOK).where(*wanted))]


def of_ids(
    connection: Connection, ids: Iterable[str], gates: Mapping[int, str]
) -> dict[str, list[Scan]]:
    """Return what the book has under each of the scan *ids*."""
    found: dict[str, list[Scan]] = {}
    for row in connection.execute(_OF_IDS, {"ids": list(ids)}):
        found.setdefault(row.scan_id, []).append(_scan(row, gates))
    return found


def marks(connection: Connection, station: str) -> dict[str, int]:
    """Return, for each epoch of *station*, up to which record it has every one."""
    journal = scans.c.station == station, scans.c.judge == STATION
    rows = connection.execute(
        select(scans.c.epoch, func.count(), func.min(scans.c.n), func.max(scans.c.n))
        .where(*journal)
        .group_by(scans.c.epoch)
    )
    return {
        epoch: last if (first, last) == (1, many) else _contiguous(connection, station, epoch)
        for epoch, many, first, last in rows
    }


def mark(connection: Connection, station: str, epoch: str) -> int:
    """Return up to which record of *epoch* every record of *station* is there."""
    many, first, last = connection.execute(
        select(func.count(), func.min(scans.c.n), func.max(scans.c.n)).where(
            *_journal(station, epoch)
        )
    ).one()
    if (first, last) == (1, many):
        return int(last)
    return _contiguous(connection, station, epoch)


def beside(
    connection: Connection, station: str, epoch: str, numbers: Iterable[int]
) -> dict[int, ScanRecord]:
    """Return those journal records of *epoch* that have one of *numbers*."""
    rows = connection.execute(
        select(*_RECORDED, scans.c.verdict).where(
            *_journal(station, epoch), scans.c.n.in_(list(numbers))
        )
    )
    return {row.n: _record(row) for row in rows}


def journals(connection: Connection, event_id: int) -> dict[str, list[ScanRecord]]:
    """Return the journal records of each station of an event, by epoch and number."""
    rows = connection.execute(
        select(*_RECORDED, scans.c.verdict, scans.c.station)
        .where(scans.c.event_id == event_id, scans.c.judge == STATION)
        .order_by(scans.c.station, scans.c.epoch, scans.c.n)
    )
    found: dict[str, list[ScanRecord]] = {}
    for row in rows:
        found.setdefault(row.station, []).append(_record(row))
    return found


def notes(connection: Connection, event_id: int) -> list[dict[str, Any]]:
    """Return the facts about earlier scans of an event, by the time they were noted."""
    said = (scans.c.about, scans.c.pass_id, scans.c.actor, scans.c.at_ms, scans.c.detail)
    wanted = scans.c.event_id == event_id, scans.c.outcome == NOTE, scans.c.about != ""
    rows = connection.execute(
        select(*said).where(*wanted).order_by(scans.c.at_ms, scans.c.epoch, scans.c.n)
    )
    return [dict(row._mapping) for row in rows]  # noqa: SLF001 - the documented way to names


def doubled(connection: Connection, event_id: int) -> set[str]:
    """Return the stations of which two records claim one number: a copied journal."""
    rows = connection.execute(
        select(scans.c.station)
        .where(scans.c.event_id == event_id, scans.c.judge == STATION)
        .where(scans.c.epoch.contains(FORK))
        .distinct()
    )
    return {row.station for row in rows}


def _adding(dialect: str) -> ReturningInsert[int]:
    build = sqlite.insert if dialect == "sqlite" else postgresql.insert
    return build(scans).on_conflict_do_nothing().returning(scans.c.id)


_ADD = Prepared(_adding, tuple(column.name for column in scans.c if column.name != "id"))
_IS_ASKED = Prepared(
    lambda _: select(scans.c.id).where(scans.c.scan_id == bindparam("scan_id"))
)
_IS_SEEN = Prepared(
    lambda _: select(scans.c.id).where(
        scans.c.event_id == bindparam("event_id"), scans.c.pass_id == bindparam("pass_id")
    )
)


def _journal(station: str, epoch: str) -> tuple[Any, ...]:
    return (
        scans.c.station == station,
        scans.c.epoch == epoch,
        scans.c.judge == STATION,
    )


def _contiguous(connection: Connection, station: str, epoch: str) -> int:
    numbers = connection.execute(
        select(scans.c.n).where(*_journal(station, epoch)).order_by(scans.c.n)
    )
    last = 0
    for number in numbers.scalars():
        if number != last + 1:
            break
        last = number
    return last


def _scan(row: Row[*tuple[Any, ...]], gates: Mapping[int, str]) -> Scan:
    told = row.verdict
    first = told.get("before") or {}
    return Scan(
        scan_id=row.scan_id,
        pass_id=row.pass_id,
        outcome=row.outcome,
        direction=row.direction,
        station=row.station,
        epoch=row.epoch,
        n=row.n,
        at_ms=row.at_ms,
        judge=row.judge,
        gate_id=row.gate_id,
        gate=gates.get(row.gate_id, ""),
        flags=tuple(row.flags),
        undoes=row.undoes,
        against=told.get("against", ""),
        first_ms=first.get("at_ms"),
        first_gate=first.get("gate", ""),
        heads=row.heads,
        party=told.get("party") or (told.get("entry") or {}).get("party", 1),
        many=told.get("many", False),
        about=row.about,
        decision=row.decision or "",
    )


def _record(row: Row[*tuple[Any, ...]]) -> ScanRecord:
    """Return a journal record as its station wrote it; the verdict says who had judged."""
    found = {column.name: getattr(row, column.name) for column in _RECORDED}
    found["detail"] = found["detail"] or {}
    found["pass_id"] = row.verdict.get("recorded", found["pass_id"])
    return ScanRecord(**found | {"judge": row.verdict.get("judge", STATION)})

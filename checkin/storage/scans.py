"""The book of scans: rows are added, never changed, and never added twice."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, select
from sqlalchemy.dialects import postgresql, sqlite

from checkin.domain.book import SERVER, STATION, Scan
from checkin.domain.decisions import CONFLICT
from checkin.domain.protocol import WireVerdict
from checkin.storage.tables import decisions, scans
from invitations.storage.prepared import Prepared, among

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from sqlalchemy import Connection, Insert, Row

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
_ANSWERS = (
    select(
        *(scans.c.scan_id, scans.c.station, scans.c.verdict, scans.c.pass_id),
        *(scans.c.generation, scans.c.outcome, scans.c.flags, scans.c.judge),
    )
    .where(scans.c.scan_id.in_(bindparam("ids", expanding=True)))
    .order_by(scans.c.judge == SERVER)
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
    row = _row(event_id, scan, rest)
    if _ADD.run(connection, row).fetchone() is not None:
        return scan
    forked = replace(scan, epoch=f"{scan.epoch}{FORK}{scan.scan_id}")
    if _ADD.run(connection, row | {"epoch": forked.epoch}).fetchone() is not None:
        return forked
    return None


def add_all(
    connection: Connection, event_id: int, told: Sequence[tuple[Scan, dict[str, Any]]]
) -> bool:
    """Add scans, each with the rest of its row; tell whether every one was added."""
    if len(told) == 1:  # it may have to go into an epoch of its own
        return add(connection, event_id, *told[0]) is not None
    return _ADD_ALL.run_many(connection, [_row(event_id, *each) for each in told]) == len(told)


def answered(connection: Connection, scan_id: str) -> tuple[str, WireVerdict] | None:
    """Return the station that made the scan *scan_id* and the verdict it was given."""
    return answers(connection, [scan_id]).get(scan_id)


def answers(
    connection: Connection, scan_ids: Collection[str]
) -> dict[str, tuple[str, WireVerdict]]:
    """Return, for those of *scan_ids* that are there, their station and their verdict."""
    asked = _ARE_ASKED.run(connection, {"ids": list(scan_ids)}).fetchall()
    if not asked:  # nearly every scan is new
        return {}
    rows = connection.execute(_ANSWERS, {"ids": [row[0] for row in asked]})
    return {row.scan_id: (row.station, _answer(row)) for row in rows}


def of_pass(
    connection: Connection, event_id: int, pass_id: str, gates: Mapping[int, str]
) -> list[Scan]:
    """Return every scan of one pass at one event, and whatever superseded one of them."""
    return of_passes(connection, event_id, [pass_id], gates)[pass_id]


def of_passes(
    connection: Connection, event_id: int, pass_ids: Collection[str], gates: Mapping[int, str]
) -> dict[str, list[Scan]]:
    """Return what `of_pass` does for each of *pass_ids*."""
    wanted = {"event_id": event_id, "ids": list(pass_ids)}
    found: dict[str, list[Scan]] = {pass_id: [] for pass_id in pass_ids}
    for (pass_id,) in _ARE_SEEN.run(connection, wanted).fetchall():  # nearly all come once
        rows = connection.execute(_OF_PASS, {"event_id": event_id, "pass_id": pass_id})
        found[pass_id] = [_scan(row, gates) for row in rows]
    return found


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


def _row(event_id: int, scan: Scan, rest: dict[str, Any]) -> dict[str, Any]:
    """Return the whole row of *scan*."""
    row = _PLAIN | {name: getattr(scan, name) for name in _WRITTEN} | rest
    row["event_id"] = event_id
    return row


def _answer(row: Row[*tuple[Any, ...]]) -> WireVerdict:
    """Return the verdict that was given; what a station decided alone is told in short."""
    if row.judge == SERVER:
        return WireVerdict.from_json(row.verdict)
    return WireVerdict(row.outcome, row.flags, row.pass_id, row.generation, judge=STATION)


def _adding(dialect: str) -> Insert:
    build = sqlite.insert if dialect == "sqlite" else postgresql.insert
    return build(scans).on_conflict_do_nothing()


_COLUMNS = tuple(column.name for column in scans.c if column.name != "id")
_ADD = Prepared(lambda dialect: _adding(dialect).returning(scans.c.id), _COLUMNS)
_ADD_ALL = Prepared(_adding, _COLUMNS)
_ARE_ASKED = Prepared(
    lambda dialect: select(scans.c.scan_id).where(among(dialect, scans.c.scan_id, "ids"))
)
_ARE_SEEN = Prepared(
    lambda dialect: (
        select(scans.c.pass_id)
        .distinct()
        .where(
            scans.c.event_id == bindparam("event_id"), among(dialect, scans.c.pass_id, "ids")
        )
    )
)


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
        once=told.get("once", False),
        about=row.about,
        decision=row.decision or "",
    )

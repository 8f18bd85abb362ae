"""The stations' journals as the book keeps them: up to where, and record by record."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select

from checkin.domain.book import STATION
from checkin.domain.protocol import NOTE, ScanRecord
from checkin.storage.scans import FORK
from checkin.storage.tables import scans

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy import Connection, Row

_RECORDED = (
    *(scans.c.epoch, scans.c.n, scans.c.scan_id, scans.c.pass_id, scans.c.generation),
    *(scans.c.direction, scans.c.outcome, scans.c.flags, scans.c.judge, scans.c.wall_ms),
    *(scans.c.mono_ms, scans.c.boot_id, scans.c.offset_ms, scans.c.offset_error_ms),
    *(scans.c.undoes, scans.c.reason, scans.c.actor, scans.c.hash),
    *(scans.c.heads, scans.c.override_of, scans.c.about, scans.c.detail),
)


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


def of_event(connection: Connection, event_id: int) -> dict[str, list[ScanRecord]]:
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


def undone(connection: Connection, event_id: int) -> set[str]:
    """Return the scans of an event that were taken back."""
    taken = scans.c.event_id == event_id, scans.c.undoes != ""
    return set(connection.scalars(select(scans.c.undoes).where(*taken)))


def notes(connection: Connection, event_id: int) -> list[dict[str, Any]]:
    """Return the facts about earlier scans of an event, by the time they were noted."""
    said = (scans.c.about, scans.c.pass_id, scans.c.actor, scans.c.at_ms, scans.c.detail)
    wanted = scans.c.event_id == event_id, scans.c.outcome == NOTE, scans.c.about != ""
    rows = connection.execute(
        select(*said).where(*wanted).order_by(scans.c.at_ms, scans.c.epoch, scans.c.n)
    )
    return [dict(row) for row in rows.mappings()]


def doubled(connection: Connection, event_id: int) -> set[str]:
    """Return the stations of which two records claim one number: a copied journal."""
    rows = connection.execute(
        select(scans.c.station)
        .where(scans.c.event_id == event_id, scans.c.judge == STATION)
        .where(scans.c.epoch.contains(FORK))
        .distinct()
    )
    return {row.station for row in rows}


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


def _record(row: Row[*tuple[Any, ...]]) -> ScanRecord:
    """Return a journal record as its station wrote it; the verdict says who had judged."""
    found = {column.name: getattr(row, column.name) for column in _RECORDED}
    found["detail"] = found["detail"] or {}
    found["pass_id"] = row.verdict.get("recorded", found["pass_id"])
    return ScanRecord(**found | {"judge": row.verdict.get("judge", STATION)})

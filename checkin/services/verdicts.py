"""How the judge hears of the book."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from checkin.domain.admission import Direction, Earlier, Outcome
from checkin.domain.book import Scan, effective
from checkin.storage import stations

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy import Connection

    from invitations.domain.model import Event


def earlier(before: Iterable[Scan], pass_id: str) -> list[Earlier]:
    """Return the passages of one pass among the scans *before*, as the judge wants them."""
    told = [scan for scan in effective(before) if scan.key == pass_id]
    undone = {scan.undoes for scan in told if scan.undoes}
    return [
        Earlier(
            scan.scan_id,
            Outcome.ADMITTED,
            Direction(scan.direction),
            scan.at_ms,
            scan.station,
            scan.gate,
            undone=scan.scan_id in undone,
            heads=scan.people,
        )
        for scan in told
        if scan.admits and scan.direction in set(Direction)
    ]


def used_at(connection: Connection, used: Earlier) -> dict[str, Any]:
    """Return the admission that used a pass, with the names people know."""
    station = stations.find(connection, used.station)
    name = station.name if station else used.station
    return {"at_ms": used.at_ms, "gate": used.gate, "station": name}


def named(other: Event | None, own: Event) -> dict[str, Any] | None:
    """Return what a station may say of an *other* event of the office that has its *own*."""
    if other is None or other.office_id != own.office_id:
        return None
    return {"title": other.title, "starts_at": other.starts_at}

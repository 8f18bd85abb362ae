"""How the judge hears of the book, and how a verdict is put for a station."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from checkin.domain.admission import Direction, Earlier, Outcome, Verdict
from checkin.domain.book import Scan, effective
from checkin.domain.protocol import WireVerdict
from checkin.storage import stations
from invitations.domain import roster
from invitations.domain.passes import DoorPass

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy import Connection


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


def on_the_wire(verdict: Verdict, found: DoorPass | Outcome) -> WireVerdict:
    """Return *verdict* as it is sent to the station."""
    known = found if isinstance(found, DoorPass) else None
    party = verdict.entry.party > 1 if verdict.entry else False
    return WireVerdict(
        outcome=verdict.outcome.value,
        flags=sorted(flag.value for flag in verdict.flags),
        pass_id=known.pass_id if known else "",
        generation=known.generation if known else 0,
        entry=roster.to_json(verdict.entry) if verdict.entry else None,
        until=verdict.until,
        gate=verdict.gate,
        heads=verdict.heads if party and verdict.admitted else 0,
        party_inside=verdict.party_inside if party else 0,
        overrode=verdict.overrode.value if verdict.overrode else "",
    )


def used_at(connection: Connection, used: Earlier) -> dict[str, Any]:
    """Return the admission that used a pass, with the names people know."""
    station = stations.find(connection, used.station)
    name = station.name if station else used.station
    return {"at_ms": used.at_ms, "gate": used.gate, "station": name}

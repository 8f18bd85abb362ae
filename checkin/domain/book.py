"""The book of scans: what the scans of one pass come to, whatever order they came in."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from checkin.domain.admission import Direction, Flag, Outcome

if TYPE_CHECKING:
    from collections.abc import Iterable

STATION = "station"
SERVER = "server"


@dataclass(frozen=True)
class Scan:
    """One scan record as the book holds it; *at_ms* is its corrected time.

    *judge* is ``station`` for a record of a journal and ``server`` for an answer that was
    given. *against* names what the office would have said of an admission made without it;
    *first_ms* and *first_gate* say when and where an ``already_in`` pass had been used.
    """

    scan_id: str
    pass_id: str
    outcome: str
    direction: str
    station: str
    epoch: str
    n: int
    at_ms: int
    judge: str
    gate_id: int = 0
    gate: str = ""
    flags: tuple[str, ...] = ()
    undoes: str = ""
    against: str = ""
    first_ms: int | None = None
    first_gate: str = ""

    @property
    def key(self) -> str:
        """What groups it with other scans: its pass, or itself when there was no pass."""
        return self.pass_id or self.undoes or self.scan_id

    @property
    def order(self) -> tuple[int, str, str, int, str]:
        """Its place in the book: corrected time, then names that never change."""
        return (self.at_ms, self.station, self.epoch, self.n, self.scan_id)

    @property
    def admits(self) -> bool:
        """Tell whether it showed a green light to a guest coming or leaving."""
        return self.outcome == Outcome.ADMITTED and not self.undoes


@dataclass(frozen=True)
class Standing:
    """What the scans of one pass come to.

    *arrival* is its one entry that counts, *inside* whether its holder is in the room,
    *conflicts* the green lights that should not have been, *refusals* those who were stopped.
    """

    arrival: Scan | None = None
    inside: bool = False
    conflicts: tuple[Scan, ...] = ()
    refusals: tuple[Scan, ...] = ()


def effective(scans: Iterable[Scan]) -> list[Scan]:
    """Return one scan for each id, in order: what a station showed wins over our answer."""
    chosen: dict[str, Scan] = {}
    for scan in scans:
        other = chosen.get(scan.scan_id)
        if other is None or _rank(scan) > _rank(other):
            chosen[scan.scan_id] = scan
    return sorted(chosen.values(), key=lambda scan: scan.order)


def groups(scans: Iterable[Scan]) -> dict[str, list[Scan]]:
    """Return the effective scans under the pass they belong to, each list in order."""
    book: dict[str, list[Scan]] = {}
    for scan in effective(scans):
        book.setdefault(scan.key, []).append(scan)
    return book


def standing(told: list[Scan]) -> Standing:
    """Return what the effective scans of one pass come to; those taken back never count."""
    undone = {scan.undoes for scan in told if scan.undoes}
    arrival: Scan | None = None
    inside, conflicts = False, []
    for scan in told:
        if not scan.admits or scan.scan_id in undone:
            continue
        entering = scan.direction == Direction.ENTRY
        if entering and _disputed(scan, inside=inside):
            conflicts.append(_beside(scan, arrival))
        if entering and arrival is None:
            arrival = scan
        inside = entering
    refusals = tuple(scan for scan in told if not scan.undoes and not scan.admits)
    return Standing(arrival, inside, tuple(conflicts), refusals)


def counted(scans: Iterable[Scan], key: str, scan_id: str) -> dict[str, Any]:
    """Return, as JSON for the news of the scan *scan_id*, what the pass *key* counts for.

    Of the refusals only this scan's own is told; the others do not change with it.
    """
    found = standing(groups(scans).get(key, []))
    own = next((scan for scan in found.refusals if scan.scan_id == scan_id), None)
    return {
        "arrival": mark(found.arrival) if found.arrival else None,
        "inside": found.inside,
        "conflicts": [mark(scan) for scan in found.conflicts],
        "refusal": mark(own) if own else None,
    }


def mark(scan: Scan) -> dict[str, Any]:
    """Return what a board shows of *scan* beside the guest, as JSON."""
    return {name: getattr(scan, name) for name in MARKED} | {"flags": list(scan.flags)}


MARKED = (
    *("scan_id", "at_ms", "outcome", "station", "gate"),
    *("against", "first_ms", "first_gate"),
)


def _rank(scan: Scan) -> tuple[bool, tuple[int, str, str, int, str], str]:
    return (scan.judge == STATION, scan.order, scan.outcome)


def _disputed(scan: Scan, *, inside: bool) -> bool:
    """Tell whether an entry needs a person's eye: a second green, or one against the list."""
    return Flag.OVERRIDDEN not in scan.flags and (inside or bool(scan.against))


def _beside(scan: Scan, first: Scan | None) -> Scan:
    """Return *scan* with when and where the pass had been used before it."""
    if first is None:
        return replace(scan, first_ms=None, first_gate="")
    return replace(scan, first_ms=first.at_ms, first_gate=first.gate)

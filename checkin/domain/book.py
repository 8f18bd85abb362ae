"""The book of scans: what the scans of one pass come to, whatever order they came in."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from checkin.domain.admission import Direction, Flag, Outcome
from checkin.domain.decisions import ANOTHER_PERSON
from checkin.domain.protocol import NOTE

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

STATION = "station"
SERVER = "server"


@dataclass(frozen=True)
class Scan:
    """One scan record as the book holds it; *at_ms* is its corrected time.

    *judge* is ``station`` for a record of a journal and ``server`` for an answer that was
    given. *against* names what the office would have said of an admission made without it;
    *first_ms* and *first_gate* say when and where an ``already_in`` pass had been used.
    *heads* of the *party* went through, 0 for all of it; *many* says that the event allows
    many entries, *once* that it lets nobody in again who has left. A scan *about* another is
    a note and counts for nothing. *decision* is what somebody decided of a conflict.
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
    heads: int = 0
    party: int = 1
    many: bool = False
    once: bool = False
    about: str = ""
    decision: str = ""

    @property
    def people(self) -> int:
        """How many people went through."""
        return self.heads or self.party

    @property
    def key(self) -> str:
        """What groups it with other scans: its pass, or itself when there was no pass."""
        return self.pass_id or self.undoes or self.about or self.scan_id

    @property
    def order(self) -> tuple[int, str, str, int, str]:
        """Its place in the book: corrected time, then names that never change."""
        return (self.at_ms, self.station, self.epoch, self.n, self.scan_id)

    @property
    def admits(self) -> bool:
        """Tell whether it showed a green light to a guest coming or leaving."""
        return self.outcome == Outcome.ADMITTED and not self.undoes

    @property
    def refuses(self) -> bool:
        """Tell whether it stopped a guest."""
        return not (self.admits or self.undoes or self.outcome == NOTE)


@dataclass(frozen=True)
class Standing:
    """What the scans of one pass come to.

    *arrival* is its one entry that counts, *inside* how many people are in the room on it,
    *conflicts* the green lights that should not have been, *refusals* those who were stopped.
    """

    arrival: Scan | None = None
    inside: int = 0
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
    """Return what the effective scans of one pass come to; those taken back never count.

    On one pass there is room for its party, and for whoever was decided to be another person.
    """
    undone = {scan.undoes for scan in told if scan.undoes}
    passages = [scan for scan in told if scan.admits and scan.scan_id not in undone]
    room = _Room(
        max((scan.party for scan in passages), default=1),
        once=any(scan.once for scan in passages),
    )
    for scan in passages:
        if scan.direction == Direction.ENTRY:
            room.enter(scan)
        else:
            room.leave(scan)
    refusals = tuple(scan for scan in told if scan.refuses)
    return Standing(room.arrival, room.inside, tuple(room.conflicts), refusals)


def counted(scans: Iterable[Scan], key: str, scan_id: str) -> dict[str, Any]:
    """Return, as JSON for the news of the scan *scan_id*, what the pass *key* counts for.

    Of the refusals only this scan's own is told; the others do not change with it.
    """
    told = groups(scans).get(key)
    if told is None:  # nearly every guest comes once
        return {"arrival": None, "inside": False, "heads": 0, "conflicts": [], "refusal": None}
    found = standing(told)
    own = next((scan for scan in found.refusals if scan.scan_id == scan_id), None)
    return {
        "arrival": mark(found.arrival) if found.arrival else None,
        "inside": bool(found.inside),
        "heads": found.inside,
        "conflicts": [mark(scan) for scan in found.conflicts],
        "refusal": mark(own) if own else None,
    }


def people(body: Mapping[str, Any]) -> int:
    """Return how many more people are inside after what the news *body* tells.

    News of an earlier version does not count heads: a whole party is inside, or nobody.
    """

    def inside(counted_for: Mapping[str, Any] | None) -> int:
        if not counted_for:
            return 0
        found = counted_for.get("heads")
        return int(counted_for["inside"]) * int(body["party"]) if found is None else int(found)

    return inside(body["after"]) - inside(body["before"])


def mark(scan: Scan) -> dict[str, Any]:
    """Return what a board shows of *scan* beside the guest, as JSON."""
    told = vars(scan)
    return {name: told[name] for name in MARKED} | {"flags": list(scan.flags)}


MARKED = (
    *("scan_id", "at_ms", "outcome", "station", "gate"),
    *("against", "first_ms", "first_gate", "heads", "decision"),
)


@dataclass
class _Room:
    """The people inside on one pass, as one passage after the other is told.

    Where people come in only *once*, whoever *entered* keeps a place though gone again.
    """

    places: int
    once: bool
    inside: int = 0
    entered: int = 0
    arrival: Scan | None = None
    conflicts: list[Scan] = field(default_factory=list)

    def enter(self, scan: Scan) -> None:
        taken = self.entered if self.once else self.inside
        beyond = max(0, taken + scan.people - self.places)
        if _disputed(scan, beyond=bool(beyond)):
            self.conflicts.append(_beside(scan, self.arrival))
            if scan.decision == ANOTHER_PERSON:
                self.places += beyond
        self.arrival = self.arrival or scan
        self.inside = min(self.places, self.inside + scan.people)
        self.entered = min(self.places, self.entered + scan.people)

    def leave(self, scan: Scan) -> None:
        self.inside = max(0, self.inside - scan.people)


def _rank(scan: Scan) -> tuple[bool, tuple[int, str, str, int, str], str]:
    return (scan.judge == STATION, scan.order, scan.outcome)


def _disputed(scan: Scan, *, beyond: bool) -> bool:
    """Tell whether an entry needs a person's eye: one too many, or one against the list."""
    meant = scan.many or Flag.OVERRIDDEN in scan.flags
    return bool(scan.against) or (beyond and not meant)


def _beside(scan: Scan, first: Scan | None) -> Scan:
    """Return *scan* with when and where the pass had been used before it."""
    if first is None:
        return replace(scan, first_ms=None, first_gate="")
    return replace(scan, first_ms=first.at_ms, first_gate=first.gate)

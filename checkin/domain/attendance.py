"""Who is here: a pure function of the set of scan records, whatever order they came in.

`take` gives the figures out of the whole book of scans, and `apply` keeps such figures in
step with the numbered news. For any book and any point of joining, a snapshot and the news
after it make what a fresh snapshot says.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, dataclass, field, replace
from typing import TYPE_CHECKING, Any, TypeVar

from checkin.domain.book import MARKED, Scan, groups, people, standing
from checkin.domain.decisions import SETTLED

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from invitations.domain.roster import RosterEntry

LINES = 20
MINUTE_MS = 60_000
SCAN = "scan"
DECISION = "decision"
WALK_IN = "walk_in"
GREETED = "greeted"
# What a board can work out for itself; of anything else only a snapshot tells.
TOLD = frozenset({SCAN, DECISION, WALK_IN, GREETED, "note", "staff"})
K = TypeVar("K")


@dataclass(frozen=True)
class Line:
    """One line of a list on the board: what happened when and where, and to whom."""

    scan_id: str
    at_ms: int
    outcome: str
    station: str
    gate: str
    flags: tuple[str, ...] = ()
    against: str = ""
    first_ms: int | None = None
    first_gate: str = ""
    pass_id: str = ""
    name: str = ""
    honorific: str = ""
    title: str = ""
    organisation: str = ""
    party: int = 1
    heads: int = 0
    decision: str = ""

    @property
    def order(self) -> tuple[int, str]:
        """Its place in a list, earliest first."""
        return (self.at_ms, self.scan_id)


@dataclass(frozen=True)
class Figures:
    """What the office says of the event: how many are invited, accepted, and fit in.

    *walk_ins* wait for an answer, and *greeted* maps passes to who welcomes their holders.
    """

    invited: int
    accepted: int
    capacity: int | None = None
    walk_ins: tuple[Mapping[str, Any], ...] = ()
    greeted: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Attendance:
    """What a board shows, as of the news *number*.

    *arrived* counts passes and *inside* people; *minutes* maps Unix minutes to arrivals,
    *gates* names of gates to arrivals, *organisations* names of organisations to arrivals,
    *reasons* outcomes to refusals. The lists hold the latest `LINES`, latest first.
    *to_handle* counts the conflicts on which nobody has decided, *walk_ins* are the guests
    without an invitation who wait for an answer (bodies of their news), *greeted* maps passes
    of VIPs to who welcomes them.
    """

    number: int
    invited: int
    accepted: int
    capacity: int | None
    arrived: int = 0
    inside: int = 0
    refused: int = 0
    conflicting: int = 0
    minutes: Mapping[int, int] = field(default_factory=dict)
    gates: Mapping[str, int] = field(default_factory=dict)
    organisations: Mapping[str, int] = field(default_factory=dict)
    reasons: Mapping[str, int] = field(default_factory=dict)
    latest: tuple[Line, ...] = ()
    refusals: tuple[Line, ...] = ()
    conflicts: tuple[Line, ...] = ()
    to_handle: int = 0
    walk_ins: tuple[Mapping[str, Any], ...] = ()
    greeted: Mapping[str, str] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """Return it as plain JSON; keys of maps become text."""
        return asdict(self)


def take(
    number: int, scans: Iterable[Scan], roster: Mapping[str, RosterEntry], figures: Figures
) -> Attendance:
    """Return the attendance as of the news *number*, out of the whole book."""
    told = [(roster.get(key), standing(group)) for key, group in groups(scans).items()]
    arrivals = [_line(each.arrival, who) for who, each in told if each.arrival]
    conflicts = [_line(scan, who) for who, each in told for scan in each.conflicts]
    refusals = [_line(scan, who) for who, each in told for scan in each.refusals]
    return Attendance(
        number=number,
        invited=figures.invited,
        accepted=figures.accepted,
        capacity=figures.capacity,
        arrived=len(arrivals),
        inside=sum(each.inside for _, each in told),
        refused=len(refusals),
        conflicting=len(conflicts),
        minutes=dict(Counter(_minute(line) for line in arrivals)),
        gates=dict(Counter(line.gate for line in arrivals)),
        organisations=dict(Counter(line.organisation for line in arrivals)),
        reasons=dict(Counter(line.outcome for line in refusals)),
        latest=_shown(arrivals),
        refusals=_shown(refusals),
        conflicts=_shown(conflicts),
        to_handle=sum(line.decision not in SETTLED for line in conflicts),
        walk_ins=figures.walk_ins,
        greeted=figures.greeted,
    )


def came(scans: Iterable[Scan]) -> frozenset[str]:
    """Return the passes whose arrival the book of *scans* holds."""
    return frozenset(
        key for key, group in groups(scans).items() if standing(group).arrival is not None
    )


def apply(
    attendance: Attendance, number: int, kind: str, body: Mapping[str, Any]
) -> Attendance | None:
    """Return *attendance* after one piece of news, or None when only a snapshot can tell.

    News already seen changes nothing. A gap, news of the roster or of the event, and a line
    taken from a list that had been cut are beyond what the news says.
    """
    if number <= attendance.number:
        return attendance
    if number != attendance.number + 1 or kind not in TOLD:
        return None
    if kind not in {SCAN, DECISION}:
        return replace(attendance, number=number, **_beside_the_book(attendance, kind, body))
    before, after = body["before"] or _NOTHING, body["after"] or _NOTHING
    lists = _lists(attendance, body, before, after)
    if lists is None:
        return None
    latest, refusals, conflicts = lists
    out, into = before["arrival"], after["arrival"]
    stopped, stops = before["refusal"], after["refusal"]
    return replace(
        attendance,
        number=number,
        arrived=attendance.arrived + bool(into) - bool(out),
        inside=attendance.inside + people(body),
        refused=attendance.refused + bool(stops) - bool(stopped),
        conflicting=attendance.conflicting
        + (len(after["conflicts"]) - len(before["conflicts"])),
        minutes=_moved(attendance.minutes, _at_minute(out), _at_minute(into)),
        gates=_moved(attendance.gates, _of(out, "gate"), _of(into, "gate")),
        organisations=_moved(
            attendance.organisations,
            body["organisation"] if out else None,
            body["organisation"] if into else None,
        ),
        reasons=_moved(attendance.reasons, _of(stopped, "outcome"), _of(stops, "outcome")),
        latest=latest,
        refusals=refusals,
        conflicts=conflicts,
        to_handle=attendance.to_handle
        + (_open(after["conflicts"]) - _open(before["conflicts"])),
    )


def _beside_the_book(
    attendance: Attendance, kind: str, body: Mapping[str, Any]
) -> dict[str, Any]:
    """Return what news that is not of the book of scans changes."""
    if kind == WALK_IN:
        others = [each for each in attendance.walk_ins if each["id"] != body["id"]]
        waiting = [*others, body] if body["state"] == "asked" else others
        return {"walk_ins": tuple(sorted(waiting, key=lambda each: int(each["id"])))}
    if kind == GREETED:
        return {"greeted": {**attendance.greeted, body["pass_id"]: body["by"]}}
    return {}


def _open(marks: Iterable[Mapping[str, Any]]) -> int:
    """Return how many of the conflicts *marks* nobody has decided on."""
    return sum(mark.get("decision", "") not in SETTLED for mark in marks)


_NOTHING: dict[str, Any] = {"arrival": None, "inside": False, "conflicts": [], "refusal": None}
_WHO = ("pass_id", "name", "honorific", "title", "organisation", "party")


def _line(scan: Scan, who: RosterEntry | None) -> Line:
    found = {name: getattr(scan, name) for name in MARKED}
    line = Line(**found, flags=scan.flags, pass_id=scan.pass_id)
    if who is None:
        return line
    return replace(line, **{name: getattr(who, name) for name in _WHO})


def _told_line(mark: Mapping[str, Any], body: Mapping[str, Any]) -> Line:
    """Return the line of a *mark* in the news *body*, which says whose pass it is."""
    found = {name: mark[name] for name in MARKED if name in mark}
    found |= {name: body[name] for name in _WHO}
    return Line(**found, flags=tuple(mark["flags"]))


def _minute(line: Line) -> int:
    return line.at_ms // MINUTE_MS


def _shown(lines: Iterable[Line]) -> tuple[Line, ...]:
    return tuple(sorted(lines, key=lambda line: line.order, reverse=True)[:LINES])


def _of(mark: Mapping[str, Any] | None, name: str) -> Any:  # noqa: ANN401 - any JSON value
    return mark[name] if mark else None


def _at_minute(mark: Mapping[str, Any] | None) -> int | None:
    return mark["at_ms"] // MINUTE_MS if mark else None


def _moved(counts: Mapping[K, int], out: K | None, into: K | None) -> Mapping[K, int]:
    """Return *counts* with one less of *out* and one more of *into*."""
    if out == into:
        return counts
    changed = Counter(counts)
    changed.update({key: by for key, by in ((out, -1), (into, 1)) if key is not None})
    return {key: count for key, count in changed.items() if count}


def _lists(
    attendance: Attendance,
    body: Mapping[str, Any],
    before: Mapping[str, Any],
    after: Mapping[str, Any],
) -> tuple[tuple[Line, ...], tuple[Line, ...], tuple[Line, ...]] | None:
    """Return the three lists after the news, or None where one cannot be told."""
    latest = _swapped(
        attendance.latest, body, _only(before["arrival"]), _only(after["arrival"])
    )
    refusals = _swapped(
        attendance.refusals, body, _only(before["refusal"]), _only(after["refusal"])
    )
    conflicts = _swapped(attendance.conflicts, body, before["conflicts"], after["conflicts"])
    if latest is None or refusals is None or conflicts is None:
        return None
    return latest, refusals, conflicts


def _only(mark: Mapping[str, Any] | None) -> list[Mapping[str, Any]]:
    return [mark] if mark else []


def _swapped(
    lines: tuple[Line, ...],
    body: Mapping[str, Any],
    out: Sequence[Mapping[str, Any]],
    into: Sequence[Mapping[str, Any]],
) -> tuple[Line, ...] | None:
    """Return *lines* without *out* and with *into*; None if what lies below it is needed."""
    if out == into:
        return lines
    gone = {mark["scan_id"] for mark in out}
    whose = body["pass_id"]
    kept = [line for line in lines if line.scan_id not in gone or line.pass_id != whose]
    if len(kept) < len(lines) == LINES:
        return None
    return _shown([*kept, *(_told_line(mark, body) for mark in into)])

"""The oracle: what doors and book must come to, worked out without the house's own rules."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from checkin.domain.protocol import ScanRecord

GREEN, ENTRY, OVERRIDDEN = "admitted", "entry", "overridden"


@dataclass(frozen=True)
class Passage:
    """A scan of one pass, by what is in its record alone."""

    scan_id: str
    outcome: str
    direction: str
    undoes: str
    overruled: bool
    order: tuple[Any, ...]


@dataclass(frozen=True)
class Sum:
    """What the passages of an evening come to."""

    arrived: int
    conflicts: int
    overruled: int
    greens: int
    refused: int


def passages(records: Iterable[tuple[str, ScanRecord]]) -> dict[str, list[Passage]]:
    """Return, for each pass, what the journals of the stations say, in corrected order."""
    book: dict[str, list[Passage]] = defaultdict(list)
    for station, record in records:
        at = record.wall_ms + (record.offset_ms or 0)
        order = (at, station, record.epoch, record.n, record.scan_id)
        key = record.pass_id or record.scan_id
        passage = Passage(
            record.scan_id,
            record.outcome,
            record.direction,
            record.undoes,
            OVERRIDDEN in record.flags,
            order,
        )
        book[key].append(passage)
    return {key: sorted(found, key=lambda each: each.order) for key, found in book.items()}


def shown(rows: Iterable[dict[str, Any]]) -> list[Passage]:
    """Return the passages in rows of the server's book; a journal wins over an answer."""
    chosen: dict[str, dict[str, Any]] = {}
    for row in rows:
        if row["scan_id"] not in chosen or row["judge"] == "station":
            chosen[row["scan_id"]] = row
    found = [
        Passage(
            row["scan_id"],
            row["outcome"],
            row["direction"],
            row["undoes"],
            OVERRIDDEN in row["flags"],
            (row["at_ms"], row["station"], row["epoch"], row["n"], row["scan_id"]),
        )
        for row in chosen.values()
    ]
    return sorted(found, key=lambda each: each.order)


def used(told: list[Passage], *, reentry: bool) -> bool:
    """Tell whether a pass with these passages opens no door any more."""
    through = greens(told)
    if reentry:
        return bool(through) and through[-1].direction == ENTRY
    return any(each.direction == ENTRY for each in through)


def greens(told: Iterable[Passage]) -> list[Passage]:
    """Return the passages in which somebody went through, and stayed through."""
    undone = {each.undoes for each in told if each.undoes}
    return [
        each
        for each in told
        if each.outcome == GREEN and not each.undoes and each.scan_id not in undone
    ]


def second_entries(told: list[Passage], *, overruled: bool) -> int:
    """Return how many entries were made on a pass whose holder was inside already.

    They are counted apart: those for which a supervisor answered, and the others.
    """
    inside, found = False, 0
    for each in greens(told):
        entering = each.direction == ENTRY
        found += entering and inside and each.overruled is overruled
        inside = entering
    return found


def reckoned(records: Iterable[tuple[str, ScanRecord]]) -> Sum:
    """Return what the journals of all stations come to."""
    book = passages(records)
    entries = {
        key: [each for each in greens(told) if each.direction == ENTRY]
        for key, told in book.items()
    }
    stopped = [
        each
        for told in book.values()
        for each in told
        if not each.undoes and each.outcome != GREEN
    ]
    return Sum(
        arrived=sum(bool(found) for found in entries.values()),
        conflicts=sum(second_entries(told, overruled=False) for told in book.values()),
        overruled=sum(second_entries(told, overruled=True) for told in book.values()),
        greens=sum(len(found) for found in entries.values()),
        refused=len(stopped),
    )

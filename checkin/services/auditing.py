"""The auditor of the book: do the journals that the server holds still hang together?"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING

from checkin.domain.chains import Damage, first_damage
from checkin.storage import journals, scans

if TYPE_CHECKING:
    from collections.abc import Iterable

    from checkin.domain.protocol import ScanRecord
    from invitations.storage.database import Database


@dataclass(frozen=True)
class Audited:
    """One run of numbers of one station: how many records, and where it first breaks."""

    station: str
    epoch: str
    records: int
    damage: Damage | None


def audited(station: str, records: Iterable[ScanRecord]) -> list[Audited]:
    """Return what the records of one *station* come to, an epoch at a time, in order."""
    found = []
    for epoch, group in groupby(records, key=lambda record: record.epoch):
        run = list(group)
        found.append(Audited(station, epoch, len(run), first_damage(run)))
    return found


def audited_event(database: Database, event_id: int) -> list[Audited]:
    """Return what the stored journals of every station of an event come to.

    A record that claimed the number of another one has an epoch of its own, and no
    neighbours; it is left to the page of stations, which tells of copied journals.
    """
    with database.read() as connection:
        found = journals.of_event(connection, event_id)
    return [
        each
        for station, records in found.items()
        for each in audited(station, (r for r in records if scans.FORK not in r.epoch))
    ]

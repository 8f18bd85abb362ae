"""Batches of journal records: what of them can be kept, in order, in parts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from checkin.domain.admission import Flag
from checkin.domain.protocol import ScanRecord
from checkin.domain.stations import sound_record

AT_ONCE = 25  # so that no batch keeps a guest at another gate waiting


@dataclass(frozen=True)
class Batch:
    """Records of one epoch that can be kept, and those that cannot."""

    epoch: str
    records: tuple[ScanRecord, ...]
    unreadable: tuple[tuple[int, str], ...]

    @property
    def walk_ins(self) -> bool:
        """Tell whether a station let somebody in whom nobody invited."""
        return any(is_walk_in(record) for record in self.records)

    def parts(self) -> Iterator[tuple[ScanRecord, ...]]:
        """Give the records in parts that are written at once."""
        for at in range(0, len(self.records), AT_ONCE):
            yield self.records[at : at + AT_ONCE]


def sorted_out(found: Sequence[dict[str, Any]]) -> Batch:
    """Return the records *found* in a message, sorted by their numbers.

    Raises:
        ValueError: none can be read, or they are of more than one epoch.
    """
    records, unreadable = [], []
    for place, each in enumerate(found):
        try:
            records.append(sound_record(ScanRecord.from_json(each)))
        except (ValueError, TypeError, AttributeError) as error:
            unreadable.append((place, str(error)))
    epochs = {record.epoch for record in records}
    if len(epochs) != 1:
        raise ValueError("epoch" if epochs else "records")
    ordered = sorted(records, key=lambda record: record.n)
    return Batch(epochs.pop(), tuple(ordered), tuple(unreadable))


def is_walk_in(record: ScanRecord) -> bool:
    """Tell whether a station let somebody in, without a line, whom nobody invited."""
    return Flag.WALK_IN in record.flags and bool(record.detail) and not record.undoes

"""The chains of journals: which record was changed, lost, or put in afterwards."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from checkin.domain.protocol import chain_bytes

if TYPE_CHECKING:
    from collections.abc import Iterable

    from checkin.domain.protocol import ScanRecord

CHANGED, MISSING = "changed", "missing"


@dataclass(frozen=True)
class Damage:
    """The first record at which a chain does not hold.

    *kind* is ``changed`` (it, or the one before it, is not as it was written) or ``missing``
    (numbers before it are not there).
    """

    record: ScanRecord
    kind: str


def link(before: str, record: ScanRecord) -> str:
    """Return the hash of *record* after the one with the hash *before*, hexadecimal."""
    return hashlib.sha256(chain_bytes(before, record)).hexdigest()


def first_damage(records: Iterable[ScanRecord]) -> Damage | None:
    """Return where the chains of *records* first do not hold, or nothing.

    The records of an epoch come together, in the order of their numbers, the first one first.
    """
    before: ScanRecord | None = None
    for record in records:
        if before is not None and before.epoch != record.epoch:
            before = None
        n, previous = (before.n + 1, before.hash) if before else (1, "")
        if record.n != n:
            return Damage(record, MISSING if record.n > n else CHANGED)
        if record.hash != link(previous, record):
            return Damage(record, CHANGED)
        before = record
    return None

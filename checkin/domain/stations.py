"""The devices at the doors: who they are, how they are paired, and what they may report."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar

from checkin.domain.admission import Direction
from checkin.domain.message import Message
from checkin.domain.protocol import ScanRecord, ScanReport, chain_bytes
from checkin.domain.syllables import SYLLABLES

CODE_DIGITS = 9
CODE_LASTS_S = 600
WORDS = 4
LARGEST_INT = 2**53
LONGEST_ID = 80
LONGEST_TEXT = 500
LARGEST_GENERATION = 255
MOST_FLAGS = 20
MOST_HEADS = 1_000
LARGEST_DETAIL = 8_000
SILENT_AFTER_S = 15


@dataclass(frozen=True)
class StationStatus(Message):
    """What a station says of itself every few seconds; *battery* in percent if it has one.

    *operator* is whose shift is open; *offset_ms* the server's time minus its own, give or
    take *offset_error_ms*.
    """

    LATER: ClassVar[frozenset[str]] = frozenset(
        {"operator", "offset_ms", "offset_error_ms", "version"}
    )

    online: bool
    waiting: int
    list_as_of: int
    camera: str  # online, stalled, offline
    median_ms: int | None = None
    battery: int | None = None
    last_scan_ms: int | None = None
    operator: str = ""
    offset_ms: int | None = None
    offset_error_ms: int | None = None
    version: str = ""


@dataclass(frozen=True)
class Station:
    """A device that stands at one gate of one event; times in Unix seconds.

    *status* is what it last said of itself, a `StationStatus` as JSON or nothing.
    """

    id: str
    event_id: int
    gate_id: int
    name: str
    public_key: bytes
    paired_at: int
    seen_at: int
    revoked_at: int | None = None
    status: dict[str, Any] = field(default_factory=dict)

    @property
    def fingerprint(self) -> str:
        """The words by which people compare its key on two screens."""
        return fingerprint(self.public_key)

    @property
    def waiting(self) -> int:
        """How many records it had not sent when it was last heard."""
        found = self.status.get("waiting", 0)
        return found if _whole(found) and found > 0 else 0

    def silent(self, now: int) -> bool:
        """Tell whether nothing was heard of it lately."""
        return now - self.seen_at > SILENT_AFTER_S


@dataclass(frozen=True)
class Offer:
    """A one-time code as the organiser's screen shows it; times in Unix seconds."""

    handle: str
    code: str
    event_id: int
    gate_id: int
    expires_at: int
    used_at: int | None = None


def fingerprint(public_key: bytes) -> str:
    """Return four Vietnamese syllables that stand for a public key (32 bits of SHA-256)."""
    return " ".join(SYLLABLES[byte] for byte in hashlib.sha256(public_key).digest()[:WORDS])


def grouped(code: str) -> str:
    """Return a pairing code as people read it: ``471 108 329``."""
    return " ".join(code[at : at + 3] for at in range(0, len(code), 3))


def digits(typed: str) -> str:
    """Return the digits of what a person typed."""
    return "".join(each for each in typed if "0" <= each <= "9")


def sound_report(report: ScanReport) -> ScanReport:
    """Return *report* if its fields are what they should be.

    Raises:
        ValueError: one is not; the text names it.
    """
    _ids(report, ("scan_id", "epoch", "boot_id"))
    _numbers(report, ("n", "wall_ms", "mono_ms"))
    _numbers(report, ("offset_ms", "offset_error_ms"), optional=True)
    _texts(report, ("text", "reason", "actor", "pass_id"))
    _heads(report)
    if not isinstance(report.override, bool):
        raise TypeError("override")
    if report.direction not in _DIRECTIONS:
        raise ValueError("direction")
    return report


def sound_record(record: ScanRecord) -> ScanRecord:
    """Return *record* with its long texts cut, if its fields are what they should be.

    A journal's record is never refused for what it says, only for what cannot be kept.

    Raises:
        ValueError: a field cannot be kept; the text names it.
    """
    _ids(record, ("scan_id", "epoch", "boot_id", "direction", "outcome", "judge"))
    _numbers(record, ("n", "wall_ms", "mono_ms"))
    _numbers(record, ("offset_ms", "offset_error_ms"), optional=True)
    _texts(record, ("pass_id", "undoes", "reason", "actor", "hash", "override_of", "about"))
    _heads(record)
    _plain_detail(record.detail)
    if record.n < 1:
        raise ValueError("n")
    _numbers(record, ("generation",))
    if not 0 <= record.generation <= LARGEST_GENERATION:
        raise ValueError("generation")
    return replace(record, flags=_flags(record.flags))


def chained(before: str, record: ScanRecord) -> bool:
    """Tell whether *record* follows the record with the hash *before*; the first follows "".

    A record without a hash claims nothing.
    """
    if not record.hash:
        return True
    return record.hash == hashlib.sha256(chain_bytes(before, record)).hexdigest()


_DIRECTIONS = frozenset(Direction)


def _ids(message: object, names: tuple[str, ...]) -> None:
    for name in names:
        value = getattr(message, name)
        if not value or not _short(value):
            raise ValueError(name)


def _texts(message: object, names: tuple[str, ...]) -> None:
    for name in names:
        value = getattr(message, name)
        if not isinstance(value, str) or len(value) > LONGEST_TEXT or "\0" in value:
            raise ValueError(name)


def _numbers(message: object, names: tuple[str, ...], *, optional: bool = False) -> None:
    for name in names:
        value = getattr(message, name)
        if type(value) is int and -LARGEST_INT <= value <= LARGEST_INT:
            continue
        if value is not None or not optional:
            raise ValueError(name)


def _heads(message: ScanReport | ScanRecord) -> None:
    if not _whole(message.heads) or not 0 <= message.heads <= MOST_HEADS:
        raise ValueError("heads")


def _plain_detail(found: object) -> None:
    """Refuse what is no small JSON object that both databases can hold."""
    if not isinstance(found, dict):
        raise TypeError("detail")
    text = json.dumps(found, ensure_ascii=False)
    if len(text.encode()) > LARGEST_DETAIL or "\\u0000" in text:
        raise ValueError("detail")


def _flags(found: object) -> list[str]:
    if not isinstance(found, list) or not all(_short(flag) for flag in found):
        raise ValueError("flags")
    return found[:MOST_FLAGS]


def _whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _short(value: object) -> bool:
    return isinstance(value, str) and len(value) <= LONGEST_ID and "\0" not in value

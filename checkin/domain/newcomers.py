"""What a station asks about people who are not on the list: walk-ins and substitutes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from checkin.domain.message import Message


@dataclass(frozen=True)
class WalkInReport(Message):
    """A guest without an invitation, as a steward wrote it down at the door.

    *vouched_by* is who in the house answers for the guest, *actor* who asks. The rest is as
    in `ScanReport`.
    """

    scan_id: str
    epoch: str
    n: int
    name: str
    wall_ms: int
    mono_ms: int
    boot_id: str
    actor: str
    honorific: str = ""
    organisation: str = ""
    phone: str = ""
    email: str = ""
    reason: str = ""
    vouched_by: str = ""
    offset_ms: int | None = None
    offset_error_ms: int | None = None


@dataclass(frozen=True)
class WalkInAnswer(Message):
    """What became of a walk-in: ``admitted``, ``asked`` or ``denied``.

    *verdict* is a `WireVerdict` as JSON and *pass_text* what may be printed or shown, where
    the guest is admitted; *problem* says what is wrong with what was written down.
    """

    id: int
    state: str
    verdict: dict[str, Any] | None = None
    pass_text: str | None = None
    problem: str = ""


@dataclass(frozen=True)
class Newcomer(Message):
    """Who comes in the place of an invited guest."""

    name: str
    honorific: str = ""
    title: str = ""
    phone: str = ""
    email: str = ""

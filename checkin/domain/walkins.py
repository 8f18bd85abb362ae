"""Walk-ins: what becomes of a guest without an invitation, by the policy of the event."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any

ADMITTED, ASKED, DENIED = "admitted", "asked", "denied"
CONTEXT = b"thumoi/walk-in/1"
PASS_BYTES = 8


@dataclass(frozen=True)
class WalkIn:
    """One guest without an invitation, as a steward wrote it down; *state* as in this room.

    *by* is who asked, *pass_id* the pass that was given; *at_ms* in Unix milliseconds.
    """

    id: int
    event_id: int
    scan_id: str
    station: str
    gate_id: int
    name: str
    honorific: str
    organisation: str
    phone: str
    email: str
    reason: str
    vouched_by: str
    state: str
    pass_id: str
    by: str
    at_ms: int

    def told(self, gate: str) -> dict[str, Any]:
        """Return the news of it; telephone and mail stay in the house."""
        names = ("id", "state", "name", "honorific", "organisation", "reason", "vouched_by")
        said = {name: getattr(self, name) for name in (*names, "pass_id", "by", "at_ms")}
        return said | {"gate": gate}


def course(policy: str, *, organises: bool) -> str:
    """Return what becomes of a walk-in under *policy*; the organiser answers at once."""
    if policy == "allow" or (policy == "ask" and organises):
        return ADMITTED
    return ASKED if policy == "ask" else DENIED


def pass_id_of(scan_id: str) -> str:
    """Return the pass of somebody whom a station let in without a line, by that scan."""
    return hashlib.sha256(CONTEXT + b"\x00" + scan_id.encode()).digest()[:PASS_BYTES].hex()

"""Receipts: what a carrier reports of a letter it took, and which report counts.

Reports come late, twice and in any order. Each kind has a rank, and a delivery keeps the
report of the highest rank: whoever has got a message cannot lose it again.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from invitations.domain.outbox import State


class Report(StrEnum):
    """What became of a letter behind its carrier's door."""

    BUFFERED = "buffered"  # the network keeps it; the phone is off
    UNDELIVERED = "undelivered"  # the network gave up
    DELIVERED = "delivered"


RANK = {"": 0, Report.BUFFERED: 1, Report.UNDELIVERED: 2, Report.DELIVERED: 3}
# A letter under way may be reported before its own answer is settled; that answer counts.
_REPORTED = frozenset({State.ACCEPTED, State.UNCERTAIN, State.FAILED})


@dataclass(frozen=True)
class Receipt:
    """One report; *reference* is ours, *carrier_id* the carrier's, and one is enough."""

    report: Report
    reference: str = ""
    carrier_id: str = ""
    detail: str = ""


def counts(before: str, report: Report) -> bool:
    """Tell whether *report* says more than the one *before*, which may be empty."""
    return RANK[report] > RANK[Report(before) if before else ""]


def state_after(state: str, report: Report) -> str:
    """Return the state of a delivery in *state* after a *report* that counts.

    Who got the message has it, even if nobody knew whether it was taken; a message that the
    network gave up has failed, and may be sent another way.
    """
    if state not in _REPORTED:
        return state
    if report is Report.DELIVERED:
        return State.ACCEPTED
    return State.FAILED if report is Report.UNDELIVERED else state

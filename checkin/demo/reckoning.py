"""The reckoning: does what the door, the book and the board say agree with the film?"""

from __future__ import annotations

from collections import Counter
from itertools import zip_longest
from typing import TYPE_CHECKING

from checkin.domain.admission import Outcome

if TYPE_CHECKING:
    from collections.abc import Sequence

    from checkin.demo.door import Scan
    from checkin.demo.film import Shown


def misread(shown: Sequence[Shown], scans: Sequence[Scan]) -> list[str]:
    """Return where the verdicts differ from the phones, in the order of their appearance.

    Nothing differs if every phone was read once and was told what its kind has to be told.
    """
    found = []
    for number, (phone, scan) in enumerate(zip_longest(shown, scans), start=1):
        if phone is None:
            found.append(f"{number}: {scan.outcome} without a phone")
        elif scan is None:
            found.append(f"{number}: {phone.kind} {phone.pass_id} was not read")
        elif scan.outcome != phone.expected or scan.pass_id not in {"", phone.pass_id}:
            found.append(f"{number}: {phone.kind} {phone.pass_id} was told {scan.outcome}")
    return found


def admitted(scans: Sequence[Scan]) -> int:
    """Return how many were let in."""
    return sum(scan.outcome == Outcome.ADMITTED for scan in scans)


def refused(scans: Sequence[Scan]) -> dict[str, int]:
    """Return how many were refused, for each reason."""
    reasons = Counter(scan.outcome for scan in scans if scan.outcome != Outcome.ADMITTED)
    return dict(sorted(reasons.items()))


def twice(scans: Sequence[Scan]) -> list[str]:
    """Return the passes that were let in more than once."""
    times = Counter(scan.pass_id for scan in scans if scan.outcome == Outcome.ADMITTED)
    return sorted(pass_id for pass_id, count in times.items() if count > 1)


def planted(shown: Sequence[Shown]) -> dict[str, int]:
    """Return how many refusals, for each reason, the film was made for."""
    reasons = Counter(phone.expected for phone in shown if phone.expected != Outcome.ADMITTED)
    return dict(sorted(reasons.items()))

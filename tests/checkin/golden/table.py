"""The golden table: every case in order, and the file in which every judge finds it.

``python -m tests.checkin.golden.table`` writes the file anew.
"""

from __future__ import annotations

from pathlib import Path

from tests.checkin.golden import lines, moments, overrides, parties, passes, places
from tests.checkin.golden.form import written

PATH = Path(__file__).parents[2] / "vectors/admission.json"
CASES = [
    *passes.CASES,
    *moments.CASES,
    *places.CASES,
    *parties.CASES,
    *lines.CASES,
    *overrides.CASES,
]


def write() -> None:
    """Write the table as it is kept for every judge."""
    PATH.write_text(written(CASES), encoding="utf-8")


if __name__ == "__main__":
    write()

"""``thumoi serve`` on a clock that a file moves, by as many milliseconds as it says.

Usage: ``python -m tests.faults.latecomer FILE``.
"""

import os
import sys
import time
from collections.abc import Callable


def moved(read_ns: Callable[[], int], file: str) -> Callable[[], int]:
    """Return the clock *read_ns* moved on by what *file* says."""
    passed = os.open(file, os.O_RDONLY)
    return lambda: read_ns() + int(os.pread(passed, 32, 0) or 0) * 1_000_000


def main(file: str) -> int:
    """Move the clock before anybody has looked at it, then serve."""
    now_ns = moved(time.time_ns, file)
    time.time_ns = now_ns
    time.time = lambda: now_ns() / 1e9
    from checkin.cli import main as thumoi  # noqa: PLC0415 - it may not see the true clock

    return thumoi(["serve"])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))

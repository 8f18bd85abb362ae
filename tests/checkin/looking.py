"""Looking at a page until it shows what it should."""

import time
from collections.abc import Callable


def soon(found: Callable[[], object], wanted: object, within: float = 5.0) -> float:
    """Wait until *found* gives *wanted*; return how many seconds it took."""
    began = time.monotonic()
    while (seen := found()) != wanted:
        assert time.monotonic() - began < within, f"{seen!r} is not {wanted!r}"
        time.sleep(0.01)
    return time.monotonic() - began

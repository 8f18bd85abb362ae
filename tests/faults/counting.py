"""What each fault test counted, with its seed: one line of JSON, shown at the end of a run."""

import json
import os
import random
from typing import Any

TOLD: list[str] = []
SEED = "THUMOI_FAULT_SEED"


def a_seed(otherwise: int) -> int:
    """Return the seed of a run: what the environment asks for, or *otherwise*."""
    return int(os.environ.get(SEED, otherwise))


def a_fresh_seed() -> int:
    """Return the seed the environment asks for, or one that was never tried."""
    return a_seed(random.SystemRandom().randrange(2**32))


def tell(test: str, seed: int, **counts: Any) -> None:
    """Show what *test* counted."""
    line = json.dumps({"test": test, "seed": seed, **counts})
    TOLD.append(line)
    print(line)  # noqa: T201 - a person who runs one test with -s sees it at once


def dice(seed: int) -> random.Random:
    """Return a random generator that can be repeated; nothing secret is drawn from it."""
    return random.Random(seed)  # noqa: S311 - the order of faults is no secret

"""``thumoi bench``: measure this machine; JSON on standard output, a table for people."""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from checkin.bench import alone
from checkin.bench.chain import chain
from checkin.bench.doors import doors
from checkin.bench.eyes import eyes
from checkin.bench.mailing import mailing
from checkin.bench.measures import Measure, table
from checkin.bench.served import served
from checkin.demo.processes import DemoError
from checkin.words import say

DONE, REFUSED = 0, 1


def main(words: Sequence[str]) -> int:
    """Measure what *words* ask for; return 0 when everything could be measured."""
    wish = _parser().parse_args(words)
    started = time.monotonic()
    measures: list[Measure] = []
    code = DONE
    with tempfile.TemporaryDirectory(prefix="thumoi-bench-") as folder:
        try:
            for measure in _all(Path(folder)):
                measures.append(measure)
                if not wish.json:
                    _write(table([measure]))
        except DemoError as error:
            _write(say("Không đo xong: %(what)s", what=error.what) + f"\n{error.words}")
            code = REFUSED
    found = {
        "machine": {
            "cores": os.cpu_count(),
            "load": os.getloadavg()[0],
            "python": platform.python_version(),
        },
        "seconds": round(time.monotonic() - started, 1),
        **{measure.name: measure.to_json() for measure in measures},
    }
    sys.stdout.write(json.dumps(found, indent=1) + "\n")
    return code


def _all(folder: Path) -> Iterator[Measure]:
    """Measure one thing after the other, so that none disturbs another."""
    yield alone.disk(folder)
    yield alone.codes()
    yield alone.lists(folder)
    yield alone.pictures(folder)
    yield from eyes()
    yield from chain(folder)
    yield from mailing(folder)
    yield from served(folder)
    yield from doors(folder)


def _write(text: str) -> None:
    sys.stderr.write(text + "\n")
    sys.stderr.flush()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="thumoi bench", description=say("Đo tốc độ máy này; in JSON.")
    )
    parser.add_argument("--json", action="store_true", help=say("chỉ in JSON"))
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

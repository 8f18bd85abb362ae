"""A spreadsheet goes in, guests walk through the door, the organiser's screen counts them."""

import json
import os
import signal
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest

from checkin.demo.processes import THUMOI

pytestmark = pytest.mark.timeout(300)

GUESTS = 5
SERVERS = 3  # the demo itself, the server and its worker
KINDS = {"already_in": 1, "forged": 1, "replaced": 1, "revoked": 1, "wrong_event": 1}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("demo")


@pytest.fixture(scope="module")
def told(folder: Path) -> dict[str, Any]:
    """Play the demo once with a short film and return its summary."""
    words = ["demo", "--once", "--json", "--guests", str(GUESTS), "--keep", str(folder)]
    done = subprocess.run(
        [*THUMOI, *words],
        env=dict(os.environ),
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
        stdin=subprocess.DEVNULL,
    )
    assert done.returncode == 0, done.stderr + done.stdout
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_every_row_of_the_list_is_accounted_for(told: dict[str, Any]) -> None:
    parts = [told[name] for name in ("imported", "repaired", "questioned", "skipped")]

    assert sum(parts) == told["rows"]
    assert told["guests"] == told["imported"] + told["repaired"]
    assert told["guests"] > 200


def test_every_letter_arrived_and_none_twice(told: dict[str, Any], folder: Path) -> None:
    kept = [path.read_bytes() for path in sorted((folder / "mail").glob("*.eml"))]
    mails = [mail for mail in kept if b"canbo@vanphong.example" not in mail]  # no test of hers
    ids = [
        next(line for line in mail.split(b"\r\n") if line.lower().startswith(b"message-id:"))
        for mail in mails
    ]

    assert len(mails) == told["mails_delivered"]
    assert len(set(ids)) == len(ids)
    assert told["texts_delivered"] == sum(
        not json.loads(line)["body"].startswith("(Thu) ")
        for line in (folder / "texts.jsonl").read_text().splitlines()
    )


def test_every_phone_was_read_once_and_only_the_planted_ones_were_refused(
    told: dict[str, Any],
) -> None:
    assert told["passes_shown"] == told["passes_read"] == GUESTS + sum(KINDS.values())
    assert told["admitted"] == GUESTS
    assert told["refused"] == KINDS
    assert told["refused_as_planted"] is True


def test_the_board_says_what_the_book_says(told: dict[str, Any]) -> None:
    assert told["board_arrived"] == told["admitted"]
    assert told["board_equals_book"] is True
    assert told["disagreements"] == []


def test_nothing_runs_on_when_the_story_is_over(told: dict[str, Any], folder: Path) -> None:
    assert told["passes_read"] > 0
    assert running_in(folder) == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_whoever_ends_the_demo_ends_all_of_it(number: signal.Signals, tmp_path: Path) -> None:
    log = tmp_path / "demo.log"
    with log.open("w") as words:
        demo = subprocess.Popen(
            [*THUMOI, "demo", "--keep", str(tmp_path)],
            stdin=subprocess.DEVNULL,
            stdout=words,
            stderr=words,
        )
    while len(before := running_in(tmp_path)) < SERVERS:
        assert demo.poll() is None, log.read_text()
        time.sleep(0.1)

    demo.send_signal(number)
    code = demo.wait(60)

    assert len(before) >= SERVERS
    assert code == (0 if number == signal.SIGINT else 128 + number)
    assert running_in(tmp_path) == []


def running_in(folder: Path) -> list[str]:
    """Return the processes that were started for *folder* and still run."""
    return [
        path.name
        for path in Path("/proc").glob("[0-9]*")
        if str(folder) in _text(path / "cmdline") + _text(path / "environ")
    ]


def _text(path: Path) -> str:
    try:
        return path.read_bytes().replace(b"\0", b" ").decode("utf-8", "replace")
    except OSError:
        return ""

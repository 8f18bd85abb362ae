"""SQLite's log stays short, and nobody who waits for a commit waits for that."""

import threading
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import text

from invitations.storage import checkpoints
from invitations.storage.checkpoints import Checkpointer
from invitations.storage.database import Database
from tests.invitations.test_database import note

PAGES = 200  # far fewer than those at which the writer would do it


@pytest.fixture(name="file")
def a_file(tmp_path: Path) -> Path:
    return tmp_path / "thumoi.db"


@pytest.fixture(name="notes")
def a_database_with_a_table(file: Path) -> Iterator[Database]:
    database = Database(f"sqlite:///{file}")
    database.write(lambda tx: tx.execute(text("CREATE TABLE notes (word TEXT)")))
    yield database
    database.close()


def moved(file: Path, seconds: float = 10.0) -> bool:
    """Tell whether the database file itself comes to hold what was written, in time."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if file.stat().st_size > PAGES * 4_096:
            return True
        time.sleep(0.05)
    return False


def test_what_was_committed_moves_out_of_the_log(notes: Database, file: Path) -> None:
    for _ in range(PAGES):
        notes.write(partial(note, word="x" * 4_096))

    assert moved(file)


def test_without_it_the_log_would_only_grow(
    file: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    """Seeded bug: nobody notes that something was committed."""
    monkeypatch.setattr(Checkpointer, "note", lambda _: None)
    notes = request.getfixturevalue("notes")
    for _ in range(PAGES):
        notes.write(partial(note, word="x" * 4_096))

    assert not moved(file, 3 * checkpoints.EVERY_S)


def test_a_disk_that_takes_its_time_over_it_holds_up_no_commit(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, go = threading.Event(), threading.Event()

    def slowly(_self: Checkpointer) -> None:
        begun.set()
        go.wait(20)

    monkeypatch.setattr(Checkpointer, "_move", slowly)
    database = Database(f"sqlite:///{file}")
    database.write(lambda tx: tx.execute(text("CREATE TABLE notes (word TEXT)")))
    assert begun.wait(10)

    answers = [database.write(partial(note, word=str(n))) for n in range(20)]
    go.set()
    database.close()

    assert answers == [str(n) for n in range(20)]


def test_it_ends_with_the_database(notes: Database) -> None:
    before = [each for each in threading.enumerate() if each.name == "checkpointer"]
    notes.close()

    assert any(not each.is_alive() for each in before)

"""The one database: an answer means that it is kept, and one bad write spoils no other."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import Connection, event, text
from sqlalchemy.exc import DBAPIError

from invitations.domain.errors import StorageError, WriterBusyError
from invitations.storage.database import Database

CHILD = """
import sys
from sqlalchemy import text
from invitations.storage.database import Database

database = Database(sys.argv[1])
for n in range(100_000):
    word = {"word": str(n)}
    database.write(lambda tx: tx.execute(text("INSERT INTO notes (word) VALUES (:word)"), word))
    print(n, flush=True)
"""


@pytest.fixture
def notes(database_url: str) -> Iterator[Database]:
    """A database of each kind with one table in it."""
    database = Database(database_url)
    database.write(lambda tx: tx.execute(text("CREATE TABLE notes (word TEXT PRIMARY KEY)")))
    yield database
    database.close()


def note(connection: Connection, word: str) -> str:
    """Write one word down."""
    connection.execute(text("INSERT INTO notes (word) VALUES (:word)"), {"word": word})
    return word


def held_up(database: Database) -> tuple[threading.Event, Future[bool]]:
    """Keep the writer busy until the returned event is set."""
    begun, gate = threading.Event(), threading.Event()

    def work(_connection: Connection) -> bool:
        begun.set()
        return gate.wait(10)

    held = database.submit(work)
    begun.wait(10)
    return gate, held


def words(database: Database) -> set[str]:
    """Return what a reader finds."""
    with database.read() as connection:
        return set(connection.execute(text("SELECT word FROM notes")).scalars())


def test_whoever_has_an_answer_is_read_by_others(notes: Database) -> None:
    answers = {notes.write(partial(note, word=str(n))) for n in range(20)}

    assert words(notes) == answers


def test_no_answer_comes_before_the_commit(notes: Database) -> None:
    steps: list[str] = []
    event.listen(notes.writer, "commit", lambda _connection: steps.append("commit"))

    done = notes.submit(lambda tx: note(tx, "a"))
    done.add_done_callback(lambda _done: steps.append("answer"))
    done.result(10)

    assert steps[:2] == ["commit", "answer"]


def test_many_writes_share_one_commit(notes: Database) -> None:
    commits: list[int] = []
    event.listen(notes.writer, "commit", lambda _connection: commits.append(1))
    gate, held = held_up(notes)

    waiting = [notes.submit(partial(note, word=str(n))) for n in range(60)]
    gate.set()
    held.result(10)
    answers = {each.result(10) for each in waiting}

    assert words(notes) == answers
    assert len(commits) == 2


def test_one_bad_write_spoils_no_other_in_its_group(notes: Database) -> None:
    notes.write(lambda tx: note(tx, "taken"))
    gate, held = held_up(notes)

    before = notes.submit(lambda tx: note(tx, "before"))
    bad = notes.submit(lambda tx: (note(tx, "half"), note(tx, "taken")))
    after = notes.submit(lambda tx: note(tx, "after"))
    gate.set()
    held.result(10)

    assert isinstance(bad.exception(10), DBAPIError)
    assert (before.result(10), after.result(10)) == ("before", "after")
    assert words(notes) == {"taken", "before", "after"}


def test_an_error_of_ones_own_comes_back_and_leaves_nothing(notes: Database) -> None:
    def work(connection: Connection) -> None:
        note(connection, "half")
        raise LookupError("mine")

    with pytest.raises(LookupError, match="mine"):
        notes.write(work)

    assert words(notes) == set()


def test_a_reader_sees_one_state_from_first_to_last(notes: Database) -> None:
    if notes.dialect == "sqlite":
        with notes.read() as connection:
            before = connection.execute(text("SELECT count(*) FROM notes")).scalar()
            notes.write(lambda tx: note(tx, "new"))
            after = connection.execute(text("SELECT count(*) FROM notes")).scalar()

        assert (before, after) == (0, 0)

    notes.write(lambda tx: note(tx, "newer"))
    assert "newer" in words(notes)


def test_writes_from_many_threads_are_all_kept(notes: Database) -> None:
    with ThreadPoolExecutor(8) as crowd:
        answers = set(crowd.map(lambda n: notes.write(lambda tx: note(tx, str(n))), range(200)))

    assert words(notes) == answers


def test_closing_finishes_what_was_queued(database_url: str) -> None:
    database = Database(database_url)
    database.write(lambda tx: tx.execute(text("CREATE TABLE notes (word TEXT PRIMARY KEY)")))
    waiting: list[Future[str]] = [
        database.submit(partial(note, word=str(n))) for n in range(50)
    ]

    database.close()

    assert [each.result(0) for each in waiting] == [str(n) for n in range(50)]
    with pytest.raises(StorageError, match="closed"):
        database.write(lambda tx: note(tx, "late"))


def test_a_reader_of_sqlite_writes_nothing(sqlite_database: Database) -> None:
    with (
        pytest.raises(DBAPIError, match="readonly"),
        sqlite_database.read() as connection,
    ):
        connection.execute(text("DELETE FROM heartbeats"))


def test_a_second_writer_is_refused_and_may_read(
    sqlite_database: Database, tmp_path: Path
) -> None:
    second = Database(f"sqlite:///{tmp_path}/thumoi.db")

    with pytest.raises(WriterBusyError):
        second.start()

    with second.read() as connection:
        assert connection.execute(text("SELECT count(*) FROM events")).scalar() == 0
    second.close()
    sqlite_database.close()
    Database(f"sqlite:///{tmp_path}/thumoi.db").start()


def test_every_connection_waits_for_the_disk(sqlite_database: Database) -> None:
    with sqlite_database.read() as connection:
        reading = connection.execute(text("PRAGMA synchronous")).scalar()

    writing = sqlite_database.write(
        lambda tx: (
            tx.execute(text("PRAGMA synchronous")).scalar(),
            tx.execute(text("PRAGMA journal_mode")).scalar(),
        )
    )

    assert (reading, writing) == (2, (2, "wal"))


@pytest.mark.parametrize("turn", range(3))
def test_a_killed_writer_loses_nothing_it_answered(notes: Database, turn: int) -> None:
    url = notes.url.render_as_string(hide_password=False)
    notes.close()
    answered = _answers_of_a_killed_child(url, after=20 + 17 * turn)
    again = Database(url)

    kept = words(again)
    again.write(lambda tx: note(tx, "afterwards"))
    again.close()

    assert len(answered) >= 20
    assert set(answered) - kept == set()


def test_an_answer_before_the_commit_would_be_seen(notes: Database) -> None:
    """A seeded bug: a database that answers as soon as the work is queued."""
    gate, held = held_up(notes)
    notes.submit(lambda tx: note(tx, "hasty"))
    hasty_answers = {"hasty"}

    seen = words(notes)
    gate.set()
    held.result(10)

    assert hasty_answers - seen == {"hasty"}


def _answers_of_a_killed_child(url: str, *, after: int) -> list[str]:
    """Let a child write until it has *after* answers, kill it, and return all its answers."""
    child = subprocess.Popen(
        [sys.executable, "-c", CHILD, url],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
    )
    assert child.stdout is not None
    with child.stdout:
        answers = [child.stdout.readline().strip() for _ in range(after)]
        child.send_signal(signal.SIGKILL)
        answers += child.stdout.read().split("\n")[:-1]
    child.wait(10)
    return [each for each in answers if each]

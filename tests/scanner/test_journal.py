"""The journal: nothing shown is ever lost, and nothing is ever told twice as two things."""

import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checkin.domain.admission import Outcome
from checkin.domain.protocol import ScanRecord
from scanner.errors import JournalError
from scanner.identity import new_scan_id
from scanner.journal import NO_LIGHT, Journal
from tests.scanner.little_server import STATION, LittleServer


def a_draft(whose: str = "p", outcome: Outcome = Outcome.ADMITTED) -> ScanRecord:
    return ScanRecord(
        epoch="",
        n=0,
        scan_id=new_scan_id(1_700_000_000_000),
        pass_id=whose,
        generation=0,
        direction="entry",
        outcome=outcome.value,
        flags=["vip"],
        judge="station",
        wall_ms=1_700_000_000_000,
        mono_ms=5,
        boot_id="boot",
        offset_ms=None,
        offset_error_ms=None,
    )


def a_journal(folder: Path) -> Journal:
    return Journal(folder / "journal.db", STATION)


def test_numbers_have_no_gap_and_records_come_back_as_written(tmp_path: Path) -> None:
    journal = a_journal(tmp_path)

    written = [journal.write(a_draft(f"p{i}")) for i in range(5)]
    journal.close()
    reopened = a_journal(tmp_path)

    assert [record.n for record in written] == [1, 2, 3, 4, 5]
    assert reopened.all() == written
    assert reopened.epoch == written[0].epoch
    assert reopened.write(a_draft()).n == 6
    assert reopened.broken_at() is None


def test_the_file_syncs_fully(tmp_path: Path) -> None:
    a_journal(tmp_path).close()

    with sqlite3.connect(tmp_path / "journal.db") as found:
        assert found.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    found.close()


@pytest.mark.parametrize(
    "sql",
    [
        pytest.param("UPDATE record SET outcome = 'admitted'", id="changed"),
        pytest.param("DELETE FROM record", id="deleted"),
    ],
)
def test_a_record_is_never_changed_or_deleted(tmp_path: Path, sql: str) -> None:
    journal = a_journal(tmp_path)
    journal.write(a_draft())
    journal.close()
    found = sqlite3.connect(tmp_path / "journal.db")

    with pytest.raises(sqlite3.IntegrityError, match="never"):
        found.execute(sql)
    found.close()


def test_whoever_changes_a_record_all_the_same_is_found_out(tmp_path: Path) -> None:
    journal = a_journal(tmp_path)
    for _ in range(3):
        journal.write(a_draft())
    journal.close()
    forger = sqlite3.connect(tmp_path / "journal.db")
    forger.execute("DROP TRIGGER never_changed")
    forger.execute("UPDATE record SET outcome = 'forged' WHERE n = 2")
    forger.commit()
    forger.close()

    broken = a_journal(tmp_path).broken_at()

    assert broken is not None
    assert broken.n == 2


def test_a_journal_of_another_station_is_refused(tmp_path: Path) -> None:
    a_journal(tmp_path).close()

    with pytest.raises(JournalError, match="another station"):
        Journal(tmp_path / "journal.db", "ffffffffffffffff")


def test_a_damaged_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "journal.db").write_bytes(b"no database at all" * 100)

    with pytest.raises(JournalError):
        a_journal(tmp_path)


def test_a_number_reserved_when_the_power_went_shows_no_light(tmp_path: Path) -> None:
    journal = a_journal(tmp_path)
    reserved = journal.reserve(a_draft(outcome=Outcome.NOT_A_PASS))
    journal.close()

    reopened = a_journal(tmp_path)

    (record,) = reopened.all()
    assert (record.n, record.scan_id) == (1, reserved.scan_id)
    assert (record.outcome, record.reason) == ("not_a_pass", NO_LIGHT)
    assert reopened.write(a_draft()).n == 2


def test_a_record_that_would_leave_a_gap_is_refused(tmp_path: Path) -> None:
    journal = a_journal(tmp_path)

    with pytest.raises(JournalError, match="none before"):
        journal.write(replace(a_draft(), epoch=journal.epoch, n=2))
    assert journal.write(a_draft()).n == 1


WRITER = """
import sys
from pathlib import Path
from tests.scanner.test_journal import a_draft, a_journal
journal = a_journal(Path(sys.argv[1]))
for i in range(100_000):
    record = journal.write(journal.reserve(a_draft(f"p{i}")) if i % 2 else a_draft(f"p{i}"))
    print(record.n, record.scan_id, flush=True)
"""


def test_what_was_written_survives_kill_9(tmp_path: Path) -> None:
    for _ in range(3):
        writer = subprocess.Popen(
            [sys.executable, "-c", WRITER, str(tmp_path)], stdout=subprocess.PIPE, text=True
        )
        assert writer.stdout is not None
        lines = [writer.stdout.readline() for _ in range(20)]
        os.kill(writer.pid, signal.SIGKILL)
        lines += writer.stdout.read().splitlines()
        writer.wait(10)
        writer.stdout.close()

        journal = a_journal(tmp_path)
        known = {record.n: record.scan_id for record in journal.all()}
        promised = {int(n): scan for n, scan in (line.split() for line in lines if " " in line)}

        assert {n: known.get(n) for n in promised} == promised
        assert sorted(known) == list(range(1, len(known) + 1))
        assert journal.broken_at() is None
        journal.close()


def test_a_restored_server_is_told_again_what_it_once_acknowledged(tmp_path: Path) -> None:
    journal = a_journal(tmp_path)
    for _ in range(4):
        journal.write(a_draft())
    journal.acknowledge(journal.epoch, 4)
    assert journal.unsent({}) is None

    journal.greet("second", {journal.epoch: 2})
    batch = journal.unsent({})

    assert batch is not None
    assert [record.n for record in batch.records] == [3, 4]
    assert journal.waiting() == 2


def test_an_older_copy_of_the_journal_goes_on_in_a_new_epoch(tmp_path: Path) -> None:
    journal = a_journal(tmp_path)
    first = journal.write(a_draft())

    journal.greet("first", {journal.epoch: 9})
    second = journal.write(a_draft())

    assert second.epoch != first.epoch
    assert second.n == 1
    assert journal.broken_at() is None


Acknowledge = Callable[[Journal, LittleServer, ScanRecord, int], None]


def by_contiguous_mark(
    journal: Journal, _server: LittleServer, last: ScanRecord, mark: int
) -> None:
    journal.acknowledge(last.epoch, mark)


def by_highest_number(
    journal: Journal, _server: LittleServer, last: ScanRecord, _mark: int
) -> None:
    """Acknowledge the highest record sent: the seeded bug."""
    journal.acknowledge(last.epoch, last.n)


def lost(folder: Path, steps: list[int], acknowledge: Acknowledge) -> set[str]:
    """Return the scans lost after *steps* of writing and of a server that misses some."""
    folder.mkdir(exist_ok=True)
    (folder / "journal.db").unlink(missing_ok=True)
    journal, server = a_journal(folder), LittleServer("")
    for step in steps:
        journal.write(a_draft())
        server.refuse_n = {step}
        send(journal, server, acknowledge)
    server.refuse_n = set()
    send(journal, server, acknowledge)
    kept = {record.scan_id for record in server.stored.values()}
    missing = {record.scan_id for record in journal.all()} - kept
    journal.close()
    return missing


def send(journal: Journal, server: LittleServer, acknowledge: Acknowledge) -> None:
    batch = journal.unsent({})
    if batch is None:
        return
    records = [record.to_json() for record in batch.records]
    mark = server.take({"records": records})["mark"]
    acknowledge(journal, server, batch.records[-1], mark)


@given(steps=st.lists(st.integers(1, 6), max_size=6))
def test_nothing_is_lost_whatever_the_server_misses(
    tmp_path_factory: pytest.TempPathFactory, steps: list[int]
) -> None:
    folder = tmp_path_factory.mktemp("journal")

    assert lost(folder, steps, by_contiguous_mark) == set()


def test_the_promise_catches_an_acknowledgement_of_the_highest_number(tmp_path: Path) -> None:
    assert lost(tmp_path / "bug", [9, 2, 9], by_highest_number) != set()

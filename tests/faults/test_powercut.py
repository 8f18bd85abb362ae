"""F02: the power goes at any moment, and whatever had been acknowledged is on the disk."""

import sqlite3
import time
from contextlib import closing
from pathlib import Path

import pytest

from scanner.errors import JournalError
from scanner.journal import Journal
from tests.faults.counting import a_fresh_seed, a_seed, dice, tell
from tests.faults.powercut import KEPT, Disk, Op, cut_points, laid_out, traced
from tests.faults.writer import STATION

CUTS, NIGHTLY_CUTS = 60, {"journal": 5_000, "book": 2_000}
SCANS, NIGHTLY_SCANS = {"journal": 30, "book": 20}, {"journal": 320, "book": 150}
KINDS = ["journal", "book"]


def journal_after(folder: Path, acked: list[str]) -> str:
    """Return what is wrong with a journal that is opened again, or nothing."""
    try:
        journal = Journal(folder / "journal.db", STATION)
    except JournalError as error:
        return str(error)
    found = {record.scan_id for record in journal.all()}
    broken, waiting = journal.broken_at(), journal.waiting()
    journal.close()
    lost = [each for each in acked if each not in found]
    if lost or broken or waiting != len(found):
        return f"{len(lost)} lost, chain broken at {broken}, {waiting} of {len(found)} waiting"
    return ""


def book_after(folder: Path, acked: list[str]) -> str:
    """Return what is wrong with the server's book, or nothing."""
    try:
        with closing(sqlite3.connect(folder / "server.db")) as disk:
            (sound,) = disk.execute("PRAGMA integrity_check(1)").fetchone()
            found = {each for (each,) in disk.execute("SELECT scan_id FROM scans")}
    except sqlite3.DatabaseError as error:
        return str(error)
    lost = [each for each in acked if each not in found]
    return "" if sound == "ok" and not lost else f"{sound}, {len(lost)} lost"


AFTER = {"journal": journal_after, "book": book_after}


def recorded(
    kind: str, folder: Path, many: int, synchronous: str = "FULL"
) -> tuple[Disk, list[Op]]:
    """Return the disk before a writer's work, and the work."""
    if kind == "journal":
        return Disk(), traced(kind, folder, folder, many, synchronous)
    ops = traced(kind, folder, folder / "server", many, synchronous)
    before = (folder / "before.db").read_bytes()
    return Disk({"server.db": bytearray(before)}, {"server.db"}), ops


def bad_states(
    kind: str, folder: Path, many: int, cuts: int, seed: int, synchronous: str = "FULL"
) -> list[str]:
    """Cut the power of a writer at *cuts* places in four ways; return what went wrong."""
    began, rng = time.monotonic(), dice(seed)
    disk, ops = recorded(kind, folder, many, synchronous)
    points, bad = set(cut_points(ops, cuts, rng)), []
    for place, op in enumerate(ops, 1):
        disk.take(op)
        for kept in KEPT if place in points else ():
            found = laid_out(disk.after(kept, rng), folder / "after")
            trouble = AFTER[kind](found, disk.acked)
            if trouble:
                bad.append(f"after {place} ({op.kind} {op.name}), {kept} kept: {trouble}")
    tell(
        f"power cut, {kind}, synchronous={synchronous}",
        seed,
        operations=len(ops),
        syncs=sum(op.kind == "sync" for op in ops),
        acknowledged=len(disk.acked),
        cut_points=len(points),
        states=len(points) * len(KEPT),
        bad=len(bad),
        seconds=round(time.monotonic() - began),
    )
    return bad


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_acknowledged_is_lost_when_the_power_goes(
    kind: str, quick_folder: Path
) -> None:
    assert bad_states(kind, quick_folder, SCANS[kind], CUTS, a_seed(2)) == []


@pytest.mark.nightly
@pytest.mark.timeout(3_600)
@pytest.mark.parametrize("kind", KINDS)
def test_nothing_is_lost_at_thousands_of_cut_points(kind: str, quick_folder: Path) -> None:
    bad = bad_states(
        kind, quick_folder, NIGHTLY_SCANS[kind], NIGHTLY_CUTS[kind], a_fresh_seed()
    )

    assert bad == []


@pytest.mark.parametrize(
    "synchronous", ["NORMAL", pytest.param("OFF", marks=pytest.mark.nightly)]
)
@pytest.mark.parametrize("kind", KINDS)
def test_a_weaker_promise_to_the_disk_is_found_out(
    kind: str, synchronous: str, quick_folder: Path
) -> None:
    assert bad_states(kind, quick_folder, 10, 20, a_seed(2), synchronous) != []


def test_a_new_journal_is_in_its_folder_before_the_first_light(quick_folder: Path) -> None:
    _, ops = recorded("journal", quick_folder, 1)
    first = next(place for place, op in enumerate(ops) if op.kind == "ack")
    made = {op.name: place for place, op in enumerate(ops) if op.kind == "make"}
    synced = [place for place, op in enumerate(ops) if op == Op("sync", "")]

    for name in ("journal.db", "journal.db-wal"):
        assert any(made[name] < place < first for place in synced)

"""A process that writes scans and says, after each, that it is safe: to be cut off anywhere.

Usage: ``python -m tests.faults.writer KIND FOLDER MANY SYNCHRONOUS``.
"""

import os
import shutil
import sys
from dataclasses import replace
from pathlib import Path
from sqlite3 import Connection as SqliteConnection

from sqlalchemy import event

from checkin.domain.protocol import ScanRecord, ScanReport
from invitations.services.keyring import Keyring
from invitations.storage.database import Database
from scanner.identity import new_scan_id
from scanner.journal import Journal
from tests.checkin.factories import NOON, Clock
from tests.faults.world import HOURS, Server, a_template

STATION = "0123456789abcdef"


def write_book(folder: Path, many: int, synchronous: str, acks: int) -> None:
    """Judge presentations at the server; acknowledge each when it is answered."""
    template = a_template(folder / "template", stations=1, many=40)
    clock = Clock()
    server = Server(folder / "server", template, clock)
    template.close()
    shutil.copyfile(server.file, folder / "before.db")
    os.write(acks, b"begin\n")
    database = Database(f"sqlite:///{server.file}")
    keyring = Keyring(database, template.house.keyring.directory, clock)
    house = replace(template.house, database=database, keyring=keyring, clock=clock)
    if synchronous != "FULL":

        @event.listens_for(database.writer, "connect")
        def _weaken(raw: SqliteConnection, _record: object) -> None:
            raw.execute(f"PRAGMA synchronous = {synchronous}").close()

    texts = [house.text(each) for each in house.passes]
    for number in range(many):
        now = NOON * 1000 + number
        text = texts[number % len(texts)]
        scan = ScanReport(new_scan_id(now), "e", number + 1, text, "entry", now, number, "b")
        house.door.present(template.stations[0], scan)
        os.write(acks, f"ack {scan.scan_id}\n".encode())


def write_journal(folder: Path, many: int, synchronous: str, acks: int) -> None:
    """Write records in a new journal; acknowledge each when its light may be shown."""
    os.write(acks, b"begin\n")
    journal = Journal(folder / "journal.db", STATION)
    if synchronous != "FULL":
        journal._database.execute(f"PRAGMA synchronous = {synchronous}")  # noqa: SLF001 - the bug to be found
    for number in range(many):
        record = _record(number)
        if number % 2:
            record = journal.reserve(record)
        journal.write(record)
        os.write(acks, f"ack {record.scan_id}\n".encode())


def _record(number: int) -> ScanRecord:
    return ScanRecord(
        epoch="",
        n=0,
        scan_id=new_scan_id(NOON * 1000 + number),
        pass_id=f"{number % 40:016x}",
        generation=0,
        direction="entry",
        outcome="admitted",
        flags=["offline"],
        judge="station",
        wall_ms=NOON * 1000 + number * HOURS,
        mono_ms=number,
        boot_id="boot",
        offset_ms=None,
        offset_error_ms=None,
    )


def main(kind: str, folder: str, many: str, synchronous: str) -> None:
    """Write *many* scans of one kind in *folder*."""
    acks = os.open(Path(folder) / "acks", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    write = {"book": write_book, "journal": write_journal}[kind]
    write(Path(folder), int(many), synchronous, acks)


if __name__ == "__main__":
    main(*sys.argv[1:])

"""How long a station keeps what it has: the list a day, its journal thirty, after the event."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from scanner.errors import JournalError
from scanner.journal import Journal
from scanner.storeroom import wipe_files

if TYPE_CHECKING:
    from pathlib import Path

    from scanner.roster import Carried

DAY_S = 86_400
LIST_DAYS, JOURNAL_DAYS = 1, 30
JOURNAL_FILE = "journal.db"


def forget_list(carried: Carried, now: float) -> bool:
    """Forget the guest list a day after the doors closed; tell whether it was time."""
    rules = carried.rules
    if rules is None or now <= rules.closes_at + LIST_DAYS * DAY_S:
        return False
    carried.forget_list()
    return True


def forget_journal(folder: Path, station: str, carried: Carried, now: float) -> bool:
    """Wipe the journal 30 days after the event if the server has all of it; tell whether."""
    rules, path = carried.rules, folder / JOURNAL_FILE
    if rules is None or now <= rules.closes_at + JOURNAL_DAYS * DAY_S or not path.exists():
        return False
    journal = Journal(path, station)
    waiting = journal.waiting()
    journal.close()
    if waiting:
        return False
    wipe_files(path)
    return True


def set_aside(folder: Path, station: str) -> None:
    """Keep the journal of a *station* that this machine was, for it is to be another one.

    Raises:
        JournalError: it still holds records that no server has.
    """
    path = folder / JOURNAL_FILE
    if not path.exists():
        return
    journal = Journal(path, station)
    waiting = journal.waiting()
    journal.close()
    if waiting:
        msg = f"{path}: {waiting}"
        raise JournalError(msg)
    path.rename(folder / f"journal-{station}.db")


def sweep(folder: Path, now: float | None = None) -> None:
    """Wipe the journals set aside more than 30 days ago."""
    for path in folder.glob("journal-*.db"):
        if (now or time.time()) - path.stat().st_mtime > JOURNAL_DAYS * DAY_S:
            wipe_files(path)

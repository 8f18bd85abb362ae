"""The desk of searches: staff at a door find guests by what they say of themselves."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from checkin.domain.accounts import Right, Role, may
from checkin.domain.book import groups, standing
from checkin.services.staff import must_do
from checkin.storage import scans
from invitations.domain.errors import NotFoundError
from invitations.services.guestbook import Guestbook
from invitations.services.offices import enter_deed
from invitations.storage.database import Database

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection

    from checkin.domain.stations import Station
    from invitations.domain.model import Actor
    from invitations.domain.roster import RosterEntry

SHORTEST = 3
LONGEST = 100
A_MINUTE_S = 60.0
MOST_A_MINUTE = 20
TOO_SHORT, TOO_MANY = "too_short", "too_many"
_SHOWN = (
    *("pass_id", "name", "honorific", "organisation", "title", "phone_tail"),
    *("state", "vip", "party"),
)


@dataclass(frozen=True)
class Found:
    """At most ten guests as JSON, whether there are *more*, or the *problem* of the search."""

    hits: tuple[dict[str, Any], ...] = ()
    more: bool = False
    problem: str = ""


@dataclass(frozen=True)
class Searching:
    """Answers searches of stations; each is written into the audit book with its words."""

    database: Database
    guestbook: Guestbook
    clock: Callable[[], float] = time.time
    _asked: dict[str, deque[float]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def find(self, station: Station, query: str, actor: str) -> Found:
        """Return whom *query* fits, for the account id *actor*.

        Stewards may ask 20 times a minute at each station.

        Raises:
            NoRightError: who asks does no door work here.
            StorageError: the search could not be written down.
        """
        words = query.strip()[:LONGEST]
        if sum(each.isalnum() for each in words) < SHORTEST:
            return Found(problem=TOO_SHORT)
        with self.database.read() as connection:
            who = self._who(connection, station, actor)
            if not may(Role(who.role), Right.SUPERVISE) and self._too_many(station.id):
                return Found(problem=TOO_MANY)
            hits = self.guestbook.search(connection, station.event_id, words)
            told = _told(connection, station, hits.entries)
        at = int(self.clock())
        self.database.write(lambda tx: enter_deed(tx, who, "door.search", words, at=at))
        return Found(told, hits.more)

    def _who(self, connection: Connection, station: Station, actor: str) -> Actor:
        event = self.guestbook.event(connection, station.event_id)
        if event is None:
            raise NotFoundError(str(station.event_id))
        return must_do(connection, event, actor, Right.DOOR)

    def _too_many(self, station: str) -> bool:
        now = self.clock()
        with self._lock:
            asked = self._asked.setdefault(station, deque())
            while asked and asked[0] <= now - A_MINUTE_S:
                asked.popleft()
            if len(asked) >= MOST_A_MINUTE:
                return True
            asked.append(now)
        return False


def _told(
    connection: Connection, station: Station, entries: Sequence[RosterEntry]
) -> tuple[dict[str, Any], ...]:
    """Return what is shown of each of *entries*, and whether somebody is inside on its pass."""
    book = scans.of_passes(
        connection, station.event_id, {entry.pass_id for entry in entries}, {}
    )
    return tuple(
        {name: getattr(entry, name) for name in _SHOWN}
        | {
            "inside": any(
                standing(each).inside for each in groups(book[entry.pass_id]).values()
            )
        }
        for entry in entries
    )

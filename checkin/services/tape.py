"""The tape of an event: its latest news as text, read and written out once for every line."""

from __future__ import annotations

import json
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import dropwhile
from threading import Lock
from typing import TYPE_CHECKING, Any

from invitations.storage import news

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from invitations.storage.database import Database
    from invitations.storage.news import News

LONGEST = 2_000
FRESH_S = 0.05


@dataclass
class Tape:
    """The news of one event after the number *last* with which the tape began.

    *told* gives a piece of news as a station hears it, within the connection given.
    """

    database: Database
    event_id: int
    last: int
    told: Callable[[Connection, News], dict[str, Any]]
    _pieces: deque[tuple[int, str]] = field(default_factory=lambda: deque(maxlen=LONGEST))
    _read_at: float = 0.0
    _lock: Lock = field(default_factory=Lock)

    def after(self, number: int) -> tuple[int, list[str]]:
        """Return the number of the latest news, and each piece after *number* as JSON.

        Where the tape does not reach back so far there are no pieces; the hearer will see
        by the number that it lacks some, and ask.
        """
        with self._lock:
            self._wind()
            first = self._pieces[0][0] if self._pieces else self.last + 1
            if number >= self.last or number < first - 1:
                return self.last, []
            later = dropwhile(lambda piece: piece[0] <= number, self._pieces)
            return self.last, [text for _, text in later]

    def _wind(self) -> None:
        """Read what was told since the last time, unless that was a moment ago."""
        now = time.monotonic()
        if now - self._read_at < FRESH_S:
            return
        self._read_at = now
        with self.database.read() as connection:
            if news.head(connection, self.event_id) == self.last:
                return
            fresh = news.since(connection, self.event_id, self.last, limit=LONGEST)
            told = [(each, self.told(connection, each)) for each in fresh]
        for each, body in told:
            text = json.dumps(body, ensure_ascii=False, separators=(",", ":"))
            self._pieces.append((each.number, text))
            self.last = each.number

"""Enquiries: guests found by what they say of themselves, by the server or on this machine."""

from __future__ import annotations

import threading
import time
from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from checkin.domain.passages import fold as counted
from invitations.domain.names import fold
from scanner.answers import Hit, Hits, StaffMember
from scanner.search import words_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from scanner.amending import Amending
    from scanner.roster import Carried
    from scanner.uplink import Uplink

A_MINUTE = 60.0
MOST_A_MINUTE = 20
SERVER_WITHIN = 1.0
REFUSED = {"no_right": "rights", "too_many": "too_many", "too_short": "short"}


@dataclass
class Enquiry:
    """Searches for whoever's shift is open; stewards at most 20 times a minute.

    Every search is written down: by the server with its words, here without them.
    """

    carried: Carried
    uplink: Uplink
    amending: Amending
    _asked: deque[float] = field(default_factory=deque)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def find(self, query: str, who: StaffMember) -> Hits:
        """Return at most ten guests that *query* fits, for *who*."""
        if not words_of(query):
            return Hits(problem="short")
        if not who.decides and self._too_many():
            return Hits(problem="too_many")
        request = {"query": query, "actor": who.id}
        said = self.uplink.asking.ask("search", request, SERVER_WITHIN)
        if said is not None and "hits" in said:
            return Hits(_twinned(_hit(each) for each in said["hits"]), bool(said.get("more")))
        if said is not None and said.get("error") in REFUSED:
            return Hits(problem=REFUSED[said["error"]])
        return self._here(query, who)

    def _here(self, query: str, who: StaffMember) -> Hits:
        register = self.carried.register
        if register is None:
            return Hits(problem="opening")
        found, more = register.find(query)
        hits = _twinned(hit for hit in map(self._opened, found) if hit is not None)
        detail = {"letters": len(query), "hits": len(hits)}
        self.amending.note_deed({"search": detail}, who.id)
        return Hits(hits, more, offline=True)

    def _opened(self, pass_id: str) -> Hit | None:
        entry = self.carried.entry(pass_id)
        if entry is None:
            return None
        inside = counted(self.carried.earlier(pass_id), entry.party).inside > 0
        return _hit(vars(entry) | {"inside": inside})

    def _too_many(self) -> bool:
        now = time.monotonic()
        with self._lock:
            while self._asked and self._asked[0] < now - A_MINUTE:
                self._asked.popleft()
            self._asked.append(now)
            return len(self._asked) > MOST_A_MINUTE


def _hit(found: dict[str, Any]) -> Hit:
    return Hit(**{name: found[name] for name in _SHOWN if name in found})


def _twinned(hits: Iterable[Hit]) -> tuple[Hit, ...]:
    """Return *hits*, those marked who share their name with another."""
    found = list(hits)
    names = [fold(hit.name) for hit in found]
    return tuple(
        Hit(**vars(hit) | {"twin": names.count(name) > 1})
        for hit, name in zip(found, names, strict=True)
    )


_SHOWN = tuple(name for name in Hit.__dataclass_fields__ if name != "twin")

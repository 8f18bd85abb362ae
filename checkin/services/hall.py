"""The hall: rules, gates and how many are inside, remembered between two scans.

What is remembered holds as of a number of the event's news. Whoever asks holds the event's
head, so it is either exactly current or read again; no second process can make it wrong.
"""

from __future__ import annotations

import time
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from checkin.domain.admission import EventRules, GatePlan, GateRules
from checkin.domain.attendance import TOLD
from checkin.domain.book import groups, people, standing
from checkin.domain.wire import rules_from_json
from checkin.storage import scans
from invitations.domain.errors import KeyFileError
from invitations.domain.roster import rules_json
from invitations.storage import news

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sqlalchemy import Connection

    from invitations.domain.model import Event
    from invitations.domain.passes import TrustList
    from invitations.services.guestbook import Guestbook

LASTS_S = 2.0


@dataclass(frozen=True)
class View:
    """What holds for the doors of one event as of the news *number*.

    *inside* counts people; it is kept only where the room can be full.
    """

    event: Event
    rules: EventRules
    plans: Mapping[int, GatePlan]
    gates: Mapping[int, str]
    number: int
    inside: int
    read_at: float
    _rules: dict[int, GateRules] = field(default_factory=dict)  # kept from scan to scan

    def gate(self, gate_id: int) -> GateRules:
        """Return what holds for one gate."""
        found = self._rules.get(gate_id)
        if found is None:
            found = self._rules[gate_id] = gate_of(gate_id, tuple(self.plans.values()))
        return found


@dataclass(frozen=True)
class Hall:
    """Remembers the latest view of each event."""

    guestbook: Guestbook
    _views: dict[int, View] = field(default_factory=dict)
    _keys: list[tuple[float, TrustList, dict[int, bytes]]] = field(
        default_factory=list, repr=False
    )

    def keys(
        self, fetch: Callable[[], TrustList], seed: Callable[[int], bytes] | None
    ) -> tuple[TrustList, Mapping[int, bytes]]:
        """Return the trust list and our own seeds as they were at most two seconds ago."""
        if not self._keys or time.monotonic() - self._keys[0][0] > LASTS_S:
            trust = fetch()
            self._keys[:] = [(time.monotonic(), trust, _seeds(trust, seed))]
        return self._keys[0][1:]

    def view(self, connection: Connection, event_id: int, number: int) -> View:
        """Return what holds as of the news *number*, the latest there is.

        Raises:
            LookupError: there is no such event.
        """
        known = self._views.get(event_id)
        if known is None or time.monotonic() - known.read_at > LASTS_S:
            return self._read(connection, event_id, number)
        if known.number == number:
            return known
        between = news.since(connection, event_id, known.number)
        if known.number > number or any(each.kind not in TOLD for each in between):
            return self._read(connection, event_id, number)
        moved = sum(people(each.body) for each in between if "after" in each.body)
        return replace(known, number=number, inside=known.inside + moved)

    def remember(self, view: View) -> None:
        """Remember *view*, after the news that made it so was written."""
        self._views[view.event.id] = view

    def forget(self) -> None:
        """Forget every view, because what made one so was taken back."""
        self._views.clear()

    def _read(self, connection: Connection, event_id: int, number: int) -> View:
        event = self.guestbook.event(connection, event_id)
        if event is None:
            raise LookupError(event_id)
        rules = rules_of(event)
        plans = {each.id: each for each in plans_of(event)}
        gates = {gate.id: gate.name for gate in event.gates}
        inside = self._inside(connection, event_id) if rules.refuse_when_full else 0
        view = View(event, rules, plans, gates, number, inside, time.monotonic())
        self.remember(view)
        return view

    def _inside(self, connection: Connection, event_id: int) -> int:
        book = groups(scans.of_event(connection, event_id, {}))
        return sum(standing(told).inside for told in book.values())


def _seeds(trust: TrustList, seed: Callable[[int], bytes] | None) -> dict[int, bytes]:
    """Return the seeds that are ours of the keys in *trust*."""
    own: dict[int, bytes] = {}
    if seed is not None:
        for key in trust.keys:
            with suppress(KeyFileError):  # it is another house's, or put away
                own[key.kid] = seed(key.kid)
    return own


def rules_of(event: Event) -> EventRules:
    """Return what the organiser of *event* decided for its doors."""
    return rules_from_json(rules_json(event))


def plans_of(event: Event) -> tuple[GatePlan, ...]:
    """Return the gates of *event*, and whom each serves."""
    return tuple(
        GatePlan(gate.id, gate.name, frozenset(gate.categories)) for gate in event.gates
    )


def gate_of(gate_id: int, plans: tuple[GatePlan, ...]) -> GateRules:
    """Return what holds for one gate among all of its event."""
    own = next((each for each in plans if each.id == gate_id), GatePlan(gate_id, ""))
    return GateRules(gate_id, own.name, own.categories, all=plans)

"""What the stations and the boards are told: everything at once, or the news since."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

from checkin.domain import attendance
from checkin.domain.attendance import Attendance, Figures
from checkin.domain.book import Scan, counted, groups
from checkin.domain.protocol import RosterSnapshot
from checkin.domain.wire import gate_to_json
from checkin.services.hall import gate_of, plans_of
from checkin.services.merging import told
from checkin.services.sealing import Sealing
from checkin.services.tape import Tape
from checkin.storage import decisions, scans, stations, walk_ins
from checkin.storage.ear import Ear
from invitations.domain.errors import NotFoundError
from invitations.domain.roster import rules_json
from invitations.services.guestbook import Guestbook
from invitations.storage import news
from invitations.storage.database import Database

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from checkin.domain.stations import Station
    from invitations.domain.model import Event
    from invitations.storage.news import News

LARGEST_GAP = 5_000
MOST_PIECES = 25  # beyond that the figures are shorter than the news they follow from


@dataclass(frozen=True)
class Update:
    """What somebody who knew the news *since* has to learn to know *head*.

    Either *news*, without a gap, or a *snapshot* when there is too much of it.
    """

    since: int
    head: int
    news: tuple[dict[str, Any], ...] = ()
    snapshot: dict[str, Any] | None = None


@dataclass(frozen=True)
class Rosters:
    """Answers the questions of stations and boards, each out of one consistent state.

    *sealing* puts what stations carry under seal.
    """

    database: Database
    guestbook: Guestbook
    sealing: Sealing
    _boards: dict[int, Attendance] = field(default_factory=dict)
    _tapes: dict[int, Tape] = field(default_factory=dict)

    def head(self, event_id: int) -> int:
        """Return the number of the latest news of an event."""
        with self.database.read() as connection:
            return news.head(connection, event_id)

    def ear(self, heard: Callable[[int], None]) -> Ear:
        """Return what calls *heard* when another process told news of an event."""
        return Ear(self.database, heard)

    def tape(self, event_id: int) -> Tape:
        """Return the tape of an event, which all open lines share."""
        found = self._tapes.get(event_id)
        if found is None:
            self.sealing.key(event_id)
            telling = partial(self.sealing.told, event_id)
            fresh = Tape(self.database, event_id, self.head(event_id), telling)
            found = self._tapes.setdefault(event_id, fresh)
        return found

    def event(self, event_id: int) -> Event | None:
        """Return an event with its gates, or nothing."""
        with self.database.read() as connection:
            return self.guestbook.event(connection, event_id)

    def stations(self, event_id: int) -> list[Station]:
        """Return the stations of an event."""
        with self.database.read() as connection:
            return stations.of_event(connection, event_id)

    def since(self, station: Station, number: int) -> Update:
        """Return what *station* has to learn after the news *number*, sealed."""
        event_id = station.event_id
        self.sealing.key(event_id)
        if _too_far(number, head := self.head(event_id)):
            self.sealing.prepare(event_id, head)
        with self.database.read() as connection:
            head = news.head(connection, event_id)
            if _too_far(number, head):
                snapshot = self._roster(connection, station, head).to_json()
                return Update(number, head, snapshot=snapshot)
            fresh = news.since(connection, event_id, number)
            sealed = tuple(self.sealing.told(event_id, connection, each) for each in fresh)
            return Update(number, head, sealed)

    def attendance(self, event_id: int) -> Attendance:
        """Return what a board of the event shows now.

        Raises:
            NotFoundError: there is no such event.
        """
        with self.database.read() as connection:
            return self._attendance(connection, event_id)

    def organisations(self, event_id: int) -> dict[str, tuple[int, int]]:
        """Return, for each organisation, how many of it hold a pass and how many accepted."""
        found: dict[str, tuple[int, int]] = {}
        with self.database.read() as connection:
            entries = self.guestbook.entries(connection, event_id)
        for entry in entries:
            if entry.state == "issued":
                invited, accepted = found.get(entry.organisation, (0, 0))
                said_yes = entry.reply in {"accepted", "delegated"}
                found[entry.organisation] = (invited + 1, accepted + said_yes)
        return found

    def arrived(self, event_ids: Sequence[int]) -> dict[int, int]:
        """Return how many have arrived at each of *event_ids*.

        Raises:
            NotFoundError: there is no such event.
        """
        return {event_id: self.attendance(event_id).arrived for event_id in event_ids}

    def came(self, event_ids: Sequence[int]) -> dict[int, frozenset[str]]:
        """Return the passes that were let in at each of *event_ids*."""
        with self.database.read() as connection:
            return {
                event_id: attendance.came(scans.of_event(connection, event_id, {}))
                for event_id in event_ids
            }

    def board_since(self, event_id: int, number: int) -> Update:
        """Return what a board has to learn after the news *number*.

        It is a snapshot, too, when there was news that a board cannot work out for itself.

        Raises:
            NotFoundError: there is no such event.
        """
        with self.database.read() as connection:
            head = news.head(connection, event_id)
            if not _too_far(number, head):
                fresh = news.since(connection, event_id, number)
                if len(fresh) <= MOST_PIECES and all(
                    each.kind in attendance.TOLD for each in fresh
                ):
                    return Update(number, head, tuple(_plain(each) for each in fresh))
            snapshot = self._attendance(connection, event_id).to_json()
            return Update(number, head, snapshot=snapshot)

    def _moved(
        self, connection: Connection, known: Attendance, event_id: int, head: int
    ) -> Attendance | None:
        """Return *known* after the news up to *head*, if the news alone can tell."""
        if known.number > head or head - known.number > LARGEST_GAP:
            return None
        for each in news.since(connection, event_id, known.number):
            moved = attendance.apply(known, each.number, each.kind, each.body)
            if moved is None:
                return None
            known = moved
        return known

    def _attendance(self, connection: Connection, event_id: int) -> Attendance:
        """Return the attendance; the latest is remembered, as many boards ask for it."""
        head = news.head(connection, event_id)
        known = self._boards.get(event_id)
        if known is not None and (moved := self._moved(connection, known, event_id, head)):
            self._boards[event_id] = moved
            return moved
        event = self._event(connection, event_id)
        entries = {each.pass_id: each for each in self.guestbook.entries(connection, event_id)}
        counts = self.guestbook.counts(connection, event_id)
        found = attendance.take(
            head,
            scans.of_event(connection, event_id, _gates(event)),
            entries,
            Figures(
                counts.invited,
                counts.accepted,
                event.capacity,
                _asked(connection, event),
                decisions.greeted(connection, event_id),
            ),
        )
        self._boards[event_id] = found
        return found

    def _roster(self, connection: Connection, station: Station, head: int) -> RosterSnapshot:
        event_id = station.event_id
        event = self._event(connection, event_id)
        entries = self.guestbook.entries(connection, event_id)
        holders = {entry.pass_id: entry for entry in entries}
        gates = _gates(event)
        book = groups(scans.of_event(connection, event_id, gates))
        return RosterSnapshot(
            head=head,
            event=event_id,
            title=event.title,
            rules=rules_json(event),
            gate=gate_to_json(gate_of(station.gate_id, plans_of(event))),
            entries=self.sealing.lines(connection, event_id),
            staff=self.sealing.staff(connection, event_id),
            scans=[
                told(
                    scan, holders.get(key), before=_counts(group), after=_counts(group)
                ).to_json()
                for key, group in book.items()
                for scan in _that_count(group)
            ],
        )

    def _event(self, connection: Connection, event_id: int) -> Event:
        event = self.guestbook.event(connection, event_id)
        if event is None:
            raise NotFoundError(str(event_id))
        return event


def _too_far(number: int, head: int) -> bool:
    return number < 0 or number > head or head - number > LARGEST_GAP


def _plain(each: News) -> dict[str, Any]:
    return {"number": each.number, "kind": each.kind, "body": each.body}


def _asked(connection: Connection, event: Event) -> tuple[dict[str, Any], ...]:
    """Return the news of those walk-ins of an event who wait for an answer."""
    gates = _gates(event)
    waiting = walk_ins.waiting(connection, event.id)
    return tuple(each.told(gates.get(each.gate_id, "")) for each in waiting)


def _gates(event: Event) -> dict[int, str]:
    return {gate.id: gate.name for gate in event.gates}


def _that_count(group: list[Scan]) -> list[Scan]:
    undone = {scan.undoes for scan in group if scan.undoes}
    return [scan for scan in group if scan.admits and scan.scan_id not in undone]


def _counts(group: list[Scan]) -> dict[str, Any]:
    return counted(group, group[0].key, "")

"""The guestbook: what the doors, and the guests themselves, may ask the office."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from invitations.domain.roster import Counts
from invitations.storage import events, records, rosters, search

if TYPE_CHECKING:
    from collections.abc import Collection

    from sqlalchemy import Connection

    from invitations.domain.model import Event, Holder, Office
    from invitations.domain.passes import DoorPass
    from invitations.domain.roster import RosterEntry
    from invitations.storage.database import Database


@dataclass(frozen=True)
class PassPage:
    """What one pass page is about: the guest with the invitation, the event, the host."""

    holder: Holder
    event: Event
    office: Office


@dataclass(frozen=True)
class Hits:
    """What a search found; *more* says that there were further guests."""

    entries: tuple[RosterEntry, ...]
    more: bool


@dataclass(frozen=True)
class Guestbook:
    """Answers within the asker's own transaction, so that a verdict rests on one state."""

    database: Database

    def entry(self, connection: Connection, event_id: int, pass_id: str) -> RosterEntry | None:
        """Return the line of the roster for one pass, or nothing."""
        return rosters.entry(connection, event_id, pass_id)

    def entries_of(
        self, connection: Connection, event_id: int, pass_ids: Collection[str]
    ) -> dict[str, RosterEntry]:
        """Return the lines of the roster for some passes, by the pass."""
        return rosters.by_pass(connection, event_id, pass_ids)

    def entry_by_door_code(
        self, connection: Connection, event_id: int, code: str
    ) -> tuple[RosterEntry, ...]:
        """Return the lines of the roster with the door code *code* (12 digits)."""
        return rosters.by_door_code(connection, event_id, code)

    def entries(self, connection: Connection, event_id: int) -> list[RosterEntry]:
        """Return the whole roster of an event, by the guests' given names."""
        return rosters.of_event(connection, event_id)

    def holder(self, connection: Connection, event_id: int, pass_id: str) -> Holder | None:
        """Return who holds a pass, with the invitation, or nothing."""
        return records.find_by_pass(connection, event_id, pass_id)

    def search(
        self, connection: Connection, event_id: int, query: str, limit: int = 10
    ) -> Hits:
        """Return at most *limit* lines of the roster in whom every word of *query* begins.

        Sought without marks in name, organisation, last four digits of the telephone and
        door code, from three characters on.
        """
        found = search.guests_found(connection, event_id, query, limit + 1)
        return Hits(rosters.of_guests(connection, found[:limit]), more=len(found) > limit)

    def minted(
        self, connection: Connection, event_id: int, pass_id: str | None = None
    ) -> dict[str, DoorPass]:
        """Return what stands in the passes of an event, or in one of them, by their ids."""
        return records.minted(connection, event_id, pass_id)

    def event(self, connection: Connection, event_id: int) -> Event | None:
        """Return an event with its gates, or nothing."""
        return events.find(connection, event_id)

    def events(self, connection: Connection, office_id: int) -> list[Event]:
        """Return the events of an office, earliest first."""
        return events.of_office(connection, office_id)

    def office(self, connection: Connection, office_id: int) -> Office | None:
        """Return an office, or nothing."""
        return events.office(connection, office_id)

    def counts(self, connection: Connection, event_id: int) -> Counts:
        """Return how many are invited to an event and how many of them accepted."""
        return records.counts(connection, [event_id])[event_id]

    def page(self, link: str) -> PassPage | None:
        """Return what the pass page with the secret *link* tells, or nothing."""
        with self.database.read() as connection:
            holder = records.find_by_link(connection, link)
            if holder is None:
                return None
            event = events.find(connection, holder.invitation.event_id)
            office = None if event is None else events.office(connection, event.office_id)
        return None if event is None or office is None else PassPage(holder, event, office)

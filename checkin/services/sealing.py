"""The sealing desk of the doors: nothing leaves for a station that a thief could read."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Lock
from typing import TYPE_CHECKING, Any

from checkin.domain import sealing
from checkin.domain.sealing import KEY_BYTES, Line
from checkin.storage import accounts, event_keys
from invitations.domain import passes, roster
from invitations.domain.errors import KeyFileError
from invitations.services.guestbook import Guestbook
from invitations.storage.database import Database

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from invitations.domain.passes import DoorPass
    from invitations.domain.roster import RosterEntry
    from invitations.storage.news import News

MOST_EVENTS = 4  # whose sealed lines are remembered
OF_THE_SCAN = ("name", "honorific", "title", "organisation")


@dataclass(frozen=True)
class Sealing:
    """Seals the list of an event for its stations.

    *seed* gives the private key of a key id: with it the signature of a pass is made anew.
    """

    database: Database
    guestbook: Guestbook
    seed: Callable[[int], bytes]
    _keys: dict[int, bytes] = field(default_factory=dict, repr=False)
    _lines: dict[int, dict[str, _Sealed]] = field(default_factory=dict, repr=False)
    _ready: dict[int, int] = field(default_factory=dict)
    _turn: Lock = field(default_factory=Lock)

    def key(self, event_id: int) -> bytes:
        """Return the key of an event; the first call makes it. Not within a transaction."""
        if event_id not in self._keys:
            with self.database.read() as connection:
                found = event_keys.find(connection, event_id)
            fresh = secrets.token_bytes(KEY_BYTES)
            self._keys[event_id] = found or self.database.write(
                lambda tx: event_keys.keep(tx, event_id, fresh)
            )
        return self._keys[event_id]

    def prepare(self, event_id: int, head: int) -> None:
        """Seal the list as of the news *head*, once for however many stations ask together."""
        self.key(event_id)
        with self._turn:
            if self._ready.get(event_id) == head:
                return
            with self.database.read() as connection:
                self.lines(connection, event_id)
            self._ready[event_id] = head

    def lines(self, connection: Connection, event_id: int) -> list[Line]:
        """Return the whole list of an event, sealed; `key` must have been called before.

        Lines that did not change since the last time are remembered: each costs a signature.
        """
        minted = self.guestbook.minted(connection, event_id)
        known = self._lines.get(event_id, {})
        seeds = _Seeds(self.seed)
        fresh = {}
        for entry in self.guestbook.entries(connection, event_id):
            door_pass, old = minted.get(entry.pass_id), known.get(entry.pass_id)
            if old is not None and (old.entry, old.door_pass) == (entry, door_pass):
                fresh[entry.pass_id] = old
                continue
            line = sealing.seal_entry(entry, self._keys[event_id], seeds.text(door_pass))
            fresh[entry.pass_id] = _Sealed(entry, door_pass, line)
        self._lines[event_id] = fresh
        while len(self._lines) > MOST_EVENTS:
            oldest = next(iter(self._lines))
            self._lines.pop(oldest, None)
            self._ready.pop(oldest, None)
        return [each.line for each in fresh.values()]

    def line(self, connection: Connection, event_id: int, entry: RosterEntry) -> Line:
        """Return one guest's line, sealed; `key` must have been called before."""
        minted = self.guestbook.minted(connection, event_id, entry.pass_id)
        text = _Seeds(self.seed).text(minted.get(entry.pass_id))
        return sealing.seal_entry(entry, self._keys[event_id], text)

    def staff(self, connection: Connection, event_id: int) -> list[dict[str, Any]]:
        """Return who may open a shift at the event, each with the key under their PIN."""
        event = self.guestbook.event(connection, event_id)
        if event is None:
            return []
        return [
            {
                "id": str(each.account.id),
                "name": each.account.name,
                "role": each.account.role.value,
                "salt": each.salt.hex(),
                "argon": each.cost.to_json(),
                "sealed_key": sealing.wrap_key(
                    each.key,
                    self._keys[event_id],
                    staff_id=str(each.account.id),
                    role=each.account.role.value,
                ).hex(),
            }
            for each in accounts.with_pins(connection, event.office_id)
        ]

    def told(self, event_id: int, connection: Connection, each: News) -> dict[str, Any]:
        """Return a piece of news as a station hears it: sealed, and without names of scans."""
        return {
            "number": each.number,
            "kind": each.kind,
            "body": self._body(connection, event_id, each),
        }

    def _body(self, connection: Connection, event_id: int, each: News) -> dict[str, Any]:
        if each.kind == "roster":
            return self.line(connection, event_id, roster.from_json(each.body))
        if each.kind == "staff":
            return {"staff": self.staff(connection, event_id)}
        if each.kind == "scan":
            return {k: value for k, value in each.body.items() if k not in OF_THE_SCAN}
        return each.body


@dataclass(frozen=True)
class _Sealed:
    """A sealed line, and what it was made of."""

    entry: RosterEntry
    door_pass: DoorPass | None
    line: Line


@dataclass(frozen=True)
class _Seeds:
    """The private keys needed for one list, each fetched once."""

    fetch: Callable[[int], bytes]
    _found: dict[int, bytes] = field(default_factory=dict, repr=False)

    def text(self, door_pass: DoorPass | None) -> str:
        """Return the text of a pass; none when it has no key here, and so gets no box."""
        if door_pass is None:
            return ""
        try:
            if door_pass.kid not in self._found:
                self._found[door_pass.kid] = self.fetch(door_pass.kid)
        except KeyFileError:
            return ""
        return passes.mint(door_pass, self._found[door_pass.kid])

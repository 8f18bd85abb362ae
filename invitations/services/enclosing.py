"""Enclosures: the signed letter that goes with a mail, as long as it tells the truth."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Lock
from typing import TYPE_CHECKING

from invitations.domain import papers
from invitations.storage import letters

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from invitations.domain.model import Event
    from invitations.storage.database import Database

FILE = "giay-moi.pdf"
Enclose = Callable[["Event", int], bytes]


def nothing(_event: Event, _guest_id: int) -> bytes:
    """Enclose no letter: the answer of a house without a chancery."""
    return b""


@dataclass
class _LastRead:
    """The letter that was read last; a thousand mails in a row carry the same one."""

    letter_id: int = 0
    pdf: bytes = b""
    lock: Lock = field(default_factory=Lock)


@dataclass(frozen=True)
class Enclosing:
    """Finds what goes with a mail to a guest."""

    database: Database
    _last: _LastRead = field(default_factory=_LastRead, init=False, repr=False, compare=False)

    def __call__(self, event: Event, guest_id: int) -> bytes:
        """Return the signed letter for a guest of *event* as PDF; empty for none.

        A letter of the guest's own comes first. One that tells of a time or place which the
        event no longer has is never sent.
        """
        facts = papers.facts(event)
        with self.database.read() as connection:
            for wanted in (guest_id, None):
                letter = letters.current(connection, event.id, wanted)
                if letter is not None and letter.facts == facts:
                    return self._read(connection, letter.id)
        return b""

    def _read(self, connection: Connection, letter_id: int) -> bytes:
        with self._last.lock:
            if self._last.letter_id != letter_id:
                self._last.pdf = letters.pdf(connection, letter_id) or b""
                self._last.letter_id = letter_id
            return self._last.pdf

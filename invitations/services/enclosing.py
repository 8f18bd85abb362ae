"""Enclosures: the signed letter that goes with a mail, as long as it tells the truth."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from invitations.domain import papers
from invitations.storage import letters

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from invitations.domain.model import Event
    from invitations.storage.database import Database

FILE = "giay-moi.pdf"


class Enclose(Protocol):
    """Whoever knows the signed letter for a guest of an event."""

    def __call__(self, event: Event, guest_id: int, letter_id: int | None = None) -> bytes:
        """Return the letter as PDF; empty for none."""


def nothing(event: Event, guest_id: int, letter_id: int | None = None) -> bytes:  # noqa: ARG001 - a house without a chancery asks nobody
    """Enclose no letter."""
    return b""


@dataclass
class _LastRead:
    """The letter that was read last; a thousand mails in a row carry the same one."""

    held: tuple[int, bytes] = (0, b"")  # replaced as one, so threads need no lock


@dataclass(frozen=True)
class Enclosing:
    """Finds what goes with a mail to a guest."""

    database: Database
    _last: _LastRead = field(default_factory=_LastRead, init=False, repr=False, compare=False)

    def __call__(self, event: Event, guest_id: int, letter_id: int | None = None) -> bytes:
        """Return the signed letter for a guest of *event* as PDF; empty for none.

        A letter of the guest's own comes first. One that tells of a time or place which the
        event no longer has is never sent. Whoever has looked already says *letter_id*.
        """
        if letter_id == 0:
            return b""
        read_id, pdf = self._last.held
        if letter_id == read_id:
            return pdf
        with self.database.read() as connection:
            if letter_id is None:
                facts = papers.facts(event)
                found = letters.standing(connection, event.id, (guest_id,), facts)
                letter_id = found[guest_id]
            return self._read(connection, letter_id) if letter_id else b""

    def _read(self, connection: Connection, letter_id: int) -> bytes:
        read_id, pdf = self._last.held
        if letter_id != read_id:
            pdf = letters.pdf(connection, letter_id) or b""
            self._last.held = letter_id, pdf
        return pdf

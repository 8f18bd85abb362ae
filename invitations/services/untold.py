"""The untold: guests who go by what an event was, because no letter told them of its change."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from invitations.services.composing import find_event
from invitations.storage import notices

if TYPE_CHECKING:
    from invitations.domain.model import Actor
    from invitations.storage.database import Database


@dataclass(frozen=True)
class Untold:
    """Knows how many guests still have to hear that an event was moved or called off."""

    database: Database

    def count(self, event_id: int, actor: Actor) -> int:
        """Return how many guests got letters, but none that tells the event as it stands.

        Raises:
            NotFoundError: the office has no such event.
        """
        with self.database.read() as connection:
            find_event(connection, event_id, actor)
            return notices.untold(connection, event_id)

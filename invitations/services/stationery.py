"""The stationery: the template of an office's letters, and what is tried before it changes."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from invitations.domain.errors import NotFoundError
from invitations.storage import audit, events

if TYPE_CHECKING:
    from invitations.domain.model import Actor
    from invitations.services.paper import Paper
    from invitations.storage.database import Database


@dataclass(frozen=True)
class Stationery:
    """Keeps the template of each office; every change of one is in the audit book."""

    database: Database
    paper: Paper
    clock: Callable[[], float] = time.time

    def shown(self, actor: Actor) -> str:
        """Return the template of the office's letters."""
        return self.paper.template(actor.office_id)

    def has_own(self, actor: Actor) -> bool:
        """Tell whether the office uses a template of its own."""
        return self.paper.has_own_template(actor.office_id)

    def accept(self, actor: Actor, template: str) -> None:
        """Try *template*, and make it the office's own.

        Raises:
            TypesettingError: the trial failed; the template in use stays.
        """
        with self.database.read() as connection:
            office = events.office(connection, actor.office_id)
        if office is None:
            raise NotFoundError("office")
        self.paper.accept_template(office, template)
        mark = hashlib.sha256(template.encode()).hexdigest()
        self._enter(actor, "letter.template", {"sha256": mark})

    def drop(self, actor: Actor) -> None:
        """Go back to the template of the house."""
        self.paper.drop_template(actor.office_id)
        self._enter(actor, "letter.template-reset", {})

    def _enter(self, actor: Actor, action: str, detail: dict[str, Any]) -> None:
        at = int(self.clock())
        self.database.write(
            lambda tx: audit.enter(tx, actor, action, str(actor.office_id), detail, at=at)
        )

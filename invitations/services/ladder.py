"""The ladder's desk: texts for whom the mail did not reach, and the list of calls."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from invitations.domain.addresses import is_mobile
from invitations.domain.dispatch import calm
from invitations.domain.ladder import Call, Rung
from invitations.domain.outbox import SMS, State
from invitations.services.composing import find_event
from invitations.storage import enrolment, ladder

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from invitations.domain.model import Actor
    from invitations.services.letters import Letters
    from invitations.storage.database import Database

HOUR_S = 3_600


@dataclass(frozen=True)
class Ladder:
    """Lets guests climb from one channel to the next; texts only where *letters* has words."""

    database: Database
    letters: Letters

    def climb(self, connection: Connection, hours: int, *, now: int) -> int:
        """Queue a text for each guest whose mail failed, or waits since *hours*.

        Nobody is woken: at night the text waits for seven o'clock. Returns how many.
        """
        found = ladder.without_mail(connection, sent_before=now - hours * HOUR_S, now=now)
        events = {each.event_id for each in found}
        barred = set[int]().union(
            *(enrolment.barred_invitations(connection, event) for event in events)
        )
        rows = self._rows(found, barred, now)
        ladder.add(connection, rows, at=now)
        return len(rows)

    def calls(self, event_id: int, actor: Actor) -> list[Call]:
        """Return whom of an event the office has to call, by given name.

        Raises:
            NotFoundError: the office has no such event.
        """
        with self.database.read() as connection:
            find_event(connection, event_id, actor)
            return ladder.calls(connection, event_id)

    def _rows(
        self, found: list[Rung], barred: Collection[int], now: int
    ) -> list[dict[str, Any]]:
        chosen: dict[int, Rung] = {}
        for each in found:
            if each.words.sms and is_mobile(each.phone) and each.invitation_id not in barred:
                chosen.setdefault(each.invitation_id, each)
        return [
            {
                "event_id": each.event_id,
                "sending_id": each.sending_id,
                "invitation_id": each.invitation_id,
                "channel": SMS,
                "purpose": "invitation",
                "seq": 0,
                "address": each.phone,
                "message_id": self.letters.message_id(each.tag, 0, SMS),
                "state": State.QUEUED,
                "attempts": 0,
                "next_at": calm(now),
                "not_after": each.not_after,
            }
            for each in chosen.values()
            if calm(now) < each.not_after
        ]

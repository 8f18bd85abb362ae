"""The events of the reader's own office: whoever asks for another's finds nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import abort

from checkin.web.desks import desks
from invitations.web.actors import current_actor
from invitations.web.desks import desks as office

if TYPE_CHECKING:
    from invitations.domain.model import Event


def own_event(event_id: int) -> Event:
    """Return an event of the reader's own office, or end the request with status 404."""
    event = desks().rosters.event(event_id)
    if event is None or event.office_id != current_actor().office_id:
        abort(404)
    return event


def own_events() -> list[Event]:
    """Return the events of the reader's office, the latest first."""
    guestbook = office().guestbook
    with guestbook.database.read() as connection:
        found = guestbook.events(connection, current_actor().office_id)
    return sorted(found, key=lambda event: event.starts_at, reverse=True)

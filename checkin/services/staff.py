"""Who acts at a station: an account by its id, as far as it has the right."""

from __future__ import annotations

from typing import TYPE_CHECKING

from checkin.domain.accounts import Right, may
from checkin.domain.errors import NoRightError
from checkin.storage import accounts
from invitations.domain.model import Actor

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from invitations.domain.model import Event


def may_do(connection: Connection, event: Event, actor: str, right: Right) -> Actor | None:
    """Return who has the account id *actor* (as text), or nothing without *right* there."""
    if not actor.isascii() or not actor.isdigit() or len(actor) > len(str(2**62)):
        return None
    found = accounts.find(connection, int(actor))
    if found is None or found.disabled or found.office_id != event.office_id:
        return None
    if not may(found.role, right):
        return None
    return Actor(found.name, found.office_id, found.role.value, found.id)


def must_do(connection: Connection, event: Event, actor: str, right: Right) -> Actor:
    """Return who has the account id *actor*.

    Raises:
        NoRightError: nobody of the event's office has it together with *right*.
    """
    found = may_do(connection, event, actor, right)
    if found is None:
        raise NoRightError
    return found

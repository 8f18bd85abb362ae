"""Who is acting: whoever the shell let in before the view was called."""

from __future__ import annotations

from flask import abort, g

from invitations.domain.model import Actor


def current_actor() -> Actor:
    """Return who is signed in; a request without anybody is refused with status 403."""
    actor = g.get("actor")
    if not isinstance(actor, Actor):
        abort(403)
    return actor

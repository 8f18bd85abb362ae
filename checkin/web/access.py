"""Who may see which page: nobody, until it is granted.

`grant` names the right that a blueprint or a single endpoint asks for; `guard` refuses to
start a house with a page that was forgotten, and lets in before each request.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from flask import abort, current_app, g, redirect, request, url_for

from checkin.domain.accounts import Right, Role, Session, may
from checkin.domain.errors import UnguardedRouteError
from checkin.web.desks import desks
from invitations.domain.model import Actor

if TYPE_CHECKING:
    from flask import Flask
    from werkzeug.wrappers import Response

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
SECURE_COOKIE = "__Host-thumoi"
PLAIN_COOKIE = "thumoi"
SIGN_IN = "login.show"
_GRANTS = "thumoi.access"


@dataclass(frozen=True)
class Grant:
    """What a page asks of its reader, and of whoever changes something there."""

    read: Right
    write: Right

    def needed(self, method: str) -> Right:
        """Return the right that *method* asks for."""
        return self.read if method in SAFE else self.write


def grant(app: Flask, name: str, read: Right, write: Right | None = None) -> None:
    """Open the blueprint or endpoint *name* to those who have *read*.

    Methods that change something ask for *write*, or for *read* where it is not given. An
    endpoint's own grant wins over that of its blueprint.
    """
    _grants(app)[name] = Grant(read, write or read)


def guard(app: Flask) -> None:
    """Check that every page has its grant, and stand at the door from now on.

    Raises:
        UnguardedRouteError: a page was forgotten.
    """
    for rule in app.url_map.iter_rules():
        if granted(app, rule.endpoint) is None:
            raise UnguardedRouteError(rule.endpoint)
    app.before_request(_admit)
    app.context_processor(_for_templates)


def granted(app: Flask, endpoint: str) -> Grant | None:
    """Return what *endpoint* asks for, or None where nothing was declared."""
    grants = _grants(app)
    return grants.get(endpoint) or grants.get(endpoint.rpartition(".")[0])


def needed() -> Right | None:
    """Return the right that this request needs, or None where there is no such page."""
    if request.endpoint is None:
        return None
    found = granted(current_app, request.endpoint)
    return found.needed(request.method) if found else None


def cookie_name() -> str:
    """Return the name of the session's cookie; browsers bind ``__Host-`` to this host."""
    return SECURE_COOKIE if current_app.config["SESSION_COOKIE_SECURE"] else PLAIN_COOKIE


def current_session() -> Session | None:
    """Return the session of whoever sent this request, if it still holds."""
    session_id = request.cookies.get(cookie_name())
    return desks().accounts.session(session_id) if session_id else None


def load_actor() -> Actor | None:
    """Return who sent this request; for lines that stay open, ask again now and then."""
    session = current_session()
    return actor_of(session) if session else None


def actor_of(session: Session) -> Actor:
    """Return the actor whom *session* stands for."""
    account = session.account
    return Actor(account.name, account.office_id, account.role.value, account.id)


def _admit() -> Response | None:
    g.actor = None
    g.account = None
    right = needed()
    if right is Right.MACHINE:
        return None
    session = current_session()
    if session is not None:
        g.actor, g.account = actor_of(session), session.account
    if request.routing_exception is not None or right is None:
        return None  # the page that says so is for everybody
    if may(session.account.role if session else None, right):
        return None
    return _refuse()


def _refuse() -> Response:
    if g.actor is not None or request.accept_mimetypes.best == "application/json":
        abort(403)
    back = request.full_path.rstrip("?") if request.method == "GET" else None
    return redirect(url_for(SIGN_IN, next=None if back == "/" else back), 303)


def _for_templates() -> dict[str, Any]:
    actor: Actor | None = g.get("actor")
    role = Role(actor.role) if actor else None
    return {
        "actor": actor,
        "account": g.get("account"),
        "may": lambda right: may(role, Right(right)),
    }


def _grants(app: Flask) -> dict[str, Grant]:
    grants: dict[str, Grant] = app.extensions.setdefault(_GRANTS, {})
    return grants

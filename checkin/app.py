"""The application: every desk, every page, and the right that each page asks for.

This is the only room that knows every part of the house.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from flask import Flask

from checkin.config import Config, templates_dir
from checkin.domain.accounts import Right
from checkin.services.accounts import Accounts
from checkin.web import (
    access,
    accounts,
    assets,
    errors,
    formats,
    language,
    limits,
    login,
    security,
)
from checkin.web import desks as door_desks
from invitations.services.guestbook import Guestbook
from invitations.services.importing import Importing
from invitations.services.issuing import Issuing
from invitations.services.keyring import Keyring
from invitations.services.letters import Letters
from invitations.services.planning import Planning
from invitations.web import desks as office_desks
from invitations.web import events, guest, header, invitations

if TYPE_CHECKING:
    from invitations.storage.database import Database


def create_app(config: Config, database: Database) -> Flask:
    """Return the application over *database*, with every page guarded.

    Raises:
        UnguardedRouteError: a page was built without a declared right.
    """
    app = Flask(__name__, template_folder=templates_dir())
    _furnish(app, config, database)
    security.protect(app, config)
    language.register(app)
    assets.register(app)
    formats.register(app)
    errors.register(app)
    _open_pages(app)
    header.register(app)
    access.guard(app)
    _set_limits(app)
    return app


def _furnish(app: Flask, config: Config, database: Database) -> None:
    """Lay out the desks."""
    keyring = Keyring(database, config.keys)
    app.extensions[office_desks.EXTENSION] = office_desks.Desks(
        planning=Planning(database),
        importing=Importing(database),
        issuing=Issuing(database, keyring),
        sending=cast("Any", None),
        guestbook=Guestbook(database),
        keyring=keyring,
        letters=Letters(templates_dir(), config.base_url, config.mail.sender),
    )
    app.extensions[door_desks.EXTENSION] = door_desks.Desks(
        accounts=Accounts(database),
        door=cast("Any", None),
        rosters=cast("Any", None),
        pairing=cast("Any", None),
    )


def _open_pages(app: Flask) -> None:
    """Register every blueprint, and grant it to those who need it."""
    access.grant(app, "static", Right.OPEN)
    app.register_blueprint(login.blueprint)
    access.grant(app, "login", Right.SIGNED_IN)
    access.grant(app, "login.show", Right.OPEN)
    access.grant(app, "login.sign_in", Right.OPEN)
    app.register_blueprint(accounts.blueprint)
    access.grant(app, "accounts", Right.ACCOUNTS)
    app.register_blueprint(events.blueprint)
    access.grant(app, "events", Right.ORGANISE)
    app.register_blueprint(invitations.blueprint)
    access.grant(app, "invitations", Right.ORGANISE)
    app.register_blueprint(guest.blueprint)
    access.grant(app, "guest", Right.OPEN)


def _set_limits(app: Flask) -> None:
    limiter = limits.new_limiter(app)
    limits.limit_sign_in(app, limiter, "login.sign_in")
    limits.limit_sign_in(app, limiter, "login.change_password")

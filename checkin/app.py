"""The application: every desk, every page, and the right that each page asks for.

This is the only room that knows every part of the house.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from flask import Flask

from checkin.config import Config, templates_dir
from checkin.domain.accounts import Right
from checkin.mailroom import couriers, gateway
from checkin.services.accounts import Accounts
from checkin.services.door import Door
from checkin.services.handling import Handling
from checkin.services.pairing import Pairing
from checkin.services.pins import Pins
from checkin.services.rosters import Rosters
from checkin.services.sealing import Sealing as DoorSealing
from checkin.services.searching import Searching
from checkin.services.substituting import Substituting
from checkin.services.walkins import WalkIns
from checkin.services.welcoming import Welcoming
from checkin.web import (
    access,
    accounts,
    assets,
    board,
    errors,
    formats,
    handling,
    language,
    limits,
    line,
    login,
    security,
    shortcut,
    stations,
    survey,
)
from checkin.web import desks as door_desks
from checkin.web.live import Live
from invitations.services.chancery import Chancery
from invitations.services.changes import Changes
from invitations.services.dispatching import Dispatching
from invitations.services.doorplans import DoorPlans
from invitations.services.enclosing import Enclosing
from invitations.services.groups import Groups
from invitations.services.guestbook import Guestbook
from invitations.services.histories import Histories
from invitations.services.importing import Importing
from invitations.services.issuing import Issuing
from invitations.services.keyring import Keyring
from invitations.services.ladder import Ladder
from invitations.services.letters import Letters
from invitations.services.mending import Mending
from invitations.services.notices import Notices
from invitations.services.organisations import Organisations
from invitations.services.paper import Paper
from invitations.services.planning import Planning
from invitations.services.press import OFFICIAL, Press
from invitations.services.receipts import Receipts
from invitations.services.register import Register
from invitations.services.rehearsing import Rehearsing
from invitations.services.sealing import Sealing
from invitations.services.sending import Sending
from invitations.services.stationery import Stationery
from invitations.services.untold import Untold
from invitations.services.wallet import Wallet
from invitations.web import (
    callbacks,
    calls,
    changes,
    doorplans,
    events,
    groups,
    guest,
    guests,
    header,
    invitations,
    notices,
    organisations,
    papers,
    plurals,
    register,
    sending,
    tracking,
    wallets,
)
from invitations.web import desks as office_desks

if TYPE_CHECKING:
    from invitations.storage.database import Database

ROOMS = (
    (login.blueprint, Right.SIGNED_IN),
    (accounts.blueprint, Right.ACCOUNTS),
    (events.blueprint, Right.ORGANISE),
    (doorplans.blueprint, Right.ORGANISE),
    (guests.blueprint, Right.ORGANISE),
    (invitations.blueprint, Right.ORGANISE),
    (sending.blueprint, Right.ORGANISE),
    (tracking.blueprint, Right.ORGANISE),
    (calls.blueprint, Right.ORGANISE),
    (papers.blueprint, Right.ORGANISE),
    (register.blueprint, Right.ORGANISE),
    (organisations.blueprint, Right.ORGANISE),
    (groups.blueprint, Right.ORGANISE),
    (changes.blueprint, Right.ORGANISE),
    (notices.blueprint, Right.ORGANISE),
    (wallets.blueprint, Right.OPEN),
    (guest.blueprint, Right.OPEN),
    (line.blueprint, Right.MACHINE),
    (callbacks.blueprint, Right.MACHINE),
    (board.blueprint, Right.WATCH),
    (handling.blueprint, Right.WATCH),
    (survey.blueprint, Right.ORGANISE),
    (stations.blueprint, Right.SUPERVISE),
)


def create_app(config: Config, database: Database) -> Flask:
    """Return the application over *database*, with every page guarded.

    Raises:
        UnguardedRouteError: a page was built without a declared right.
    """
    app = Flask(__name__, template_folder=templates_dir())
    _furnish(app, config, database)
    app.config[login.OFFICE] = config.office.name
    security.protect(app, config)
    language.register(app)
    assets.register(app)
    formats.register(app)
    errors.register(app)
    _open_pages(app)
    header.register(app)
    plurals.register(app)
    access.guard(app)
    _set_limits(app)
    shortcut.lay(app)
    return app


def _furnish(app: Flask, config: Config, database: Database) -> None:
    """Lay out the desks."""
    office = _office_desks(config, database)
    live = Live()
    rosters = _rosters(config, database)
    accounts_desk = Accounts(database)
    app.extensions[office_desks.EXTENSION] = replace(
        office, arrived=rosters.arrived, mail_of=accounts_desk.mail_of
    )
    guestbook, keyring = office.guestbook, office.keyring
    welcoming = Welcoming(database, guestbook, office.changes, keyring)
    door = Door(
        database,
        guestbook,
        keyring.trust,
        announce=live.announce,
        welcoming=welcoming,
        seed=keyring.seed,
    )
    app.extensions[door_desks.EXTENSION] = door_desks.Desks(
        accounts=accounts_desk,
        door=door,
        rosters=rosters,
        pairing=Pairing(database),
        pins=Pins(database),
        searching=Searching(database, guestbook),
        walk_ins=WalkIns(door, welcoming),
        substituting=Substituting(door, welcoming),
        handling=Handling(door),
    )
    live.attach(app)


def _rosters(config: Config, database: Database) -> Rosters:
    guestbook, keyring = Guestbook(database), Keyring(database, config.keys)
    return Rosters(database, guestbook, DoorSealing(database, guestbook, keyring.seed))


def _office_desks(config: Config, database: Database) -> office_desks.Desks:
    keyring = Keyring(database, config.keys)
    enclose = Enclosing(database)
    letters = Letters(templates_dir(), config.base_url, config.mail.sender, enclose)
    paper = Paper(Press(templates_dir() / OFFICIAL), config.letter.templates)
    sealing = Sealing(config.letter.seals, config.letter.roots, config.letter.timestamp)
    sending = Sending(database, letters, keyring, channels=config.channels)
    rehearsing = Rehearsing(database, sending.composing, partial(couriers, config))
    return office_desks.Desks(
        planning=Planning(database),
        doorplans=DoorPlans(database),
        importing=Importing(database),
        issuing=Issuing(database, keyring),
        sending=sending,
        dispatching=Dispatching(sending, rehearsing, config.rules),
        mending=Mending(database, sending),
        guestbook=Guestbook(database),
        keyring=keyring,
        letters=letters,
        chancery=Chancery(database, paper, sealing),
        stationery=Stationery(database, paper),
        register=Register(database),
        organisations=Organisations(database),
        groups=Groups(database),
        histories=Histories(database, came=_rosters(config, database).came),
        changes=Changes(database, letters, keyring, rules=config.rules),
        notices=Notices(database, letters),
        untold=Untold(database),
        ladder=Ladder(database, letters),
        receipts=Receipts(
            database,
            gateway(config) if config.sms.url else None,
            config.sms.callback_secret,
        ),
        wallet=Wallet(config.wallet.apple, config.wallet.google),
    )


def _open_pages(app: Flask) -> None:
    """Register every blueprint, and grant it to those who need it."""
    access.grant(app, "static", Right.OPEN)
    for blueprint, right in ROOMS:
        app.register_blueprint(blueprint)
        access.grant(app, blueprint.name, right)
    access.grant(app, "login.show", Right.OPEN)
    access.grant(app, "login.sign_in", Right.OPEN)


def _set_limits(app: Flask) -> None:
    limiter = limits.new_limiter(app)
    limits.limit_sign_in(app, limiter, "login.sign_in")
    limits.limit_sign_in(app, limiter, "login.change_password")
    limits.limit(app, limiter, "line.pair", "20 per minute")
    limits.limit(app, limiter, "guest.show", "600 per minute")
    limits.limit(app, limiter, "wallets.page", "120 per minute")
    limits.limit(app, limiter, "wallets.apple", "120 per minute")

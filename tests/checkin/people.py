"""Who knocks at the pages: an office, another office, and what belongs to the first."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import insert
from werkzeug.routing import Rule

from checkin.app import create_app
from checkin.config import Config, read_config
from checkin.domain.accounts import Account, Role
from checkin.opening import caretaker
from checkin.services.accounts import Accounts, NewAccount
from checkin.storage.schema import migrate
from invitations.domain.model import Actor, Event, Office
from invitations.services.issuing import Issuing
from invitations.services.keyring import Keyring
from invitations.services.offices import Offices
from invitations.services.planning import Planning
from invitations.storage.database import Database
from invitations.storage.tables import guests
from tests.factories_events import a_plan

PASSWORD = "bốn từ ghép lại là đủ"
NOBODY = "anonymous"
# Ánh's office, and Chi's; Bình works beside Ánh, without her right.
STAFF = {
    "anh": Role.OFFICER,
    "binh": Role.VIEWER,
    "dung": Role.STEWARD,
    "giang": Role.SUPERVISOR,
}
SAME_ORIGIN = {"Sec-Fetch-Site": "same-origin"}


@dataclass(frozen=True)
class House:
    """An application at work, and a signed-in browser for each of its people."""

    app: Flask
    config: Config
    database: Database
    people: dict[str, Account]
    sessions: dict[str, str]
    event: Event
    invitation: int
    link: str

    def browser(self, who: str) -> FlaskClient:
        """Return a browser in which *who* is signed in."""
        client = self.app.test_client()
        if who != NOBODY:
            client.set_cookie("thumoi", self.sessions[who])
        return client

    def address(self, rule: Rule) -> str:
        """Return the address of *rule* with things of Ánh's office in it."""
        known: dict[str, object] = {
            "event_id": self.event.id,
            "invitation_id": self.invitation,
            "link": self.link,
            "account_id": self.people["binh"].id,
        }
        values = {name: known.get(name, 1) for name in rule.arguments}
        if "filename" in values:
            values["filename"] = "dist/app.css"
        with self.app.test_request_context(base_url="http://localhost"):
            return self.app.url_for(rule.endpoint, **values)  # type: ignore[arg-type]  # any value


def furnish(folder: Path) -> House:
    """Return a house in *folder* with its people, an event and an invitation."""
    config = read_config(environ={"THUMOI_DATA": str(folder)})
    database = Database(config.database)
    migrate(database)
    offices, accounts = Offices(database), Accounts(database)
    home = offices.ensure(Office(0, "Văn phòng Ủy ban"))
    other = offices.found(Office(0, "Văn phòng phường"))
    Keyring(database, config.keys).ensure(other.id)
    people = {
        name: _account(accounts, caretaker(home, "test"), name, role)
        for name, role in STAFF.items()
    }
    people["chi"] = _account(accounts, caretaker(other, "test"), "chi", Role.OFFICER)
    sessions = {
        name: accounts.sign_in(each.email, PASSWORD) or "" for name, each in people.items()
    }
    app = create_app(config, database)
    app.testing = True
    event, issuing, anh = _event(database, config, people["anh"])
    holder = issuing.holders(event.id, anh)[0]
    return House(
        app,
        config,
        database,
        people,
        sessions,
        event,
        holder.invitation.id,
        holder.invitation.link,
    )


def _event(
    database: Database, config: Config, account: Account
) -> tuple[Event, Issuing, Actor]:
    anh = Actor(account.name, account.office_id, account.role, account.id)
    event = Planning(database).create(a_plan(), anh).event
    assert event is not None
    row = {"event_id": event.id, "name": "Nguyễn Văn An", "folded": "nguyen van an"}
    database.write(lambda tx: tx.execute(insert(guests).values(**row, created_at=1)))
    issuing = Issuing(database, Keyring(database, config.keys))
    issuing.issue(event.id, anh)
    return event, issuing, anh


def _account(accounts: Accounts, actor: Actor, name: str, role: Role) -> Account:
    new = NewAccount(f"{name}@example.vn", name.title(), role, PASSWORD)
    made = accounts.create(actor, new)
    assert isinstance(made, Account)
    return made

"""Browsers for tests of pages: the house with its desks, and people signed in."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from flask import Flask
from flask.testing import FlaskClient

from checkin.app import create_app
from checkin.config import Config, MailConfig, ServerConfig
from checkin.domain.accounts import Role
from checkin.services.accounts import Accounts, NewAccount
from checkin.web.access import PLAIN_COOKIE
from invitations.domain.model import Actor
from tests.factories_events import Office

HOME = "http://localhost"
PASSWORD = "thu-moi-rieng-cho-thu-nghiem"


@dataclass(frozen=True)
class House:
    """The whole application over one office's database."""

    app: Flask
    office: Office

    def browser(self, role: Role = Role.OFFICER, *, office_id: int = 1) -> FlaskClient:
        """Return the browser of somebody signed in."""
        desk = Accounts(self.office.database)
        email = f"{role}{office_id}@vp.example"
        new = NewAccount(email, f"{role} {office_id}", role, PASSWORD)
        desk.create(Actor("system", office_id, "system"), new)
        key = desk.sign_in(email, PASSWORD)
        assert key is not None
        client = self.stranger()
        client.set_cookie(PLAIN_COOKIE, key)
        return client

    def stranger(self) -> FlaskClient:
        """Return a browser that nobody signed in."""
        client = self.app.test_client()
        client.environ_base["HTTP_ORIGIN"] = HOME
        return client


def a_house(office: Office, folder: Path) -> House:
    """Return the application over *office*."""
    config = Config(
        folder,
        "",
        folder / "keys",
        server=ServerConfig(base_url=HOME),
        mail=MailConfig(sender="moi@vp.example"),
    )
    return House(create_app(config, office.database), office)


def words(page: str) -> str:
    """Return what a reader sees of *page*, in one line; entities stay as they are."""
    return " ".join(re.sub(r"<[^>]*>", " ", page).split())

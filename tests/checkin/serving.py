"""A house that is open: the real application behind a real web server, on a free port."""

import secrets
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from flask import Flask
from werkzeug.serving import ThreadedWSGIServer

from checkin.app import create_app
from checkin.config import Config, ServerConfig
from checkin.domain.accounts import Account, Role
from checkin.services.accounts import Accounts, NewAccount
from checkin.services.door import Door
from checkin.web.access import PLAIN_COOKIE
from checkin.web.desks import EXTENSION, Desks
from checkin.web.live import EXTENSION as LIVE
from checkin.web.live import Live
from invitations.domain.model import Actor
from invitations.storage.database import Database
from tests.checkin.factories import House, a_house

PASSWORD = "mot con vit xoe ra 2 cai canh"


@dataclass
class Open:
    """A house, and the address at which it is open."""

    house: House
    address: str
    app: Flask

    def app_door(self) -> Door:
        """Return the door desk of the application that is open."""
        found: Desks = self.app.extensions[EXTENSION]
        return found.door

    def cookies(self, role: Role = Role.VIEWER, office: int | None = None) -> dict[str, str]:
        """Return what the browser of a new account of *role* carries after signing in."""
        accounts = Accounts(self.house.database)
        email = f"{secrets.token_hex(4)}@ubnd.example"
        boss = Actor("Bích Ngọc", office or self.house.office, "officer", 1)
        made = accounts.create(boss, NewAccount(email, "Trần Bích Ngọc", role, PASSWORD))
        assert isinstance(made, Account)
        session = accounts.sign_in(email, PASSWORD)
        assert session is not None
        return {PLAIN_COOKIE: session}


class _Server(ThreadedWSGIServer):
    """A server whose end is felt at once by everybody who is connected."""

    daemon_threads = True
    block_on_close = False

    def process_request(self, request: Any, client_address: Any) -> None:
        self.open = [*getattr(self, "open", ()), request]
        super().process_request(request, client_address)

    def cut(self) -> None:
        for each in getattr(self, "open", ()):
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)


@contextmanager
def opened(house: House, data: Path, port: int = 0) -> Iterator[Open]:
    """Open *house* on *port*, any free one for 0, and close it at the end."""
    config = Config(
        data=data,
        database=house.database.url.render_as_string(hide_password=False),
        keys=house.keyring.directory,
        server=ServerConfig(host="127.0.0.1", port=port or _free()),
    )
    app = create_app(config, house.database)
    server = _Server("127.0.0.1", config.server.port, app)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield Open(house, config.base_url, app)
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
        server.cut()
        live: Live = app.extensions[LIVE]
        live.stop()


def a_house_now(database: Database, folder: Path, *, many: int = 5, **event: Any) -> House:
    """Return a house fit to be opened: its event is on now, by the true clock."""
    house = a_house(database, folder / "keys", many=many, now=time.time(), **event)
    house.door = replace(house.door, clock=time.time)
    return house


def _free() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])

"""An office of its own in one folder: a real server, and sinks for what it sends."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from checkin.demo.arrived import Arrived
from checkin.demo.postbox import postbox
from checkin.demo.processes import Program, answers, run
from checkin.demo.sinks import HOST, SmtpSink, WebSink, free_port

CONFIG = "thumoi.toml"
SERVER_LOG = "server.log"
STARTS_WITHIN_S = 60.0
SENDER = "hopbao@vanphong.example"
OFFICE = {
    "name": "Văn phòng Ủy ban nhân dân Thành phố",
    "short_name": "VP UBND TP",
    "address": "86 Lê Thánh Tôn, phường Sài Gòn",
    "email": SENDER,
}


@dataclass(frozen=True)
class Ports:
    """Where the house and its sinks listen, on loopback; 0 means any free port."""

    server: int = 0
    postbox: int = 0
    smtp: int = 0


@dataclass(frozen=True)
class Person:
    """An account of the house."""

    role: str
    email: str
    password: str = field(repr=False)


@dataclass
class House:
    """One office at work: its *folder*, its address, and what arrived at the sinks."""

    folder: Path
    url: str
    postbox_url: str
    arrived: Arrived
    server: Program
    environment: Mapping[str, str]

    def thumoi(self, *words: str, seconds: float = 60) -> Any:  # noqa: ANN401 - any JSON
        """Run one command with ``--json`` in this house and return what it said.

        Raises:
            DemoError: it failed.
        """
        return json.loads(run([*words, "--json"], self.environment, seconds=seconds))

    def add_person(self, role: str, email: str, name: str) -> Person:
        """Make an account and return it with the password that was made for it."""
        found = self.thumoi("user", "add", email, "--role", role, "--name", name)
        return Person(role, email, found["password"])

    def open_doors(self) -> None:
        """Start the server (again) and wait until it answers.

        Raises:
            DemoError: it ended instead, or took more than a minute.
        """
        self.server.start()
        page = f"{self.url}/sign-in"
        self.server.wait_until(lambda: answers(page), STARTS_WITHIN_S, "thumoi serve")


@contextmanager
def open_house(folder: Path, ports: Ports | None = None) -> Iterator[House]:
    """Lend an office in *folder* whose server runs; everything ends with the block.

    Raises:
        DemoError: the server did not start.
    """
    wanted = ports or Ports()
    arrived = Arrived(folder)
    with ExitStack() as stack:
        smtp = stack.enter_context(SmtpSink(arrived, free_port(wanted.smtp)))
        web = stack.enter_context(WebSink(postbox(arrived), free_port(wanted.postbox)))
        port = free_port(wanted.server)
        _write_config(folder, port, smtp.port, web.port)
        environment = {"THUMOI_CONFIG": str(folder / CONFIG)}
        server = Program(["serve"], folder / SERVER_LOG, environment)
        stack.callback(server.stop)
        house = House(
            folder=folder,
            url=f"http://{HOST}:{port}",
            postbox_url=f"http://{HOST}:{web.port}",
            arrived=arrived,
            server=server,
            environment=environment,
        )
        house.open_doors()
        yield house


def _write_config(folder: Path, port: int, smtp: int, web: int) -> None:
    """Write the configuration of the house, as an operator would."""
    url = f"http://{HOST}:{port}"
    sections: dict[str, dict[str, str | int]] = {
        "server": {"host": HOST, "port": port, "base_url": url},
        "office": dict(OFFICE),
        "mail": {"host": HOST, "port": smtp, "security": "none", "sender": SENDER},
        "sms": {"url": f"http://{HOST}:{web}/cgi-bin/sendsms", "user": "demo", "price": 800},
    }
    lines = [f"data = {json.dumps(str(folder / 'office'))}"]
    for name, settings in sections.items():
        lines += ["", f"[{name}]"]
        lines += [f"{key} = {json.dumps(value)}" for key, value in settings.items()]
    (folder / CONFIG).write_text("\n".join(lines) + "\n", encoding="utf-8")

"""A mail relay on this machine that can be told to misbehave, and a gateway for texts."""

from __future__ import annotations

import asyncio
import threading
from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Self
from urllib.parse import parse_qs, urlsplit

from aiosmtpd.smtp import SMTP, Envelope, Session

DROP_BEFORE, DROP_AFTER = "drop before keeping", "drop after keeping"


@dataclass
class Relay:
    """Answers by plan: *rcpt* and *data* give the next answers for an address, in turn."""

    rcpt: dict[str, list[str]] = field(default_factory=dict)
    data: dict[str, list[str]] = field(default_factory=dict)
    mail: list[str] = field(default_factory=list)
    kept: list[tuple[str, bytes]] = field(default_factory=list)
    senders: Counter[str] = field(default_factory=Counter)
    lines: int = 0
    port: int = 0

    async def handle_MAIL(  # noqa: N802 - aiosmtpd calls it by this name
        self,
        _server: SMTP,
        _session: Session,
        envelope: Envelope,
        address: str,
        options: list[str],
    ) -> str:
        if self.mail:
            return self.mail.pop(0)
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        self.senders[address] += 1
        return "250 OK"

    async def handle_RCPT(  # noqa: N802 - aiosmtpd calls it by this name
        self,
        _server: SMTP,
        _session: Session,
        envelope: Envelope,
        address: str,
        options: list[str],
    ) -> str:
        answers = self.rcpt.get(address)
        if answers:
            return answers.pop(0)
        envelope.rcpt_tos.append(address)
        envelope.rcpt_options.extend(options)
        return "250 OK"

    async def handle_DATA(  # noqa: N802 - aiosmtpd calls it by this name
        self, server: SMTP, _session: Session, envelope: Envelope
    ) -> str:
        (address,) = envelope.rcpt_tos
        answers = self.data.get(address)
        answer = answers.pop(0) if answers else "250 2.0.0 Ok: queued as ABC123"
        if answer == DROP_AFTER or answer.startswith("2"):
            assert isinstance(envelope.content, bytes)
            self.kept.append((address, envelope.content))
        if answer in {DROP_BEFORE, DROP_AFTER}:
            assert isinstance(server.transport, asyncio.Transport)
            server.transport.abort()
        return answer

    def ids(self) -> dict[str, set[str]]:
        """Return the Message-IDs that arrived, by address."""
        found: dict[str, set[str]] = defaultdict(set)
        for address, content in self.kept:
            mail = message_from_bytes(content, policy=policy.default)
            found[address].add(str(mail["Message-ID"]))
        return dict(found)

    def __enter__(self) -> Self:
        """Open the relay on a free port of the loopback."""
        ready = threading.Event()
        self._thread = threading.Thread(target=self._live, args=(ready,), daemon=True)
        self._thread.start()
        assert ready.wait(10)
        return self

    def __exit__(self, *_: object) -> None:
        """Close it."""
        self._loop.call_soon_threadsafe(self._end.set)
        self._thread.join(10)

    def _live(self, ready: threading.Event) -> None:
        asyncio.run(self._serve(ready))

    async def _serve(self, ready: threading.Event) -> None:
        self._loop, self._end = asyncio.get_running_loop(), asyncio.Event()
        server = await self._loop.create_server(self._line, "127.0.0.1", self.port)
        self.port = server.sockets[0].getsockname()[1]
        ready.set()
        await self._end.wait()
        server.close()

    def _line(self) -> SMTP:
        self.lines += 1
        return SMTP(self, hostname="relay.example", enable_SMTPUTF8=False)


class Gateway:
    """Takes text messages over HTTP; *answers* are (status, body), None for a broken line."""

    def __init__(self) -> None:
        self.taken: list[dict[str, str]] = []
        self.answers: list[tuple[int, str] | None] = []
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self._answer))
        self.url = f"http://127.0.0.1:{self._server.server_port}/cgi-bin/sendsms"

    def __enter__(self) -> Self:
        """Open the gateway."""
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        """Close it."""
        self._server.shutdown()
        self._server.server_close()

    def _answer(self, fields: dict[str, str]) -> tuple[int, str] | None:
        self.taken.append(fields)
        return self.answers.pop(0) if self.answers else (202, "0: Accepted for delivery")


def _handler(
    answer: Callable[[dict[str, str]], tuple[int, str] | None],
) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            query = parse_qs(urlsplit(self.path).query)
            self._give({name: values[0] for name, values in query.items()})

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            self._give({"json": body, "bearer": self.headers.get("Authorization", "")})

        def _give(self, fields: dict[str, str]) -> None:
            given = answer(fields)
            if given is None:
                self.close_connection = True
                return
            status, body = given
            self.send_response(status)
            self.send_header("Content-Length", str(len(body.encode())))
            self.end_headers()
            self.wfile.write(body.encode())

        def log_message(self, *_args: object) -> None:
            """Say nothing: a test prints only what went wrong."""

    return Handler

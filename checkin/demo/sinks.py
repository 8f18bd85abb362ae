"""Two doors at which letters end: an SMTP server and a text message gateway, on loopback."""

from __future__ import annotations

import asyncio
import socket
import threading
from typing import TYPE_CHECKING, Self

from aiosmtpd.smtp import SMTP
from flask import Blueprint, Flask, Response, current_app, jsonify, request
from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

if TYPE_CHECKING:
    from collections.abc import Mapping

    from aiosmtpd.smtp import Envelope, Session

    from checkin.demo.arrived import Arrived, Text

HOST = "127.0.0.1"
ACCEPTED = "250 2.0.0 Ok: kept as {number}"
MAIL_MOST = 30 * 1024 * 1024
ARRIVED = "thumoi.arrived"

gateway = Blueprint("gateway", __name__)


def free_port(usual: int) -> int:
    """Return *usual* if nobody listens there, or another port that is free now."""
    for port in (usual, 0):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((HOST, port))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    msg = "no port is free on this machine"
    raise OSError(msg)


class SmtpSink:
    """An SMTP server that takes every mail; use it as a context manager.

    *port* 0 means any free one; `port` says which it became.
    """

    def __init__(self, arrived: Arrived, port: int = 0) -> None:
        self._arrived = arrived
        self._wanted = port
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, name="smtp-sink", daemon=True)
        self._server: asyncio.Server | None = None

    def __enter__(self) -> Self:
        """Open the port and begin to listen."""
        self._server = self._loop.run_until_complete(
            self._loop.create_server(self._protocol, HOST, self._wanted)
        )
        self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        """Close the port, and every line with it."""
        asyncio.run_coroutine_threadsafe(self._close(), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    @property
    def port(self) -> int:
        """Where it listens, on loopback."""
        if self._server is None:
            msg = "the sink is not open"
            raise RuntimeError(msg)
        return int(self._server.sockets[0].getsockname()[1])

    async def handle_DATA(  # noqa: N802 - the name that aiosmtpd calls
        self,
        _server: SMTP,
        _session: Session,
        envelope: Envelope,
    ) -> str:
        """Keep the mail of *envelope*, once for each recipient, and answer with its number."""
        raw = envelope.original_content or b""
        kept = [
            self._arrived.take_mail(envelope.mail_from or "", recipient, raw)
            for recipient in envelope.rcpt_tos
        ]
        return ACCEPTED.format(number=kept[-1].number)

    def _protocol(self) -> SMTP:
        return SMTP(self, data_size_limit=MAIL_MOST, hostname="sink.localhost", loop=self._loop)

    def _run(self) -> None:
        self._loop.run_forever()

    async def _close(self) -> None:
        if self._server is not None:
            self._server.close()
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)


class WebSink:
    """A small web server for the gateway and for the page that shows what arrived."""

    def __init__(self, app: Flask, port: int = 0) -> None:
        self._server: BaseWSGIServer = make_server(
            HOST, port, app, threaded=True, request_handler=_Quiet
        )
        self._thread = threading.Thread(
            target=self._server.serve_forever, name="web-sink", daemon=True
        )

    def __enter__(self) -> Self:
        """Begin to answer."""
        self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        """Stop, and close the port."""
        self._server.shutdown()
        self._thread.join(10)
        self._server.server_close()

    @property
    def port(self) -> int:
        """Where it listens, on loopback."""
        return int(self._server.port)


class _Quiet(WSGIRequestHandler):
    """Answers without a line in the log for each request."""

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Say nothing: the page shows what arrived."""


@gateway.post("/sms")
def take_text() -> tuple[Response, int]:
    """Take one text message, as JSON with *to*, *text* and *ref*."""
    found = request.get_json(silent=True)
    kept = _kept(found) if isinstance(found, dict) else None
    if kept is None:
        return jsonify(error="to and text are needed"), 400
    return jsonify(id=f"sink-{kept.number}", status="accepted"), 200


@gateway.get("/cgi-bin/sendsms")
def take_text_like_kannel() -> tuple[str, int]:
    """Take one text message as Kannel's ``sendsms`` does, in the query."""
    if _kept(request.args) is None:
        return "Missing receiver or text, rejected", 400
    return "0: Accepted for delivery", 202


def _kept(found: Mapping[str, object]) -> Text | None:
    """Keep the message in *found*, or nothing if it has no receiver or no text."""
    to, text = found.get("to"), found.get("text")
    if not isinstance(to, str) or not isinstance(text, str) or not to or not text:
        return None
    arrived: Arrived = current_app.extensions[ARRIVED]
    return arrived.take_text(to, text, str(found.get("ref", "")))

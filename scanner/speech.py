"""How the server is reached, and how what it says is taken: with time limits, as JSON."""

from __future__ import annotations

import json
from contextlib import ExitStack
from typing import Any

import httpx
from websockets.exceptions import WebSocketException
from websockets.sync.client import ClientConnection, connect

from checkin.domain.protocol import LINE_PATH
from scanner.errors import LineError

CONNECT_WITHIN = 3.0
READ_WITHIN = 5.0
PING_EVERY = 4.0
PONG_WITHIN = 3.0
LARGEST_MESSAGE = 64 * 1024 * 1024
NONSENSE = "no message of ours"

Answer = dict[str, Any]


def http_to(server: str) -> httpx.Client:
    """Return an HTTP client for *server*: 3 s to connect, 5 s to read, no proxy."""
    limits = httpx.Timeout(READ_WITHIN, connect=CONNECT_WITHIN)
    return httpx.Client(base_url=server, timeout=limits, trust_env=False)


def socket_to(server: str, held: ExitStack) -> ClientConnection:
    """Return an open WebSocket to *server*, which *held* will close."""
    address = server.rstrip("/").replace("http", "ws", 1) + LINE_PATH
    try:
        return held.enter_context(
            connect(
                address,
                open_timeout=CONNECT_WITHIN,
                ping_interval=PING_EVERY,
                ping_timeout=PONG_WITHIN,
                close_timeout=1,
                max_size=LARGEST_MESSAGE,
                compression=None,
                proxy=None,
            )
        )
    except (OSError, WebSocketException) as error:
        raise LineError(why(error)) from error


def object_in(message: str | bytes) -> Answer:
    """Return a message as the JSON object it must be."""
    try:
        spoken = json.loads(message)
    except ValueError as error:
        raise LineError(NONSENSE) from error
    if not isinstance(spoken, dict):
        raise LineError(NONSENSE)
    return spoken


def why(error: Exception) -> str:
    """Return *error* in one line."""
    return f"{type(error).__name__}: {error}".strip()

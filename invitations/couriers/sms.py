"""The text messenger: short texts go to an HTTP gateway, Kannel's or a plain JSON one.

A text message costs money and cannot be taken back, so whatever happens after its body left
without a clear answer is uncertain, and nothing is ever sent again by itself.
"""

from __future__ import annotations

import logging
import re
import ssl
from dataclasses import dataclass, field
from http import HTTPStatus

import httpx

from invitations.couriers import Letter
from invitations.couriers.email import LOOPBACK
from invitations.domain.errors import CourierError
from invitations.domain.wording import length

KANNEL, JSON = "kannel", "json"
PHONE = re.compile(r"\+[1-9][0-9]{6,14}", re.ASCII)  # ITU-T E.164
ANSWER_LIMIT = 200

_UNSENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.InvalidURL)
_UCS2 = "2"
_DOORS_SHUT = frozenset({HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN})
_UNCLEAR = frozenset({HTTPStatus.INTERNAL_SERVER_ERROR, HTTPStatus.BAD_GATEWAY, 504})


@dataclass(frozen=True)
class Gateway:
    """A gateway for text messages; *kind* is ``kannel`` or ``json``.

    Kannel gets a GET with its query fields. The JSON kind gets a POST of ``{"ref", "to",
    "from", "text", "encoding"}`` with *password* as a bearer token and answers ``{"id"}``.

    Raises:
        ValueError: the kind is unknown, or the way to another machine is not encrypted.
    """

    url: str
    kind: str = KANNEL
    username: str = ""
    password: str = field(default="", repr=False)
    sender: str = ""
    ca_file: str = ""
    max_connections: int = 2
    per_minute: int = 0
    timeout_s: float = 15

    def __post_init__(self) -> None:
        if self.kind not in {KANNEL, JSON}:
            msg = f"unknown kind of gateway: {self.kind}"
            raise ValueError(msg)
        url = httpx.URL(self.url)
        at_home = url.scheme == "http" and LOOPBACK.fullmatch(url.host)
        if url.scheme != "https" and not at_home:
            msg = f"text messages go to {url.host} under https or not at all"
            raise ValueError(msg)


class SmsCourier:
    """Carries text messages to one gateway."""

    def __init__(self, gateway: Gateway) -> None:
        self.gateway = gateway
        self._client: httpx.AsyncClient | None = None
        # Its log lines hold whole addresses, with our password and the guest's number.
        logging.getLogger("httpx").setLevel(logging.WARNING)

    @property
    def at_once(self) -> int:
        """How many messages may be under way."""
        return self.gateway.max_connections

    @property
    def per_minute(self) -> int:
        """How many messages the gateway takes in a minute; 0 for no limit."""
        return self.gateway.per_minute

    async def carry(self, letter: Letter) -> str:
        """Hand *letter* to the gateway; return the gateway's id of it.

        Raises:
            CourierError: it was not taken, or nobody knows whether it was.
        """
        if not PHONE.fullmatch(letter.address):
            raise CourierError("address", permanent=True, code="address")
        client = self._open()
        try:
            answer = await client.send(self._request(client, letter))
        except _UNSENT as error:
            raise CourierError(str(error), relay=True, code="unreachable") from error
        except (httpx.HTTPError, httpx.StreamError) as error:
            raise CourierError(repr(error), uncertain=True, code="uncertain") from error
        return _receipt(answer, self.gateway.kind)

    async def rest(self) -> None:
        """Close the lines to the gateway."""
        if self._client is not None:
            await self._client.aclose()
            self._client = None

    def _open(self) -> httpx.AsyncClient:
        if self._client is None:
            self._client = httpx.AsyncClient(
                timeout=self.gateway.timeout_s,
                verify=ssl.create_default_context(cafile=self.gateway.ca_file or None),
                follow_redirects=False,  # a message goes where the office sends it
                trust_env=False,
            )
        return self._client

    def _request(self, client: httpx.AsyncClient, letter: Letter) -> httpx.Request:
        alphabet = length(letter.text).alphabet
        if self.gateway.kind == JSON:
            return client.build_request(
                "POST",
                self.gateway.url,
                headers={b"Authorization": f"Bearer {self.gateway.password}".encode()},
                json={
                    "ref": letter.reference,
                    "to": letter.address,
                    "from": self.gateway.sender,
                    "text": letter.text,
                    "encoding": alphabet,
                },
            )
        query = {
            "username": self.gateway.username,
            "password": self.gateway.password,
            "from": self.gateway.sender,
            "to": letter.address,
            "text": letter.text,
            "charset": "UTF-8",
        }
        if alphabet != "gsm7":
            query["coding"] = _UCS2  # without it Kannel writes "?" for every marked letter
        return client.build_request("GET", self.gateway.url, params=query)


def _receipt(answer: httpx.Response, kind: str) -> str:
    """Return the id in a good *answer*, or raise what a bad one means.

    Raises:
        CourierError: the answer is not a receipt.
    """
    status, words = answer.status_code, " ".join(answer.text.split())[:ANSWER_LIMIT]
    code = str(status)
    if answer.is_success:
        return words if kind == KANNEL else _id_in(answer)
    if status in _DOORS_SHUT:
        raise CourierError(words, relay=True, code="auth")
    if status in {HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE}:
        raise CourierError(words, relay=True, code=code)
    if status in _UNCLEAR:
        raise CourierError(words, uncertain=True, code="uncertain")
    if answer.is_client_error:
        raise CourierError(words, permanent=True, code="gateway")
    raise CourierError(words, relay=True, code=code)


def _id_in(answer: httpx.Response) -> str:
    try:
        found = answer.json()
    except ValueError as error:
        raise CourierError("no-json", uncertain=True, code="uncertain") from error
    return str(found.get("id", ""))[:ANSWER_LIMIT] if isinstance(found, dict) else ""

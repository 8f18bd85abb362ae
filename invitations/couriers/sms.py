"""The text messenger: short texts go to one HTTP gateway.

A text message costs money and cannot be taken back, so whatever happens after its body left
without a clear answer is uncertain, and nothing is ever sent again by itself.
"""

from __future__ import annotations

import logging
import re
import ssl
from dataclasses import dataclass
from http import HTTPStatus

import httpx

from invitations.couriers import Letter
from invitations.couriers.gateways import ANSWER_LIMIT, DOORS_SHUT, GSM, KINDS, TWILIO, Gateway
from invitations.domain.errors import CourierError
from invitations.domain.wording import Length, length

PHONE = re.compile(r"\+[1-9][0-9]{6,14}", re.ASCII)  # ITU-T E.164

_UNSENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.InvalidURL)
_PRESSED = frozenset({HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE})
_UNCLEAR = frozenset({HTTPStatus.INTERNAL_SERVER_ERROR, HTTPStatus.BAD_GATEWAY, 504})


@dataclass(frozen=True)
class Estimate:
    """How long a text is, and what it costs in VND."""

    length: Length
    cost: int


class SmsCourier:
    """Carries text messages to one gateway."""

    def __init__(self, gateway: Gateway) -> None:
        self.gateway = gateway
        self._dialect = KINDS[gateway.kind]
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

    def estimate(self, text: str) -> Estimate:
        """Return the length of *text* and what sending it to one guest costs."""
        found = length(text)
        return Estimate(found, found.parts * self.gateway.price)

    async def carry(self, letter: Letter) -> str:
        """Hand *letter* to the gateway; return the gateway's id of it.

        Raises:
            CourierError: it was not taken, or nobody knows whether it was.
        """
        if not PHONE.fullmatch(letter.address):
            raise CourierError("address", permanent=True, code="address")
        if not self._dialect.unicode and length(letter.text).alphabet != GSM:
            # It would arrive with a question mark for every marked letter.
            raise CourierError("alphabet", permanent=True, code="alphabet")
        client = self._open()
        asked = self._dialect.request(self.gateway, letter)
        try:
            answer = await client.request(**asked)
        except _UNSENT as error:
            raise CourierError(str(error), relay=True, code="unreachable") from error
        except (httpx.HTTPError, httpx.StreamError) as error:
            raise CourierError(repr(error), uncertain=True, code="uncertain") from error
        _judge(answer, self.gateway.kind)
        return self._dialect.receipt(answer)

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


def _judge(answer: httpx.Response, kind: str) -> None:
    """Let an *answer* pass whose body says the rest.

    Raises:
        CourierError: its status says that the message was refused or is in doubt.
    """
    status, words = answer.status_code, " ".join(answer.text.split())[:ANSWER_LIMIT]
    if answer.is_success:
        return
    if status in DOORS_SHUT:
        raise CourierError(words, relay=True, code="auth")
    if status in _PRESSED:
        raise CourierError(words, relay=True, code=str(status))
    if status in _UNCLEAR:
        raise CourierError(words, uncertain=True, code="uncertain")
    if not answer.is_client_error:
        raise CourierError(words, relay=True, code=str(status))
    if kind != TWILIO:  # which says in the body whose fault it is
        raise CourierError(words, permanent=True, code="gateway")

"""The gateways for text messages: how each is asked, and what its answers mean.

Shapes are those of the gateways' own documents: Kannel's user guide (sendsms), eSMS.vn
SendMultipleMessage_V4, SpeedSMS sms/send, Twilio Messages, Zalo ZNS template messages.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, Protocol
from urllib.parse import urlencode

import httpx

from invitations.couriers import Letter
from invitations.couriers.email import LOOPBACK
from invitations.domain.errors import CourierError
from invitations.domain.wording import length

KANNEL, JSON, ESMS, SPEEDSMS, TWILIO, ZNS = (
    "kannel", "json", "esms", "speedsms", "twilio", "zns",
)  # fmt: skip
ANSWER_LIMIT = 200
GSM = "gsm7"

_UCS2 = "2"
_ALL_REPORTS = "31"  # Kannel's dlr-mask: delivered, failed, buffered, taken, refused


@dataclass(frozen=True)
class Gateway:
    """A gateway for text messages; *kind* is one of `KINDS`.

    *username* is the API key or the account's id, *password* the secret, *sender* the brand
    name or number, *template* the one that Zalo approved. *callback* is the address at which
    the gateway reports, with our secret in it, empty for none; *callback_key* what Zalo signs
    its reports with. *price* is in VND a part.

    Raises:
        ValueError: the kind is unknown, or the way to another machine is not encrypted.
    """

    url: str
    kind: str = KANNEL
    username: str = ""
    password: str = field(default="", repr=False)
    sender: str = ""
    template: str = ""
    callback: str = field(default="", repr=False)
    callback_key: str = field(default="", repr=False)
    price: int = 0
    ca_file: str = ""
    max_connections: int = 2
    per_minute: int = 0
    timeout_s: float = 15

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            msg = f"unknown kind of gateway: {self.kind}"
            raise ValueError(msg)
        url = httpx.URL(self.url)
        at_home = url.scheme == "http" and LOOPBACK.fullmatch(url.host)
        if url.scheme != "https" and not at_home:
            msg = f"text messages go to {url.host} under https or not at all"
            raise ValueError(msg)

    def report_to(self, letter: Letter) -> str:
        """Return where the gateway shall report on *letter*; empty for nowhere."""
        return (
            f"{self.callback}?{urlencode({'ref': letter.reference})}" if self.callback else ""
        )


class Dialect(Protocol):
    """How one kind of gateway is spoken to; *unicode* tells whether it keeps our marks."""

    unicode: bool

    def request(self, gateway: Gateway, letter: Letter) -> dict[str, Any]:
        """Return the arguments of the HTTP request that hands *letter* over."""

    def receipt(self, answer: httpx.Response) -> str:
        """Return the gateway's id in a good *answer*.

        Raises:
            CourierError: the answer is a refusal, or no receipt.
        """


class Kannel:
    """Kannel's sendsms: a GET; 202 when the message was taken or queued."""

    unicode = True

    def request(self, gateway: Gateway, letter: Letter) -> dict[str, Any]:
        """Return a query; without ``coding`` Kannel writes "?" for every marked letter."""
        query = {
            "username": gateway.username,
            "password": gateway.password,
            "from": gateway.sender,
            "to": letter.address,
            "text": letter.text,
            "charset": "UTF-8",
        }
        if length(letter.text).alphabet != GSM:
            query["coding"] = _UCS2
        if where := gateway.report_to(letter):
            query["dlr-mask"] = _ALL_REPORTS
            query["dlr-url"] = f"{where}&status=%d&answer=%A"
        return {"method": "GET", "url": gateway.url, "params": query}

    def receipt(self, answer: httpx.Response) -> str:
        """Return Kannel's words: it gives no id, and reports under our reference."""
        return _words(answer)


class PlainJson:
    """A plain gateway: ``{"ref", "to", "from", "text", "encoding"}``, answered ``{"id"}``."""

    unicode = True

    def request(self, gateway: Gateway, letter: Letter) -> dict[str, Any]:
        """Return a POST with *gateway*'s password as a bearer token."""
        body = {
            "ref": letter.reference,
            "to": letter.address,
            "from": gateway.sender,
            "text": letter.text,
            "encoding": length(letter.text).alphabet,
        }
        if where := gateway.report_to(letter):
            body["callback"] = where
        bearer = {b"Authorization": f"Bearer {gateway.password}".encode()}
        return {"method": "POST", "url": gateway.url, "json": body, "headers": bearer}

    def receipt(self, answer: httpx.Response) -> str:
        """Return the id in the answer."""
        return str(_object(answer).get("id", ""))[:ANSWER_LIMIT]


class Esms:
    """eSMS.vn: the answer's code is in the body; RequestId keeps a repetition from going."""

    unicode = True
    _taken = frozenset({"100", "124"})  # 124: the same RequestId was taken before
    _ill = frozenset({"101", "103", "104", "99999"})  # key, money, brand name

    def request(self, gateway: Gateway, letter: Letter) -> dict[str, Any]:
        """Return the documented JSON; SmsType 2 is customer care under a brand name."""
        marked = length(letter.text).alphabet != GSM
        body = {
            "ApiKey": gateway.username,
            "SecretKey": gateway.password,
            "Phone": letter.address.removeprefix("+"),
            "Content": letter.text,
            "Brandname": gateway.sender,
            "SmsType": "2",
            "IsUnicode": "1" if marked else "0",
            "RequestId": letter.reference,
            "CallbackUrl": gateway.report_to(letter),
        }
        return {"method": "POST", "url": gateway.url, "json": body}

    def receipt(self, answer: httpx.Response) -> str:
        """Return the SMSID; a code other than 100 means that nothing was sent."""
        found = _object(answer)
        code = str(found.get("CodeResult", ""))
        if code in self._taken:
            return str(found.get("SMSID", ""))[:ANSWER_LIMIT]
        raise _refusal(code, str(found.get("ErrorMessage", "")), ill=code in self._ill)


class SpeedSms:
    """SpeedSMS: Basic authentication with the token for a name; no letters with marks."""

    unicode = False
    _ill = frozenset({"007", "008", "009", "300", "500"})  # address, key, money, trouble

    def request(self, gateway: Gateway, letter: Letter) -> dict[str, Any]:
        """Return the documented JSON; sms_type 3 is customer care under a brand name."""
        body = {
            "to": [letter.address.removeprefix("+")],
            "content": letter.text,
            "sms_type": 3,
            "sender": gateway.sender,
        }
        secret = (gateway.password, "x")
        return {"method": "POST", "url": gateway.url, "json": body, "auth": secret}

    def receipt(self, answer: httpx.Response) -> str:
        """Return the tranId; a number that it names invalid is a refusal of the guest."""
        found = _object(answer)
        data = found.get("data")
        data = data if isinstance(data, dict) else {}
        if data.get("invalidPhone"):
            raise CourierError("invalidPhone", permanent=True, code="address")
        if found.get("status") == "success":
            return str(data.get("tranId", ""))[:ANSWER_LIMIT]
        code = str(found.get("code", ""))
        raise _refusal(code, str(found.get("message", "")), ill=code in self._ill)


class Twilio:
    """Twilio's Messages: a form under Basic authentication; 201 with the sid."""

    unicode = True
    _nobody = frozenset({21211, 21214, 21610, 21614})  # no number, opted out, no mobile

    def request(self, gateway: Gateway, letter: Letter) -> dict[str, Any]:
        """Return the documented form."""
        form = {"To": letter.address, "From": gateway.sender, "Body": letter.text}
        if where := gateway.report_to(letter):
            form["StatusCallback"] = where
        secret = (gateway.username, gateway.password)
        return {"method": "POST", "url": gateway.url, "data": form, "auth": secret}

    def receipt(self, answer: httpx.Response) -> str:
        """Return the sid."""
        found = _object(answer)
        if answer.is_success:
            return str(found.get("sid", ""))[:ANSWER_LIMIT]
        words = str(found.get("message", ""))[:ANSWER_LIMIT]
        if found.get("code") in self._nobody:
            raise CourierError(words, permanent=True, code="address")
        raise CourierError(words, permanent=True, code="gateway")


class Zns:
    """Zalo ZNS: an approved template with the guest's values; no free text."""

    unicode = True
    _ill = frozenset({-124, -125, -131, -144, -147})  # token, template, quota
    _nobody = frozenset({-108, -114, -118, -139})  # number, not on Zalo, refuses

    def request(self, gateway: Gateway, letter: Letter) -> dict[str, Any]:
        """Return the documented JSON; tracking_id is our reference."""
        body = {
            "phone": letter.address.removeprefix("+"),
            "template_id": gateway.template,
            "template_data": dict(letter.fields),
            "tracking_id": letter.envelope_id[:48],
        }
        token = {b"access_token": gateway.password.encode()}
        return {"method": "POST", "url": gateway.url, "json": body, "headers": token}

    def receipt(self, answer: httpx.Response) -> str:
        """Return the msg_id; error 0 is the only good answer."""
        found = _object(answer)
        data = found.get("data")
        error = found.get("error")
        if error == 0 and isinstance(data, dict):
            return str(data.get("msg_id", ""))[:ANSWER_LIMIT]
        words = str(found.get("message", ""))[:ANSWER_LIMIT]
        if error in self._nobody:
            raise CourierError(words, permanent=True, code="address")
        raise _refusal(str(error), words, ill=error in self._ill)


KINDS: Mapping[str, Dialect] = {
    KANNEL: Kannel(),
    JSON: PlainJson(),
    ESMS: Esms(),
    SPEEDSMS: SpeedSms(),
    TWILIO: Twilio(),
    ZNS: Zns(),
}


def _refusal(code: str, words: str, *, ill: bool) -> CourierError:
    """Return a clear refusal: nothing was sent; an *ill* gateway refuses nobody."""
    said = f"{code} {words}".strip()[:ANSWER_LIMIT]
    return CourierError(said, relay=ill, code="auth" if ill else "gateway")


def _object(answer: httpx.Response) -> dict[str, Any]:
    """Return the JSON object of *answer*.

    Raises:
        CourierError: it is none, and nobody knows what became of the message.
    """
    try:
        found = answer.json()
    except ValueError as error:
        raise CourierError("no-json", uncertain=True, code="uncertain") from error
    if not isinstance(found, dict):
        raise CourierError("no-object", uncertain=True, code="uncertain")
    return found


def _words(answer: httpx.Response) -> str:
    return " ".join(answer.text.split())[:ANSWER_LIMIT]


DOORS_SHUT = frozenset({HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN})

"""The callers' desk: what gateways report of text messages, verified and read."""

from __future__ import annotations

import hashlib
import hmac
import json
from base64 import b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from invitations.couriers import gateways
from invitations.couriers.gateways import Gateway
from invitations.domain.receipts import Receipt, Report

DETAIL_LIMIT = 200
_FAILED_FOR_GOOD = 64  # SpeedSMS: from here on the network gave up


@dataclass(frozen=True)
class Callback:
    """One call: its query, its form, its raw body and its headers (names in lower case)."""

    query: Mapping[str, str] = field(default_factory=dict)
    form: Mapping[str, str] = field(default_factory=dict)
    raw: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    query_string: str = ""


def genuine(gateway: Gateway, call: Callback) -> bool:
    """Tell whether *call* bears the signature that *gateway*'s kind promises, if it does."""
    check = _SIGNED.get(gateway.kind)
    return check is None or check(gateway, call)


def read(gateway: Gateway, call: Callback) -> Receipt | None:
    """Return what *call* reports; nothing when it is no news, or makes no sense."""
    return _READERS[gateway.kind](call)


def _kannel(call: Callback) -> Receipt | None:
    """Read Kannel's dlr-url (user guide, "Delivery Reports"): a bit for each kind."""
    kinds = {"1": Report.DELIVERED, "2": Report.UNDELIVERED, "4": Report.BUFFERED}
    kinds["16"] = Report.UNDELIVERED  # the network refused it at once
    words = call.query.get("answer", "")
    return _receipt(kinds.get(call.query.get("status", "")), call.query.get("ref"), "", words)


def _json(call: Callback) -> Receipt | None:
    found = _object(call.raw)
    kinds = {each.value: each for each in Report}
    kind = kinds.get(str(found.get("status", "")))
    return _receipt(kind, found.get("ref") or call.query.get("ref"), found.get("id"), "")


def _esms(call: Callback) -> Receipt | None:
    """Read eSMS.vn's CallbackUrl: how many of the one receiver's messages went well."""
    said = {**call.form, **call.query}
    kind = Report.UNDELIVERED if said.get("SendFailed", "0") not in {"", "0"} else None
    if said.get("SendSuccess", "0") not in {"", "0"}:
        kind = Report.DELIVERED
    return _receipt(kind, said.get("ref"), said.get("SMSID"), said.get("SendStatus", ""))


def _speedsms(call: Callback) -> Receipt | None:
    """Read SpeedSMS's webhook: 0 delivered, below 64 passing, above for good."""
    found = _object(call.raw)
    status = found.get("status")
    if found.get("type") != "report" or not isinstance(status, int):
        return None
    kind = Report.BUFFERED if 0 < status < _FAILED_FOR_GOOD else Report.UNDELIVERED
    return _receipt(kind if status else Report.DELIVERED, "", found.get("tranId"), str(status))


def _twilio(call: Callback) -> Receipt | None:
    kinds = {
        "sent": Report.BUFFERED,
        "delivered": Report.DELIVERED,
        "undelivered": Report.UNDELIVERED,
        "failed": Report.UNDELIVERED,
    }
    kind = kinds.get(call.form.get("MessageStatus", ""))
    words = call.form.get("ErrorCode", "")
    return _receipt(kind, call.query.get("ref"), call.form.get("MessageSid"), words)


def _zns(call: Callback) -> Receipt | None:
    """Read Zalo's webhook: it tells only of messages that arrived."""
    found = _object(call.raw)
    message = found.get("message")
    if found.get("event_name") != "user_received_message" or not isinstance(message, dict):
        return None
    return _receipt(Report.DELIVERED, "", message.get("msg_id"), "")


def _signed_by_twilio(gateway: Gateway, call: Callback) -> bool:
    """Check X-Twilio-Signature: HMAC-SHA1 over the address and the sorted form."""
    query = f"?{call.query_string}" if call.query_string else ""
    told = "".join(f"{name}{call.form[name]}" for name in sorted(call.form))
    signed = f"{gateway.callback}{query}{told}".encode()
    made = hmac.new(gateway.password.encode(), signed, hashlib.sha1).digest()
    given = call.headers.get("x-twilio-signature", "")
    return hmac.compare_digest(b64encode(made), given.encode())


def _signed_by_zalo(gateway: Gateway, call: Callback) -> bool:
    """Check X-ZEvent-Signature: SHA-256 over app id, body, timestamp and secret."""
    stamp = str(_object(call.raw).get("timestamp", ""))
    told = gateway.username.encode() + call.raw + stamp.encode()
    made = hashlib.sha256(told + gateway.callback_key.encode()).hexdigest()
    given = call.headers.get("x-zevent-signature", "")
    return hmac.compare_digest(f"mac={made}".encode(), given.encode())


_READERS: Mapping[str, Callable[[Callback], Receipt | None]] = {
    gateways.KANNEL: _kannel,
    gateways.JSON: _json,
    gateways.ESMS: _esms,
    gateways.SPEEDSMS: _speedsms,
    gateways.TWILIO: _twilio,
    gateways.ZNS: _zns,
}
_SIGNED: Mapping[str, Callable[[Gateway, Callback], bool]] = {
    gateways.TWILIO: _signed_by_twilio,
    gateways.ZNS: _signed_by_zalo,
}


def _receipt(kind: Report | None, ours: object, theirs: object, words: str) -> Receipt | None:
    if kind is None or not (ours or theirs):
        return None
    return Receipt(kind, str(ours or ""), str(theirs or ""), words[:DETAIL_LIMIT])


def _object(raw: bytes) -> dict[str, Any]:
    try:
        found = json.loads(raw)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}

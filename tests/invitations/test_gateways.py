"""Gateways for text messages: each in its own recorded shape, over a local HTTP server."""

import json
from dataclasses import replace
from typing import Any

import pytest

from invitations.couriers import Letter, gateways
from invitations.couriers.gateways import Gateway
from invitations.couriers.sms import SmsCourier
from invitations.domain.errors import CourierError
from tests.invitations import relay
from tests.invitations.test_couriers import carry

CALLBACK = "https://moi.example.vn/callbacks/sms/kin"
PLAIN = Letter("sms.mfrggzdf.0@vp.example.vn", "+84903123456", "Moi hop bao, ma 4711")
MARKED = replace(PLAIN, text="Mời họp báo, mã 4711", fields=(("ho_ten", "Bà Ánh"),))
ESMS_OK = {"CodeResult": "100", "CountRegenerate": 0, "SMSID": "7a2b-esms"}
SPEED_OK = {
    "status": "success",
    "code": "00",
    "data": {"tranId": 9917, "totalSMS": 1, "totalPrice": 250, "invalidPhone": []},
}
TWILIO_OK = {"sid": "SM90c6", "status": "queued", "error_code": None}
ZNS_OK = {"error": 0, "message": "Success", "data": {"msg_id": "9c1f", "sent_time": "1"}}


def by(kind: str, url: str) -> SmsCourier:
    gateway = Gateway(
        url, kind, "ten", "kín", "UBND", template="3344", callback=CALLBACK, timeout_s=2
    )
    return SmsCourier(gateway)


def tried(kind: str, letter: Letter, status: int, body: object) -> tuple[Any, dict[str, str]]:
    """Return what carrying *letter* gave, and what the gateway got."""
    with relay.Gateway() as here:
        here.answers = [(status, body if isinstance(body, str) else json.dumps(body))]
        (given,) = carry(by(kind, here.url), [letter])
    return given, here.taken[0] if here.taken else {}


@pytest.mark.parametrize(
    ("kind", "status", "body", "expected"),
    [
        ("kannel", 202, "0: Accepted for delivery", "0: Accepted for delivery"),
        ("json", 200, {"id": "77"}, "77"),
        ("esms", 200, ESMS_OK, "7a2b-esms"),
        ("esms", 200, {"CodeResult": "124", "SMSID": "7a2b"}, "7a2b"),
        ("speedsms", 200, SPEED_OK, "9917"),
        ("twilio", 201, TWILIO_OK, "SM90c6"),
        ("zns", 200, ZNS_OK, "9c1f"),
    ],
)
def test_each_gateway_takes_a_text(kind: str, status: int, body: object, expected: str) -> None:
    given, _ = tried(kind, PLAIN, status, body)

    assert given == expected


@pytest.mark.parametrize(
    ("kind", "status", "body", "expected"),
    [
        ("esms", 200, {"CodeResult": "101"}, ("auth", False, True, False)),
        ("esms", 200, {"CodeResult": "118"}, ("gateway", False, False, False)),
        ("esms", 200, "<html>", ("uncertain", False, False, True)),
        ("speedsms", 200, {"status": "error", "code": "007"}, ("auth", False, True, False)),
        ("speedsms", 200, {"status": "error", "code": "110"}, ("gateway", False, False, False)),
        (
            "speedsms",
            200,
            {"status": "success", "data": {"invalidPhone": ["84903123456"]}},
            ("address", True, False, False),
        ),
        ("twilio", 400, {"code": 21610, "message": "STOP"}, ("address", True, False, False)),
        ("twilio", 400, {"code": 21617, "message": "long"}, ("gateway", True, False, False)),
        ("twilio", 401, {"code": 20003}, ("auth", False, True, False)),
        ("twilio", 429, {"code": 20429}, ("429", False, True, False)),
        ("zns", 200, {"error": -124, "message": "token"}, ("auth", False, True, False)),
        ("zns", 200, {"error": -118, "message": "no account"}, ("address", True, False, False)),
        ("zns", 500, "oops", ("uncertain", False, False, True)),
    ],
)
def test_each_refusal_is_told_from_an_illness(
    kind: str, status: int, body: object, expected: tuple[str, bool, bool, bool]
) -> None:
    error, _ = tried(kind, PLAIN, status, body)

    assert isinstance(error, CourierError)
    assert (error.code, error.permanent, error.relay, error.uncertain) == expected


def test_each_gateway_is_asked_in_its_own_words() -> None:
    _, kannel = tried("kannel", MARKED, 202, "ok")
    _, esms = tried("esms", MARKED, 200, ESMS_OK)
    _, speed = tried("speedsms", PLAIN, 200, SPEED_OK)
    _, zns = tried("zns", MARKED, 200, ZNS_OK)

    ref = "?ref=sms.mfrggzdf.0%40vp.example.vn"
    assert (kannel["coding"], kannel["text"], kannel["dlr-mask"]) == ("2", MARKED.text, "31")
    assert kannel["dlr-url"] == f"{CALLBACK}{ref}&status=%d&answer=%A"
    assert json.loads(esms["json"]) == {
        "ApiKey": "ten",
        "SecretKey": "kín",
        "Phone": "84903123456",
        "Content": MARKED.text,
        "Brandname": "UBND",
        "SmsType": "2",
        "IsUnicode": "1",
        "RequestId": MARKED.reference,
        "CallbackUrl": CALLBACK + ref,
    }
    assert json.loads(speed["json"])["to"] == ["84903123456"]
    assert json.loads(zns["json"])["template_data"] == {"ho_ten": "Bà Ánh"}


@pytest.mark.parametrize("kind", sorted(gateways.KINDS))
def test_no_marked_letter_becomes_a_question_mark(kind: str) -> None:
    """Every gateway is told of the alphabet, or is never given the text."""
    given, asked = tried(kind, MARKED, 202, {"id": "1", **ESMS_OK, **TWILIO_OK, **ZNS_OK})

    if not gateways.KINDS[kind].unicode:
        assert (given.code, given.permanent, asked) == ("alphabet", True, {})
    elif kind == "kannel":
        assert asked["coding"] == "2"
    elif kind == "esms":
        assert json.loads(asked["json"])["IsUnicode"] == "1"


def test_a_gateway_without_marks_that_hid_it_would_be_seen(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A seeded bug: a gateway that claims to keep marks is given a marked text."""
    monkeypatch.setattr(gateways.SpeedSms, "unicode", True)

    given, asked = tried("speedsms", MARKED, 200, SPEED_OK)

    assert (given, json.loads(asked["json"])["content"]) == ("9917", MARKED.text)


def test_an_estimate_counts_parts_and_money() -> None:
    courier = SmsCourier(Gateway("https://x.vn/", price=350))

    assert courier.estimate("a" * 161).cost == 700
    assert courier.estimate("ư" * 70).length.parts == 1

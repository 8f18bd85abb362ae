"""Reports of text messages: verified, ranked, and harmless however they come."""

import base64
import hashlib
import hmac
import itertools
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import select

from invitations.couriers.callbacks import Callback, genuine, read
from invitations.couriers.gateways import Gateway
from invitations.domain import receipts as rules
from invitations.domain.receipts import Receipt, Report
from invitations.services.receipts import Receipts
from invitations.storage.database import Database
from invitations.storage.tables import deliveries
from tests.invitations import relay
from tests.invitations.outboxes import Clock, House, a_house, by_text

NOW = 1_790_000_000
URL = "https://moi.example.vn/callbacks/sms/kin"
REF = "sms.t.0@vp"


def gateway(kind: str) -> Gateway:
    return Gateway("https://sms.vn/", kind, "app", "matkhau", callback=URL, callback_key="khoa")


def in_json(found: object) -> Callback:
    return Callback(raw=json.dumps(found).encode())


@pytest.mark.parametrize(
    ("kind", "call", "expected"),
    [
        (
            "kannel",
            Callback(query={"ref": REF, "status": "1", "answer": "ok"}),
            Receipt(Report.DELIVERED, REF, "", "ok"),
        ),
        ("kannel", Callback(query={"ref": REF, "status": "8"}), None),
        (
            "kannel",
            Callback(query={"ref": REF, "status": "16"}),
            Receipt(Report.UNDELIVERED, REF),
        ),
        ("kannel", Callback(query={"ref": REF, "status": "4"}), Receipt(Report.BUFFERED, REF)),
        (
            "esms",
            Callback(query={"ref": REF, "SMSID": "7a", "SendSuccess": "1", "SendStatus": "5"}),
            Receipt(Report.DELIVERED, REF, "7a", "5"),
        ),
        (
            "esms",
            Callback(query={"SMSID": "7a", "SendFailed": "1", "SendSuccess": "0"}),
            Receipt(Report.UNDELIVERED, "", "7a"),
        ),
        (
            "speedsms",
            in_json({"type": "report", "tranId": 99, "phone": "84903", "status": 0}),
            Receipt(Report.DELIVERED, "", "99", "0"),
        ),
        (
            "speedsms",
            in_json({"type": "report", "tranId": 99, "status": 65}),
            Receipt(Report.UNDELIVERED, "", "99", "65"),
        ),
        (
            "twilio",
            Callback(query={"ref": REF}, form={"MessageSid": "SM1", "MessageStatus": "failed"}),
            Receipt(Report.UNDELIVERED, REF, "SM1"),
        ),
        ("twilio", Callback(form={"MessageSid": "SM1", "MessageStatus": "queued"}), None),
        (
            "zns",
            in_json({"event_name": "user_received_message", "message": {"msg_id": "9c"}}),
            Receipt(Report.DELIVERED, "", "9c"),
        ),
        (
            "json",
            in_json({"id": "77", "status": "buffered"}),
            Receipt(Report.BUFFERED, "", "77"),
        ),
        ("json", Callback(raw=b"\xff{"), None),
        ("speedsms", in_json(["report"]), None),
    ],
)
def test_each_report_is_read(kind: str, call: Callback, expected: Receipt | None) -> None:
    assert read(gateway(kind), call) == expected


def test_twilio_signs_its_reports() -> None:
    form = {"MessageSid": "SM1", "MessageStatus": "delivered"}
    told = f"{URL}?ref=1MessageSidSM1MessageStatusdelivered".encode()
    made = base64.b64encode(hmac.new(b"matkhau", told, hashlib.sha1).digest()).decode()
    call = Callback(form=form, headers={"x-twilio-signature": made}, query_string="ref=1")
    forged = Callback(
        form={**form, "MessageSid": "SM2"}, headers=call.headers, query_string="ref=1"
    )

    assert genuine(gateway("twilio"), call)
    assert not genuine(gateway("twilio"), forged)
    assert not genuine(gateway("twilio"), Callback(form=form))


def test_zalo_signs_its_reports() -> None:
    raw = json.dumps({"timestamp": "1790", "event_name": "x"}).encode()
    made = hashlib.sha256(b"app" + raw + b"1790" + b"khoa").hexdigest()

    assert genuine(
        gateway("zns"), Callback(raw=raw, headers={"x-zevent-signature": f"mac={made}"})
    )
    assert not genuine(gateway("zns"), Callback(raw=raw + b" ", headers={}))


@pytest.fixture
def house(database: Database, tmp_path: Path) -> House:
    """A house of one guest whose text was taken, on each kind of database."""
    house = a_house(database, tmp_path / "keys", people=1, clock=Clock(NOW))
    house.send("sms")
    with relay.Gateway() as here:
        house.postman(by_text(here.url)).run_until_empty(give_up_s=30)
    return house


def standing(house: House) -> tuple[str, str]:
    with house.database.read() as connection:
        row = connection.execute(select(deliveries.c.state, deliveries.c.report)).one()
    return str(row.state), str(row.report)


def report(house: House, *kinds: str) -> None:
    desk = Receipts(house.database, gateway("kannel"), "kin", Clock(NOW))
    with house.database.read() as connection:
        ref = str(connection.scalar(select(deliveries.c.message_id)))
    for kind in kinds:
        assert desk.take("kin", Callback(query={"ref": ref, "status": kind}))


def test_the_order_of_reports_never_matters(house: House) -> None:
    """Delivered, failed, buffered and taken, in every order and twice."""
    for order in itertools.permutations(("1", "2", "4", "8")):
        report(house, *order, *order)

    assert standing(house) == ("accepted", "delivered")


def test_a_message_given_up_has_failed_and_may_be_sent_another_way(house: House) -> None:
    report(house, "4", "2", "4")

    assert standing(house) == ("failed", "undelivered")


def test_an_unranked_book_would_be_seen(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """A seeded bug: the last report wins, whatever it says."""
    monkeypatch.setattr("invitations.storage.receipts.counts", lambda _before, _report: True)

    report(house, "1", "2")

    assert standing(house) != ("accepted", "delivered")


@pytest.mark.parametrize("secret", ["", "kim", "kin "])
def test_who_does_not_know_the_secret_reports_nothing(house: House, secret: str) -> None:
    desk = Receipts(house.database, gateway("kannel"), "kin")

    assert not desk.take(secret, Callback(query={"ref": "x", "status": "1"}))
    assert not Receipts(house.database).take("", Callback())


def test_a_report_before_the_answer_counts() -> None:
    given: Callable[[str, Report], str] = rules.state_after

    assert given("sending", Report.UNDELIVERED) == "sending"
    assert given("uncertain", Report.DELIVERED) == "accepted"
    assert given("cancelled", Report.DELIVERED) == "cancelled"

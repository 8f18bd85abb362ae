"""Exim, the real one: a batch goes through it under TLS, and arrives byte for byte."""

import os
from dataclasses import replace
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

import pytest
from sqlalchemy import select

from invitations.couriers import Courier
from invitations.couriers.email import EmailCourier, Relay
from invitations.couriers.message import build
from invitations.services.scribe import Scribe
from invitations.storage import rounds
from invitations.storage.database import Database
from invitations.storage.tables import deliveries
from tests.invitations.exim import Arrived, Exim, installed
from tests.invitations.outboxes import House, a_house, address

pytestmark = pytest.mark.skipif(
    not installed(), reason="needs Debian's exim4-daemon-light; `make test` installs it"
)
GUESTS = 24  # two more than two lines carry by default
PDF = b"%PDF-1.7\n" + os.urandom(30_000) + b"\n.\n%%EOF"


def couriers(here: Exim, security: str = "starttls") -> dict[str, Courier]:
    relay = Relay(
        "127.0.0.1", here.port, security, ca_file=str(here.authority), max_connections=2
    )
    return {"email": EmailCourier(relay)}


def a_batch(database: Database, folder: Path) -> House:
    house = a_house(database, folder / "keys", people=GUESTS)
    house.letters = replace(house.letters, enclose=lambda *_asked: PDF)
    house.send()
    return house


def built(house: House) -> dict[str, bytes]:
    """Return the mails that were meant, by address, in lines as Exim keeps them."""
    with house.database.read() as connection:
        ids = connection.scalars(select(deliveries.c.id)).all()
        errands = rounds.errands(connection, ids)
    scribe = Scribe(house.letters, house.keyring)
    mails = {each.delivery.address: build(scribe.write(each)) for each in errands}
    return {to: mail.replace(b"\r\n", b"\n") for to, mail in mails.items()}


def causes(house: House) -> dict[str, tuple[str, str]]:
    """Return state and cause of the deliveries that were not accepted."""
    with house.database.read() as connection:
        rows = connection.execute(
            select(deliveries.c.address, deliveries.c.state, deliveries.c.cause).where(
                deliveries.c.state != "accepted"
            )
        )
        return {row.address: (row.state, row.cause) for row in rows}


@pytest.fixture
def sent(sqlite_database: Database, tmp_path: Path) -> tuple[House, list[Arrived], str]:
    """A batch that went through Exim, what arrived, and Exim's log."""
    house = a_batch(sqlite_database, tmp_path)
    with Exim() as here:
        assert house.postman(couriers(here)).run_until_empty(give_up_s=20)
        return house, here.arrived(GUESTS - 2), here.log()


def test_a_batch_arrives_byte_for_byte(sent: tuple[House, list[Arrived], str]) -> None:
    house, arrived, log = sent
    meant = built(house)

    assert causes(house) == {
        address(2): ("failed", "address"),
        address(3): ("deferred", "busy"),
    }
    assert [each.to for each in arrived] == sorted(meant.keys() - {address(2), address(3)})
    assert [each.content.endswith(meant[each.to]) for each in arrived] == [True] * len(arrived)
    assert {each.bounces_to.partition("+")[0] for each in arrived} == {"bounce"}
    assert "X=TLS" in log
    assert (" L-" in log, " L" in log) == (False, True)  # commands came in groups (RFC 2920)


def test_what_arrived_is_read_by_the_standard_library(
    sent: tuple[House, list[Arrived], str],
) -> None:
    _house, arrived, _log = sent
    mail = message_from_bytes(arrived[0].content, policy=policy.default)
    assert isinstance(mail, EmailMessage)
    leaves = {each.get_content_type(): each for each in mail.walk() if not each.is_multipart()}

    assert mail["Subject"] == "Thư mời dự Họp báo định kỳ tháng 11/2026"
    assert mail["To"].addresses[0].display_name == "Nguyễn Văn Khách 10"
    assert [each.defects for each in mail.walk() if each.defects] == []
    assert list(leaves) == [
        "text/plain", "text/html", "image/png", "text/calendar", "application/pdf",
        "application/ics",
    ]  # fmt: skip
    assert leaves["application/pdf"].get_content() == PDF
    assert leaves["application/ics"].get_content().startswith(b"BEGIN:VCALENDAR")
    assert leaves["text/calendar"].get_param("method") == "REQUEST"


def test_a_relay_that_nobody_vouches_for_gets_nothing(
    sqlite_database: Database, tmp_path: Path
) -> None:
    """Exim's certificate is good for whoever knows its authority, and for nobody else."""
    house = a_batch(sqlite_database, tmp_path)
    with Exim() as here:
        stranger = EmailCourier(Relay("127.0.0.1", here.port, timeout_s=5))
        house.postman({"email": stranger}).run_until_empty(give_up_s=1)
        arrived = here.arrived(0)

    assert arrived == []
    assert house.states() == {"queued": GUESTS}

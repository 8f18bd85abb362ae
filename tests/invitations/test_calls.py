"""Whom the office calls, and the entrance where machines report, as pages."""

from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from checkin.app import create_app
from checkin.config import Config, MailConfig, ServerConfig, SmsConfig
from checkin.domain.accounts import Role
from invitations.storage.database import Database
from invitations.storage.tables import deliveries
from tests.factories_events import Office as Desks
from tests.invitations import relay
from tests.invitations.letterbox import EVENT
from tests.invitations.outboxes import House, a_house, address, by_mail, by_text
from tests.invitations.pages import HOME, words
from tests.invitations.pages import House as Pages

REFUSED = "550 5.1.1 No such user"


@pytest.fixture
def house(sqlite_database: Database, tmp_path: Path) -> House:
    """A house of three guests, of whom the second gets no mail."""
    house = a_house(sqlite_database, tmp_path / "keys", people=3)
    house.change_guest(2, name='=HYPERLINK("x")<b>Tâm & Sơn</b>')
    house.send()
    with relay.Relay(rcpt={address(2): [REFUSED]}) as here:
        house.postman(by_mail(here.port)).run_until_empty(give_up_s=30)
    return house


def browser(house: House, folder: Path, *, office_id: int = 1) -> FlaskClient:
    config = Config(
        folder,
        "",
        folder / "keys",
        server=ServerConfig(base_url=HOME),
        mail=MailConfig(sender="moi@vp.example"),
        sms=SmsConfig(url="https://sms.example.vn/", callback_secret="kin"),
    )
    app = create_app(config, house.database)
    desks = SimpleNamespace(database=house.database)  # it asks for nothing else
    return Pages(app, cast("Desks", desks)).browser(Role.OFFICER, office_id=office_id)


def test_the_office_sees_whom_to_call(house: House, tmp_path: Path) -> None:
    officer = browser(house, tmp_path)

    page = officer.get(f"/events/{EVENT.id}/calls").text
    file = officer.get(f"/events/{EVENT.id}/calls.csv")

    shown = words(page)
    assert "Danh sách cần gọi" in shown
    assert "&lt;b&gt;Tâm &amp; Sơn&lt;/b&gt;" in shown
    assert "Nguyễn Văn Khách 1" not in shown
    assert "'=HYPERLINK" in file.text
    assert len(file.text.splitlines()) == 2


def test_the_way_to_the_calls_is_shown_where_the_officer_looks(
    house: House, tmp_path: Path
) -> None:
    officer = browser(house, tmp_path)

    pages = [officer.get(way).text for way in (f"/events/{EVENT.id}", "/sendings/1")]
    house.withdraw(2)
    after = [officer.get(way).text for way in (f"/events/{EVENT.id}", "/sendings/1")]

    said = "1 khách chưa nhận được gì, cần gọi điện"
    way = f'href="/events/{EVENT.id}/calls"'
    assert [(said in words(page), way in page) for page in pages] == [(True, True)] * 2
    assert [(said in words(page), way in page) for page in after] == [(False, False)] * 2


def test_another_office_sees_no_list(house: House, tmp_path: Path) -> None:
    stranger = browser(house, tmp_path, office_id=2)

    assert stranger.get(f"/events/{EVENT.id}/calls").status_code == 404
    assert stranger.get(f"/events/{EVENT.id}/calls.csv").status_code == 404


def test_a_gateway_reports_at_the_machines_entrance(house: House, tmp_path: Path) -> None:
    house.send("sms")
    with relay.Gateway() as there:
        house.postman(by_text(there.url)).run_until_empty(give_up_s=30)
    machine = browser(house, tmp_path).application.test_client()
    of_text = select(deliveries.c.message_id, deliveries.c.report).where(
        deliveries.c.channel == "sms"
    )
    with house.database.read() as connection:
        reference = connection.execute(of_text).first()
    assert reference is not None
    query = {"ref": reference.message_id, "status": "1"}

    answers = [
        machine.get(f"/callbacks/sms/{secret}", query_string=query).status_code
        for secret in ("sai", "kin", "kin")
    ]

    with house.database.read() as connection:
        reports = sorted(row.report for row in connection.execute(of_text))
    assert answers == [404, 204, 204]
    assert reports == ["", "", "delivered"]

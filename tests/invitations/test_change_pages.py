"""The officer sees what guests would hear before anything is saved, and decides."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select, update

from invitations.domain.model import Event
from invitations.domain.outbox import EMAIL, State
from invitations.services.sending import Sending
from invitations.storage.database import Database
from invitations.storage.tables import deliveries, guests
from invitations.web.desks import EXTENSION
from tests.factories_events import ANH, Office, an_office
from tests.invitations.letterbox import LETTERS
from tests.invitations.pages import a_house, words

FORM = {
    "title": "Họp báo định kỳ tháng 11/2026",
    "place": "Hội trường B",
    "address": "86 Lê Thánh Tôn",
    "contact": "Bà Hương, 0903 123 456",
    "date": "19/11/2026",
    "starts": "15:00",
    "ends": "16:30",
    "opens": "14:15",
    "closes": "16:30",
}


@pytest.fixture
def office(sqlite_database: Database, tmp_path: Path) -> Office:
    """Ánh's office."""
    return an_office(sqlite_database, tmp_path)


@pytest.fixture
def event(office: Office) -> Event:
    """An event of which three guests have got a mail."""
    event = office.event()
    office.database.write(
        lambda tx: tx.execute(update(guests).values(email="khach@bao.example"))
    )
    sending = Sending(office.database, LETTERS, office.keyring, office.clock)
    sending.send(event.id, ANH, LETTERS.standard_words(), (EMAIL,))
    office.database.write(
        lambda tx: tx.execute(update(deliveries).values(state=State.ACCEPTED))
    )
    return event


@pytest.fixture
def browser(office: Office, event: Event, tmp_path: Path) -> FlaskClient:
    """The browser of an officer, after the letters arrived."""
    house = a_house(office, tmp_path)
    assert house.app.extensions[EXTENSION].notices.heard(event.id, ANH) == 3
    return house.browser()


def form(event: Event, **changes: str) -> dict[str, object]:
    """Return the event's form as a browser would send it."""
    gates = [(str(gate.id), gate.name) for gate in event.gates]
    ids, names = zip(*gates, strict=True)
    return {**FORM, "gate_id": list(ids), "gate": list(names), **changes}


def purposes(office: Office) -> list[str]:
    """Return the purpose of every letter but invitations."""
    with office.database.read() as connection:
        rows = connection.scalars(
            select(deliveries.c.purpose).where(deliveries.c.purpose != "invitation")
        )
        return list(rows)


def test_nothing_is_saved_before_the_officer_decided(
    browser: FlaskClient, office: Office, event: Event
) -> None:
    answer = browser.post(f"/events/{event.id}/edit", data=form(event))

    page = words(answer.get_data(as_text=True))
    assert "3 khách đã nhận thư. Chưa có gì được lưu hay gửi." in page
    assert "Lưu và báo 3 khách" in page
    assert office.planning.event(event.id, ANH).event.place == "Hội trường A"
    assert purposes(office) == []


@pytest.mark.parametrize(
    ("decided", "sent"),
    [pytest.param("tell", 3, id="tell"), pytest.param("quiet", 0, id="quiet")],
)
def test_the_officer_decides_whether_guests_hear(
    browser: FlaskClient, office: Office, event: Event, decided: str, sent: int
) -> None:
    notice = {"subject": "Đổi phòng", "opening": "Xin báo", "sms": "x"}
    browser.post(f"/events/{event.id}/edit", data=form(event, decided=decided, **notice))

    assert office.planning.event(event.id, ANH).event.place == "Hội trường B"
    assert purposes(office) == ["change"] * sent


def test_a_cancelled_event_asks_too(browser: FlaskClient, office: Office, event: Event) -> None:
    asked = browser.post(f"/events/{event.id}/cancel").get_data(as_text=True)
    assert "Hủy sự kiện và báo 3 khách" in asked
    assert office.planning.event(event.id, ANH).event.state == "open"

    browser.post(f"/events/{event.id}/cancel", data={"decided": "quiet"})
    assert purposes(office) == []
    page = browser.get(f"/events/{event.id}/notice").get_data(as_text=True)
    assert "Báo hủy cho khách?" in page

    browser.post(f"/events/{event.id}/notice", data={"decided": "tell", "sms": "x"})
    assert purposes(office) == ["cancellation"] * 3


def test_a_note_that_changes_is_saved_at_once(
    browser: FlaskClient, office: Office, event: Event
) -> None:
    data = form(event, place="Hội trường A", notes="Mang theo thẻ nhà báo")
    answer = browser.post(f"/events/{event.id}/edit", data=data)

    assert answer.status_code == 303
    assert office.planning.event(event.id, ANH).event.notes == "Mang theo thẻ nhà báo"


def test_one_guest_is_withdrawn_aloud_or_in_silence(
    browser: FlaskClient, office: Office, event: Event
) -> None:
    first, second, _ = office.issuing.holders(event.id, ANH)
    for holder, decided in ((first, "quiet"), (second, "tell")):
        path = f"/invitations/{holder.invitation.id}/withdraw"
        browser.post(path, data={"reason": "Trùng lịch", "decided": decided})

    assert purposes(office) == ["withdrawal"]


def test_somebody_comes_instead(browser: FlaskClient, office: Office, event: Event) -> None:
    old = office.issuing.holders(event.id, ANH)[0].invitation
    path = f"/invitations/{old.id}/replace"
    assert "Mời người khác thay" in browser.get(path).get_data(as_text=True)
    assert browser.post(path, data={"name": ""}).status_code == 422

    typed = {"name": "Đỗ Văn Bảy", "email": "bay@bao.example", "decided": "tell"}
    answer = browser.post(path, data=typed)

    assert "Đỗ Văn Bảy" in browser.get(answer.location).get_data(as_text=True)
    assert office.issuing.holder(old.id, ANH).invitation.state == "withdrawn"
    assert purposes(office) == ["withdrawal"]

"""A notice is seen as its guests will see it, waits for a second word, and can be retried."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select, update

from checkin.storage.tables import accounts
from invitations.domain.dispatch import HouseRules, Terms
from invitations.domain.model import Event
from invitations.domain.outbox import EMAIL, State
from invitations.services.changes import Changes
from invitations.services.notices import Notices
from invitations.services.sending import Sending
from invitations.storage.tables import deliveries, guests, sendings
from tests.factories_events import ANH, CHI, Office
from tests.invitations.letterbox import LETTERS
from tests.invitations.pages import a_house, words
from tests.invitations.test_change_pages import browser, event, form, office, purposes
from tests.invitations.test_changes import Desk, desk

__all__ = ["browser", "desk", "event", "office"]

WITHDRAWN = LETTERS.standard_words("withdrawal")


def typed(**changes: str) -> dict[str, str]:
    """Return the notice as a browser would send it."""
    said = LETTERS.standard_words("change")
    return {"subject": said.subject, "opening": said.opening, "sms": said.sms, **changes}


def test_the_preview_tells_of_the_change_that_is_not_saved_yet(
    browser: FlaskClient, office: Office, event: Event
) -> None:
    filled = form(event) | typed(note="Trước đây: Hội trường A")
    mail = browser.post(f"/events/{event.id}/notice/edit/preview/mail", data=filled)
    entry = browser.post(f"/events/{event.id}/notice/edit/preview/calendar", data=filled)

    page = words(mail.get_data(as_text=True))
    assert "THÔNG BÁO THAY ĐỔI" in page
    assert "Địa điểm Hội trường B" in page
    assert "Hội trường B, 86 Lê Thánh Tôn" in words(entry.get_data(as_text=True))
    assert mail.headers["Content-Security-Policy"].startswith("default-src 'none'")
    assert office.planning.event(event.id, ANH).event.place == "Hội trường A"


@pytest.mark.parametrize(
    ("kind", "more", "said"),
    [
        pytest.param("cancel", {}, "sẽ gỡ mục này", id="called off"),
        pytest.param("withdraw", {"invitation": "1"}, "sẽ gỡ mục này", id="one guest"),
        pytest.param("stands", {}, "thêm hoặc cập nhật mục này", id="as it stands"),
    ],
)
def test_the_calendar_shows_what_each_notice_does_to_it(
    browser: FlaskClient, event: Event, kind: str, more: dict[str, str], said: str
) -> None:
    way = f"/events/{event.id}/notice/{kind}/preview/calendar"
    page = browser.post(way, data=typed() | more)

    assert said in words(page.get_data(as_text=True))


def test_a_test_that_no_courier_takes_is_said_and_nothing_is_decided(
    browser: FlaskClient, office: Office, event: Event
) -> None:
    filled = form(event) | typed(opening="Lời đã gõ")
    answer = browser.post(f"/events/{event.id}/notice/edit/test", data=filled)

    page = answer.get_data(as_text=True)
    assert "Gửi thử tới officer1@vp.example không được." in words(page)
    assert "Lời đã gõ" in page
    assert 'name="place" value="Hội trường B"' in page
    assert page.count('name="subject"') == 1
    assert office.planning.event(event.id, ANH).event.place == "Hội trường A"
    assert purposes(office) == []


def test_a_withdrawal_is_asked_about_and_then_said_in_the_officers_words(
    browser: FlaskClient, office: Office, event: Event
) -> None:
    way = "/invitations/1/withdraw"
    reason = {"reason": "Trùng lịch", "invitation": "1"}
    asked = browser.post(way, data=reason | {"decided": "ask"}).get_data(as_text=True)
    assert "Báo thu hồi cho khách?" in asked
    assert 'name="reason" value="Trùng lịch"' in asked
    assert purposes(office) == []

    browser.post(way, data=reason | typed(subject="Xin lỗi {xung_ho}") | {"decided": "tell"})

    with office.database.read() as connection:
        kept = connection.scalars(
            select(sendings.c.subject).where(sendings.c.purpose == "withdrawal")
        ).all()
    assert kept == ["Xin lỗi {xung_ho}"]
    assert office.issuing.holder(1, ANH).invitation.state == "withdrawn"
    assert event.state == "open"


def test_notices_wait_for_a_second_officer_where_the_house_wants_one(desk: Desk) -> None:
    office = desk.office
    rules = HouseRules(approval=True)
    changes = Changes(office.database, LETTERS, office.keyring, office.clock, rules)
    desk.move(place="Hội trường B")
    sending_id = changes.notify(desk.event.id, ANH, LETTERS.standard_words("change"))
    assert sending_id is not None

    assert desk.sending.progress(sending_id, ANH).batch.state == "held"
    assert desk.sending.approve(sending_id, ANH) is False
    assert desk.sending.approve(sending_id, replace(CHI, office_id=ANH.office_id)) is True
    assert desk.sending.progress(sending_id, ANH).batch.state == "running"


def test_one_notice_may_wait_where_the_house_does_not_ask_for_it(
    browser: FlaskClient, office: Office, event: Event
) -> None:
    decided = {"decided": "tell", "hold": "1"}
    browser.post(f"/events/{event.id}/edit", data=form(event) | typed() | decided)

    with office.database.read() as connection:
        states = connection.scalars(
            select(sendings.c.state).where(sendings.c.purpose == "change")
        ).all()
    assert states == ["held"]


@pytest.mark.parametrize(
    ("purpose", "queued"),
    [
        pytest.param("withdrawal", 1, id="withdrawal"),
        pytest.param("invitation", 0, id="seeded"),
    ],
)
def test_a_failed_notice_of_withdrawal_can_be_retried_and_an_invitation_cannot(
    desk: Desk, purpose: str, queued: int
) -> None:
    """Seeded: a retry that forgot what the letter is for would invite the withdrawn guest."""
    office = desk.office
    invitation = desk.holders()[0].invitation
    sending_id = desk.changes.withdraw(invitation.id, ANH, "Trùng lịch", WITHDRAWN)
    assert sending_id is not None
    failed = update(deliveries).where(deliveries.c.sending_id == sending_id)
    bounced = failed.values(state=State.FAILED, cause="mailbox")
    office.database.write(lambda tx: tx.execute(bounced.where(deliveries.c.channel == EMAIL)))
    office.database.write(lambda tx: tx.execute(update(sendings).values(purpose=purpose)))

    sending = Sending(office.database, LETTERS, office.keyring, office.clock)
    assert sending.retry(sending_id, ANH) == queued


def test_english_is_proposed_where_the_invitation_was_in_english(desk: Desk) -> None:
    office = desk.office
    said = replace(
        LETTERS.standard_words(),
        en=replace(LETTERS.standard_english(), title="Press conference", host="City Hall"),
    )
    desk.sending.send(desk.event.id, ANH, said, (EMAIL,), again=True)
    readers = update(guests).where(guests.c.id == 1).values(language="en")
    office.database.write(lambda tx: tx.execute(readers))
    found = Notices(office.database, LETTERS).of_cancelling(desk.event.id, ANH)

    assert found is not None
    assert found.words.en == found.english
    assert (found.english.title, found.english.host) == ("Press conference", "City Hall")


def test_the_list_of_events_shows_what_waits_and_whoever_may_lets_it_go(
    office: Office, event: Event, tmp_path: Path
) -> None:
    house = a_house(office, tmp_path)
    sending = Sending(office.database, LETTERS, office.keyring, office.clock)
    terms = Terms(held=True)
    held = sending.send(
        event.id, ANH, LETTERS.standard_words(), (EMAIL,), again=True, terms=terms
    )
    browser = house.browser()

    page = browser.get("/events").get_data(as_text=True)
    assert "1 đợt gửi đang chờ người thứ hai duyệt" in words(page)
    assert f'action="/sendings/{held}/approve"' in page

    browser.post(f"/sendings/{held}/approve")
    assert "đang chờ người thứ hai duyệt" not in browser.get("/events").get_data(as_text=True)


def test_nobody_is_offered_to_let_go_what_is_their_own(
    office: Office, event: Event, tmp_path: Path
) -> None:
    browser = a_house(office, tmp_path).browser()
    own = select(accounts.c.id, accounts.c.name)
    with office.database.read() as connection:
        row = connection.execute(own).one()
    actor = replace(ANH, name=row.name, account_id=row.id)
    sending = Sending(office.database, LETTERS, office.keyring, office.clock)
    words_ = LETTERS.standard_words()
    sending.send(event.id, actor, words_, (EMAIL,), again=True, terms=Terms(held=True))

    page = browser.get("/events").get_data(as_text=True)
    assert "cần một người khác duyệt" in words(page)
    assert "/approve" not in page

"""The pages of a sending: an officer composes, checks, sends, pauses, and sends again."""

from __future__ import annotations

import html
import re
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from checkin.app import create_app
from checkin.config import Config, MailConfig, ServerConfig, SmsConfig
from checkin.domain.accounts import Role
from checkin.services.accounts import Accounts, NewAccount
from checkin.web.access import PLAIN_COOKIE
from invitations.domain.model import Actor
from invitations.domain.outbox import State
from invitations.storage.database import Database
from invitations.web import troubles
from tests.invitations import relay
from tests.invitations.letterbox import EVENT, LETTERS
from tests.invitations.outboxes import House, a_house, address, by_mail

HOME = "http://localhost"
PASSWORD = "thu-moi-rieng-cho-thu-nghiem"
PAGE = f"/events/{EVENT.id}/sending"
WORDS = LETTERS.standard_words()
FORM = {
    "subject": WORDS.subject,
    "opening": WORDS.opening,
    "note": "Xin {xung_ho} mang theo thẻ nhà báo.",
    "sms": WORDS.sms,
    "english": "1",
    "by_email": "1",
}


@pytest.fixture
def house(sqlite_database: Database, tmp_path: Path) -> House:
    """A house of three guests; the third has no address at all."""
    house = a_house(sqlite_database, tmp_path / "keys", people=3)
    house.change_guest(3, email="", phone="")
    return house


@pytest.fixture
def app(house: House, tmp_path: Path) -> Flask:
    """The application, with a way out for mails and one for texts."""
    mail = MailConfig(host="127.0.0.1", security="none", sender="thumoi@vp.example.vn")
    config = Config(
        tmp_path,
        "",
        tmp_path / "keys",
        server=ServerConfig(base_url=HOME),
        mail=mail,
        sms=SmsConfig(url="http://127.0.0.1:9/"),
    )
    return create_app(config, house.database)


@pytest.fixture
def anh(app: Flask, house: House) -> FlaskClient:
    """The browser of Ánh, an officer of the host office."""
    return signed_in(app, house.database, 1)


def signed_in(app: Flask, database: Database, office_id: int) -> FlaskClient:
    desk = Accounts(database)
    email = f"can.bo{office_id}@vp.example"
    system = Actor("system", office_id, "system")
    desk.create(system, NewAccount(email, "Ánh", Role.OFFICER, PASSWORD))
    key = desk.sign_in(email, PASSWORD)
    assert key is not None
    client = app.test_client()
    client.environ_base["HTTP_ORIGIN"] = HOME
    client.set_cookie(PLAIN_COOKIE, key)
    return client


def words_of(page: str) -> str:
    """Return what a reader reads on a page."""
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", page)).split())


def test_the_form_offers_words_channels_and_a_preview(anh: FlaskClient) -> None:
    page = anh.get(PAGE).text

    assert f'value="{WORDS.subject}"' in page
    assert f'src="{PAGE}/preview/mail"' in page
    assert 'sandbox title="Thư như khách sẽ thấy"' in page
    said = words_of(page)
    assert "2 khách có địa chỉ" in said
    assert "2 khách có số di động" in said
    assert "1 khách không có địa chỉ nào" in said


def test_a_preview_shows_the_words_as_typed_for_the_guest_chosen(anh: FlaskClient) -> None:
    answer = anh.post(f"{PAGE}/preview/mail", data={**FORM, "guest": "2"})

    said = words_of(answer.text)
    assert "Kính gửi: Ông Nguyễn Văn Khách 2" in said
    assert "Xin Ông mang theo thẻ nhà báo." in said
    assert 'src="data:image/png;base64,' in answer.text
    assert "cid:" not in answer.text


def test_a_preview_runs_and_fetches_nothing(anh: FlaskClient) -> None:
    policy = anh.get(f"{PAGE}/preview/mail").headers["Content-Security-Policy"]

    rules = dict(rule.strip().partition(" ")[::2] for rule in policy.split(";"))
    assert rules["default-src"] == "'none'"
    assert rules["sandbox"] == ""
    assert "script-src" not in rules


def test_a_text_is_shown_with_its_length(anh: FlaskClient) -> None:
    said = words_of(anh.post(f"{PAGE}/preview/sms", data={**FORM, "guest": "1"}).text)

    assert "VP UBND TP.HCM kinh moi Ong Nguyen Van Khach 1 du Hop bao" in said
    assert "2 tin mỗi khách" in said


@pytest.mark.parametrize("kind", ["mail", "text", "sms"])
def test_a_guest_called_script_is_only_a_name(
    anh: FlaskClient, house: House, kind: str
) -> None:
    house.change_guest(1, name="<script>alert(1)</script>", organisation="Tâm & Sơn")

    page = anh.post(f"{PAGE}/preview/{kind}", data={**FORM, "guest": "1"}).text

    assert "<script" not in page
    assert "&lt;script&gt;" in page
    assert "Tâm &amp; Sơn" in page or kind == "sms"


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"subject": " "}, "Hãy điền mục này."),
        ({"by_email": ""}, "Hãy chọn ít nhất một cách gửi."),
        ({"opening": "Mời {ten}"}, "Không có trường {ten}."),
        ({"by_sms": "1", "sms": "Moi {ho_ten}"}, "Tin nhắn cần có {lien_ket} hoặc {ma_cua}"),
    ],
)
def test_what_cannot_be_sent_comes_back_with_the_reason(
    anh: FlaskClient, house: House, changes: dict[str, str], said: str
) -> None:
    for place in (f"{PAGE}/check", PAGE):
        answer = anh.post(place, data={**FORM, **changes})

        assert answer.status_code == 422
        assert said in words_of(answer.text)
        assert "mang theo thẻ nhà báo" in answer.text
    assert house.states() == {}


def test_the_check_names_numbers_and_who_gets_nothing(anh: FlaskClient, house: House) -> None:
    said = words_of(anh.post(f"{PAGE}/check", data={**FORM, "by_sms": "1"}).text)

    assert "Thư điện tử 2 khách" in said
    assert "Tin nhắn 2 khách cộng lại 4 tin" in said
    assert "1 khách không nhận được gì" in said
    assert "Gửi 2 thư và 2 tin nhắn" in said
    assert house.states() == {}


def test_sending_leads_to_its_progress_and_back(anh: FlaskClient, house: House) -> None:
    answer = anh.post(PAGE, data=FORM)
    progress = anh.get(answer.headers["Location"])

    assert (answer.status_code, progress.status_code) == (303, 200)
    assert house.states() == {"queued": 2}
    assert 'data-live="on"' in progress.text
    assert "đang chờ 2" in words_of(progress.text)
    assert "Sự kiện này đã có 1 đợt gửi" in words_of(anh.get(PAGE).text)


def test_pressing_send_twice_sends_once(anh: FlaskClient, house: House) -> None:
    for _ in range(2):
        anh.post(PAGE, data=FORM)

    assert house.states() == {"queued": 2}


def test_an_officer_pauses_resumes_and_stops(anh: FlaskClient, house: House) -> None:
    place = anh.post(PAGE, data=FORM).headers["Location"]

    anh.post(f"{place}/pause")
    paused = words_of(anh.get(place).text)
    anh.post(f"{place}/resume")
    running = words_of(anh.get(place).text)
    anh.post(f"{place}/stop")
    stopped = words_of(anh.get(place).text)

    assert "Đang tạm dừng." in paused
    assert "Tạm dừng" in running
    assert "Đã dừng hẳn." in stopped
    assert house.states() == {"cancelled": 2}


def test_a_failure_says_why_and_what_to_do(anh: FlaskClient, house: House) -> None:
    place = anh.post(PAGE, data=FORM).headers["Location"]
    with relay.Relay(rcpt={address(2): ["550 5.1.1 No such user"]}) as here:
        house.postman(by_mail(here.port)).run_until_empty(give_up_s=30)
        said = words_of(anh.get(place).text)
        house.change_guest(2, email="dung@bao.example.vn")
        anh.post(f"{place}/retry", data={"cause": "address"})
        house.postman(by_mail(here.port)).run_until_empty(give_up_s=30)

    assert "Đã gửi xong, còn 1 thư cần xem lại." in said
    assert "Địa chỉ không có thật · Thư điện tử" in said
    assert "Sửa địa chỉ của khách rồi gửi lại." in said
    assert house.states() == {"accepted": 2}
    assert "Đã gửi xong." in words_of(anh.get(place).text)


def test_letters_can_be_chosen_by_how_they_fare(anh: FlaskClient) -> None:
    place = anh.post(PAGE, data=FORM).headers["Location"]

    assert "Nguyễn Văn Khách 1" in anh.get(f"{place}?show=waiting").text
    assert "Nguyễn Văn Khách 1" not in anh.get(f"{place}?show=trouble").text
    assert "Nguyễn Văn Khách 1" not in anh.get(f"{place}?page=2").text


def test_chi_of_another_office_finds_no_such_page(
    anh: FlaskClient, app: Flask, house: House
) -> None:
    place = anh.post(PAGE, data=FORM).headers["Location"]
    chi = signed_in(app, house.database, 2)

    asked = [chi.get(each) for each in (PAGE, f"{PAGE}/preview/mail", place)]
    asked += [chi.post(each, data=FORM) for each in (PAGE, f"{PAGE}/check")]
    asked += [chi.post(f"{place}/{deed}") for deed in ("pause", "resume", "stop", "retry")]

    assert {answer.status_code for answer in asked} == {404}
    assert house.states() == {"queued": 2}


def test_the_pages_speak_english_too(anh: FlaskClient) -> None:
    assert anh.get(f"{PAGE}?lang=en").status_code == 200


def test_every_state_and_every_cause_has_its_words(app: Flask) -> None:
    causes = [
        "address",
        "mailbox",
        "full",
        "size",
        "policy",
        "refused",
        "busy",
        "uncertain",
        "worker-died",
        "relay",
        "unreachable",
        "auth",
        "tls",
        "sender",
        "gateway",
        "header",
        "internal",
        "too-late",
        "withdrawn",
        "event-cancelled",
    ]
    with app.test_request_context():
        said = [troubles.said(cause) for cause in causes]
        other = troubles.said("never heard of")
        tags = {
            app.jinja_env.get_template("organiser/sending/parts.html").module.state_tag(state)  # type: ignore[attr-defined]  # macros are made by Jinja
            for state in State
        }

    assert len({what for what, _ in said}) == len(causes)
    assert other not in said
    assert len(tags) == len(State)

"""The pages of a sending: an officer composes, checks, sends, pauses, and sends again."""

from __future__ import annotations

import html
import re
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from checkin.app import create_app
from checkin.config import Config, MailConfig, ServerConfig, SmsConfig
from checkin.domain.accounts import Role
from checkin.services.accounts import Accounts, NewAccount
from checkin.web.access import PLAIN_COOKIE
from invitations.domain.dispatch import write_instant
from invitations.domain.model import Actor
from invitations.domain.outbox import State
from invitations.storage import enrolment, register
from invitations.storage.database import Database
from invitations.web import troubles
from tests.invitations import relay
from tests.invitations.letterbox import EVENT, LETTERS, ROOT
from tests.invitations.outboxes import House, a_house, address, by_mail

HOME = "http://localhost"
PASSWORD = "thu-moi-rieng-cho-thu-nghiem"
PAGE = f"/events/{EVENT.id}/sending"
CHECK = f"{PAGE}/check"
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
def post() -> Iterator[relay.Relay]:
    """The mail relay of the house."""
    with relay.Relay() as here:
        yield here


@pytest.fixture
def gateway() -> Iterator[relay.Gateway]:
    """The gateway for text messages."""
    with relay.Gateway() as here:
        yield here


@pytest.fixture
def config(tmp_path: Path, post: relay.Relay, gateway: relay.Gateway) -> Config:
    """A configuration with a way out for mails and one for texts."""
    mail = MailConfig(
        host="127.0.0.1", port=post.port, security="none", sender="thumoi@vp.example.vn"
    )
    return Config(
        tmp_path,
        "",
        tmp_path / "keys",
        server=ServerConfig(base_url=HOME),
        mail=mail,
        sms=SmsConfig(url=gateway.url, price=800),
    )


@pytest.fixture
def app(house: House, config: Config) -> Flask:
    """The application."""
    return create_app(config, house.database)


@pytest.fixture
def anh(app: Flask, house: House) -> FlaskClient:
    """The browser of Ánh, an officer of the host office."""
    return signed_in(app, house.database, 1)


def signed_in(
    app: Flask, database: Database, office_id: int, name: str = "can.bo"
) -> FlaskClient:
    desk = Accounts(database)
    email = f"{name}{office_id}@vp.example"
    system = Actor("system", office_id, "system")
    desk.create(system, NewAccount(email, "Ánh", Role.OFFICER, PASSWORD))
    key = desk.sign_in(email, PASSWORD)
    assert key is not None
    client = app.test_client()
    client.environ_base["HTTP_ORIGIN"] = HOME
    client.set_cookie(PLAIN_COOKIE, key)
    return client


def press_send(client: FlaskClient, count: str = "2", **said: str) -> TestResponse:
    """Press "send" on the page of the check, with *count* typed."""
    seal = re.search(r'name="seal" value="(\w+)"', client.get(CHECK).text)
    return client.post(
        PAGE, data={"seal": seal[1] if seal else "", "count": count, "when": "now", **said}
    )


def rehearse(client: FlaskClient, **changes: str) -> None:
    """Write the letter and send it to oneself."""
    client.post(f"{PAGE}/test", data={**FORM, "test_phone": "0903 999 888", **changes})


def sent(client: FlaskClient, **changes: str) -> str:
    """Write, test and send the letter; return where its progress is told."""
    rehearse(client, **changes)
    return press_send(client).headers["Location"]


def words_of(page: str) -> str:
    """Return what a reader reads on a page."""
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", page)).split())


def test_the_form_offers_words_channels_and_a_preview(anh: FlaskClient) -> None:
    page = anh.get(PAGE).text

    assert f'value="{WORDS.subject}"' in page
    assert f'src="{PAGE}/preview/mail"' in page
    assert re.search(r'sandbox\s+title="Thư như khách sẽ thấy"', page)
    said = words_of(page)
    assert "2 khách có địa chỉ" in said
    assert "2 khách có số di động" in said
    assert "1 khách thiếu thông tin" in said


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
    for place in (CHECK, f"{PAGE}/test"):
        answer = anh.post(place, data={**FORM, **changes})

        assert answer.status_code == 422
        assert said in words_of(answer.text)
        assert "mang theo thẻ nhà báo" in answer.text
    assert house.states() == {}


def test_the_check_names_numbers_and_who_gets_nothing(anh: FlaskClient, house: House) -> None:
    answer = anh.post(CHECK, data={**FORM, "by_sms": "1"}, follow_redirects=True)
    said = words_of(answer.text)

    assert "Thư điện tử 2 khách" in said
    assert "Tin nhắn 2 khách cộng lại 4 tin · khoảng 3.200 đồng" in said
    assert "1 khách không nhận được gì" in said
    assert "Gửi 2 thư và 2 tin nhắn" in said
    assert house.states() == {}


def test_sending_leads_to_its_progress_and_back(anh: FlaskClient, house: House) -> None:
    progress = anh.get(sent(anh))

    assert progress.status_code == 200
    assert house.states() == {"queued": 2}
    assert 'data-live="on"' in progress.text
    assert "đang chờ 2" in words_of(progress.text)
    assert "Sự kiện này đã có 1 đợt gửi" in words_of(anh.get(PAGE).text)


def test_pressing_send_twice_sends_once(anh: FlaskClient, house: House) -> None:
    rehearse(anh)
    seal = re.search(r'name="seal" value="(\w+)"', anh.get(CHECK).text)
    assert seal
    for _ in range(2):
        anh.post(PAGE, data={"seal": seal[1], "count": "2"})

    assert house.states() == {"queued": 2}


def test_an_officer_pauses_resumes_and_stops(anh: FlaskClient, house: House) -> None:
    place = sent(anh)

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
    place = sent(anh)
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
    place = sent(anh)

    assert "Nguyễn Văn Khách 1" in anh.get(f"{place}?show=waiting").text
    assert "Nguyễn Văn Khách 1" not in anh.get(f"{place}?show=trouble").text
    assert "Nguyễn Văn Khách 1" not in anh.get(f"{place}?page=2").text


def test_chi_of_another_office_finds_no_such_page(
    anh: FlaskClient, app: Flask, house: House
) -> None:
    place = sent(anh)
    chi = signed_in(app, house.database, 2)

    asked = [chi.get(each) for each in (PAGE, f"{PAGE}/preview/mail", place)]
    asked += [chi.get(each) for each in (CHECK, f"{PAGE}/next", f"{PAGE}/guests/1")]
    asked += [chi.post(each, data=FORM) for each in (PAGE, CHECK, f"{PAGE}/test")]
    deeds = ("pause", "resume", "stop", "retry", "approve", "mend")
    asked += [chi.post(f"{place}/{deed}") for deed in deeds]

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


def test_nothing_leaves_before_somebody_tried_it(anh: FlaskClient, house: House) -> None:
    anh.post(CHECK, data=FORM)

    answer = press_send(anh)

    assert answer.status_code == 422
    assert "Hãy gửi thử cho chính mình trước" in words_of(answer.text)
    assert house.states() == {}


def test_a_test_is_marked_and_goes_to_the_officer_alone(
    anh: FlaskClient, post: relay.Relay, gateway: relay.Gateway, house: House
) -> None:
    answer = anh.post(
        f"{PAGE}/test",
        data={**FORM, "by_sms": "1", "test_phone": "0903 999 888"},
        follow_redirects=True,
    )

    said = words_of(answer.text)
    assert "Đã gửi thử tới can.bo1@vp.example." in said
    assert "Đã gửi thử tới 0903999888." in said
    assert list(post.ids()) == ["can.bo1@vp.example"]
    (text,) = gateway.taken
    assert text["text"].startswith("(Thu) VP UBND TP.HCM kinh moi Ong Nguyen Van Khach 1")
    assert house.states() == {}
    assert house.deeds() == ["letters.test", "letters.test"]


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"opening": "Trân trọng kính mời {xung_ho}:"}, id="the opening"),
        pytest.param({"subject": "Thư mời"}, id="the subject"),
        pytest.param({"note": ""}, id="the note"),
        pytest.param({"by_sms": "1"}, id="one more channel"),
    ],
)
def test_other_words_ask_for_another_test(
    anh: FlaskClient, house: House, change: dict[str, str]
) -> None:
    rehearse(anh)
    anh.post(CHECK, data={**FORM, **change})

    assert press_send(anh).status_code == 422
    assert house.states() == {}


def test_another_hour_of_the_event_asks_for_another_test(
    anh: FlaskClient, house: House
) -> None:
    rehearse(anh)
    house.change_event(starts_at=int(house.clock()) + 30 * 86_400)

    assert press_send(anh).status_code == 422


@pytest.mark.parametrize("count", ["", "3", "hai", "02 khách"])
def test_the_count_must_be_typed(anh: FlaskClient, house: House, count: str) -> None:
    rehearse(anh)

    answer = press_send(anh, count)

    assert answer.status_code == 422
    assert "hãy gõ đúng số khách: 2." in words_of(answer.text)
    assert house.states() == {}


def test_words_changed_by_a_colleague_are_not_sent_unseen(
    anh: FlaskClient, house: House
) -> None:
    rehearse(anh)
    seen = re.search(r'name="seal" value="(\w+)"', anh.get(CHECK).text)
    rehearse(anh, subject="Lời khác")

    answer = anh.post(PAGE, data={"seal": seen[1] if seen else "", "count": "2"})

    assert answer.status_code == 422
    assert "Lời thư vừa được sửa ở nơi khác." in words_of(answer.text)
    assert house.states() == {}


def test_a_failed_test_says_why_and_opens_nothing(
    anh: FlaskClient, post: relay.Relay, house: House
) -> None:
    post.rcpt["can.bo1@vp.example"] = ["550 5.1.1 No such user"]

    answer = anh.post(f"{PAGE}/test", data=FORM, follow_redirects=True)

    assert "Địa chỉ không có thật." in words_of(answer.text)
    assert press_send(anh).status_code == 422
    assert house.states() == {}


def test_a_held_sending_waits_for_somebody_else(
    anh: FlaskClient, app: Flask, house: House
) -> None:
    rehearse(anh)
    place = press_send(anh, hold="1").headers["Location"]
    own = words_of(anh.get(place).text)
    anh.post(f"{place}/approve")
    still = words_of(anh.get(place).text)
    binh = signed_in(app, house.database, 1, "binh")

    assert "Anh/chị đã soạn đợt này nên không tự duyệt được." in own
    assert "Đang giữ lại, chờ người thứ hai duyệt" in still
    assert "Duyệt cho gửi" in words_of(binh.get(place).text)
    binh.post(f"{place}/approve")
    assert "Đang giữ lại" not in words_of(anh.get(place).text)


def test_the_check_names_the_most_that_texts_may_cost(house: House, config: Config) -> None:
    said = "chi không quá 2.000.000 đồng"
    capped = replace(config, sms=replace(config.sms, ceiling=2_000_000))

    pages = []
    for each, name in ((config, "a"), (capped, "b")):
        client = signed_in(create_app(each, house.database), house.database, 1, name)
        rehearse(client, by_sms="1")
        pages.append(words_of(client.get(CHECK).text))

    assert [said in page for page in pages] == [False, True]
    assert not any("Giấy mời đã ký (PDF)" in page for page in pages)


def test_a_scheduled_sending_says_when(anh: FlaskClient) -> None:
    rehearse(anh)
    later = write_instant(int(time.time()) + 86_400)

    place = press_send(anh, when="later", begins_at=later).headers["Location"]

    assert "Hẹn gửi lúc" in words_of(anh.get(place).text)


@pytest.mark.parametrize("hour", ["2020-01-01T08:00", "2099-01-01T08:00", "mai", ""])
def test_an_hour_out_of_reach_is_refused(anh: FlaskClient, house: House, hour: str) -> None:
    rehearse(anh)

    answer = press_send(anh, when="later", begins_at=hour)

    assert answer.status_code == 422
    assert "Hãy chọn một lúc từ bây giờ đến trước giờ bắt đầu sự kiện." in words_of(answer.text)
    assert house.states() == {}


def test_wrong_addresses_are_mended_in_place_and_sent_again(
    anh: FlaskClient, house: House, post: relay.Relay
) -> None:
    house.database.write(lambda tx: enrolment.enrol_guest(tx, 1, 2, at=0))
    place = sent(anh)
    post.rcpt[address(2)] = ["550 5.1.1 No such user"]
    house.postman(by_mail(post.port)).run_until_empty(give_up_s=30)
    mend = f"{place}/mend?cause=address&by=email"
    form = {"cause": "address", "by": "email"}

    page = anh.get(mend).text
    bad = anh.post(f"{place}/mend", data={**form, "guest-2": "khach2 o bao"})
    anh.post(f"{place}/mend", data={**form, "guest-2": "dung@bao.example.vn"})
    house.postman(by_mail(post.port)).run_until_empty(give_up_s=30)

    assert f"đã gửi tới {address(2)}" in words_of(page)
    assert bad.status_code == 422
    assert "Không đọc được địa chỉ này." in words_of(bad.text)
    assert house.states() == {"accepted": 2}
    assert "dung@bao.example.vn" in post.ids()
    assert "guest.address" in house.deeds()
    with house.database.read() as connection:
        known = register.known(connection, 1).people.values()
    assert [each.email for each in known] == ["dung@bao.example.vn"]


def test_the_story_of_a_guest_is_told_move_by_move(
    anh: FlaskClient, house: House, post: relay.Relay
) -> None:
    sent(anh)
    post.rcpt[address(2)] = ["550 5.1.1 No such user"]
    house.postman(by_mail(post.port)).run_until_empty(give_up_s=30)

    told = words_of(anh.get(f"{PAGE}/guests/2").text)

    assert "Ông Nguyễn Văn Khách 2" in told
    assert "Địa chỉ không có thật" in told
    assert "No such user" in told
    assert told.index("Đang chờ") < told.index("No such user")
    assert "Chưa gửi gì cho khách này." in words_of(anh.get(f"{PAGE}/guests/3").text)
    assert anh.get(f"{PAGE}/guests/99").status_code == 404


def test_the_next_step_skips_the_form_where_words_are_at_hand(anh: FlaskClient) -> None:
    first = anh.get(f"{PAGE}/next").headers["Location"]
    rehearse(anh)

    assert first == PAGE
    assert anh.get(f"{PAGE}/next").headers["Location"] == CHECK


@pytest.mark.parametrize(("kind", "shown"), [("mail", "light"), ("dark", "dark")])
def test_the_mail_is_shown_by_day_and_by_night(anh: FlaskClient, kind: str, shown: str) -> None:
    page = anh.get(f"{PAGE}/preview/{kind}").text

    assert f"color-scheme: only {shown}" in page
    assert "prefers-color-scheme" not in page


def test_a_text_names_what_makes_it_longer(anh: FlaskClient) -> None:
    sms = "Mời {ho_ten} 会 {ma_cua}"
    said = words_of(anh.post(f"{PAGE}/preview/sms", data={**FORM, "sms": sms}).text)

    assert "Ký tự không có trong bảng GSM-7, làm cả tin dài hơn: 会" in said
    assert "Cho 2 khách có số di động: 2 tin · khoảng 1.600 đồng" in said


def test_the_hostile_list_is_only_text_in_every_preview(anh: FlaskClient, house: House) -> None:
    hostile = (ROOT / "tests/samples/hostile.csv").read_text(encoding="utf-8-sig")
    for line in hostile.splitlines():
        house.change_guest(1, name=line[:200] or "-", organisation=line[:200])
        for kind in ("mail", "phone", "dark", "text", "sms"):
            page = anh.post(f"{PAGE}/preview/{kind}", data={**FORM, "guest": "1"}).text
            assert re.findall(r"<(?:script|iframe|object|svg|img(?! src=\"data:))", page) == []
            assert re.findall(r"<[^>]*\son\w+=", page) == []

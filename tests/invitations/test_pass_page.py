"""The pass page: what a guest sees, what strangers learn, and that reading changes nothing."""

from __future__ import annotations

import re
import time
from datetime import datetime
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from icalendar import Calendar
from icalendar import Event as Entry
from sqlalchemy import select, update
from werkzeug.test import TestResponse

from invitations.domain import doorcode
from invitations.domain.model import Event, Holder
from invitations.domain.plans import HERE
from invitations.services import drawing
from invitations.storage.database import Database, metadata
from invitations.storage.tables import guests
from tests.factories_events import ANH, Office, a_plan, an_office
from tests.invitations.pages import House, a_house, words

LARGEST_PAGE = 50 * 1024
HOUR = 3_600


@pytest.fixture
def office(sqlite_database: Database, tmp_path: Path) -> Office:
    office = an_office(sqlite_database, tmp_path)
    office.clock.now = time.time()
    return office


@pytest.fixture
def house(office: Office, tmp_path: Path) -> House:
    return a_house(office, tmp_path)


@pytest.fixture
def phone(house: House) -> FlaskClient:
    phone = house.stranger()
    phone.environ_base["HTTP_ACCEPT_LANGUAGE"] = "vi"
    return phone


def test_a_guest_sees_name_code_digits_time_place_and_gates(
    phone: FlaskClient, office: Office
) -> None:
    event, holder = invited(office, opens_in=HOUR)

    answer = phone.get(f"/p/{holder.invitation.link}")

    page = words(answer.text)
    assert answer.status_code == 200
    assert f"Bà {holder.guest.name}" in page
    assert "Báo Sài Gòn Giải Phóng" in page
    assert doorcode.grouped(holder.invitation.door_code) in page
    assert event.title in page
    assert "Hội trường A, 86 Lê Thánh Tôn" in page
    assert "Cửa A, Cửa B" in page
    assert re.search(r"(Thứ \w+|Chủ Nhật), \d\d/\d\d/\d{4}", page)
    assert "Bà Hương, 0903 123 456" in page


def test_the_code_on_the_page_is_the_pass_itself(phone: FlaskClient, office: Office) -> None:
    _, holder = invited(office, opens_in=HOUR)
    text = office.issuing.pass_text(holder.invitation)

    page = phone.get(f"/p/{holder.invitation.link}").text

    assert str(drawing.svg(text, "Mã QR để vào cửa")) in page
    other = text[:-1] + str((int(text[-1]) + 1) % 10)  # one digit off is another picture
    assert str(drawing.svg(other, "Mã QR để vào cửa")) not in page


@pytest.mark.parametrize(
    ("opens_in", "said"),
    [
        pytest.param(HOUR, "Cửa mở", id="before"),
        pytest.param(-HOUR, "Đang đón khách đến", id="open"),
    ],
)
def test_a_good_pass_says_when_the_doors_are_open(
    phone: FlaskClient, office: Office, opens_in: int, said: str
) -> None:
    _, holder = invited(office, opens_in=opens_in)

    page = phone.get(f"/p/{holder.invitation.link}").text

    assert said in words(page)
    assert shows_code(page) is True


def test_a_pass_that_opens_nothing_shows_no_code_and_whom_to_call(
    phone: FlaskClient, office: Office
) -> None:
    _, late = invited(office, opens_in=-10 * HOUR)
    cancelled, off = invited(office, opens_in=HOUR)
    _, taken = invited(office, opens_in=HOUR)
    office.planning.cancel(cancelled.id, ANH)
    office.issuing.withdraw(taken.invitation.id, ANH, "Lý do nội bộ")

    expected = {late: "Sự kiện đã kết thúc", off: "Sự kiện đã hủy", taken: "Thư mời đã thu hồi"}
    for holder, said in expected.items():
        page = phone.get(f"/p/{holder.invitation.link}").text
        assert said in words(page)
        assert "Bà Hương, 0903 123 456" in words(page)
        assert shows_code(page) is False
        assert doorcode.grouped(holder.invitation.door_code) not in page
        assert "Lý do nội bộ" not in page


def test_a_pass_given_again_says_that_the_older_one_is_no_good(
    phone: FlaskClient, office: Office
) -> None:
    _, holder = invited(office, opens_in=HOUR)
    link = f"/p/{holder.invitation.link}"
    assert "đã được cấp lại" not in words(phone.get(link).text)

    office.issuing.reissue(holder.invitation.id, ANH)

    page = phone.get(link).text
    assert "Thẻ này đã được cấp lại" in words(page)
    assert shows_code(page) is True


def test_a_wrong_link_learns_nothing_whatever_is_wrong_with_it(
    phone: FlaskClient, office: Office
) -> None:
    _, holder = invited(office, opens_in=HOUR)
    link = holder.invitation.link
    off_by_one = link[:-1] + ("a" if link[-1] != "a" else "b")

    answers = [
        phone.get(path)
        for path in (
            "/p/aaaaaaaaaaaaaaaaaaaa",
            f"/p/{off_by_one}",
            f"/p/{link.upper()}",
            f"/p/{link}a",
            "/p/x",
            "/p/%F0%9F%98%80%00",
            "/p/aaaaaaaaaaaaaaaaaaaa/calendar.ics",
            "/p/x/calendar.ics",
        )
    ]

    assert {answer.status_code for answer in answers} == {404}
    assert len({seen(answer) for answer in answers}) == 1
    assert seen(phone.get(f"/p/{link}")) != seen(answers[0])


def test_an_answer_that_named_the_link_would_be_caught(phone: FlaskClient) -> None:
    answers = [phone.get("/p/aaaaaaaaaaaaaaaaaaaa"), phone.get("/p/x")]

    told = {seen(answer) + answer.request.path.encode() for answer in answers}

    assert len({seen(answer) for answer in answers}) == 1
    assert len(told) == 2  # the seeded bug: an answer that repeats what was asked


def test_reading_a_pass_changes_nothing(phone: FlaskClient, office: Office) -> None:
    _, holder = invited(office, opens_in=HOUR)
    before = everything(office.database)

    for path in (f"/p/{holder.invitation.link}", f"/p/{holder.invitation.link}/calendar.ics"):
        phone.get(path)
        phone.head(path)
        assert phone.post(path).status_code == 405

    assert everything(office.database) == before
    touch = update(guests).values(note="đã mở")  # the seeded bug: a page that keeps book
    office.database.write(lambda tx: tx.execute(touch).rowcount)
    assert everything(office.database) != before


def test_a_pass_is_kept_by_no_one_but_its_guest(phone: FlaskClient, office: Office) -> None:
    _, holder = invited(office, opens_in=HOUR)

    answer = phone.get(f"/p/{holder.invitation.link}")

    assert answer.headers["Cache-Control"] == "private, no-cache"
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert answer.headers["X-Robots-Tag"] == "noindex, nofollow, noarchive"
    assert "Set-Cookie" not in answer.headers
    assert len(answer.data) < LARGEST_PAGE
    assert re.findall(r' style="|<style|onclick=|javascript:', answer.text) == []


def test_the_calendar_file_is_one_appointment_with_the_guests_own_page(
    phone: FlaskClient, office: Office
) -> None:
    event, holder = invited(office, opens_in=HOUR)

    answer = phone.get(f"/p/{holder.invitation.link}/calendar.ics")

    (entry,) = Calendar.from_ical(answer.data).walk("VEVENT")
    assert isinstance(entry, Entry)
    assert answer.mimetype == "text/calendar"
    assert str(entry["SUMMARY"]) == event.title
    assert entry.start == datetime.fromtimestamp(event.starts_at, HERE)
    assert str(entry["URL"]) == f"http://localhost/p/{holder.invitation.link}"


@pytest.mark.parametrize(
    "name",
    [
        "<script>alert(1)</script>",
        "\"'><img src=x onerror=alert(1)>",
        "{{ 7*7 }}{% raw %}",
        "Tâm & Sơn",
    ],
)
def test_a_hostile_name_is_only_ever_text(
    phone: FlaskClient, office: Office, name: str
) -> None:
    _, holder = invited(office, opens_in=HOUR, name=name)

    page = phone.get(f"/p/{holder.invitation.link}").text

    assert re.findall(r"<script(?![^>]* src=)|<img|49", shown_name(page)) == []
    assert unescaped(shown_name(page)) == f"Bà {name}"


def test_the_page_speaks_english_where_english_is_asked(
    phone: FlaskClient, office: Office
) -> None:
    _, holder = invited(office, opens_in=HOUR)

    page = phone.get(f"/p/{holder.invitation.link}?lang=en").text

    assert '<html lang="en">' in page
    assert 'href="?lang=vi"' in page


def invited(
    office: Office, *, opens_in: int, name: str = "Nguyễn Thị Minh Ánh"
) -> tuple[Event, Holder]:
    """Return an event whose doors open in so many seconds, and its one guest."""
    opens = int(office.clock.now) + opens_in
    plan = a_plan(
        opens_at=opens,
        starts_at=opens + HOUR // 2,
        ends_at=opens + 4 * HOUR,
        closes_at=opens + 4 * HOUR,
    )
    event = office.event(plan, names=[name])
    (holder,) = office.holders(event)
    return event, holder


def seen(answer: TestResponse) -> bytes:
    """Return all that an asker sees of an answer: its headers and its bytes."""
    head = f"{answer.status_code} {sorted(answer.headers)}"
    return head.encode() + answer.get_data()


def shows_code(page: str) -> bool:
    return 'shape-rendering="crispEdges"' in page


def shown_name(page: str) -> str:
    found = re.search(r'<p class="pass-name">(.*?)</p>', page, re.DOTALL)
    assert found is not None
    return found[1]


def unescaped(text: str) -> str:
    signs = {"&lt;": "<", "&gt;": ">", "&#34;": '"', "&#39;": "'", "&amp;": "&"}
    for coded, sign in signs.items():
        text = text.replace(coded, sign)
    return text


def everything(database: Database) -> list[object]:
    """Return every row of every table."""
    with database.read() as connection:
        return [
            (table.name, connection.execute(select(table)).all())
            for table in metadata.sorted_tables
        ]

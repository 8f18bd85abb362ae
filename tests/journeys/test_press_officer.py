"""The press officer's month, in a browser and in Vietnamese, from an empty database.

With ``GUIDE_PICTURES`` naming a folder, the pictures of the office's guide are made.
"""

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Page

from checkin.demo.desk import event_form
from checkin.demo.house import House, open_house
from checkin.demo.visitor import Visitor
from tests.journeys.screens import browser, screen, sign_in

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

SAMPLE = Path(__file__).parents[1] / "samples/khach-moi-hop-bao.xlsx"
PICTURES = os.environ.get("GUIDE_PICTURES", "")
PHONE = "0903 000 999"
OFFICER = "canbo@vanphong.example"
SENT_WITHIN_MS = 120_000
SEND = "form[data-count] button[type=submit]"
LOOKS = {"phone": "Điện thoại", "dark": "Nền tối", "text": "Bản chữ", "mail": "Máy tính"}


@dataclass
class Month:
    """What the officer saw and did, and what arrived."""

    guests: int = 0
    clicks: list[str] = field(default_factory=list)
    subjects: list[str] = field(default_factory=list)
    tests: int = 0
    letters: int = 0
    again: int = 0
    early: str = ""
    requests: set[str] = field(default_factory=set)
    complaints: list[str] = field(default_factory=list)


@pytest.fixture(scope="module")
def month(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Month]:
    """Live through the month once."""
    with open_house(tmp_path_factory.mktemp("office")) as house:
        yield live(house)


def live(house: House) -> Month:
    """Import, duplicate, compose, preview, test and send; and then the month after."""
    officer = house.add_person("officer", OFFICER, "Nguyễn Thị Hoa")
    last_month(house, officer.password)
    told = Month()
    with browser() as context:
        sign_in(context, house.url, officer.email, officer.password)
        shown = screen(context, f"{house.url}/events")
        page = shown.page
        take_list(page)
        compose(page, told)
        told.early = refused_without_test(page)
        try_and_send(page, told, house)
        three_clicks(page, told, house)
        told.requests = {url.split("/")[2] for url in shown.requests if "//" in url}
        told.complaints = shown.complaints
    return told


def test_every_guest_of_the_list_got_one_letter(month: Month) -> None:
    assert month.guests > 200
    assert month.letters > 200
    assert month.complaints == []


def test_nothing_left_before_the_officer_had_tried_it(month: Month) -> None:
    assert "Hãy gửi thử cho chính mình trước" in month.early
    assert month.tests == 2


def test_the_letter_tells_the_month_that_is_to_come(month: Month) -> None:
    here = datetime.now(UTC) + timedelta(hours=7)
    ahead = {f"{here + timedelta(days=days):%-m/%Y}" for days in (1, 31, 45)}

    assert {re.search(r"\d+/\d{4}", each)[0] for each in month.subjects} <= ahead  # type: ignore[index]  # every title of the story names its month


def test_the_month_after_takes_three_clicks(month: Month) -> None:
    assert month.clicks == ["Mời kỳ sau", "Gửi thử cho tôi", "Gửi"]
    assert month.again == month.letters


def test_the_pages_ask_nobody_else(month: Month) -> None:
    assert {host.partition(":")[0] for host in month.requests} == {"127.0.0.1"}


def last_month(house: House, password: str) -> None:
    """Make the press conference that is over, as it would be found in the list."""
    month_ago = datetime.now(UTC) - timedelta(days=28)
    form = event_form(f"Họp báo định kỳ tháng {month_ago:%-m/%Y}", "Cửa A", month_ago)
    with Visitor(house.url) as visitor:
        visitor.sign_in(OFFICER, password)
        visitor.send("/events/new", form)


def take_list(page: Page) -> None:
    """Take the sample list into last month's event."""
    page.click(".event-title a")
    page.click("text=Khách mời >> xpath=ancestor::li >> a")
    page.click("a:has-text('Nhập danh sách')")
    page.set_input_files("input[type=file]", SAMPLE)
    page.click("button:has-text('Đọc danh sách')")
    picture(page, "nhap-danh-sach")
    for words in ("Tiếp tục", "Tiếp tục", "khách", ""):
        if "/import/" not in page.url:
            break
        page.locator(f"main button:has-text('{words or 'Nhập'}')").last.click()
        page.wait_for_load_state()


def compose(page: Page, told: Month) -> None:
    """Duplicate last month's event and write the letter for it."""
    page.goto(page.url.split("/events/", maxsplit=1)[0] + "/events")
    picture(page, "su-kien")
    page.click("button:has-text('Mời kỳ sau')")
    page.fill("#note", "")
    page.locator("#note").press_sequentially("Xin mang theo ")
    page.fill("#note", "Xin mang theo thẻ nhà báo.")
    chip = page.locator("button[data-into=opening]", has_text="chức vụ")
    chip.click()
    assert page.input_value("#opening").endswith("{chuc_vu}")
    page.fill("#opening", page.input_value("#opening").replace(" {chuc_vu}", ""))
    for look, name in LOOKS.items():
        page.click(f".preview-choice button:has-text('{name}')")
        page.wait_for_selector(f"iframe[data-look={look}]:not(.preview-next)")
        picture(page, f"soan-{look}")
    told.guests = page.locator("#guest option").count()


def refused_without_test(page: Page) -> str:
    """Go to the check and press "send" at once; return what the page says."""
    page.click("button:has-text('Kiểm tra trước khi gửi')")
    picture(page, "kiem-tra")
    type_count(page)
    page.click(SEND)
    return page.inner_text("main")


def try_and_send(page: Page, told: Month, house: House) -> None:
    """Send the letter to oneself, then to everybody."""
    page.fill("#test_phone", PHONE)
    page.click("button:has-text('Gửi thử cho tôi')")
    type_count(page)
    told.tests = len(house.arrived.mails) + len(house.arrived.texts)
    told.subjects = [str(house.arrived.mails[0].message()["Subject"])]
    picture(page, "da-gui-thu")
    at_any_hour(page)
    page.click(SEND)
    picture(page, "dang-gui")
    sent(page)
    picture(page, "da-gui")
    told.letters = len(house.arrived.letters)
    told.subjects.append(str(house.arrived.letters[-1].message()["Subject"]))


def three_clicks(page: Page, told: Month, house: House) -> None:
    """Invite to the month after, and count what had to be pressed."""
    before = len(house.arrived.letters)
    page.goto(page.url.split("/sendings/", maxsplit=1)[0] + "/events")
    page.click("button:has-text('Mời kỳ sau')")
    told.clicks.append("Mời kỳ sau")
    page.click("button:has-text('Gửi thử cho tôi')")
    told.clicks.append("Gửi thử cho tôi")
    type_count(page)
    at_any_hour(page)
    page.click(SEND)
    told.clicks.append("Gửi")
    sent(page)
    told.again = len(house.arrived.letters) - before


def type_count(page: Page) -> None:
    """Type the number of guests that the page asks for."""
    page.fill("#count", page.get_attribute("form[data-count]", "data-count") or "")


def at_any_hour(page: Page) -> None:
    """Let texts go at night too: whoever runs this after ten would wait until seven."""
    page.check("#at_night")


def sent(page: Page) -> None:
    """Wait until the page says that all is done."""
    page.wait_for_url(lambda url: "/sendings/" in url)
    page.wait_for_function(
        "() => /Đã gửi xong/.test(document.getElementById('progress-state').innerText)",
        timeout=SENT_WITHIN_MS,
    )


def picture(page: Page, name: str) -> None:
    """Keep a picture of the page, if somebody wants the guide's pictures."""
    if PICTURES:
        page.wait_for_timeout(400)  # a frame is painted after it has arrived
        page.screenshot(path=Path(PICTURES) / f"{name}.png")

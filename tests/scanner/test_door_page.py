"""What a steward does beside the camera: nothing typed is lost, no refusal is overlooked."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from scanner.display import Display
from tests.scanner.door_frames import a_text
from tests.scanner.little_server import an_entry
from tests.scanner.rigs import Rig
from tests.scanner.screens import PIN, a_browser, a_door, a_window, employ, rule

pytestmark = pytest.mark.browser

CODE = "471108329957"
WRONG_CODE = "471108329956"
GUESTS = [
    an_entry(1, honorific="Bà", name="Nguyễn Thị Minh Ánh", door_code=CODE),
    an_entry(2, name="Lê Quang Huy", vip=True),
    an_entry(3, name="Trần Văn Đức", state="withdrawn"),
]

Door = tuple[Rig, Display]


@pytest.fixture(name="chromium", scope="module")
def one_browser() -> Iterator[Browser]:
    with a_browser() as browser:
        yield browser


@pytest.fixture(name="door")
def a_door_with_staff(tmp_path: Path) -> Iterator[Door]:
    with a_door(tmp_path, GUESTS) as door:
        employ(door[0], Lan="steward", Minh="supervisor")
        yield door


@pytest.fixture(name="page")
def a_scan_screen(chromium: Browser, door: Door) -> Iterator[Page]:
    with a_window(chromium, door[1].url) as watched:
        yield watched.begin().page


def scan(page: Page, text: str, key: str = "Enter") -> None:
    page.keyboard.type(text)
    page.keyboard.press(key)


def open_sheet(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()
    expect(page.locator("#sheet h2")).to_have_text(name)


def test_a_scan_into_a_field_leaves_what_a_person_typed(page: Page) -> None:
    open_sheet(page, "Khách vãng lai")
    page.locator("#p-name").fill("Phạm Thu")
    page.locator("#p-name").press_sequentially(" Hà 7")
    scan(page, a_text(1))

    expect(page.locator(".verdict")).to_have_attribute("data-outcome", "admitted")
    expect(page.locator(".verdict")).to_have_count(0, timeout=6000)
    expect(page.locator("#p-name")).to_have_value("Phạm Thu Hà 7")
    expect(page.locator("#p-name")).to_be_focused()


def test_a_door_code_of_a_hand_scanner_works_in_any_field(page: Page) -> None:
    page.locator("#query").fill("an")
    page.locator("#query").focus()
    scan(page, CODE)

    expect(page.locator(".verdict")).to_have_attribute("data-outcome", "admitted")
    expect(page.locator("#query")).to_have_value("an")


def test_digits_that_are_no_code_stay_in_the_field(door: Door, page: Page) -> None:
    page.locator("#query").focus()
    scan(page, WRONG_CODE)
    expect(page.locator("#query")).to_have_value(WRONG_CODE)

    assert door[0].station.journal.all() == []


@pytest.mark.parametrize("delay", [0, 25])
def test_neither_slow_nor_fast_scanners_are_told_by_their_speed(page: Page, delay: int) -> None:
    page.keyboard.type(a_text(2), delay=delay / 10)
    page.wait_for_timeout(delay * 10)
    page.keyboard.press("Enter")

    expect(page.locator(".verdict")).to_have_class("verdict vip")


def test_an_input_method_that_hides_the_keys_hides_no_scan(page: Page) -> None:
    page.locator("#query").focus()
    page.evaluate(
        """text => {
          const field = document.getElementById("query");
          field.value = "nguyễn";
          const hit = (key, code, isComposing) => field.dispatchEvent(new KeyboardEvent(
            "keydown", { key, code, isComposing, bubbles: true, cancelable: true }));
          for (const digit of text) {
            hit("Process", `Digit${digit}`, true);
            field.value += digit;
          }
          hit("Enter", "Enter", false);
        }""",
        a_text(1),
    )

    expect(page.locator(".verdict")).to_have_attribute("data-outcome", "admitted")
    expect(page.locator("#query")).to_have_value("nguyễn")


def test_the_test_page_of_the_scanner_writes_nothing_down(door: Door, page: Page) -> None:
    open_sheet_named(page, "Đầu đọc", "Đầu đọc cầm tay")
    scan(page, a_text(1))
    expect(page.locator("#trial-keys")).to_have_text("Đọc tốt: mã thư mời, 202 số")
    scan(page, CODE)
    expect(page.locator("#trial-keys")).to_have_text("Đọc tốt: mã cửa 4711 0832 9957")

    assert door[0].station.journal.all() == []


def open_sheet_named(page: Page, button: str, title: str) -> None:
    page.get_by_role("button", name=button, exact=True).click()
    expect(page.locator("#sheet h2")).to_have_text(title)


def test_a_refusal_pushed_away_waits_until_somebody_looks(door: Door, page: Page) -> None:
    station, waiting = door[0].station, page.locator("#unseen")
    station.typed(a_text(3))
    expect(page.locator(".verdict.stop")).to_be_visible()
    station.typed(a_text(1))
    expect(page.locator(".verdict.ok")).to_be_visible()
    expect(page.locator(".verdict")).to_have_count(0, timeout=6000)

    expect(waiting).to_contain_text("1DỪNG LẠI · Trần Văn Đức")
    waiting.click()
    expect(page.locator(".verdict.stop .name")).to_have_text("Trần Văn Đức")
    page.get_by_text("Khách tiếp theo").click()
    expect(waiting).to_be_hidden()


def test_the_last_admission_can_be_taken_back_after_its_light_is_gone(
    door: Door, page: Page
) -> None:
    door[0].station.typed(a_text(1))
    expect(page.locator(".verdict")).to_have_count(0, timeout=6000)
    page.locator("#lately").get_by_text("Hoàn tác").click()
    page.get_by_role("button", name="Khách không vào").click()

    expect(page.locator("#sheet")).to_be_hidden()
    expect(page.locator("#lately")).to_be_hidden()
    assert [record.reason for record in door[0].station.journal.all()] == ["", "left"]


def test_a_door_code_is_grouped_while_it_is_typed(page: Page) -> None:
    page.locator("#code").press_sequentially(CODE)

    expect(page.locator("#code")).to_have_value("4711 0832 9957")


def test_the_history_is_filtered(door: Door, page: Page) -> None:
    for number in (1, 2, 3):
        door[0].station.typed(a_text(number))
    page.locator(".verdict").click()
    open_sheet(page, "Lịch sử")
    expect(page.locator(".past li")).to_have_count(3)
    page.get_by_role("button", name="Bị từ chối 1").click()

    expect(page.locator(".past li")).to_have_count(1)
    expect(page.locator(".past li")).to_contain_text("Trần Văn Đức")


def test_names_are_hidden_on_verdicts_and_in_the_history(door: Door, page: Page) -> None:
    open_sheet(page, "Thêm")
    page.get_by_role("button", name="Ẩn tên khách").click()
    expect(page.locator("#sheet")).to_be_hidden()
    door[0].station.typed(a_text(1))
    expect(page.locator(".verdict.ok")).to_be_visible()
    seen = page.locator(".verdict").inner_text()
    expect(page.locator(".verdict")).to_have_count(0, timeout=6000)
    open_sheet(page, "Lịch sử")

    assert "Ánh" not in seen
    assert "Ánh" not in page.content()


def test_guests_who_scan_alone_see_no_names_and_staff_come_back_by_pin(
    door: Door, page: Page
) -> None:
    open_sheet(page, "Thêm")
    page.get_by_role("button", name="Để khách tự quét").click()
    expect(page.locator("#query")).to_be_hidden()
    page.reload()
    expect(page.locator("#start")).to_be_hidden()
    door[0].station.typed(a_text(1))
    expect(page.locator(".verdict.ok .word")).to_have_text("MỜI VÀO")
    names = page.locator(".verdict .name, .verdict [data-open]").count()
    closed = page.evaluate("fetch('/sheet/history').then(answer => answer.status)")

    page.locator("#leave").click()
    page.locator("#sheet").get_by_label("Minh").check()
    for digit in PIN:
        page.locator(f'#sheet [data-digit="{digit}"]').click()
    page.get_by_role("button", name="Thoát").click()
    expect(page.locator("#query")).to_be_visible()

    assert (names, closed) == (0, 403)


def test_a_wrong_pin_opens_nothing(chromium: Browser, door: Door) -> None:
    with a_window(chromium, door[1].url) as watched:
        page = watched.page
        page.get_by_label("Lan").check()
        page.locator("#pin-shift").fill("111111")
        page.get_by_role("button", name="Mở", exact=True).click()
        expect(page.locator("#start .problem")).to_have_text("Mã PIN không đúng. Thử lại.")
        page.locator("#pin-shift").fill(PIN)
        page.get_by_role("button", name="Mở", exact=True).click()

        expect(page.locator("#start")).to_be_hidden()
        expect(page.locator("#staff")).to_have_text("Lan")


def test_rehearsal_is_written_over_everything_and_nowhere_else(door: Door, page: Page) -> None:
    rig = door[0]
    rig.station.desk.open_shift("minh", PIN)
    open_sheet(page, "Thêm")
    page.get_by_role("button", name="Diễn tập").click()
    expect(page.locator(".watermark")).to_be_visible()
    rig.station.typed(a_text(1))
    expect(page.locator(".verdict .word")).to_have_text("MỜI VÀO")

    assert page.evaluate(
        "getComputedStyle(document.querySelector('.watermark')).zIndex"
    ) > page.evaluate("getComputedStyle(document.getElementById('verdict')).zIndex")
    assert rig.station.journal.all() == []


def test_an_exit_says_goodbye(door: Door, page: Page) -> None:
    door[0].station.typed(a_text(1))
    expect(page.locator(".verdict")).to_have_count(0, timeout=6000)
    open_sheet(page, "Thêm")
    page.get_by_label("Ra", exact=True).click()
    expect(page.locator("#way")).to_be_visible()
    door[0].station.typed(a_text(1))

    expect(page.locator(".verdict .word")).to_have_text("TẠM BIỆT")


def test_a_badge_is_printed_from_the_page_and_noted(door: Door, page: Page) -> None:
    rule(door[0].station, badges=True)
    shown = door[0].station.typed(a_text(1))
    assert shown is not None
    page.evaluate("window.print = () => {}")
    page.locator(".verdict [data-badge]").click()
    expect(page.locator("#printing")).to_have_count(1)

    label = page.frame_locator("#printing")
    expect(label.locator(".label-name")).to_have_text("Nguyễn Thị Minh Ánh")
    notes = [record.detail for record in door[0].station.journal.all()]
    assert notes == [{}, {"badge": "printed"}]

"""The kiosk page in a real browser: the right verdict for each phone, and nothing lost."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from scanner.display import Display
from tests.scanner.door_frames import OTHER_SEED, a_text
from tests.scanner.films import Scene, a_film
from tests.scanner.little_server import an_entry
from tests.scanner.rigs import Rig, a_server, a_station
from tests.scanner.screens import a_browser, a_door, a_window

pytestmark = pytest.mark.browser

CODE = "471108329957"
GUESTS = [
    an_entry(1, honorific="Bà", name="Nguyễn Thị Minh Ánh", door_code=CODE),
    an_entry(2, name="Lê Quang Huy", vip=True),
    an_entry(3, name="<img src=x onerror=alert(1)>", state="withdrawn"),
    an_entry(4, name="Tâm & Sơn"),
]


@pytest.fixture(name="rig")
def a_rig_with_a_screen(tmp_path: Path) -> Iterator[tuple[Rig, Display]]:
    with a_door(tmp_path, GUESTS) as door:
        yield door


@pytest.fixture(name="chromium", scope="module")
def one_browser() -> Iterator[Browser]:
    with a_browser() as browser:
        yield browser


@pytest.fixture(name="page")
def a_kiosk_page(chromium: Browser, rig: tuple[Rig, Display]) -> Iterator[Page]:
    with a_window(chromium, rig[1].url) as watched:
        yield watched.begin().page


def test_each_verdict_has_its_own_word_and_look(rig: tuple[Rig, Display], page: Page) -> None:
    station, panel = rig[0].station, page.locator(".verdict")

    station.typed(a_text(1))
    expect(panel).to_have_class("verdict ok")
    expect(panel.locator(".word")).to_have_text("MỜI VÀO")
    expect(panel.locator(".name")).to_have_text("Bà Nguyễn Thị Minh Ánh")
    expect(panel).to_have_count(0, timeout=6000)  # it goes by itself

    station.typed(a_text(2))
    expect(panel).to_have_class("verdict vip")
    station.typed(a_text(1))
    expect(panel).to_have_class("verdict already")
    expect(panel.locator(".word")).to_have_text("ĐÃ QUÉT")
    station.typed(a_text(4, seed=OTHER_SEED))
    expect(panel).to_have_class("verdict stop")
    expect(panel.locator(".cause")).to_have_text("Mã không do đơn vị này cấp")
    page.wait_for_timeout(2500)
    expect(panel).to_have_class("verdict stop")  # a refusal stays until it is touched
    panel.get_by_text("Khách tiếp theo").click()
    expect(panel).to_have_count(0)


def test_a_guests_name_is_text_and_nothing_else(rig: tuple[Rig, Display], page: Page) -> None:
    rig[0].station.typed(a_text(3))
    name = page.locator(".verdict .name")
    expect(name).to_have_text("<img src=x onerror=alert(1)>")

    rig[0].station.typed(a_text(4))
    expect(name).to_have_text("Tâm & Sơn")


def test_a_hand_scanner_works_in_any_focus_and_spares_what_a_person_types(
    rig: tuple[Rig, Display], page: Page
) -> None:
    panel = page.locator(".verdict")

    page.keyboard.type(a_text(1))
    page.keyboard.press("Enter")
    expect(panel).to_have_attribute("data-outcome", "admitted")

    page.locator("#code").fill("99")
    page.locator("#code").focus()
    page.keyboard.type(a_text(2))
    page.keyboard.press("Enter")
    expect(panel).to_have_class("verdict vip")
    expect(page.locator("#code")).to_have_value("99")
    assert len(rig[0].station.journal.all()) == 2


def test_a_door_code_is_typed_and_a_wrong_one_is_a_hint(
    rig: tuple[Rig, Display], page: Page
) -> None:
    page.locator("#code").fill("4711 0832 9956")
    page.get_by_role("button", name="Kiểm tra").click()
    expect(page.locator("#hint")).to_be_visible()
    assert rig[0].station.journal.all() == []

    page.locator("#code").fill("4711 0832 9957")
    page.keyboard.press("Enter")
    expect(page.locator(".verdict")).to_have_attribute("data-outcome", "admitted")


def test_offline_is_said_and_the_door_goes_on(rig: tuple[Rig, Display], page: Page) -> None:
    rig[0].server.stop()
    badge = page.locator("#line")
    expect(badge).to_have_text("Ngoại tuyến – vẫn làm việc", timeout=15_000)

    rig[0].station.typed(a_text(1))
    expect(page.locator(".verdict")).to_have_class("verdict offline alone")
    expect(badge).to_have_text("Ngoại tuyến – vẫn làm việc · 1 chờ gửi")

    rig[0].server.start()
    expect(badge).to_have_text("Trực tuyến", timeout=15_000)


def test_an_admission_is_taken_back_on_the_page(rig: tuple[Rig, Display], page: Page) -> None:
    rig[0].station.typed(a_text(2))
    page.locator(".verdict [data-undo]").click()
    page.get_by_role("button", name="Quét nhầm").click()

    expect(page.locator(".verdict")).to_have_count(0)
    page.get_by_role("button", name="Lịch sử").click()
    expect(page.locator(".past li.undone")).to_have_count(1)
    assert [record.reason for record in rig[0].station.journal.all()] == ["", "mistake"]


@pytest.mark.parametrize("width", [320, 390, 1280])
def test_nothing_is_wider_than_the_screen(
    rig: tuple[Rig, Display], page: Page, width: int
) -> None:
    page.set_viewport_size({"width": width, "height": 700})
    wide = "document.documentElement.scrollWidth"

    assert page.evaluate(wide) == width
    for number in (1, 2, 3):
        rig[0].station.typed(a_text(number))
        expect(page.locator(".verdict")).to_be_visible()
        assert page.evaluate(wide) == width


def test_the_page_shows_the_right_verdict_for_each_phone_of_a_film(
    chromium: Browser, tmp_path: Path
) -> None:
    server = a_server(tmp_path, GUESTS)
    texts = [a_text(1), a_text(3), a_text(2), a_text(1), a_text(4, seed=OTHER_SEED), a_text(4)]
    film = a_film(
        tmp_path / "film.avi", [Scene((text,), seconds=1.0, gap=0.5) for text in texts]
    )
    rig = Rig(a_station(tmp_path, server.url, str(film)), server, tmp_path)
    display = Display(rig.station)
    display.start()
    page = chromium.new_page()
    page.goto(display.url)
    page.evaluate(
        """() => {
          window.seen = [];
          new MutationObserver(() => {
            const verdict = document.querySelector(".verdict");
            if (!verdict) return;
            window.seen.push([verdict.dataset.number, verdict.dataset.outcome]);
          }).observe(document.getElementById("verdict"), {childList: true});
        }"""
    )
    rig.station.start()
    threading.Thread(target=rig.station.run, daemon=True).start()
    assert rig.station.done.wait(60)
    page.wait_for_timeout(1000)
    seen = page.evaluate("window.seen")
    page.close()
    rig.station.stopping.set()
    display.stop()
    rig.close()

    outcomes = ["admitted", "revoked", "admitted", "already_in", "forged", "admitted"]
    assert seen == [[str(i), outcome] for i, outcome in enumerate(outcomes, 1)]

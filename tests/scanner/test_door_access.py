"""The door's screen is for everybody: axe-core, gloves, small phones, no request outside."""

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect
from pypdf import PdfReader

from scanner.display import Display
from tests.rules.reading import ROOT
from tests.scanner.door_frames import a_text
from tests.scanner.little_server import an_entry
from tests.scanner.rigs import Rig
from tests.scanner.screens import Watched, a_browser, a_door, a_window, employ, rule

pytestmark = pytest.mark.browser

AXE = ROOT / "node_modules/axe-core/axe.min.js"
STANDARDS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
GLOVED = 44
GUESTS = [
    an_entry(1, honorific="Bà", name="Nguyễn Thị Minh Ánh", organisation="Báo Thử"),
    an_entry(2, name="Lê Quang Huy", vip=True, note="Mời lễ tân đưa vào ghế 2"),
    an_entry(3, name="Trần Văn Đức", state="withdrawn"),
    an_entry(4, name="Đoàn Đài Truyền hình", party=12),
]
SHEETS = ["more", "history", "walk-in", "cameras", "scanner", "substitute?name=Ai"]
SMALL = f"""() => [...document.querySelectorAll("button, .pick, summary, .tongues a")]
  .filter((one) => one.checkVisibility() && one.getBoundingClientRect().width > 0)
  .filter((one) => {{
    const box = one.getBoundingClientRect();
    return Math.min(box.width, box.height) < {GLOVED};
  }}).map((one) => one.outerHTML.slice(0, 80))"""
WIDE = """() => [document.documentElement, document.getElementById("sheet"),
    document.querySelector(".verdict")]
  .filter((one) => one !== null && one.scrollWidth > Math.max(one.clientWidth, 1))
  .filter((one) => one.checkVisibility()).map((one) => one.className || one.tagName)"""


@pytest.fixture(name="chromium", scope="module")
def one_browser() -> Iterator[Browser]:
    with a_browser() as browser:
        yield browser


@pytest.fixture(name="door")
def a_door_with_badges(tmp_path: Path) -> Iterator[tuple[Rig, Display]]:
    with a_door(tmp_path, GUESTS) as door:
        employ(door[0], Lan="steward", Minh="supervisor")
        questions = [{"key": "a", "text": "Đã xem thẻ?", "kind": "yes_no", "choices": []}]
        rule(door[0].station, badges=True, questions=questions)
        yield door


def faults(page: Page) -> list[str]:
    """Return what axe-core and a pair of gloves find fault with on the page as it is."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE.read_text(encoding="utf-8"))
    found: dict[str, Any] = page.evaluate(
        "standards => axe.run(document, {runOnly: standards, resultTypes: ['violations']})",
        STANDARDS,
    )
    said = [
        f"{each['id']}: {node['html'][:120]}"
        for each in found["violations"]
        for node in each["nodes"]
    ]
    small = [f"small: {each}" for each in page.evaluate(SMALL)]
    return said + small + [f"wide: {each}" for each in page.evaluate(WIDE)]


def walk(watched: Watched, rig: Rig) -> Iterator[str]:
    """Go through every state of the screen, and name each."""
    page = watched.page
    yield "start"
    watched.begin()
    yield "scan"
    for name in SHEETS:
        page.evaluate(f"document.getElementById('history').dataset.open = '/sheet/{name}'")
        page.locator("#history").click()
        expect(page.locator("#sheet h2")).to_be_visible()
        yield name
        page.keyboard.press("Escape")
    for number in (1, 1, 2, 3, 4):
        shown = rig.station.typed(a_text(number))
        assert shown is not None
        expect(page.locator(f'.verdict[data-number="{shown.number}"]')).to_be_visible()
        page.evaluate("document.querySelector('.verdict').click()" if number == 1 else "0")
        yield f"verdict {shown.number}"
    page.locator('[data-open^="/sheet/undo"]').first.click()
    yield "undo"


@pytest.mark.parametrize(
    ("width", "language", "scheme"),
    [
        pytest.param(1280, "vi", "light", id="a desk"),
        pytest.param(320, "en", "dark", id="the smallest phone"),
    ],
)
def test_every_state_of_the_screen_is_for_everybody(
    chromium: Browser, door: tuple[Rig, Display], width: int, language: str, scheme: str
) -> None:
    about = {"viewport": {"width": width, "height": 700}, "color_scheme": scheme}
    with a_window(chromium, f"{door[1].url}?lang={language}", **about) as watched:
        found = {state: faults(watched.page) for state in walk(watched, door[0])}

    assert {state: each for state, each in found.items() if each} == {}
    assert [url for url in watched.requests if not url.startswith(door[1].url)] == []
    assert watched.complaints == []


def test_a_fault_is_found(chromium: Browser, door: tuple[Rig, Display]) -> None:
    with a_window(chromium, door[1].url) as watched:
        page = watched.begin().page
        page.evaluate(
            """() => {
              document.querySelector("label[for=code]").remove();
              document.getElementById("code").placeholder = "";
              document.getElementById("history").style.width = "3000px";
              document.getElementById("sound").textContent = "x";
              document.getElementById("sound").style.minHeight = "20px";
              document.querySelector(".tools").style.alignItems = "start";
            }"""
        )
        found = {each.partition(":")[0] for each in faults(page)}

    assert found == {"label", "label-title-only", "small", "wide"}


@pytest.mark.parametrize(("size", "paper"), [("small", (62, 29)), ("large", (100, 62))])
def test_a_badge_fills_one_label_and_no_more(
    chromium: Browser, door: tuple[Rig, Display], size: str, paper: tuple[int, int]
) -> None:
    shown = door[0].station.typed(a_text(1))
    assert shown is not None
    page = chromium.new_page()
    page.goto(f"{door[1].url}label/{shown.scan_id}?size={size}")
    pdf = page.pdf(prefer_css_page_size=True)
    overflow = page.locator(".label-card").evaluate("c => c.scrollHeight - c.clientHeight")
    page.close()

    assert (pages(pdf), overflow) == ([paper], 0)


def pages(pdf: bytes) -> list[tuple[int, int]]:
    """Return the size of each page of *pdf* in whole millimetres."""
    boxes = [page.mediabox for page in PdfReader(io.BytesIO(pdf)).pages]
    inch = 25.4 / 72
    return [(round(float(b.width) * inch), round(float(b.height) * inch)) for b in boxes]

"""The pass on a phone: in a real browser, without script, in the dark, without a network."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
import zxingcpp
from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright
from werkzeug.serving import make_server

from checkin.app import create_app
from checkin.config import Config, MailConfig, ServerConfig
from invitations.domain.model import Holder
from invitations.storage.database import Database
from tests.factories_events import ANH, Office, a_plan, an_office

pytestmark = pytest.mark.browser

CHROMIUM = "/usr/bin/chromium"
QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
PHONE = {"width": 390, "height": 844}
FIFTY_FIVE_MM = 330  # CSS pixels on a phone 65 mm wide that shows 390 of them
MODULES, MARGIN = 45, 4
EDGE = 2  # pixels that the picture of an element may share with its neighbours


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(QUIET))
        yield browser
        browser.close()


@pytest.fixture
def office(sqlite_database: Database, tmp_path: Path) -> Office:
    office = an_office(sqlite_database, tmp_path)
    office.clock.now = time.time()
    return office


@pytest.fixture
def holder(office: Office) -> Holder:
    now = int(office.clock.now)
    plan = a_plan(
        opens_at=now - 60, starts_at=now + 900, ends_at=now + 9_000, closes_at=now + 9_000
    )
    (holder,) = office.holders(office.event(plan, names=["Nguyễn Thị Minh Ánh"]))
    return holder


@pytest.fixture
def address(office: Office, holder: Holder, tmp_path: Path) -> Iterator[str]:
    config = Config(
        tmp_path,
        "",
        tmp_path / "keys",
        server=ServerConfig(host="127.0.0.1"),
        mail=MailConfig(sender="moi@vp.example"),
    )
    server = make_server("127.0.0.1", 0, create_app(config, office.database), threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/p/{holder.invitation.link}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_without_script_the_code_is_large_on_white_and_readable(
    chromium: Browser, office: Office, holder: Holder, address: str, scheme: str
) -> None:
    with a_phone(chromium, color_scheme=scheme, java_script_enabled=False) as page:
        page.goto(address)

        code = page.locator(".pass-code svg")
        picture = Image.open(BytesIO(code.screenshot())).convert("L")

    assert picture.width >= FIFTY_FIVE_MM
    assert read(picture) == [office.issuing.pass_text(holder.invitation)]
    assert darkest_in_margin(picture) == 255


def test_a_code_without_its_white_margin_would_be_caught(
    chromium: Browser, address: str
) -> None:
    with a_phone(chromium, color_scheme="dark", bypass_csp=True) as page:
        page.goto(address)
        page.locator(".pass-code svg path").first.evaluate("each => each.remove()")
        page.add_style_tag(
            content=".pass-code, .pass-code * { background: #15151a !important }"
        )

        picture = Image.open(BytesIO(page.locator(".pass-code svg").screenshot())).convert("L")

    assert darkest_in_margin(picture) < 255


def test_a_touch_fills_the_screen_with_the_code_and_another_lets_it_go(
    chromium: Browser, office: Office, holder: Holder, address: str
) -> None:
    with a_phone(chromium, color_scheme="dark") as page:
        page.goto(address)
        page.locator(".pass-code button").click()
        sheet = page.locator(".pass-big[open]")
        box = sheet.bounding_box()
        picture = Image.open(BytesIO(page.screenshot())).convert("L")
        sheet.click()

        assert box == {"x": 0, "y": 0, **PHONE}
        assert read(picture) == [office.issuing.pass_text(holder.invitation)]
        assert picture.getpixel((0, 0)) == 255
        assert page.locator(".pass-big[open]").count() == 0


def test_a_pass_seen_once_opens_without_a_network_and_is_never_stale_with_one(
    chromium: Browser, office: Office, holder: Holder, address: str
) -> None:
    with a_phone(chromium) as page:
        page.goto(address)
        wait_until_kept(page)

        page.context.set_offline(True)
        page.goto(address)
        assert page.locator(".pass-name").inner_text() == "Bà Nguyễn Thị Minh Ánh"
        picture = Image.open(BytesIO(page.locator(".pass-code svg").screenshot())).convert("L")
        assert read(picture) == [office.issuing.pass_text(holder.invitation)]

        page.context.set_offline(False)
        office.issuing.withdraw(holder.invitation.id, ANH, "Đổi người")
        page.goto(address)
        assert page.locator(".pass-code").count() == 0
        assert "Thư mời đã thu hồi" in page.locator("main").inner_text()


def test_the_page_asks_nobody_but_this_house_and_complains_of_nothing(
    chromium: Browser, address: str
) -> None:
    asked: list[str] = []
    complaints: list[str] = []
    with a_phone(chromium) as page:
        page.on("request", lambda request: asked.append(request.url))
        page.on("console", lambda message: complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto(address)
        wait_until_kept(page)
        wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")

    home = address.partition("/p/")[0]
    assert [url for url in asked if not url.startswith(home)] == []
    assert complaints == []
    assert wide <= 0


@contextmanager
def a_phone(chromium: Browser, **how: Any) -> Iterator[Page]:
    """Lend a page of a phone that was never here before."""
    context = chromium.new_context(viewport=PHONE, locale="vi-VN", **how)  # type: ignore[arg-type]  # a plain dict
    try:
        yield context.new_page()
    finally:
        context.close()


def wait_until_kept(page: Page) -> None:
    """Wait until the worker has put the pass and its looks on its shelf."""
    page.evaluate(
        """async () => {
          const parts = [...document.querySelectorAll("[data-keep]")];
          const urls = [location.href, ...parts.map((part) => part.src || part.href)];
          const kept = () => Promise.all(urls.map((url) => caches.match(url)));
          while (!(await kept()).every(Boolean)) await new Promise((go) => setTimeout(go, 20));
        }"""
    )


def read(picture: Image.Image) -> list[str]:
    """Return the texts of the QR codes in *picture*."""
    return [found.text for found in zxingcpp.read_barcodes(picture)]


def darkest_in_margin(picture: Image.Image) -> int:
    """Return the darkest grey (0 to 255) in the four modules around the code."""
    wide = picture.width * MARGIN // MODULES - 1
    right, low = picture.width - EDGE, picture.height - EDGE
    bands = [
        picture.crop((EDGE, EDGE, right, wide)),
        picture.crop((EDGE, picture.height - wide, right, low)),
        picture.crop((EDGE, EDGE, wide, low)),
        picture.crop((picture.width - wide, EDGE, right, low)),
    ]
    return min(int(band.getextrema()[0]) for band in bands)  # type: ignore[arg-type]  # grey

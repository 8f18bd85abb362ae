"""The live board in a real browser: it reads without script, and keeps in step with it."""

import json
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page
from sqlalchemy import insert, update

from checkin.domain.accounts import Role
from invitations.storage.database import Database
from invitations.storage.tables import guests, offices
from tests.checkin.factories import NOON, House
from tests.checkin.looking import soon
from tests.checkin.serving import Open, a_house_now, opened

pytestmark = pytest.mark.browser


@pytest.fixture
def house(sqlite_database: Database, tmp_path: Path) -> House:
    return a_house_now(sqlite_database, tmp_path, many=12, capacity=10)


@pytest.fixture
def place(house: House, tmp_path: Path) -> Iterator[Open]:
    with opened(house, tmp_path) as found:
        yield found


def board(browser: Browser, place: Open, *, script: bool = True, still: bool = False) -> Page:
    """Open the board as a viewer and return its page; its clock can be moved if *still*."""
    context = browser.new_context(java_script_enabled=script)
    cookies = place.cookies(Role.VIEWER).items()
    context.add_cookies(
        [{"name": name, "value": value, "url": place.address} for name, value in cookies]
    )
    page = context.new_page()
    if still:
        page.clock.install()
    page.goto(f"{place.address}/events/{place.house.event}/board?lang=vi")
    if script:
        page.wait_for_selector("#pulse[data-state=live]")
    return page


def arrived(page: Page) -> str:
    return page.text_content("#arrived") or ""


def shown(page: Page) -> dict[str, object]:
    """Return everything a reader sees of the figures and lists."""
    return {
        name: page.text_content(f"#{name}")
        for name in ("arrived", "inside", "trouble-number", "latest", "alerts", "curve")
    }


def test_the_board_reads_without_script(browser: Browser, place: Open) -> None:
    device = place.house.at_gate()
    device.uploads(device.record(place.house.passes[0]))

    page = board(browser, place, script=False)

    assert arrived(page) == "1"
    assert place.house.entry(place.house.passes[0]).name in (page.text_content("#latest") or "")
    assert page.locator("noscript meta[http-equiv=refresh]").count() == 1


def test_page_and_script_draw_the_same(browser: Browser, place: Open) -> None:
    device = place.house.at_gate()
    for each in place.house.passes[:4]:
        device.uploads(device.record(each, wall_ms=int(time.time() * 1000)))
    device.uploads(device.record(place.house.passes[0], wall_ms=int(time.time() * 1000)))
    device.uploads(device.record(place.house.passes[5], "revoked"))

    plain, live = board(browser, place, script=False), board(browser, place)
    page_says = {name: " ".join(str(text).split()) for name, text in shown(plain).items()}

    def script_says() -> dict[str, str]:
        return {name: " ".join(str(text).split()) for name, text in shown(live).items()}

    soon(lambda: "".join(script_says()["latest"].split()), "".join(page_says["latest"].split()))
    for name in ("arrived", "inside", "trouble-number"):
        assert script_says()[name] == page_says[name]
    for name in ("alerts", "curve"):
        assert "".join(script_says()[name].split()) == "".join(page_says[name].split())


def test_an_admission_shows_within_a_second(browser: Browser, place: Open) -> None:
    page, device = board(browser, place), place.house.at_gate()
    live = place.app_door()
    took = []

    for count, each in enumerate(place.house.passes, start=1):
        report = device.report(place.house.text(each), offset_ms=None)
        live.present(device.station, report)
        took.append(soon(lambda: arrived(page), str(count)))

    assert sorted(took)[int(0.95 * len(took))] < 1.0


def test_two_boards_show_the_same(browser: Browser, place: Open) -> None:
    one, device = board(browser, place), place.house.at_gate()
    live = place.app_door()
    for each in [*place.house.passes[:6], place.house.passes[0]]:
        live.present(device.station, device.report(place.house.text(each), offset_ms=None))
    other = board(browser, place)
    live.present(device.station, device.report(place.house.text(place.house.passes[7])))

    soon(lambda: [arrived(one), arrived(other)], ["7", "7"])
    soon(lambda: shown(one) == shown(other), wanted=True)


def test_nothing_is_missed_over_a_restart_of_the_server(
    browser: Browser, house: House, tmp_path: Path
) -> None:
    device = house.at_gate()
    with ExitStack() as first:
        place = first.enter_context(opened(house, tmp_path))
        page = board(browser, place)
        port = int(place.address.rpartition(":")[2])
    device.shows(house.passes[0], offset_ms=None)
    device.shows(house.passes[1], offset_ms=None)
    house.change_invitation(house.passes[2], state="withdrawn")
    assert arrived(page) == "0"

    with opened(house, tmp_path, port):
        soon(lambda: arrived(page), "2", within=15)
        assert (page.text_content("#arrived-note") or "").startswith("/ 11 ")


def test_the_board_says_in_words_that_its_figures_are_old(
    browser: Browser, house: House, tmp_path: Path
) -> None:
    with opened(house, tmp_path) as place:
        page = board(browser, place, still=True)

    page.clock.fast_forward(5_500)
    page.wait_for_selector("#pulse[data-state=warm]")
    page.clock.fast_forward(10_000)
    page.wait_for_selector("#pulse[data-state=stale]")

    assert "số liệu cũ" in (page.text_content("#pulse-age") or "")


def test_a_guest_whose_name_is_a_script_is_only_a_name(browser: Browser, place: Open) -> None:
    name = "<img src=x onerror=alert(1)></script><script>alert(2)</script>"
    place.house.database.write(lambda tx: tx.execute(update(guests).values(name=name)).rowcount)
    page, device = board(browser, place), place.house.at_gate()
    dialogs: list[str] = []
    page.on("dialog", lambda dialog: dialogs.append(dialog.message))

    place.app_door().present(
        device.station, device.report(place.house.text(place.house.passes[0]), offset_ms=None)
    )
    soon(lambda: arrived(page), "1")
    page.reload()

    assert name in (page.text_content("#latest") or "")
    assert dialogs == []


def test_the_board_of_another_office_is_not_there(browser: Browser, place: Open) -> None:
    house = place.house
    other = house.database.write(
        lambda tx: tx.execute(
            insert(offices).values(name="Phường 1", created_at=NOON).returning(offices.c.id)
        ).scalar_one()
    )
    context = browser.new_context()
    cookies = place.cookies(Role.OFFICER, other).items()
    context.add_cookies(
        [{"name": name, "value": value, "url": place.address} for name, value in cookies]
    )
    page = context.new_page()
    answer = page.goto(f"{place.address}/events/{house.event}/board")

    assert answer is not None
    assert answer.status == 404
    auth = json.dumps({"event": house.event, "number": -1})
    said = page.evaluate(SOCKET, [place.address, auth])
    assert "Connection rejected" in said


SOCKET = """async ([address, auth]) => {
  const path = '/socket.io/?EIO=4&transport=websocket';
  const socket = new WebSocket(address.replace('http', 'ws') + path);
  return await new Promise((tell) => {
    socket.onmessage = ({ data }) => {
      if (data.startsWith('0')) socket.send('40' + auth);
      else if (data.startsWith('4')) tell(data);
    };
  });
}"""

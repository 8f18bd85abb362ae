"""Deeds at the board: what one organiser settles, every board and every gate hears."""

import secrets
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from checkin.domain.accounts import Account, Role
from checkin.domain.newcomers import WalkInReport
from checkin.services.accounts import Accounts, NewAccount
from checkin.web.desks import EXTENSION, Desks
from invitations.domain.model import Actor
from invitations.storage.database import Database
from tests.checkin.factories import Device, House
from tests.checkin.looking import soon
from tests.checkin.serving import PASSWORD, Open, a_house_now, opened

pytestmark = pytest.mark.browser


@pytest.fixture
def house(sqlite_database: Database, tmp_path: Path) -> House:
    return a_house_now(sqlite_database, tmp_path, many=12, capacity=12)


@pytest.fixture
def place(house: House, tmp_path: Path) -> Iterator[Open]:
    with opened(house, tmp_path) as found:
        yield found


def board(browser: Browser, place: Open, role: Role) -> Page:
    """Open the board as somebody of *role*."""
    context = browser.new_context()
    cookies = place.cookies(role).items()
    context.add_cookies(
        [{"name": name, "value": value, "url": place.address} for name, value in cookies]
    )
    page = context.new_page()
    page.goto(f"{place.address}/events/{place.house.event}/board?lang=vi")
    page.wait_for_selector("#pulse[data-state=live]")
    return page


def a_conflict(place: Open) -> None:
    """Let two gates admit one pass while they could not talk."""
    house = place.house
    one, other = house.at_gate(0), house.at_gate(1)
    for device in (one, other):
        records = [device.record(house.passes[0]).to_json()]
        place.app_door().upload(device.station, records)


def asks(place: Open, device: Device) -> None:
    """Let a steward ask for a guest without an invitation."""
    accounts = Accounts(place.house.database)
    boss = Actor("Bích Ngọc", place.house.office, "officer", 1)
    new = NewAccount(f"{secrets.token_hex(4)}@ubnd.example", "Lê Tư", Role.STEWARD, PASSWORD)
    steward = accounts.create(boss, new)
    assert isinstance(steward, Account)
    report = device.report("")
    desk: Desks = place.app.extensions[EXTENSION]
    answer = desk.walk_ins.ask(
        device.station,
        WalkInReport(
            scan_id=report.scan_id,
            epoch=report.epoch,
            n=report.n,
            name="Đỗ Thị Hạnh",
            organisation="Báo Mới",
            reason="Thay đồng nghiệp ốm",
            wall_ms=report.wall_ms,
            mono_ms=report.mono_ms,
            boot_id=report.boot_id,
            actor=str(steward.id),
        ),
    )
    assert answer.state == "asked"


def text(page: Page, name: str) -> str:
    return " ".join((page.text_content(f"#{name}") or "").split())


def test_a_conflict_that_one_settles_is_settled_on_every_board(
    browser: Browser, place: Open
) -> None:
    a_conflict(place)
    mine, other = board(browser, place, Role.SUPERVISOR), board(browser, place, Role.VIEWER)
    assert text(mine, "trouble-number") == "1"
    assert other.locator(".deeds button").count() == 0

    mine.click("text=Người khác")

    soon(lambda: text(mine, "trouble-number"), "0")
    soon(lambda: text(other, "trouble-number"), "0")
    soon(lambda: text(other, "inside"), "2")
    assert "Đã xác minh: người khác" in text(other, "alerts")


def test_a_guest_who_asks_is_let_in_from_the_board(browser: Browser, place: Open) -> None:
    page, device = board(browser, place, Role.OFFICER), place.house.at_gate()

    asks(place, device)
    soon(lambda: text(page, "trouble-number"), "1")
    assert "Đỗ Thị Hạnh" in text(page, "walk-ins")
    page.click("text=Mời vào")

    soon(lambda: text(page, "trouble-number"), "0")
    desk: Desks = place.app.extensions[EXTENSION]
    assert desk.walk_ins.waiting(place.house.event) == []
    assert any(
        entry.name.startswith("Đỗ Thị")
        for entry in map(place.house.entry, newest_passes(place.house))
    )


def newest_passes(house: House) -> list[str]:
    """Return the passes that the house did not begin with."""
    with house.database.read() as connection:
        entries = house.guestbook.entries(connection, house.event)
    return [entry.pass_id for entry in entries if entry.pass_id not in house.passes]


def test_a_vip_is_welcomed_by_name(browser: Browser, place: Open) -> None:
    page, device = board(browser, place, Role.OFFICER), place.house.at_gate()
    vip = next(each for each in place.house.passes if place.house.entry(each).vip)

    report = device.report(place.house.text(vip), offset_ms=None)
    place.app_door().present(device.station, report)
    soon(lambda: place.house.entry(vip).name in text(page, "vips"), wanted=True)
    page.click("text=Tôi đón")

    soon(lambda: "Trần Bích Ngọc đã đón" in text(page, "vips"), wanted=True)


def test_a_full_room_is_warned_of(browser: Browser, place: Open) -> None:
    page, device = board(browser, place, Role.VIEWER), place.house.at_gate()

    for each in place.house.passes[:11]:
        report = device.report(place.house.text(each), offset_ms=None)
        place.app_door().present(device.station, report)

    soon(lambda: "Phòng gần đầy: 11 trên 12 chỗ." in text(page, "warnings"), wanted=True)


def test_a_deed_without_the_right_is_refused_in_words(browser: Browser, place: Open) -> None:
    a_conflict(place)
    page = board(browser, place, Role.VIEWER)

    status, said = page.evaluate(
        """async (base) => {
          const id = 'x'.repeat(8);
          const body = new URLSearchParams({ choice: 'same_person' });
          const headers = { Accept: 'application/json' };
          const sent = { method: 'POST', body, headers };
          const answer = await fetch(`${base}/conflicts/${id}`, sent);
          return [answer.status, (await answer.json()).said];
        }""",
        f"/events/{place.house.event}/handling",
    )

    assert (status, said) == (403, "Tài khoản này không có quyền làm việc đó.")


def test_the_big_screen_counts_and_names_nobody(browser: Browser, place: Open) -> None:
    page, device = board(browser, place, Role.VIEWER), place.house.at_gate()
    page.goto(f"{place.address}/events/{place.house.event}/board/screen?lang=vi")
    page.wait_for_selector("#pulse[data-state=live]")
    first = place.house.entry(place.house.passes[0])

    report = device.report(place.house.text(first.pass_id), offset_ms=None)
    place.app_door().present(device.station, report)

    soon(lambda: text(page, "arrived"), "1")
    assert text(page, "rows") == f"{first.organisation}1"
    assert first.name not in page.content()
    height = page.evaluate("[document.documentElement.scrollHeight, innerHeight]")
    assert height[0] == height[1]

"""A whole shift at a real house's door: found by name, counted, asked, vouched for, sent."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import Connection, select, update

from checkin.domain.accounts import Account, Role
from checkin.domain.sealing import PinCost
from checkin.services.accounts import Accounts, NewAccount
from checkin.services.pins import Pins
from checkin.web.desks import EXTENSION, Desks
from invitations.domain.names import fold
from invitations.storage.database import Database
from invitations.storage.tables import guests
from scanner.display import Display
from scanner.station import Station
from tests.checkin.factories import House
from tests.checkin.serving import PASSWORD, Open, a_house_now, opened
from tests.scanner.screens import a_browser, a_window, rule
from tests.scanner.test_with_the_house import a_paired_station, hang_up, soon

pytestmark = pytest.mark.browser

CHEAP = PinCost(t=1, m=64, p=1)
QUESTIONS = [
    {"key": "card", "text": "Đã xem thẻ nhà báo?", "kind": "yes_no", "choices": []},
]
PARTY, PARTY_OF = 4, 2


@dataclass
class Shift:
    """A house that is open, a station at its door, the screen, and two PINs."""

    found: Open
    station: Station
    display: Display
    pins: dict[str, str]
    rules: dict[str, Any]

    @property
    def house(self) -> House:
        return self.found.house

    def open(self, page: Page, name: str) -> None:
        """Open the shift of *name* on the start page."""
        page.get_by_label(name).check()
        page.locator("#pin-shift").fill(self.pins[name])
        page.get_by_role("button", name="Mở", exact=True).click()
        expect(page.locator("#start")).to_be_hidden()

    def vouch(self, page: Page) -> None:
        """Let the supervisor stand beside the steward on the sheet that is open."""
        page.locator("#sheet").get_by_label("Chi Minh").check()
        page.locator("#second-pin").fill(self.pins["Chi Minh"])

    def answer(self, number: int) -> None:
        """Let the organiser agree to a walk-in, as the live board does."""
        desks: Desks = self.found.app.extensions[EXTENSION]
        desks.walk_ins.answer(self.house.event, number, self.house.officer, admit=True)

    def notes(self) -> list[dict[str, object]]:
        """Return what the journal knows beside scans."""
        return [each.detail for each in self.station.journal.all() if each.detail]


@pytest.fixture(name="chromium", scope="module")
def one_browser() -> Iterator[Browser]:
    with a_browser() as browser:
        yield browser


@pytest.fixture(name="shift")
def an_open_house(sqlite_database: Database, tmp_path: Path) -> Iterator[Shift]:
    house = a_house_now(sqlite_database, tmp_path, walk_ins="ask")
    _name_guests(house)
    staff = {
        "Bích Ngọc": Role.OFFICER,
        "Anh Lan": Role.STEWARD,
        "Chi Minh": Role.SUPERVISOR,
    }
    made = {name: _employed(house, name, role) for name, role in staff.items()}
    with opened(house, tmp_path) as found:
        station = a_paired_station(found, tmp_path / "station")
        station.uplink.start()
        display = Display(station)
        display.start()
        carried = station.gatekeeper.carried
        assert soon(lambda: station.uplink.online and carried.counts().expected > 0)
        yield Shift(found, station, display, made, carried.noted("rules"))
        station.stopping.set()
        display.stop()
        hang_up(station)


@pytest.fixture(name="page")
def a_stewards_screen(chromium: Browser, shift: Shift) -> Iterator[Page]:
    with a_window(chromium, shift.display.url) as watched:
        shift.open(watched.page, "Anh Lan")
        yield watched.page


def test_a_guest_is_found_without_accents_and_let_in_by_one_tap_after_a_look(
    shift: Shift, page: Page
) -> None:
    page.locator("#query").fill("pham thu")
    hits = page.locator(".hits > li")
    expect(hits).to_have_count(2)
    expect(hits.locator(".twin")).to_have_count(2)
    hits.filter(has_text="Báo Hai").locator("summary").click()
    page.get_by_role("button", name="Cho vào", exact=True).click()

    expect(page.locator(".verdict .name")).to_contain_text("Phạm Thu Hà")
    expect(page.locator(".verdict .post")).to_contain_text("Báo Hai")
    expect(hits).to_have_count(0)
    assert shift.house.attendance().arrived == 1


def test_a_party_comes_in_parts(shift: Shift, page: Page) -> None:
    text = shift.house.text(shift.house.passes[PARTY_OF])
    shift.station.typed(text)
    expect(page.locator(".verdict .line").first).to_have_text("4/4 đã vào")
    page.locator('.verdict [data-heads="3"]').click()
    expect(page.locator(".verdict .line").first).to_have_text("3/4 đã vào")
    page.locator(".verdict [data-close]").click()
    shift.station.typed(text)

    expect(page.locator(".verdict")).to_have_attribute("data-outcome", "admitted")
    expect(page.locator(".verdict .line").first).to_have_text("4/4 đã vào")


def test_the_door_asks_after_the_green_and_notes_the_answer(shift: Shift, page: Page) -> None:
    shift.house.change_event(questions=QUESTIONS)
    assert soon(lambda: shift.station.gatekeeper.carried.noted("rules") == {})
    rule(shift.station, **(shift.rules | {"questions": QUESTIONS}))
    shift.station.typed(shift.house.text(shift.house.passes[0]))
    page.get_by_text("Đã xem thẻ nhà báo?").wait_for()
    page.wait_for_timeout(2000)
    page.locator(".asking").get_by_label("Có", exact=True).click()

    expect(page.locator(".verdict")).to_have_count(0)
    assert shift.notes() == [{"answers": {"card": "yes"}}]


def test_a_supervisor_beside_a_steward_lets_in_whom_the_door_refused(
    shift: Shift, page: Page
) -> None:
    withdrawn = shift.house.passes[3]
    shift.house.change_invitation(withdrawn, state="withdrawn")
    shift.station.typed(shift.house.text(withdrawn))
    expect(page.locator(".verdict.stop")).to_be_visible()
    page.get_by_role("button", name="Vẫn cho vào…").click()
    page.get_by_label("Ban tổ chức đồng ý").check()
    page.locator("#sheet").get_by_label("Chi Minh").check()
    page.locator("#second-pin").fill("000000")
    page.get_by_role("button", name="Cho vào, ghi tên trưởng ca").click()
    expect(page.locator("#sheet .problem")).to_have_text("Mã PIN không đúng. Thử lại.")
    shift.vouch(page)
    page.get_by_role("button", name="Cho vào, ghi tên trưởng ca").click()

    expect(page.locator(".verdict")).to_have_attribute("data-outcome", "admitted")
    last = shift.station.journal.all()[-1]
    assert (last.outcome, last.override_of, last.reason) == ("admitted", "revoked", "organiser")
    expect(page.locator("#staff")).to_have_text("Anh Lan")


def test_another_person_takes_the_seat_in_seconds(shift: Shift, page: Page) -> None:
    absent = shift.house.passes[4]
    page.locator("#query").fill("vo van sau")
    page.locator(".hits summary").click()
    page.get_by_role("button", name="Người khác đi thay").click()
    page.get_by_label("Bà", exact=True).check()
    page.get_by_label("Họ và tên").fill("Trịnh Kim Chi")
    shift.vouch(page)
    page.get_by_role("button", name="Đổi người và cho vào").click()

    expect(page.locator(".verdict .name")).to_have_text("Bà Trịnh Kim Chi")
    expect(page.locator(".verdict")).to_have_count(0, timeout=6000)
    expect(page.locator("#sheet .qr svg")).to_be_visible()
    shift.station.typed(shift.house.text(absent))
    expect(page.locator(".verdict")).to_have_attribute("data-outcome", "revoked")


def test_the_organisers_answer_comes_to_the_door_though_the_sheet_was_closed(
    shift: Shift, page: Page
) -> None:
    page.get_by_role("button", name="Khách vãng lai").click()
    page.get_by_label("Họ và tên").fill("Hoàng Văn Khách")
    page.get_by_label("Cơ quan").fill("Tạp chí Mới")
    page.locator("#w-reason").fill("Mất thư mời")
    page.locator("#w-vouched").fill("Chị Hoa")
    page.get_by_role("button", name="Hỏi ban tổ chức").click()
    expect(page.locator("#sheet")).to_contain_text("Đang hỏi ban tổ chức…")
    page.get_by_role("button", name="Đóng").first.click()
    (number,) = shift.station.screen.asked
    shift.answer(number)

    page.locator("#answered").click()
    page.get_by_role("button", name="Cho vào", exact=True).click()
    expect(page.locator(".verdict .name")).to_contain_text("Hoàng Văn Khách")
    assert shift.house.attendance().arrived == 1


def _employed(house: House, name: str, role: Role) -> str:
    new = NewAccount(f"{role.value}@ubnd.example", name, role, PASSWORD)
    account = Accounts(house.database).create(house.officer, new)
    assert isinstance(account, Account)
    return Pins(house.database, cost=CHEAP).renew(house.officer, account.id)[1]


def _name_guests(house: House) -> None:
    """Give the guests names with homonyms among them, and one of them a party."""
    names = [
        ("Phạm Thu Hà", "Báo Một"),
        ("Phạm Thu Hà", "Báo Hai"),
        ("Lê Quang Huy", "Đài Ba"),
        ("Trần Văn Đức", "Báo Bốn"),
        ("Võ Văn Sáu", "Báo Năm"),
    ]

    def work(tx: Connection) -> None:
        ids = tx.scalars(select(guests.c.id).order_by(guests.c.id)).all()
        for number, guest in enumerate(ids):
            name, organisation = names[number]
            values = {"name": name, "folded": fold(name), "organisation": organisation}
            tx.execute(
                update(guests)
                .where(guests.c.id == guest)
                .values(**values, party=PARTY if number == PARTY_OF else 1)
            )

    house.database.write(work)


def test_a_typed_code_without_line_and_shift_says_what_is_missing(
    chromium: Browser, shift: Shift
) -> None:
    with a_window(chromium, shift.display.url) as watched:
        page = watched.begin().page
        shift.station.uplink.stop()
        expect(page.locator("#line")).to_have_class("badge offline", timeout=15_000)
        page.locator("#code").fill(shift.house.door_code(shift.house.passes[0]))
        page.locator("#code").press("Enter")

        expect(page.locator("#hint-words")).to_contain_text("Chưa mở ca")
        expect(page.locator(".verdict")).to_have_count(0)

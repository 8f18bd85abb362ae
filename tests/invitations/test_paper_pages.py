"""The pages of the official letter, and what a guest may take along."""

from __future__ import annotations

import io
import time
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from sqlalchemy import update

from checkin.app import create_app
from checkin.config import Config, MailConfig, ServerConfig
from checkin.domain.accounts import Role
from checkin.paperwork import LetterConfig, WalletConfig
from invitations.domain.model import Event, Holder
from invitations.services.wallet import PKPASS, Apple
from invitations.storage.database import Database
from invitations.storage.tables import guests
from invitations.web.desks import EXTENSION
from tests.factories_events import ANH, Office, a_plan, an_office
from tests.invitations.authority import PASSWORD, a_member, an_authority, keep_seal
from tests.invitations.pages import HOME, House, words
from tests.invitations.papers_desk import pages
from tests.invitations.papers_desk import words as words_of

FILLED = {
    "issuer": "Văn phòng",
    "number": "7",
    "symbol": "VP-BC",
    "place": "Thành phố Hồ Chí Minh",
    "dated": "05/02/2026",
    "subject": "Tham dự họp báo",
    "addressee": "Quý cơ quan báo chí",
    "position": "Phó Chánh Văn phòng",
    "signer": "Nguyễn Thị Bích Ngọc",
}


@pytest.fixture
def office(sqlite_database: Database, tmp_path: Path) -> Office:
    office = an_office(sqlite_database, tmp_path)
    office.clock.now = time.time()
    return office


def a_house(office: Office, folder: Path, wallet: WalletConfig | None = None) -> House:
    """Return the application over *office*, with a seal in *folder*."""
    authority = an_authority()
    keep_seal(folder / "seals/1", a_member(authority), picture=True)
    (folder / "roots").mkdir()
    (folder / "roots/root.pem").write_bytes(authority.pem)
    config = Config(
        folder,
        "",
        folder / "keys",
        server=ServerConfig(base_url=HOME),
        mail=MailConfig(host="127.0.0.1", sender="moi@vp.example"),
        letter=LetterConfig(folder / "seals", folder / "roots", folder / "offices"),
        wallet=wallet or WalletConfig(),
    )
    return House(create_app(config, office.database), office)


@pytest.fixture
def house(office: Office, tmp_path: Path) -> House:
    return a_house(office, tmp_path)


@pytest.fixture
def anh(house: House) -> FlaskClient:
    client = house.browser()
    client.environ_base["HTTP_ACCEPT_LANGUAGE"] = "vi"
    return client


def soon(office: Office) -> tuple[Event, Holder]:
    """Return an event an hour from now, and its first invitation."""
    starts = int(time.time()) // 60 * 60 + 3_600
    event = office.event(
        a_plan(
            starts_at=starts,
            ends_at=starts + 5_400,
            opens_at=starts - 600,
            closes_at=starts + 900,
        )
    )
    return event, office.holders(event)[0]


def test_a_letter_is_filled_in_signed_and_sent_along(
    house: House, anh: FlaskClient, office: Office
) -> None:
    event, holder = soon(office)

    saved = anh.post(f"/events/{event.id}/letter", data=FILLED)
    signed = anh.post(f"/events/{event.id}/letter/sign")
    page = anh.get(f"/events/{event.id}/letter")
    pdf = anh.get(f"/events/{event.id}/letter/signed.pdf")

    assert (saved.status_code, signed.status_code, page.status_code) == (303, 303, 200)
    assert "Giấy mời đã ký được gửi kèm thư điện tử" in words(page.text)
    assert "Chữ ký hợp lệ: Văn phòng Ủy ban nhân dân Thành phố." in words(page.text)
    assert 'src="data:image/png;base64,' in page.text
    assert "Số: 07/GM-VP-BC" in words_of(pdf.data)
    letters = house.app.extensions[EXTENSION].letters
    assert letters.enclose(event, holder.guest.id) == pdf.data


def test_the_check_of_a_sending_says_that_a_letter_goes_along(
    anh: FlaskClient, office: Office
) -> None:
    event, _ = soon(office)
    office.database.write(lambda tx: tx.execute(update(guests).values(email="a@bao.example")))
    check = f"/events/{event.id}/sending/check"

    before = words(anh.get(check).text)
    anh.post(f"/events/{event.id}/letter", data=FILLED)
    anh.post(f"/events/{event.id}/letter/sign")
    after = words(anh.get(check).text)

    said = "Giấy mời đã ký (PDF), theo mỗi thư điện tử"
    assert (said in before, said in after) == (False, True)


def test_what_is_wrong_is_said_beside_its_field(anh: FlaskClient, office: Office) -> None:
    event, _ = soon(office)

    answer = anh.post(
        f"/events/{event.id}/letter", data=FILLED | {"signer": "TS. Lê A", "dated": "32/1/2026"}
    )

    assert answer.status_code == 422
    assert "Trước họ tên người ký không ghi học hàm, học vị." in answer.text
    assert "Chưa hiểu ngày này. Hãy viết như 19/11/2026." in answer.text
    assert 'value="32/1/2026"' in answer.text


def test_a_letter_that_was_never_signed_is_not_taken_in(
    anh: FlaskClient, office: Office
) -> None:
    event, _ = soon(office)
    anh.post(f"/events/{event.id}/letter", data=FILLED)
    unsigned = anh.get(f"/events/{event.id}/letter.pdf").data

    answer = anh.post(
        f"/events/{event.id}/letter/signed",
        data={"file": (io.BytesIO(unsigned), "giay-moi.pdf")},
    )

    assert answer.status_code == 422
    assert "PDF chưa được ký số." in words(answer.text)
    assert anh.get(f"/events/{event.id}/letter/signed.pdf").status_code == 404


def test_a_letter_that_is_not_complete_is_not_signed(anh: FlaskClient, office: Office) -> None:
    event, _ = soon(office)
    anh.post(f"/events/{event.id}/letter", data=FILLED | {"number": ""})

    anh.post(f"/events/{event.id}/letter/sign")

    page = anh.get(f"/events/{event.id}/letter")
    assert "Giấy mời còn thiếu mục." in words(page.text)


def test_a_template_with_a_slip_is_told_and_not_taken(anh: FlaskClient) -> None:
    answer = anh.post("/letter-template", data={"template": "#let x = "})

    assert answer.status_code == 422
    assert (
        "Mẫu giấy mời có lỗi ở dòng 1, cột 8: thiếu hoặc sai một ký hiệu (expected expression)"
    ) in words(answer.text)
    assert "Đơn vị đang dùng mẫu chung." in words(anh.get("/letter-template").text)


@pytest.mark.parametrize("role", [Role.SUPERVISOR, Role.STEWARD, Role.VIEWER])
def test_only_officers_reach_letters(house: House, office: Office, role: Role) -> None:
    event, holder = soon(office)
    browser = house.browser(role)

    answers = {
        browser.get(path).status_code
        for path in (
            f"/events/{event.id}/letter",
            f"/events/{event.id}/letter.pdf",
            "/letter-template",
            f"/invitations/{holder.invitation.id}/pass.pdf",
        )
    }

    assert answers == {403}


def test_another_office_finds_nothing(house: House, office: Office) -> None:
    event, holder = soon(office)
    chi = house.browser(office_id=2)

    assert chi.get(f"/events/{event.id}/letter").status_code == 404
    assert chi.post(f"/events/{event.id}/letter/sign").status_code == 404
    assert chi.get(f"/invitations/{holder.invitation.id}/pass.pdf").status_code == 404


def test_a_guest_takes_the_pass_along_as_a_page(house: House, office: Office) -> None:
    _, holder = soon(office)
    phone = house.stranger()

    answer = phone.get(f"/p/{holder.invitation.link}/pass.pdf")

    assert (answer.status_code, answer.mimetype) == (200, "application/pdf")
    assert pages(answer.data) == [(105, 148)]
    assert holder.guest.name in words_of(answer.data)
    assert answer.headers["X-Robots-Tag"] == "noindex, nofollow, noarchive"
    assert answer.headers["Cache-Control"] == "private, no-cache"


def test_a_pass_that_opens_nothing_is_not_printed(house: House, office: Office) -> None:
    _, holder = soon(office)
    office.issuing.withdraw(holder.invitation.id, ANH, "Đổi người")
    phone = house.stranger()

    withdrawn = phone.get(f"/p/{holder.invitation.link}/pass.pdf")
    nothing = phone.get(f"/p/{'a' * 20}/pass.pdf")

    assert (withdrawn.status_code, nothing.status_code) == (404, 404)
    assert withdrawn.data == nothing.data


def test_a_house_without_certificates_offers_no_wallet(house: House, office: Office) -> None:
    _, holder = soon(office)
    phone = house.stranger()
    link = f"/p/{holder.invitation.link}"

    assert "Wallet" not in phone.get(link).text
    assert phone.get(f"{link}/pass.pkpass").status_code == 404
    assert phone.get(f"{link}/google-wallet").status_code == 404


def test_a_house_with_certificates_offers_its_wallet(office: Office, tmp_path: Path) -> None:
    authority = an_authority("WWDR thử nghiệm")
    keep_seal(tmp_path / "apple", a_member(authority, strong=True))
    (tmp_path / "wwdr.pem").write_bytes(authority.pem)
    apple = Apple(
        tmp_path / "apple/seal.p12", tmp_path / "wwdr.pem", "pass.vn.x", "TEAM", PASSWORD
    )
    house = a_house(office, tmp_path, WalletConfig(apple=apple))
    _, holder = soon(office)
    phone = house.stranger()
    link = f"/p/{holder.invitation.link}"

    page, file = phone.get(link), phone.get(f"{link}/pass.pkpass")

    assert f'href="{link}/pass.pkpass"' in page.text
    assert f'href="{link}/google-wallet"' not in page.text
    assert (file.status_code, file.mimetype) == (200, PKPASS)
    assert file.data.startswith(b"PK")

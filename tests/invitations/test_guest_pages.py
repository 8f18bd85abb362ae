"""The pages of the guest list: an officer goes from a file to guests, and back."""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path

import openpyxl
import pytest
from flask import Flask
from flask.testing import FlaskClient
from openpyxl.worksheet.worksheet import Worksheet
from sqlalchemy import Connection
from werkzeug.test import TestResponse

from checkin.app import create_app
from checkin.config import Config, ServerConfig
from checkin.domain.accounts import Role
from checkin.services.accounts import Accounts, NewAccount
from checkin.web.access import PLAIN_COOKIE
from invitations.domain.model import Actor
from invitations.storage.database import Database
from tests.factories_lists import SAMPLES, a_bomb, a_row, a_sheet, a_workbook
from tests.invitations.test_importing import EVENT, an_event

HOME = "http://localhost"
PASSWORD = "thu-moi-rieng-cho-thu-nghiem"
LIST = f"/events/{EVENT}/guests"


@pytest.fixture
def app(sqlite_database: Database, tmp_path: Path) -> Flask:
    def work(connection: Connection) -> None:
        for order in an_event():
            connection.execute(order)

    sqlite_database.write(work)
    config = Config(tmp_path, "", tmp_path / "keys", server=ServerConfig(base_url=HOME))
    return create_app(config, sqlite_database)


@pytest.fixture
def client(app: Flask, sqlite_database: Database) -> FlaskClient:
    return signed_in(app, sqlite_database, office_id=1)


def signed_in(app: Flask, database: Database, *, office_id: int) -> FlaskClient:
    """Return the browser of an officer of this office."""
    desk = Accounts(database)
    system = Actor("system", office_id, "system")
    email = f"can.bo{office_id}@vp.example"
    desk.create(system, NewAccount(email, "Cán bộ", Role.OFFICER, PASSWORD))
    key = desk.sign_in(email, PASSWORD)
    assert key is not None
    client = app.test_client()
    client.environ_base["HTTP_ORIGIN"] = HOME
    client.set_cookie(PLAIN_COOKIE, key)
    return client


def send(client: FlaskClient, data: bytes, name: str) -> str:
    """Upload a list and return the address of its draft."""
    answer = client.post(f"{LIST}/import", data={"file": (io.BytesIO(data), name)})
    assert answer.status_code == 302
    return answer.location.rpartition("/")[0]


def text_of(client: FlaskClient, address: str) -> str:
    """Return a page as text."""
    answer = client.get(address)
    assert answer.status_code == 200
    return answer.text


def test_the_press_list_goes_through_all_four_steps(client: FlaskClient) -> None:
    draft = send(client, (SAMPLES / "khach-moi-hop-bao.xlsx").read_bytes(), "khách.xlsx")
    columns = text_of(client, f"{draft}/columns")
    problems = text_of(client, f"{draft}/problems")
    checked = text_of(client, f"{draft}/confirm")

    client.post(f"{draft}/confirm")

    page = text_of(client, LIST)
    assert columns.count(" selected>") == 8
    assert "Có 1 dòng cần anh/chị trả lời" in problems
    assert "Nhập 211 khách" in checked
    assert "Đã nhập 211 khách." in page
    assert "211 khách" in page
    assert client.get(f"{draft}/confirm").status_code == 404


def test_answers_reach_the_list(client: FlaskClient) -> None:
    rows = a_sheet(a_row(email="hung.bao"), a_row(name="LÊ AN", phone="", email="an@b.vn"))
    draft = send(client, a_workbook(rows), "a.xlsx")
    problems = {"act-2": "take", "email-2": "hung@bao.example", "propose-3": "1"}

    answer = client.post(f"{draft}/problems", data=problems)
    client.post(f"{draft}/confirm")

    page = text_of(client, LIST)
    assert answer.location == f"{draft}/confirm"
    assert "hung@bao.example" in page
    assert "Lê An" in page


def test_an_open_question_comes_back_until_the_officer_goes_on(client: FlaskClient) -> None:
    draft = send(client, a_workbook(a_sheet(a_row(email="x"))), "a.xlsx")

    again = client.post(f"{draft}/problems", data={"act-2": "take", "email-2": "y"})
    onward = client.post(f"{draft}/problems", data={"go-on": "1"})

    assert again.location == f"{draft}/problems"
    assert onward.location == f"{draft}/confirm"


def test_cells_may_be_pasted(client: FlaskClient) -> None:
    pasted = "Họ và tên\tEmail\nLê An\tan@b.vn\n"

    answer = client.post(f"{LIST}/import", data={"pasted": pasted})

    assert answer.status_code == 302


@pytest.mark.parametrize(
    ("data", "name", "words"),
    [
        (b"", "a.xlsx", "Tệp này trống."),
        (b"Ho ten,Email\nAn,a@b.vn", "a.xlsx", "bên trong là văn bản"),
        (b"a,b\n1,2\n", "a.csv", "Không tìm thấy dòng tiêu đề"),
        (a_bomb(megabytes=60), "a.xlsx", "để bảo vệ máy chủ"),
        (b"\x89PNG\r\n", "a.png", "Đây là hình ảnh"),
    ],
)
def test_a_refused_file_says_what_to_do(
    client: FlaskClient, data: bytes, name: str, words: str
) -> None:
    answer = client.post(f"{LIST}/import", data={"file": (io.BytesIO(data), name)})

    assert answer.status_code == 422
    assert words in answer.text


def test_hostile_cells_are_only_text_on_every_page(client: FlaskClient) -> None:
    draft = send(
        client, (SAMPLES / "hostile.csv").read_bytes(), "<script>alert(2)</script>.csv"
    )

    pages = [text_of(client, f"{draft}/{step}") for step in ("columns", "problems", "confirm")]

    assert [page.count("<script>") for page in pages] == [0, 0, 0]
    assert [page.count("\u202e") for page in pages] == [0, 0, 0]


def test_an_import_may_be_taken_back_from_the_list(client: FlaskClient) -> None:
    draft = send(client, (SAMPLES / "utf8-bom.csv").read_bytes(), "a.csv")
    client.post(f"{draft}/confirm")

    client.post(f"{LIST}/imports/1/undo")

    assert "Chưa có khách nào" in text_of(client, LIST)


def test_a_dropped_file_is_forgotten(client: FlaskClient) -> None:
    draft = send(client, (SAMPLES / "utf8-bom.csv").read_bytes(), "a.csv")

    client.post(f"{draft}/drop")

    assert client.get(f"{draft}/confirm").status_code == 404


def test_guests_are_found_without_marks_and_sorted_two_ways(client: FlaskClient) -> None:
    draft = send(client, (SAMPLES / "khach-moi-hop-bao.xlsx").read_bytes(), "a.xlsx")
    client.post(f"{draft}/confirm")

    found = text_of(client, f"{LIST}?q=do+thi+thao+tuoi")
    by_house = text_of(client, f"{LIST}?sort=organisation")

    assert "<caption>1 khách</caption>" in found
    assert by_house.index("Báo Lao động") < by_house.index("Trang tin")
    assert "Không thấy ai khớp" in text_of(client, f"{LIST}?q=zzz")


def test_another_offices_event_is_not_found(app: Flask, sqlite_database: Database) -> None:
    chi = signed_in(app, sqlite_database, office_id=2)

    codes = [chi.get(path).status_code for path in (LIST, f"{LIST}/import")]

    assert codes == [404, 404]


def test_without_signing_in_there_is_no_list(app: Flask) -> None:
    answer = app.test_client().get(LIST)

    assert (answer.status_code, "/sign-in" in answer.location) == (303, True)


def cells_of(answer: TestResponse) -> list[list[object]]:
    """Return the cells of a workbook that was handed out."""
    sheet = openpyxl.load_workbook(io.BytesIO(answer.data)).active
    assert isinstance(sheet, Worksheet)
    return [[cell.value for cell in row] for row in sheet.iter_rows()]


def test_rows_with_errors_go_out_as_a_workbook_and_come_back_mended(
    client: FlaskClient,
) -> None:
    rows = a_sheet(
        a_row(),
        a_row(name="Lê An", phone="12", email="an.bao"),
        a_row(name="@SUM(1)", phone="1"),
    )
    draft = send(client, a_workbook(rows), "a.xlsx")

    answer = client.get(f"{draft}/problems.xlsx")
    header, *wrong = cells_of(answer)
    mended = [str(cell or "") for cell in wrong[0]]
    mended[5:7] = ["0909999999", "an@bao.example"]
    again = send(client, a_workbook([tuple(map(str, header)), tuple(mended)]), "b.xlsx")

    assert header[-1] == "Vướng mắc"
    assert [row[2] for row in wrong] == ["Lê An", "@SUM(1)"]
    assert str(wrong[0][-1]).startswith("Dòng 3: “12” không phải số điện thoại.")
    assert "Không còn dòng nào cần trả lời" in text_of(client, f"{again}/problems")


def test_the_guest_list_goes_out_for_the_doors(client: FlaskClient) -> None:
    draft = send(client, (SAMPLES / "khach-moi-hop-bao.xlsx").read_bytes(), "a.xlsx")
    client.post(f"{draft}/confirm")

    book, plain = client.get(f"{LIST}/list.xlsx"), client.get(f"{LIST}/list.csv")

    header, *rows = cells_of(book)
    phones = [str(row[5]) for row in rows if row[5]]
    assert header[:4] == ["STT", "Xưng hô", "Họ và tên", "Chức vụ"]
    assert len(rows) == 211
    assert str(rows[0][2]).endswith(" An")
    assert {phone[0] for phone in phones} == {"0"}
    assert len(plain.data.decode("utf-8-sig").splitlines()) == 212
    assert book.headers["Content-Disposition"].startswith("attachment; filename*=UTF-8''")
    assert client.get(f"{LIST}/list.exe").status_code == 404


def test_a_changed_list_shows_who_is_new_changed_and_missing(client: FlaskClient) -> None:
    first = a_sheet(a_row(), a_row(name="Lê An", phone="0909999999", email="an@b.vn"))
    client.post(f"{send(client, a_workbook(first), 'a.xlsx')}/confirm")
    second = a_sheet(
        a_row(title="Trưởng ban"), a_row(name="Hồ Bình", phone="0901111111", email="b@b.vn")
    )
    draft = send(client, a_workbook(second), "b.xlsx")
    problems = text_of(client, f"{draft}/problems")
    (gone,) = re.findall(r'name="gone"\s+type="checkbox"\s+value="(\d+)"', problems)

    client.post(f"{draft}/problems", data={"gone": gone, "go-on": "1"})
    checked = text_of(client, f"{draft}/confirm")
    client.post(f"{draft}/confirm")

    page = text_of(client, LIST)
    assert "1 khách đã có sẽ được cập nhật" in problems
    assert "1 khách mới, 1 khách thay đổi, 1 khách rời danh sách" in checked
    assert "Đã nhập 1 khách. Đã cập nhật 1 khách. Đã bỏ 1 khách khỏi danh sách." in page
    assert "Lê An" not in page
    assert "Trưởng ban" in page


def test_a_duplicate_stands_beside_its_twin_and_can_be_joined(client: FlaskClient) -> None:
    rows = a_sheet(a_row(email=""), a_row(phone="0903123456", note="ăn chay"))
    draft = send(client, a_workbook(rows), "a.xlsx")

    problems = text_of(client, f"{draft}/problems")
    client.post(f"{draft}/problems", data={"act-3": "merge", "go-on": "1"})
    client.post(f"{draft}/confirm")

    page = text_of(client, LIST)
    assert problems.count('class="side-by-side"') == 1
    assert '<option value="merge" selected>Gộp vào dòng 2</option>' in problems
    assert "1 khách" in page
    assert "ăn chay" in page


def test_one_repair_is_refused_on_the_page(client: FlaskClient) -> None:
    draft = send(client, a_workbook(a_sheet(a_row(phone="0169 555 0123"))), "a.xlsx")
    before = text_of(client, f"{draft}/problems")
    address = before.partition('formaction="')[2].partition('"')[0].replace("&amp;", "&")

    client.post(address)

    after = text_of(client, f"{draft}/problems")
    assert "Xem 1 dòng" in before
    assert "Không dùng số tự sửa. Số đúng là gì?" in after
    assert client.post(f"{draft}/rows/2?act=x").status_code == 400


def test_refusing_a_repair_keeps_what_was_typed_but_takes_no_proposal(
    client: FlaskClient,
) -> None:
    rows = a_sheet(
        a_row(phone="0169 555 0123"),
        a_row(name="Lê An", phone="", email="x"),
        a_row(name="Hồ Bình", phone="", email="b@gmial.com"),
    )
    draft = send(client, a_workbook(rows), "a.xlsx")
    typed = {
        "act-3": "take", "email-3": "an@b.vn", "act-4": "take", "email-4": "b@gmail.com"
    }  # fmt: skip

    client.post(f"{draft}/rows/2?act=revert phone phone-prefix-2018", data=typed)

    after = text_of(client, f"{draft}/problems")
    assert "Dòng 3:" not in after.partition("Cần trả lời")[0]
    assert "“b@gmial.com” có vẻ gõ nhầm tên miền." in after
    assert "Không dùng số tự sửa. Số đúng là gì?" in after


def test_hidden_rows_are_told_and_read_only_when_asked_for(client: FlaskClient) -> None:
    workbook = openpyxl.Workbook()
    sheet = workbook.active
    assert isinstance(sheet, Worksheet)
    for row in a_sheet(a_row(), a_row(name="Lê An", phone="0909999999", email="an@b.vn")):
        sheet.append(row)
    sheet.row_dimensions[3].hidden = True
    packed = io.BytesIO()
    workbook.save(packed)
    draft = send(client, packed.getvalue(), "a.xlsx")

    closed = text_of(client, f"{draft}/columns")
    skipped = text_of(client, f"{draft}/confirm")
    client.post(f"{draft}/sheet", data={"hidden": "1"})

    assert "1 dòng ẩn trong bảng tính không được đọc" in closed
    assert "Nhập 1 khách" in skipped
    assert "Nhập 2 khách" in text_of(client, f"{draft}/confirm")


def test_the_hostile_list_leaves_only_text_in_every_file(client: FlaskClient) -> None:
    draft = send(client, (SAMPLES / "hostile.csv").read_bytes(), "a.csv")
    header, *wrong = cells_of(client.get(f"{draft}/problems.xlsx"))
    keep = {f"act-{row}": "take" for row in range(2, 40)}
    client.post(f"{draft}/problems", data=keep)
    client.post(f"{draft}/confirm")

    sheet = openpyxl.load_workbook(io.BytesIO(client.get(f"{LIST}/list.xlsx").data)).active
    plain = client.get(f"{LIST}/list.csv").data.decode("utf-8-sig")

    assert isinstance(sheet, Worksheet)
    assert len(wrong) == 14
    assert len(header) > 3
    kinds = {c.data_type for row in sheet.iter_rows() for c in row if c.value is not None}
    assert kinds == {"s"}
    assert [
        c for row in csv.reader(io.StringIO(plain)) for c in row if c[:1] in set("=+-@")
    ] == []
    assert "\u202e" not in plain

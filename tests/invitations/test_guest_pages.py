"""The pages of the guest list: an officer goes from a file to guests, and back."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Connection

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

"""Signing in and out as a browser sees it, and what a wrong turn is told."""

from __future__ import annotations

from collections.abc import Iterator
from html import unescape
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from checkin.app import create_app
from checkin.config import read_config
from tests.checkin.people import PASSWORD, SAME_ORIGIN, House, furnish


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    found = furnish(tmp_path_factory.mktemp("house"))
    yield found
    found.database.close()


@pytest.fixture
def app(house: House) -> Flask:
    """A fresh application: its counters of wrong passwords begin at nothing."""
    return create_app(house.config, house.database)


def sign_in(client: FlaskClient, password: str = PASSWORD, **fields: str) -> tuple[int, str]:
    """Send the form as Ánh; return the status and where it leads."""
    form = {"email": "anh@example.vn", "password": password, **fields}
    answer = client.post("/sign-in", data=form, headers=SAME_ORIGIN)
    return answer.status_code, answer.location or ""


def test_the_right_password_leads_to_the_days_work(app: Flask) -> None:
    client = app.test_client()

    first = sign_in(client)
    home = client.get("/")

    assert first == (303, "/")
    assert (home.status_code, home.location) == (303, "/events")


def test_whoever_was_asked_to_sign_in_gets_the_page_wanted(app: Flask) -> None:
    client = app.test_client()

    asked = client.get("/accounts?x=1")
    found = sign_in(client, next="/accounts?x=1")

    assert asked.location == "/sign-in?next=/accounts?x%3D1"
    assert found == (303, "/accounts?x=1")


@pytest.mark.parametrize(
    "elsewhere",
    ["//evil.example", "https://evil.example", "/\\evil.example", "\\\\evil", "/a\nb", "evil"],
)
def test_signing_in_never_leads_out_of_the_house(app: Flask, elsewhere: str) -> None:
    assert sign_in(app.test_client(), next=elsewhere) == (303, "/")


def test_a_wrong_password_says_what_to_do(app: Flask) -> None:
    form = {"email": "anh@example.vn", "password": "sai"}

    answer = app.test_client().post("/sign-in", data=form, headers=SAME_ORIGIN)

    assert answer.status_code == 401
    assert "Địa chỉ hoặc mật khẩu chưa đúng" in unescape(answer.text)
    assert "Caps Lock" in answer.text
    assert 'value="anh@example.vn"' in answer.text


def test_the_ninth_wrong_password_waits_and_others_do_not(app: Flask) -> None:
    client = app.test_client()

    codes = [sign_in(client, "sai")[0] for _ in range(9)]
    others = client.post(
        "/sign-in", data={"email": "binh@example.vn", "password": PASSWORD}, headers=SAME_ORIGIN
    )

    assert codes == [401] * 8 + [429]
    assert others.status_code == 303


def test_right_passwords_are_not_counted(app: Flask) -> None:
    codes = {sign_in(app.test_client())[0] for _ in range(10)}

    assert codes == {303}


def test_signing_out_ends_the_session_everywhere(app: Flask) -> None:
    client = app.test_client()
    sign_in(client)
    cookie = client.get_cookie("thumoi")
    assert cookie is not None

    client.post("/sign-out", headers=SAME_ORIGIN)
    thief = app.test_client()
    thief.set_cookie("thumoi", cookie.value)

    assert client.get_cookie("thumoi") is None
    assert thief.get("/account").location == "/sign-in?next=/account"


def test_signing_in_makes_a_new_session_and_ends_the_old(app: Flask) -> None:
    client = app.test_client()
    sign_in(client)
    first = client.get_cookie("thumoi")
    sign_in(client)
    second = client.get_cookie("thumoi")
    assert first is not None
    assert second is not None

    old = app.test_client()
    old.set_cookie("thumoi", first.value)

    assert first.value != second.value
    assert old.get("/account").status_code == 303


def test_over_tls_the_cookie_is_bound_to_this_host(house: House, tmp_path: Path) -> None:
    config = read_config(
        environ={
            "THUMOI_DATA": str(tmp_path),
            "THUMOI_SERVER_BASE_URL": "https://thumoi.example.vn",
        }
    )
    client = create_app(config, house.database).test_client()

    answer = client.post(
        "/sign-in",
        data={"email": "anh@example.vn", "password": PASSWORD},
        headers=SAME_ORIGIN,
        base_url="https://thumoi.example.vn",
    )

    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith("__Host-thumoi=")
    assert {"Secure", "HttpOnly", "Path=/", "SameSite=Lax"} <= set(cookie.split("; "))
    assert answer.headers["Strict-Transport-Security"] == "max-age=31536000"


def test_the_language_is_kept_and_the_page_stays(app: Flask) -> None:
    client = app.test_client()

    first = client.get("/sign-in?lang=en")
    second = client.get("/sign-in")

    assert '<html lang="en">' in first.text
    assert '<html lang="en">' in second.text
    assert 'href="?lang=vi"' in second.text


@pytest.mark.parametrize(
    ("header", "language"),
    [("en-GB,en;q=0.9", "en"), ("vi-VN", "vi"), ("fr-FR", "vi"), ("", "vi")],
)
def test_a_browser_is_answered_in_its_language(app: Flask, header: str, language: str) -> None:
    answer = app.test_client().get("/sign-in", headers={"Accept-Language": header})

    assert f'<html lang="{language}">' in answer.text


def test_a_new_person_gets_a_password_that_works(app: Flask) -> None:
    client = app.test_client()
    sign_in(client)
    form = {"name": "Đỗ Thị Em", "email": "em@example.vn", "role": "steward"}

    answer = client.post("/accounts", data=form, headers=SAME_ORIGIN)

    password = answer.text.partition("<code>")[2].partition("</code>")[0]
    assert sign_in(app.test_client(), password, email="em@example.vn")[0] == 303


@pytest.mark.parametrize(
    ("change", "code", "words"),
    [
        pytest.param({"email": "khong"}, 400, "Địa chỉ thư điện tử chưa đúng", id="no address"),
        pytest.param({"name": " "}, 400, "Hãy ghi họ và tên", id="no name"),
        pytest.param({"role": "king"}, 400, "Hãy chọn một vai trò", id="no role"),
        pytest.param({"email": "binh@example.vn"}, 409, "đã có tài khoản", id="taken"),
    ],
)
def test_a_form_filled_in_wrongly_comes_back(
    app: Flask, change: dict[str, str], code: int, words: str
) -> None:
    client = app.test_client()
    sign_in(client)
    form = {"name": "<b>Lan</b>", "email": "lan@example.vn", "role": "viewer", **change}

    answer = client.post("/accounts", data=form, headers=SAME_ORIGIN)

    assert answer.status_code == code
    assert words in unescape(answer.text)
    assert "<b>Lan" not in answer.text


def test_nobody_shuts_the_own_account(app: Flask, house: House) -> None:
    client = app.test_client()
    sign_in(client)

    client.post(f"/accounts/{house.people['anh'].id}/disable", headers=SAME_ORIGIN)

    assert client.get("/account").status_code == 200


@pytest.mark.parametrize(
    ("method", "address", "code", "words"),
    [
        pytest.param("GET", "/nowhere", 404, "Không tìm thấy trang", id="no such page"),
        pytest.param("DELETE", "/sign-in", 405, "Không làm được như vậy", id="no such method"),
    ],
)
def test_a_wrong_turn_is_said_in_the_readers_words(
    app: Flask, method: str, address: str, code: int, words: str
) -> None:
    answer = app.test_client().open(address, method=method, headers=SAME_ORIGIN)

    assert (answer.status_code, words in unescape(answer.text)) == (code, True)


def test_a_file_that_is_too_large_is_refused_unread(app: Flask, house: House) -> None:
    client = app.test_client()
    sign_in(client)
    address = f"/events/{house.event.id}/guests/import"

    answer = client.post(address, data=b"x" * (10 * 1024 * 1024 + 1), headers=SAME_ORIGIN)

    assert answer.status_code in {400, 413}


def test_a_fault_of_ours_tells_no_secrets(app: Flask) -> None:
    def broken() -> str:
        raise RuntimeError("hunter2")

    app.view_functions["login.show"] = broken

    answer = app.test_client().get("/sign-in")

    assert answer.status_code == 500
    assert "Máy chủ gặp lỗi" in unescape(answer.text)
    assert "hunter2" not in answer.text

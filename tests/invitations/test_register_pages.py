"""The register's pages: found, filled in, ticked, merged and forgotten by hand."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from checkin.domain.accounts import Role
from invitations.domain.register import Person
from invitations.services.register import Register
from invitations.storage.database import Database
from tests.factories_events import ANH, Office, an_office
from tests.invitations.pages import House, a_house, words


@pytest.fixture
def office(sqlite_database: Database, tmp_path: Path) -> Office:
    """Ánh's office."""
    return an_office(sqlite_database, tmp_path)


@pytest.fixture
def house(office: Office, tmp_path: Path) -> House:
    """The whole application."""
    return a_house(office, tmp_path)


@pytest.fixture
def browser(house: House) -> FlaskClient:
    """The browser of an officer."""
    return house.browser()


def a_person(office: Office, name: str, **details: str) -> int:
    """Add a person and return the number of the entry."""
    kept = Register(office.database).add(Person(0, name, **details), ANH).person  # type: ignore[arg-type]  # texts by name
    assert kept is not None
    return kept.id


def test_a_person_typed_in_is_found_without_marks(browser: FlaskClient) -> None:
    typed = {"name": "Ông Võ Minh Hùng", "organisation": "Báo Thử", "phone": "0903 123 456"}
    made = browser.post("/register/new", data=typed)

    found = browser.get("/register?q=vo+hung").get_data(as_text=True)

    assert made.status_code == 303
    assert "Ông Võ Minh Hùng" in words(found)
    assert "0903123456" in found
    assert "Không có ai khớp" in browser.get("/register?q=huyen").get_data(as_text=True)


def test_what_is_wrong_is_said_beside_its_field(browser: FlaskClient) -> None:
    answer = browser.post("/register/new", data={"name": "", "phone": "12"})

    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert "Hãy điền họ và tên." in page
    assert "Chưa hiểu số này. Hãy viết như 0903 123 456." in page


def test_a_hostile_name_stays_text(browser: FlaskClient, office: Office) -> None:
    number = a_person(office, "Lê Văn Tâm", title='<script>alert("1")</script>')

    for path in ("/register", f"/register/{number}", f"/register/{number}/edit"):
        page = browser.get(path).get_data(as_text=True)
        assert '<script>alert("1")' not in page
        assert "&lt;script&gt;alert" in page


def test_a_group_is_made_filled_and_invited(browser: FlaskClient, office: Office) -> None:
    event = office.event(names=())
    people = [a_person(office, name) for name in ("Võ Minh Hùng", "Phạm Thu Hà")]
    browser.post("/register/groups", data={"name": "Báo chí"})
    browser.post("/register/groups/join", data={"group": "1", "person": people})

    answer = browser.post(f"/events/{event.id}/guests/register", data={"group": "1"})

    page = browser.get(answer.location).get_data(as_text=True)
    assert "Đã thêm 2 khách vào danh sách." in page
    assert "Phạm Thu Hà" in page


def test_a_standing_group_is_proposed_on_the_next_event(
    browser: FlaskClient, office: Office
) -> None:
    event = office.event(names=())
    number = a_person(office, "Võ Minh Hùng")
    browser.post("/register/groups", data={"name": "Báo chí"})
    browser.post(f"/register/{number}/groups", data={"group": "1"})
    browser.post(f"/events/{event.id}/guests/always", data={"group": "1"})
    following = office.planning.duplicate(event.id, ANH)

    proposed = browser.get(f"/events/{following.id}").get_data(as_text=True)
    browser.post(f"/events/{following.id}/guests/standing")

    said = "1 người được mời thường kỳ chưa có trong danh sách"
    assert said in proposed
    assert said not in browser.get(f"/events/{following.id}").get_data(as_text=True)


def test_two_entries_become_one(browser: FlaskClient, office: Office) -> None:
    kept, gone = a_person(office, "Võ Minh Hùng"), a_person(office, "Võ M. Hùng")
    browser.post("/register/merge", data={"kept": kept, "gone": gone})

    assert browser.get(f"/register/{kept}").status_code == 200
    assert browser.get(f"/register/{gone}").status_code == 404


def test_who_asks_gets_everything_and_is_forgotten(
    browser: FlaskClient, office: Office
) -> None:
    number = a_person(office, "Võ Minh Hùng", email="hung@bao.example")

    told = json.loads(browser.post(f"/register/{number}/export").data)
    answer = browser.post(f"/register/{number}/erase")

    assert told["person"]["email"] == "hung@bao.example"
    assert answer.location == "/register"
    assert browser.get(f"/register/{number}").status_code == 404


def test_who_does_not_want_letters_is_marked(browser: FlaskClient, office: Office) -> None:
    number = a_person(office, "Võ Minh Hùng")
    browser.post(f"/register/{number}/bar", data={"reason": "Đã nghỉ hưu"})

    page = browser.get("/register?show=barred").get_data(as_text=True)
    assert "Võ Minh Hùng" in page
    assert "Không liên hệ" in page
    assert "Đã nghỉ hưu" in browser.get(f"/register/{number}").get_data(as_text=True)


def test_an_organisation_is_put_below_another(browser: FlaskClient) -> None:
    browser.post("/register/organisations/new", data={"name": "Sở Văn hóa", "kind": "agency"})
    child = {"name": "Phòng Báo chí", "parent_id": "1", "valid_from": "2025-07-01"}
    browser.post("/register/organisations/new", data=child)

    tree = words(browser.get("/register/organisations").get_data(as_text=True))
    circle = browser.post("/register/organisations/1", data={"name": "Sở", "parent_id": "2"})

    assert "– Phòng Báo chí" in tree
    assert "01/07/2025 – …" in tree
    assert circle.status_code == 422
    assert "đang ở bên dưới" in circle.get_data(as_text=True)


@pytest.mark.parametrize("role", [Role.SUPERVISOR, Role.STEWARD, Role.VIEWER])
@pytest.mark.parametrize(
    "path",
    ["/register", "/register/new", "/register/groups", "/register/organisations"],
)
def test_only_officers_see_the_register(house: House, role: Role, path: str) -> None:
    assert house.browser(role).get(path).status_code == 403


def test_another_office_sees_nothing_of_it(house: House, office: Office) -> None:
    number = a_person(office, "Võ Minh Hùng")
    stranger = house.browser(office_id=2)

    assert stranger.get(f"/register/{number}").status_code == 404
    assert stranger.post(f"/register/{number}/erase").status_code == 404
    assert "Võ Minh Hùng" not in stranger.get("/register").get_data(as_text=True)

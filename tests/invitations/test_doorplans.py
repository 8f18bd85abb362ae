"""Rules of the doors: settled by the officer, told to every gate, taken over next month."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from sqlalchemy import update

from invitations.domain import doorplan, plans
from invitations.domain.doorplan import DoorPlan, categories, problems, question, unserved
from invitations.domain.errors import NotFoundError
from invitations.domain.plans import Problem
from invitations.domain.roster import gates_json, rules_json
from invitations.services.doorplans import DoorPlans
from invitations.storage.database import Database
from invitations.storage.tables import guests
from tests.factories_events import ANH, CHI, Office, an_office
from tests.invitations.pages import House, a_house, words

PRESS = question("Đã nhận tài liệu chưa?", "yes_no")
TABLE = question("Ngồi bàn nào?", "choice", ["Bàn A", "Bàn B", "Bàn A", " "])


@pytest.fixture
def office(database: Database, tmp_path: Path) -> Office:
    return an_office(database, tmp_path)


@pytest.fixture
def desk(office: Office) -> DoorPlans:
    return DoorPlans(office.database, office.clock)


def test_settled_rules_are_kept_told_and_entered(office: Office, desk: DoorPlans) -> None:
    event = office.event(names=())
    plan = DoorPlan(
        offline="home-gate",
        walk_ins="allow",
        reply_needed=True,
        questions=(PRESS, TABLE),
        gates={event.gates[0].id: ("Báo chí",), event.gates[1].id: ()},
    )

    wrong = desk.settle(event.id, plan, ANH)

    settled = desk.of(event.id, ANH)
    assert wrong == ()
    assert settled.plan == plan
    assert office.told(event, "event")[-1] == {
        "rules": rules_json(settled.event),
        "title": event.title,
        "gates": gates_json(settled.event),
    }
    assert office.deeds()[-1] == ("event.doors", str(event.id))


def test_the_same_rules_again_say_nothing(office: Office, desk: DoorPlans) -> None:
    event = office.event(names=())
    told, deeds = len(office.told(event, "event")), office.deeds()

    desk.settle(event.id, desk.of(event.id, ANH).plan, ANH)

    assert len(office.told(event, "event")) == told
    assert office.deeds() == deeds


def test_another_office_settles_nothing(office: Office, desk: DoorPlans) -> None:
    event = office.event(names=())

    with pytest.raises(NotFoundError):
        desk.settle(event.id, DoorPlan(badges=True), CHI)

    assert desk.of(event.id, ANH).plan.badges is False


def test_next_month_takes_the_rules_over(office: Office, desk: DoorPlans) -> None:
    event = office.event(names=())
    kept = {event.gates[0].id: ("Báo chí",), event.gates[1].id: ("Đại biểu",)}
    desk.settle(event.id, DoorPlan(paper=True, questions=(PRESS,), gates=kept), ANH)

    later = office.planning.duplicate(event.id, ANH)

    taken = desk.of(later.id, ANH).plan
    assert (taken.paper, taken.questions) == (True, (PRESS,))
    assert list(taken.gates.values()) == [("Báo chí",), ("Đại biểu",)]


def test_renaming_a_gate_keeps_whom_it_serves(office: Office, desk: DoorPlans) -> None:
    event = office.event(names=())
    first, second = event.gates
    desk.settle(event.id, DoorPlan(gates={first.id: ("Báo chí",), second.id: ()}), ANH)
    plan = plans.plan_of(office.planning.event(event.id, ANH).event)
    named = (replace(plan.gates[0], name="Cửa chính"), plan.gates[1])

    office.planning.edit(event.id, replace(plan, gates=named), ANH)

    assert desk.of(event.id, ANH).plan.gates == {first.id: ("Báo chí",), second.id: ()}


def test_the_same_words_keep_the_key_of_a_question() -> None:
    assert question("  Đã nhận TÀI LIỆU chưa? ", "text").key == PRESS.key
    assert TABLE.choices == ("Bàn A", "Bàn B")


@pytest.mark.parametrize(
    ("plan", "found"),
    [
        (DoorPlan(questions=(PRESS, PRESS)), ["question-twice"]),
        (DoorPlan(questions=(question("Bàn?", "choice", ["A"]),)), ["choices"]),
        (DoorPlan(questions=(question("x" * 81, "text"),)), ["question-long"]),
        (DoorPlan(questions=(question("A?", "choice", ["b" * 31, "c"]),)), ["choice-long"]),
        (
            DoorPlan(questions=tuple(question(f"{n}?", "text") for n in range(4))),
            ["too-many-questions"],
        ),
        (DoorPlan(gates={1: ("x" * 61,)}), ["category-long"]),
        (DoorPlan(questions=(PRESS, TABLE)), []),
    ],
)
def test_what_stands_against_rules_is_said(plan: DoorPlan, found: list[str]) -> None:
    assert [each.code for each in problems(plan)] == found
    assert all(isinstance(each, Problem) for each in problems(plan))


def test_categories_are_read_once_each() -> None:
    assert categories(" Báo chí; báo chí , Đại biểu,, ") == ("báo chí", "Đại biểu")


def test_a_category_without_a_gate_is_named() -> None:
    plan = DoorPlan(gates={1: ("Báo chí",), 2: ("Đại biểu",)})

    assert unserved(plan, ["báo chí", "Khách"]) == ("Khách",)
    assert unserved(DoorPlan(gates={1: ("Báo chí",), 2: ()}), ["Khách"]) == ()


class TestThePage:
    """The page, as an officer uses it."""

    @pytest.fixture
    def office(self, sqlite_database: Database, tmp_path: Path) -> Office:
        office = an_office(sqlite_database, tmp_path)
        office.clock.now = time.time()
        return office

    @pytest.fixture
    def house(self, office: Office, tmp_path: Path) -> House:
        return a_house(office, tmp_path)

    @pytest.fixture
    def browser(self, house: House) -> FlaskClient:
        return house.browser()

    def test_a_sent_form_settles_the_rules(self, browser: FlaskClient, office: Office) -> None:
        event = office.event()
        first, second = event.gates
        office.database.write(
            lambda tx: tx.execute(update(guests).values(category="Quan khách"))
        )
        form = {
            "offline": "refuse",
            "walk_ins": "deny",
            "badges": "1",
            "question": ["Đã nhận tài liệu chưa?", "", ""],
            "kind": ["yes_no", "text", "choice"],
            "choices": ["", "", ""],
            f"gate-{first.id}": "Báo chí",
            f"gate-{second.id}": "Đại biểu",
        }

        answer = browser.post(f"/events/{event.id}/doors", data=form, follow_redirects=True)

        plan = DoorPlans(office.database).of(event.id, ANH).plan
        assert "Chưa cửa nào đón nhóm “Quan khách”" in words(answer.text)
        assert (plan.offline, plan.walk_ins, plan.badges) == ("refuse", "deny", True)
        assert plan.questions == (PRESS,)
        assert plan.gates == {first.id: ("Báo chí",), second.id: ("Đại biểu",)}

    def test_a_wrong_form_keeps_what_was_typed(
        self, browser: FlaskClient, office: Office
    ) -> None:
        event = office.event()
        form = {"question": ["Bàn nào?"], "kind": ["choice"], "choices": ["Một"]}

        answer = browser.post(f"/events/{event.id}/doors", data=form)

        assert answer.status_code == 422
        assert "từ 2 đến 6 lựa chọn" in words(answer.text)
        assert 'value="Bàn nào?"' in answer.text

    def test_a_choice_that_is_not_offered_is_the_plain_one(
        self, browser: FlaskClient, office: Office
    ) -> None:
        event = office.event()

        browser.post(f"/events/{event.id}/doors", data={"offline": "open-all"})

        assert DoorPlans(office.database).of(event.id, ANH).plan.offline == doorplan.OFFLINE[0]

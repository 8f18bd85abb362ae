"""The rules of planning: what is refused, how a month is moved, what a pass is worth."""

from collections.abc import Callable
from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from invitations.domain import plans
from invitations.domain.model import Event, Gate, Invitation
from invitations.domain.plans import HERE, Problem
from invitations.domain.roster import Counts
from tests.factories_events import NOVEMBER_19, a_plan

days = st.dates(date(2021, 1, 1), date(2040, 12, 31))
HOUR = 3_600


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        pytest.param({}, (), id="a good plan"),
        pytest.param({"title": ""}, (Problem("title", "missing"),), id="no title"),
        pytest.param({"place": ""}, (Problem("place", "missing"),), id="no place"),
        pytest.param({"chair": "x" * 301}, (Problem("chair", "too-long"),), id="long line"),
        pytest.param({"notes": "x" * 4001}, (Problem("notes", "too-long"),), id="long notes"),
        pytest.param(
            {"ends_at": NOVEMBER_19}, (Problem("ends_at", "ends-before-start"),), id="no length"
        ),
        pytest.param(
            {"opens_at": NOVEMBER_19 + 1},
            (Problem("opens_at", "opens-after-start"),),
            id="opens late",
        ),
        pytest.param(
            {"closes_at": NOVEMBER_19 - 1},
            (Problem("closes_at", "closes-before-start"),),
            id="closes early",
        ),
        pytest.param(
            {"reply_by": NOVEMBER_19 + 1},
            (Problem("reply_by", "reply-after-start"),),
            id="reply too late",
        ),
        pytest.param({"capacity": 0}, (Problem("capacity", "capacity-range"),), id="no seats"),
        pytest.param(
            {"refuse_when_full": True},
            (Problem("capacity", "capacity-missing"),),
            id="full of?",
        ),
        pytest.param({"gates": ()}, (Problem("gates", "gate-missing"),), id="no gate"),
        pytest.param(
            {"gates": (Gate(0, "Cửa A"), Gate(0, "cửa a"))},
            (Problem("gates", "gate-twice"),),
            id="one name twice",
        ),
        pytest.param(
            {
                "starts_at": 0,
                "opens_at": 0,
                "ends_at": 1,
                "closes_at": 1,
            },
            (Problem("starts_at", "year-strange"),),
            id="1970",
        ),
    ],
)
def test_every_bad_plan_has_its_code(
    change: dict[str, object], expected: tuple[Problem, ...]
) -> None:
    assert plans.problems(a_plan(**change)) == expected


@given(days)
def test_the_weekday_of_the_month_stays(day: date) -> None:
    assert keeps_its_weekday(plans.same_weekday, day)


@given(days, st.integers(0, 400))
def test_it_lies_in_the_first_month_that_is_still_ahead(day: date, wait: int) -> None:
    today = day + timedelta(wait)

    found = plans.same_weekday(day, today)

    assert found > today
    assert months_apart(day, found) >= 1
    before = plans.same_weekday(day, day)
    assert found == before or found > before


@pytest.mark.parametrize(
    "wrong",
    [
        pytest.param(lambda day, _after: day + timedelta(28), id="four weeks on"),
        pytest.param(lambda day, _after: day + timedelta(35), id="five weeks on"),
        pytest.param(lambda day, _after: day + timedelta(30), id="thirty days on"),
    ],
)
def test_a_rule_that_only_counts_days_would_be_caught(
    wrong: Callable[[date, date], date],
) -> None:
    every = [date(2026, 1, 1) + timedelta(n) for n in range(365)]

    assert not all(keeps_its_weekday(wrong, day) for day in every)
    assert all(keeps_its_weekday(plans.same_weekday, day) for day in every)


def test_the_third_thursday_stays_the_third_thursday() -> None:
    assert plans.same_weekday(date(2026, 11, 19), date(2026, 11, 2)) == date(2026, 12, 17)


def test_a_fifth_friday_becomes_the_last_of_a_shorter_month() -> None:
    assert plans.same_weekday(date(2027, 1, 29), date(2027, 1, 29)) == date(2027, 2, 26)


def test_next_month_keeps_hours_place_and_people_in_charge() -> None:
    plan = a_plan(chair="Ông Minh", reply_by=NOVEMBER_19 - 48 * HOUR, gates=(Gate(7, "Cửa A"),))

    moved = plans.moved(plan, NOVEMBER_19 - 240 * HOUR)

    shift = 28 * 24 * HOUR
    assert moved == a_plan(
        title="Họp báo định kỳ tháng 12/2026",
        chair="Ông Minh",
        starts_at=plan.starts_at + shift,
        ends_at=plan.ends_at + shift,
        opens_at=plan.opens_at + shift,
        closes_at=plan.closes_at + shift,
        reply_by=NOVEMBER_19 - 48 * HOUR + shift,
        gates=(Gate(0, "Cửa A"),),
    )
    assert datetime.fromtimestamp(moved.starts_at, HERE).hour == 15


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("Họp báo tháng 12/2026", "Họp báo tháng 1/2027"),
        ("Họp báo Tháng 12", "Họp báo Tháng 1"),
        ("Giao ban 12-2026", "Giao ban 1-2027"),
        ("Kỷ niệm 112/2026 năm", "Kỷ niệm 112/2026 năm"),
        ("Họp báo định kỳ", "Họp báo định kỳ"),
        ("Tháng 12 trong 12 tháng", "Tháng 1 trong 12 tháng"),
        ("tháng 120", "tháng 120"),
    ],
)
def test_a_title_that_names_its_month_follows_it(title: str, expected: str) -> None:
    assert plans.retitled(title, date(2026, 12, 17), date(2027, 1, 21)) == expected


@pytest.mark.parametrize(
    ("state", "invited", "after", "expected"),
    [
        ("open", 0, -HOUR, "draft"),
        ("open", 5, -HOUR, "sent"),
        ("open", 5, -HOUR // 2, "open"),
        ("open", 0, 0, "open"),
        ("open", 5, 3 * HOUR, "over"),
        ("cancelled", 5, 0, "cancelled"),
    ],
)
def test_an_event_says_how_far_it_is(
    state: str, invited: int, after: int, expected: str
) -> None:
    found = plans.phase(an_event(state), Counts(invited, 0), NOVEMBER_19 + after)

    assert found == expected


@pytest.mark.parametrize(
    ("event_state", "state", "not_after", "after", "expected"),
    [
        ("open", "issued", 86_400, -HOUR, "before"),
        ("open", "issued", 86_400, 0, "open"),
        ("open", "issued", 86_400, 2 * HOUR, "over"),
        ("open", "issued", -1, 0, "over"),
        ("cancelled", "issued", 86_400, 0, "cancelled"),
        ("cancelled", "withdrawn", 86_400, 0, "withdrawn"),
    ],
)
def test_a_pass_says_what_it_is_worth(
    event_state: str, state: str, not_after: int, after: int, expected: str
) -> None:
    invitation = an_invitation(state, NOVEMBER_19 + not_after)

    found = plans.standing(invitation, an_event(event_state), NOVEMBER_19 + after)

    assert found == expected


def keeps_its_weekday(rule: Callable[[date, date], date], day: date) -> bool:
    """Tell whether *rule* keeps weekday and rank of *day*, as far as the month allows."""
    found = rule(day, day)
    rank, new_rank = (day.day - 1) // 7, (found.day - 1) // 7
    is_last = (found + timedelta(7)).month != found.month
    return (
        found.weekday() == day.weekday()
        and months_apart(day, found) == 1
        and (new_rank == rank or (rank == 4 and is_last))
    )


def months_apart(day: date, other: date) -> int:
    return (other.year - day.year) * 12 + other.month - day.month


def an_event(state: str) -> Event:
    plan = a_plan()
    known = {name: getattr(plan, name) for name in plan.__dataclass_fields__}
    return Event(id=1, office_id=1, state=state, sequence=0, **known)


def an_invitation(state: str, not_after: int) -> Invitation:
    return Invitation(
        1, 1, 1, "tag", "link", state, "00" * 8, 0, 1, not_after, "0" * 12, "needs-action"
    )

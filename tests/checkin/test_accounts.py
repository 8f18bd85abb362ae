"""Accounts: who gets in with what, for how long, and what ends a session."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import pairwise
from statistics import median
from typing import Any

import pytest
from sqlalchemy import select, text

from checkin.domain.accounts import (
    IDLE_S,
    LONGEST_SESSION_S,
    Account,
    PasswordProblem,
    Right,
    Role,
    may,
    password_problem,
)
from checkin.domain.errors import EmailTakenError
from checkin.opening import caretaker
from checkin.services import accounts as desk
from checkin.services.accounts import HASHER, Accounts, NewAccount, new_password
from checkin.storage.tables import accounts as table
from checkin.storage.tables import sessions
from invitations.domain.errors import NotFoundError
from invitations.domain.model import Actor, Office
from invitations.services.offices import Offices
from invitations.storage.database import Database

PASSWORD = "bốn từ ghép lại là đủ"
MORNING = 1_795_050_000


@dataclass
class Clock:
    """A clock that only moves when told; Unix seconds."""

    now: float = MORNING

    def __call__(self) -> float:
        return self.now


@dataclass
class Staff:
    """An office with one officer, Ánh, and a clock."""

    database: Database
    clock: Clock
    desk: Accounts
    actor: Actor
    anh: Account

    def sign_in(self) -> str:
        """Sign Ánh in."""
        found = self.desk.sign_in("anh@example.vn", PASSWORD)
        assert found is not None
        return found


@pytest.fixture
def staff(sqlite_database: Database) -> Staff:
    return _hire(sqlite_database)


@pytest.fixture
def staff_of_each_kind(database: Database) -> Staff:
    return _hire(database)


def _hire(database: Database) -> Staff:
    clock = Clock()
    accounts = Accounts(database, clock)
    office = Offices(database, clock).ensure(Office(0, "Văn phòng"))
    actor = caretaker(office, "test")
    anh = accounts.create(actor, NewAccount("Anh@Example.vn", "Ánh", Role.OFFICER, PASSWORD))
    assert isinstance(anh, Account)
    return Staff(database, clock, accounts, actor, anh)


def test_the_right_password_opens_a_session(staff_of_each_kind: Staff) -> None:
    staff = staff_of_each_kind

    session = staff.desk.session(staff.sign_in())

    assert session is not None
    assert session.account == staff.anh


def test_an_address_is_known_however_it_is_written(staff: Staff) -> None:
    assert staff.desk.sign_in("  ANH@example.VN ", PASSWORD) is not None


@pytest.mark.parametrize(
    ("email", "password"),
    [
        pytest.param("anh@example.vn", PASSWORD[:-1], id="a letter missing"),
        pytest.param("anh@example.vn", "", id="empty"),
        pytest.param("anh@example.vn", PASSWORD + "x" * 100_000, id="endless"),
        pytest.param("chi@example.vn", PASSWORD, id="an unknown address"),
        pytest.param("' OR 1=1 --", PASSWORD, id="a statement"),
    ],
)
def test_nothing_else_opens_one(staff: Staff, email: str, password: str) -> None:
    assert staff.desk.sign_in(email, password) is None


def test_the_database_knows_neither_password_nor_session(staff: Staff) -> None:
    session_id = staff.sign_in()

    with staff.database.read() as connection:
        kept = repr(connection.execute(select(table)).all())
        kept += repr(connection.execute(select(sessions)).all())

    assert (PASSWORD in kept, session_id in kept) == (False, False)
    assert len(session_id) >= 43  # 256 bits


@pytest.mark.parametrize(
    ("later", "holds"),
    [
        pytest.param(IDLE_S - 1, True, id="just in time"),
        pytest.param(IDLE_S, False, id="idle too long"),
    ],
)
def test_an_idle_session_ends(staff: Staff, later: int, *, holds: bool) -> None:
    session_id = staff.sign_in()

    staff.clock.now += later

    assert (staff.desk.session(session_id) is not None) is holds


def test_a_busy_session_ends_after_a_day_all_the_same(staff: Staff) -> None:
    session_id = staff.sign_in()
    hours = []

    while staff.desk.session(session_id) is not None:
        staff.clock.now += 3600
        staff.database.write(lambda _tx: None)  # what was seen is written before the next hour
        hours.append(staff.clock.now)

    assert hours[-1] - MORNING == LONGEST_SESSION_S


ENDINGS: dict[str, Callable[[Staff, str], Any]] = {
    "signing out": lambda staff, session_id: staff.desk.sign_out(session_id),
    "a new password": lambda staff, _id: staff.desk.set_password(
        staff.actor, staff.anh.id, "một câu khác dài hơn"
    ),
    "a shut account": lambda staff, _id: staff.desk.disable(staff.actor, staff.anh.id),
}


@pytest.mark.parametrize("ending", ENDINGS)
def test_what_ends_a_session_ends_it_at_once(staff_of_each_kind: Staff, ending: str) -> None:
    staff = staff_of_each_kind
    session_id = staff.sign_in()

    ENDINGS[ending](staff, session_id)

    assert staff.desk.session(session_id) is None


def test_a_shut_account_signs_in_no_more_until_it_is_opened(staff: Staff) -> None:
    staff.desk.disable(staff.actor, staff.anh.id)
    shut = staff.desk.sign_in("anh@example.vn", PASSWORD)
    staff.desk.disable(staff.actor, staff.anh.id, disabled=False)

    assert (shut, bool(staff.sign_in())) == (None, True)


def test_ones_own_password_is_changed_only_with_the_old_one(staff: Staff) -> None:
    actor = Actor("Ánh", staff.anh.office_id, "officer", staff.anh.id)
    fresh = "một câu khác dài hơn"

    answers = [
        staff.desk.change_password(actor, "sai", fresh),
        staff.desk.change_password(actor, PASSWORD, "ngắn"),
        staff.desk.change_password(actor, PASSWORD, fresh),
    ]

    assert answers == [False, PasswordProblem.TOO_SHORT, True]
    assert staff.desk.sign_in("anh@example.vn", PASSWORD) is None
    assert staff.desk.sign_in("anh@example.vn", fresh) is not None


def test_another_offices_account_cannot_be_touched(staff: Staff) -> None:
    other = Offices(staff.database).found(Office(0, "Phường"))
    chi = Actor("Chi", other.id, "officer")

    for touch in (
        lambda: staff.desk.disable(chi, staff.anh.id),
        lambda: staff.desk.set_password(chi, staff.anh.id, PASSWORD),
        lambda: staff.desk.find(chi, staff.anh.id),
    ):
        with pytest.raises(NotFoundError):
            touch()

    assert staff.desk.every(other.id) == []


def test_one_address_is_one_account(staff_of_each_kind: Staff) -> None:
    staff = staff_of_each_kind
    again = NewAccount("anh@example.vn", "Ánh Hai", Role.VIEWER, PASSWORD)

    with pytest.raises(EmailTakenError):
        staff.desk.create(staff.actor, again)

    assert [each.name for each in staff.desk.every(staff.actor.office_id)] == ["Ánh"]


def test_every_change_is_in_the_audit_book(staff: Staff) -> None:
    staff.desk.disable(staff.actor, staff.anh.id)

    with staff.database.read() as connection:
        book = connection.execute(text("SELECT action FROM audit ORDER BY id")).scalars().all()

    assert list(book) == ["account.create", "account.disable"]


def test_an_unknown_address_takes_as_long_as_a_wrong_password(staff: Staff) -> None:
    staff.desk.sign_in("nobody@example.vn", "x")
    known, unknown = [], []
    for _ in range(5):
        known.append(_seconds(lambda: staff.desk.sign_in("anh@example.vn", "x")))
        unknown.append(_seconds(lambda: staff.desk.sign_in("chi@example.vn", "x")))

    assert 1 / 3 < median(unknown) / median(known) < 3


def test_the_hash_costs_at_least_what_owasp_asks() -> None:
    assert HASHER.memory_cost >= 19 * 1024
    assert HASHER.time_cost >= 2


def test_at_most_four_passwords_are_hashed_at_once(staff: Staff) -> None:
    places = desk._AT_ONCE  # noqa: SLF001 - what bounds the memory of a rush
    free: list[int] = []

    def watch() -> None:
        for _ in range(200):
            free.append(places._value)  # noqa: SLF001 - how many places are free
            time.sleep(0.001)

    with ThreadPoolExecutor(13) as crowd:
        crowd.submit(watch)
        list(crowd.map(lambda _: staff.desk.sign_in("anh@example.vn", "x"), range(12)))

    assert min(free) >= 0
    assert places._value == desk.PARALLEL_HASHES  # noqa: SLF001 - all places are free again


@pytest.mark.parametrize(
    ("password", "problem"),
    [
        pytest.param("mười một ch", PasswordProblem.TOO_SHORT, id="eleven"),
        pytest.param("mười hai chữ", None, id="twelve"),
        pytest.param("x" * 129, PasswordProblem.TOO_LONG, id="too long"),
        pytest.param("aaaaaaaaaaaaaa", PasswordProblem.GUESSABLE, id="one sign"),
        pytest.param("anh@example.vn", PasswordProblem.GUESSABLE, id="the address"),
        pytest.param("Anh@Example.vn2026", PasswordProblem.GUESSABLE, id="address and year"),
        pytest.param("123456789012", PasswordProblem.GUESSABLE, id="digits only"),
    ],
)
def test_what_a_password_may_be(password: str, problem: PasswordProblem | None) -> None:
    assert password_problem(password, email="anh@example.vn", name="Ánh") is problem


def test_a_password_made_here_is_taken() -> None:
    made = [new_password() for _ in range(100)]

    assert [each for each in made if password_problem(each, email="a@b.vn", name="Ánh")] == []
    assert len(set(made)) == 100


def test_more_is_never_less() -> None:
    rising = [None, Role.VIEWER, Role.SUPERVISOR, Role.OFFICER]
    rights = [{right for right in Right if may(role, right)} for role in rising]

    assert [lower < higher for lower, higher in pairwise(rights)] == [True] * 3


def _seconds(work: Callable[[], object]) -> float:
    """Return the processor time of *work*, which a busy machine does not change."""
    start = time.thread_time()
    work()
    return time.thread_time() - start

"""The guestbook: what the doors ask, answered from one state and in one look."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event as sa_event
from sqlalchemy import text

from invitations.domain.roster import Counts
from invitations.storage.database import Database
from tests.factories_events import ANH, Office, an_office


@pytest.fixture
def office(database: Database, tmp_path: Path) -> Office:
    return an_office(database, tmp_path)


def test_an_entry_is_what_the_steward_needs_and_no_more(office: Office) -> None:
    event = office.event()
    (holder, *_) = office.holders(event)

    with office.database.read() as connection:
        entry = office.guestbook.entry(connection, event.id, holder.invitation.pass_id)

    assert entry is not None
    assert (entry.name, entry.honorific, entry.organisation) == (
        holder.guest.name,
        "Bà",
        "Báo Sài Gòn Giải Phóng",
    )
    assert (entry.phone_tail, entry.state, entry.generation) == ("3456", "issued", 0)
    assert holder.guest.phone not in str(entry)


def test_a_pass_of_another_event_is_unknown_here(office: Office) -> None:
    event, other = office.event(), office.event()
    (holder, *_) = office.holders(event)

    with office.database.read() as connection:
        assert office.guestbook.entry(connection, other.id, holder.invitation.pass_id) is None
        assert office.guestbook.entry(connection, event.id, "f" * 16) is None


def test_a_door_code_finds_its_guest_in_its_own_event_only(office: Office) -> None:
    event, other = office.event(), office.event()
    (holder, *_) = office.holders(event)
    code = holder.invitation.door_code

    with office.database.read() as connection:
        found = office.guestbook.entry_by_door_code(connection, event.id, code)
        elsewhere = office.guestbook.entry_by_door_code(connection, other.id, code)

    assert [entry.pass_id for entry in found] == [holder.invitation.pass_id]
    assert elsewhere == ()


def test_guests_stand_in_the_order_of_their_given_names(office: Office) -> None:
    event = office.event(names=["Lê Văn Uyên", "Trần Thị Ánh", "Phạm Đức", "Ngô Dung"])
    office.holders(event)

    with office.database.read() as connection:
        names = [entry.name for entry in office.guestbook.entries(connection, event.id)]

    assert names == ["Trần Thị Ánh", "Ngô Dung", "Phạm Đức", "Lê Văn Uyên"]


def test_the_count_leaves_out_whoever_is_no_longer_invited(office: Office) -> None:
    event = office.event()
    (holder, *_) = office.holders(event)
    office.issuing.withdraw(holder.invitation.id, ANH, "Đổi người")

    with office.database.read() as connection:
        assert office.guestbook.counts(connection, event.id) == Counts(2, 0, 3, 0)


def test_an_entry_costs_one_look_into_an_index(
    sqlite_database: Database, tmp_path: Path
) -> None:
    office = an_office(sqlite_database, tmp_path)
    event = office.event()
    (holder, *_) = office.holders(event)
    statements: list[str] = []

    with office.database.read() as connection:
        driver: Any = connection.connection.driver_connection
        driver.set_trace_callback(statements.append)
        office.guestbook.entry(connection, event.id, holder.invitation.pass_id)
        driver.set_trace_callback(None)
        (statement,) = statements
        rows = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}").all()
        table = connection.execute(text("EXPLAIN QUERY PLAN SELECT * FROM invitations")).all()

    ours = [row.detail for row in rows if {"invitations", "guests"} & {*row.detail.split()}]
    assert [detail.split()[0] for detail in ours] == ["SEARCH", "SEARCH"]
    assert "(pass_id=?)" in ours[0]  # and not by the event, from its one end to the other
    assert [row.detail.split()[0] for row in table] == ["SCAN"]  # the plan tells them apart


def test_a_list_of_events_costs_the_same_for_one_and_for_three(office: Office) -> None:
    costs = []
    for _ in range(3):
        office.event()
        with counted(office.database) as statements:
            office.planning.all(ANH)
        costs.append(len(statements))

    assert costs == [costs[0]] * 3


@contextmanager
def counted(database: Database) -> Iterator[list[str]]:
    """Note every statement that a reader sends meanwhile."""
    said: list[str] = []

    def note(_conn: object, _cursor: object, statement: str, *_rest: object) -> None:
        if not statement.startswith(("BEGIN", "PRAGMA", "EXPLAIN")):
            said.append(statement)

    sa_event.listen(database.readers, "before_cursor_execute", note)
    try:
        yield said
    finally:
        sa_event.remove(database.readers, "before_cursor_execute", note)

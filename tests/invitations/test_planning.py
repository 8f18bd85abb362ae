"""The planning desk, on each database: one deed is one transaction, and the doors hear it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.schema import DropTable

from checkin.domain.admission import EventRules
from checkin.domain.wire import rules_from_json
from checkin.storage.tables import stations
from invitations.domain.errors import NotFoundError, StorageError
from invitations.domain.model import Gate
from invitations.domain.plans import Problem
from invitations.domain.roster import Counts, gates_json, rules_json
from invitations.services.planning import Summary
from invitations.storage import events
from invitations.storage.database import Database
from invitations.storage.tables import audit as audit_rows
from invitations.storage.tables import events as event_rows
from tests.factories_events import ANH, CHI, NOVEMBER_19, Office, a_plan, an_office


@pytest.fixture
def office(database: Database, tmp_path: Path) -> Office:
    return an_office(database, tmp_path)


def test_a_plan_becomes_an_event_that_says_the_same(office: Office) -> None:
    plan = a_plan(capacity=180, reply_by=NOVEMBER_19 - 86_400)

    event = office.planning.create(plan, ANH).event

    assert event is not None
    assert (event.title, event.capacity, event.reply_by) == (
        plan.title,
        180,
        NOVEMBER_19 - 86_400,
    )
    assert [gate.name for gate in event.gates] == ["Cửa A", "Cửa B"]
    assert 0 < event.id < 2**32
    assert office.planning.event(event.id, ANH) == Summary(event, Counts(0, 0, 0, 0))
    assert office.deeds() == [("event.create", str(event.id))]


def test_what_stands_against_a_plan_is_said_and_nothing_is_written(office: Office) -> None:
    planned = office.planning.create(a_plan(title="", gates=()), ANH)

    assert planned.problems == (Problem("title", "missing"), Problem("gates", "gate-missing"))
    assert planned.event is None
    assert office.planning.all(ANH) == []
    assert office.deeds() == []


def test_an_edit_is_told_to_the_doors_and_kept_in_the_audit_book(office: Office) -> None:
    event = office.event(names=())

    later = a_plan(
        ends_at=NOVEMBER_19 + 7_200, closes_at=NOVEMBER_19 + 7_200, gates=event.gates
    )
    edited = office.planning.edit(event.id, later, ANH).event

    assert edited is not None
    assert edited.closes_at == NOVEMBER_19 + 7_200
    assert edited.sequence == 1
    assert office.told(event, "event")[-1] == {
        "rules": rules_json(edited),
        "title": event.title,
        "gates": gates_json(edited),
    }
    assert office.deeds()[-1] == ("event.edit", str(event.id))


def test_an_edit_that_changes_nothing_says_nothing(office: Office) -> None:
    event = office.event(names=())

    office.planning.edit(event.id, a_plan(gates=event.gates), ANH)

    assert office.deeds() == [("event.create", str(event.id))]
    assert len(office.told(event, "event")) == 1


def test_a_change_that_no_calendar_shows_is_no_new_appointment(office: Office) -> None:
    event = office.event(names=())

    edited = office.planning.edit(event.id, a_plan(capacity=90, gates=event.gates), ANH).event

    assert edited is not None
    assert edited.sequence == 0


def test_gates_change_names_and_places_without_losing_who_they_are(office: Office) -> None:
    first, second = office.event(names=()).gates
    event_id = office.planning.all(ANH)[0].event.id

    swapped = (Gate(first.id, second.name), Gate(second.id, first.name), Gate(0, "Cửa C"))
    edited = office.planning.edit(event_id, a_plan(gates=swapped), ANH).event

    assert edited is not None
    assert edited.gates[:2] == (Gate(first.id, "Cửa B"), Gate(second.id, "Cửa A"))
    assert edited.gates[2].name == "Cửa C"


def test_a_gate_with_a_station_stays_and_the_rest_of_the_edit_too(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    event = office.event(names=())
    with_station, other = event.gates
    put_station(office.database, event.id, with_station.id)

    planned = office.planning.edit(event.id, a_plan(title="Khác", gates=(other,)), ANH)

    assert planned.problems == (Problem("gates", "gate-in-use"),)
    assert office.planning.event(event.id, ANH).event == event

    monkeypatch.setattr(events, "drop_gate", lambda _tx, _gate: True)  # the seeded bug
    careless = office.planning.edit(event.id, a_plan(title="Khác", gates=(other,)), ANH)
    assert careless.problems == ()


def test_an_event_called_off_shuts_its_doors_until_it_is_resumed(office: Office) -> None:
    event = office.event(names=())

    office.planning.cancel(event.id, ANH)
    office.planning.cancel(event.id, ANH)
    office.planning.resume(event.id, ANH)

    cancelled = [body["rules"]["cancelled"] for body in told_rules(office, event.id)]
    assert cancelled == [False, True, False]
    assert [action for action, _ in office.deeds()] == [
        "event.create",
        "event.cancel",
        "event.resume",
    ]


def test_the_rules_in_the_news_are_those_the_doors_read(office: Office) -> None:
    event = office.event(a_plan(capacity=5, refuse_when_full=True, reentry=True), names=())

    (body,) = told_rules(office, event.id)

    assert rules_from_json(body["rules"]) == EventRules(
        event=event.id,
        opens_at=event.opens_at,
        closes_at=event.closes_at,
        reentry=True,
        capacity=5,
        refuse_when_full=True,
    )


def test_next_months_event_has_no_guests_unless_asked(office: Office) -> None:
    event = office.event()
    office.issuing.issue(event.id, ANH)

    alone = office.planning.duplicate(event.id, ANH)
    together = office.planning.duplicate(event.id, ANH, with_guests=True)

    assert alone.title == "Họp báo định kỳ tháng 12/2026"
    assert alone.starts_at == NOVEMBER_19 + 28 * 86_400
    assert office.planning.event(alone.id, ANH).counts == Counts(0, 0, 0, 0)
    assert office.planning.event(together.id, ANH).counts == Counts(0, 0, 3, 3)


def test_another_office_sees_and_changes_nothing(office: Office) -> None:
    event = office.event()

    assert office.planning.all(CHI) == []
    for deed in (
        lambda: office.planning.event(event.id, CHI),
        lambda: office.planning.edit(event.id, a_plan(), CHI),
        lambda: office.planning.duplicate(event.id, CHI),
        lambda: office.planning.cancel(event.id, CHI),
        lambda: office.planning.resume(event.id, CHI),
    ):
        with pytest.raises(NotFoundError):
            deed()
    assert office.deeds() == [("event.create", str(event.id))]


def test_without_its_line_in_the_audit_book_no_event_is_made(office: Office) -> None:
    office.database.write(lambda tx: tx.execute(DropTable(audit_rows)).rowcount)

    with pytest.raises((StorageError, DBAPIError)):
        office.planning.create(a_plan(), ANH)

    with office.database.read() as connection:
        assert connection.scalar(select(func.count()).select_from(event_rows)) == 0


def told_rules(office: Office, event_id: int) -> list[Any]:
    event = office.planning.event(event_id, ANH).event
    return office.told(event, "event")


def put_station(database: Database, event_id: int, gate_id: int) -> None:
    """Stand a station at a gate, as the doors' own desk does."""
    row = {
        "id": "00" * 8,
        "event_id": event_id,
        "gate_id": gate_id,
        "name": "Trạm 1",
        "public_key": b"k" * 32,
        "paired_at": 0,
        "seen_at": 0,
        "status": {},
    }
    database.write(lambda tx: tx.execute(stations.insert().values(row)).rowcount)

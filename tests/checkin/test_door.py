"""The door desk: each outcome, the same answer to the same question, and one green a pass."""

import threading
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, func, insert, select, update

from checkin.domain.admission import Outcome
from checkin.services.door import Door, ScanTakenError
from checkin.services.judging import Sitting
from checkin.storage import scans as book
from checkin.storage.tables import scans
from invitations.domain.errors import StorageError
from invitations.services.planning import Planning
from invitations.storage.database import Database
from invitations.storage.tables import events, news, offices
from tests.checkin.factories import NOON, Device, House, a_house


@pytest.fixture
def house(database: Database, tmp_path: Path) -> House:
    return a_house(database, tmp_path / "keys")


def rows(house: House, table: Any) -> int:
    with house.database.read() as connection:
        return int(connection.execute(select(func.count()).select_from(table)).scalar_one())


def test_a_guest_is_admitted_and_the_book_and_the_news_say_so(house: House) -> None:
    device = house.at_gate()

    outcome = device.shows(house.passes[0])

    assert outcome == Outcome.ADMITTED
    assert (rows(house, scans), rows(house, news)) == (1, 1)
    assert house.rung == [house.event]
    assert house.attendance().arrived == 1


def test_a_pass_shown_twice_is_told_when_and_where_it_was_used(house: House) -> None:
    at_a, at_b = house.at_gate(0), house.at_gate(1)
    at_a.shows(house.passes[0])
    house.clock.pass_by(60)

    verdict = house.door.present(at_b.station, at_b.report(house.text(house.passes[0])))

    assert verdict.outcome == Outcome.ALREADY_IN
    assert verdict.before == {"at_ms": NOON * 1000, "gate": "Cửa A", "station": "Máy 1"}


def test_a_door_code_opens_the_door_as_its_pass_does(house: House) -> None:
    device = house.at_gate()
    code = house.door_code(house.passes[1])

    first = house.door.present(device.station, device.report(code))
    second = house.door.present(device.station, device.report(code))

    assert (first.outcome, first.pass_id) == (Outcome.ADMITTED, house.passes[1])
    assert second.outcome == Outcome.ALREADY_IN


@pytest.mark.parametrize(
    ("text", "outcome"),
    [
        pytest.param("hello", Outcome.NOT_A_PASS, id="no pass"),
        pytest.param("000000000001", Outcome.NOT_A_PASS, id="a mistyped door code"),
        pytest.param("000000000000", Outcome.UNKNOWN, id="a door code of nobody"),
        pytest.param("71" + "0" * 200, Outcome.NOT_A_PASS, id="zeros"),
    ],
)
def test_what_is_no_pass_is_refused_and_written_down(
    house: House, text: str, outcome: Outcome
) -> None:
    device = house.at_gate()

    verdict = house.door.present(device.station, device.report(text))

    assert verdict.outcome == outcome
    assert rows(house, scans) == 1
    assert house.attendance().reasons == {outcome: 1}


def test_a_forged_pass_is_refused(house: House) -> None:
    device = house.at_gate()
    text = house.text(house.passes[0])
    forged = text[:-1] + str((int(text[-1]) + 1) % 10)

    assert house.door.present(device.station, device.report(forged)).outcome == "forged"


def test_a_pass_of_another_event_is_refused(house: House) -> None:
    device = house.at_gate()
    text = house.text(house.passes[0], event=house.event + 1)

    assert house.door.present(device.station, device.report(text)).outcome == "wrong_event"


def test_the_other_event_is_named_if_it_is_of_the_same_office(house: House) -> None:
    device = house.at_gate()
    planning = Planning(house.database, house.clock)
    ours = planning.duplicate(house.event, house.officer)
    theirs = planning.duplicate(house.event, house.officer)
    house.database.write(lambda tx: give_away(tx, theirs.id))

    shown = [
        house.door.present(device.station, device.report(house.text("a1" * 8, event=event)))
        for event in (ours.id, theirs.id, theirs.id + 1)
    ]

    known = {"title": ours.title, "starts_at": ours.starts_at}
    assert [verdict.outcome for verdict in shown] == ["wrong_event"] * 3
    assert [verdict.event for verdict in shown] == [known, None, None]


def give_away(tx: Connection, event: int) -> None:
    """Make *event* one of another office."""
    ward = insert(offices).values(name="Phường Bến Nghé", created_at=NOON)
    office = tx.execute(ward.returning(offices.c.id)).scalar_one()
    tx.execute(update(events).where(events.c.id == event).values(office_id=office))


def test_a_signed_pass_nobody_invited_is_unknown(house: House) -> None:
    assert house.at_gate().shows("f" * 16) == "unknown"


def test_an_older_generation_is_replaced(house: House) -> None:
    house.change_invitation(house.passes[0], generation=1)

    assert house.at_gate().shows(house.passes[0]) == "replaced"


def test_a_withdrawn_invitation_is_revoked_at_once(house: House) -> None:
    device = house.at_gate()
    device.shows(house.passes[1])
    house.change_invitation(house.passes[0], state="withdrawn")

    assert device.shows(house.passes[0]) == "revoked"


def test_a_cancelled_event_admits_nobody_from_the_next_scan_on(house: House) -> None:
    device = house.at_gate()
    assert device.shows(house.passes[0]) == "admitted"
    house.change_event(state="cancelled")

    assert device.shows(house.passes[1]) == "revoked"


@pytest.mark.parametrize(("seconds", "outcome"), [(-3_601, "too_early"), (10_801, "too_late")])
def test_doors_keep_their_hours(house: House, seconds: int, outcome: str) -> None:
    house.clock.pass_by(seconds)

    assert house.at_gate().shows(house.passes[0]) == outcome


def test_a_full_room_refuses_and_lets_in_again_after_an_exit(
    database: Database, tmp_path: Path
) -> None:
    house = a_house(database, tmp_path, capacity=2, refuse_when_full=True, reentry=True)
    device = house.at_gate()

    told = [device.shows(each) for each in house.passes[:3]]
    device.shows(house.passes[0], direction="exit")
    told.append(device.shows(house.passes[2]))

    assert told == ["admitted", "admitted", "full", "admitted"]
    assert house.attendance().inside == 2


def test_two_processes_do_not_fill_a_room_beyond_its_seats(
    database: Database, tmp_path: Path
) -> None:
    house = a_house(database, tmp_path, capacity=3, refuse_when_full=True)
    device = house.at_gate()
    other = Door(database, house.guestbook, house.keyring.trust, house.clock)
    doors = [house.door, other]

    told = [
        doors[turn % 2].present(device.station, device.report(house.text(each))).outcome
        for turn, each in enumerate(house.passes)
    ]

    assert told == ["admitted"] * 3 + ["full"] * 2


def test_the_same_scan_again_gets_the_same_answer_whatever_changed(house: House) -> None:
    device = house.at_gate()
    report = device.report(house.text(house.passes[0]))
    first = house.door.present(device.station, report)
    house.change_event(state="cancelled")
    house.clock.pass_by(90_000)

    assert house.door.present(device.station, report) == first
    assert rows(house, scans) == 1


def test_a_scan_id_of_another_station_is_not_answered(house: House) -> None:
    at_a, at_b = house.at_gate(0), house.at_gate(1)
    report = at_a.report(house.text(house.passes[0]))
    house.door.present(at_a.station, report)

    with pytest.raises(ScanTakenError):
        house.door.present(at_b.station, report)


def test_a_number_used_again_after_a_crash_is_kept_beside_the_first(house: House) -> None:
    device = house.at_gate()
    first = device.report(house.text(house.passes[0]))
    house.door.present(device.station, first)

    again = device.report(house.text(house.passes[1]), n=first.n)

    assert house.door.present(device.station, again).outcome == "admitted"
    assert rows(house, scans) == 2


def test_a_rehearsal_gives_the_verdict_and_writes_nothing(house: House) -> None:
    device = house.at_gate()
    report = device.report(house.text(house.passes[0]))

    assert house.door.simulate(device.station, report).outcome == "admitted"
    assert (rows(house, scans), rows(house, news)) == (0, 0)


def test_the_answer_survives_a_restart(tmp_path: Path) -> None:
    from checkin.storage.schema import migrate  # noqa: PLC0415 - its own database

    database = Database(f"sqlite:///{tmp_path}/book.db")
    migrate(database)
    house = a_house(database, tmp_path)
    device = house.at_gate()
    report = device.report(house.text(house.passes[0]))
    first = house.door.present(device.station, report)
    database.close()

    opened = Database(f"sqlite:///{tmp_path}/book.db")
    door = Door(opened, replace_database(house, opened), house.keyring.trust, house.clock)
    again = door.present(device.station, report)
    other = door.present(device.station, device.report(report.text))
    opened.close()

    assert (again, other.outcome) == (first, "already_in")


def replace_database(house: House, database: Database) -> Any:
    return replace(house.guestbook, database=database)


def race(house: House, devices: list[Device], text: str, many: int) -> list[str]:
    """Show one pass *many* times at once and return what was said."""
    said: list[str] = []
    ready = threading.Barrier(many)

    def show(turn: int) -> None:
        device = devices[turn % len(devices)]
        report = device.report(text)
        ready.wait()
        said.append(house.door.present(device.station, report).outcome)

    threads = [threading.Thread(target=show, args=(turn,)) for turn in range(many)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return said


def test_of_64_at_once_exactly_one_is_admitted(house: House) -> None:
    devices = [house.at_gate(turn % 2) for turn in range(4)]

    said = race(house, devices, house.text(house.passes[0]), 64)

    assert sorted(said) == ["admitted"] + ["already_in"] * 63
    attendance = house.attendance()
    assert (attendance.arrived, attendance.conflicting, attendance.refused) == (1, 0, 63)


def test_two_processes_on_one_database_admit_a_pass_once(
    database: Database, tmp_path: Path
) -> None:
    house = a_house(database, tmp_path / "keys")
    if database.dialect == "sqlite":
        with pytest.raises(StorageError):
            Database(str(database.url)).start()
        return
    second = Database(database.url.render_as_string(hide_password=False))
    door = Door(second, house.guestbook, house.keyring.trust, house.clock)
    device, said = house.at_gate(), []
    for each in house.passes:
        text, ready = house.text(each), threading.Barrier(2)

        def show(desk: Door, text: str = text, ready: threading.Barrier = ready) -> None:
            report = device.report(text)
            ready.wait()
            said.append(desk.present(device.station, report).outcome)

        threads = [threading.Thread(target=show, args=(desk,)) for desk in (house.door, door)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    second.close()

    assert sorted(said) == ["admitted"] * 5 + ["already_in"] * 5


def test_a_door_that_forgets_earlier_scans_is_caught(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Seeded bug: the judge does not look into the book."""
    monkeypatch.setattr(book, "of_passes", lambda *_: {})
    monkeypatch.setattr(Sitting, "heed", lambda *_: None)

    said = race(house, [house.at_gate()], house.text(house.passes[0]), 8)

    assert said.count("admitted") > 1

"""What people settle at the board: conflicts, late undo, VIPs; each a row and numbered news."""

from pathlib import Path

import pytest
from sqlalchemy import select

from checkin.domain.book import SERVER, counted
from checkin.domain.errors import NoRightError
from checkin.services import handling
from checkin.storage import journals
from checkin.storage.tables import decisions, scans
from invitations.domain.errors import NotFoundError
from invitations.storage.database import Database
from tests.checkin.doorstaff import Staffed, staffed


@pytest.fixture
def doors(database: Database, tmp_path: Path) -> Staffed:
    return staffed(database, tmp_path / "keys")


def a_conflict(doors: Staffed) -> tuple[str, str]:
    """Let one pass in at two gates that could not talk; return the pass and the second scan."""
    pass_id = doors.house.passes[0]
    one, other = doors.house.at_gate(0), doors.house.at_gate(1)
    one.uploads(one.record(pass_id))
    doors.house.clock.pass_by(60)
    second = other.record(pass_id)
    other.uploads(second)
    return pass_id, second.scan_id


def test_another_person_is_one_more_in_the_room(doors: Staffed) -> None:
    _, scan_id = a_conflict(doors)
    before = doors.board()

    doors.handling.decide(
        doors.house.event, scan_id, doors.staff["supervisor"], "another_person", "Hai anh em"
    )

    after = doors.board()
    assert (before.inside, before.conflicting, before.to_handle) == (1, 1, 1)
    assert (after.inside, after.conflicting, after.to_handle) == (2, 1, 0)
    assert after.conflicts[0].decision == "another_person"


@pytest.mark.parametrize(("choice", "open_ones"), [("same_person", 0), ("unresolved", 1)])
def test_the_same_person_is_no_more(doors: Staffed, choice: str, open_ones: int) -> None:
    _, scan_id = a_conflict(doors)

    doors.handling.decide(doors.house.event, scan_id, doors.staff["officer"], choice)

    board = doors.board()
    assert (board.inside, board.to_handle) == (1, open_ones)


def test_the_latest_decision_holds_and_every_one_is_kept(doors: Staffed) -> None:
    _, scan_id = a_conflict(doors)
    for choice in ("another_person", "same_person", "another_person", "unresolved"):
        doors.handling.decide(doors.house.event, scan_id, doors.staff["officer"], choice)

    with doors.house.database.read() as connection:
        kept = connection.execute(select(decisions.c.choice).order_by(decisions.c.id)).scalars()
        said = list(kept)

    board = doors.board()
    assert said == ["another_person", "same_person", "another_person", "unresolved"]
    assert (board.inside, board.to_handle) == (1, 1)
    assert doors.kinds().count("decision") == 4


def test_two_people_on_one_pass_leave_one_after_the_other(doors: Staffed) -> None:
    pass_id, scan_id = a_conflict(doors)
    doors.handling.decide(doors.house.event, scan_id, doors.staff["officer"], "another_person")
    device = doors.house.at_gate()
    left = []

    for _ in range(2):
        doors.house.clock.pass_by(1)
        doors.present(device, pass_id, direction="exit")
        left.append(doors.board().inside)

    assert left == [1, 0]


def test_what_is_no_conflict_is_not_decided(doors: Staffed) -> None:
    device = doors.house.at_gate()
    device.shows(doors.house.passes[0])
    scan_id = doors.board().latest[0].scan_id
    officer = doors.staff["officer"]

    for wrong in (scan_id, "nothing"):
        with pytest.raises(NotFoundError):
            doors.handling.decide(doors.house.event, wrong, officer, "same_person")
    with pytest.raises(ValueError, match="perhaps"):
        doors.handling.decide(doors.house.event, scan_id, officer, "perhaps")


@pytest.mark.parametrize(
    ("who", "error"),
    [("steward", NoRightError), ("viewer", NoRightError), ("stranger", NotFoundError)],
)
def test_who_may_not_settles_nothing(doors: Staffed, who: str, error: type[Exception]) -> None:
    _, scan_id = a_conflict(doors)
    actor, event = doors.staff[who], doors.house.event

    with pytest.raises(error):
        doors.handling.decide(event, scan_id, actor, "same_person")
    with pytest.raises(error):
        doors.handling.undo(event, scan_id, actor, "Nhầm khách")

    assert doors.board().to_handle == 1


def test_a_late_undo_takes_an_admission_back_for_every_door(doors: Staffed) -> None:
    device, pass_id = doors.house.at_gate(), doors.house.passes[0]
    report = device.report(doors.house.text(pass_id))
    doors.door.present(device.station, report)
    doors.house.clock.pass_by(3_600)
    supervisor = doors.staff["supervisor"]

    for _ in range(2):
        doors.handling.undo(doors.house.event, report.scan_id, supervisor, " Nhầm khách ")

    board = doors.board()
    with doors.house.database.read() as connection:
        undone = connection.execute(select(scans).where(scans.c.undoes != "")).all()
    assert (board.arrived, board.inside) == (0, 0)
    assert [(row.undoes, row.reason, row.actor) for row in undone] == [
        (report.scan_id, "Nhầm khách", doors.id_of("supervisor"))
    ]
    assert doors.present(doors.house.at_gate(1), pass_id).outcome == "admitted"


def test_an_undone_admission_stays_undone_when_its_journal_comes(doors: Staffed) -> None:
    device, pass_id = doors.house.at_gate(), doors.house.passes[0]
    report = device.report(doors.house.text(pass_id))
    doors.door.present(device.station, report)
    doors.handling.undo(doors.house.event, report.scan_id, doors.staff["officer"], "Nhầm khách")

    device.uploads(
        device.record(pass_id, scan_id=report.scan_id, n=report.n, flags=[], judge=SERVER)
    )

    assert doors.board().inside == 0


def test_a_conflict_is_gone_when_one_of_its_scans_is_undone(doors: Staffed) -> None:
    _, scan_id = a_conflict(doors)

    doors.handling.undo(doors.house.event, scan_id, doors.staff["officer"], "Quét nhầm")

    board = doors.board()
    assert (board.inside, board.conflicting, board.to_handle) == (1, 0, 0)


@pytest.mark.parametrize("reason", ["", "   "])
def test_nothing_is_undone_without_a_reason(doors: Staffed, reason: str) -> None:
    _, scan_id = a_conflict(doors)

    with pytest.raises(ValueError, match="reason"):
        doors.handling.undo(doors.house.event, scan_id, doors.staff["officer"], reason)


def test_a_refusal_cannot_be_undone(doors: Staffed) -> None:
    device, pass_id = doors.house.at_gate(), doors.house.passes[0]
    doors.house.change_invitation(pass_id, state="withdrawn")
    report = device.report(doors.house.text(pass_id))
    doors.door.present(device.station, report)

    with pytest.raises(NotFoundError):
        doors.handling.undo(doors.house.event, report.scan_id, doors.staff["officer"], "Nhầm")


def test_everybody_sees_who_welcomes_a_vip(doors: Staffed) -> None:
    pass_id, event = doors.house.passes[0], doors.house.event

    for who in ("viewer", "viewer", "officer"):
        doors.handling.greet(event, pass_id, doors.staff[who])

    assert doors.board().greeted == {pass_id: "Officer"}
    assert doors.kinds() == ["greeted", "greeted"]


def test_nobody_welcomes_who_is_not_invited(doors: Staffed) -> None:
    with pytest.raises(NotFoundError):
        doors.handling.greet(doors.house.event, "f" * 16, doors.staff["officer"])


def test_answers_and_labels_are_notes_that_count_for_nothing(doors: Staffed) -> None:
    device, pass_id = doors.house.at_gate(), doors.house.passes[0]
    admitted = device.record(pass_id)
    note = {"pass_id": pass_id, "outcome": "note", "about": admitted.scan_id}
    device.uploads(
        admitted,
        device.record(**note, detail={"answers": {"car": "yes"}}),
        device.record(**note, detail={"badge": "printed"}),
    )

    again = doors.present(doors.house.at_gate(1), pass_id)

    board = doors.board()
    with doors.house.database.read() as connection:
        noted = journals.notes(connection, doors.house.event)
    assert [(each["about"], each["detail"]) for each in noted] == [
        (admitted.scan_id, {"answers": {"car": "yes"}}),
        (admitted.scan_id, {"badge": "printed"}),
    ]
    assert (board.arrived, board.inside, board.conflicting) == (1, 1, 0)
    assert (board.refused, again.outcome) == (1, "already_in")
    assert doors.kinds() == ["scan", "note", "note", "scan"]


def test_a_board_that_forgets_decisions_is_caught(
    doors: Staffed, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Seeded bug: the news of a decision say what counted before it."""
    _, scan_id = a_conflict(doors)
    doors.board()
    told = counted
    monkeypatch.setattr(
        handling,
        "counted",
        lambda rows, key, own: told([each for each in rows if not each.decision], key, own),
    )

    doors.handling.decide(doors.house.event, scan_id, doors.staff["officer"], "another_person")

    with pytest.raises(AssertionError):
        doors.board()


def test_staff_find_guests_and_each_search_is_written_down(doors: Staffed) -> None:
    device, pass_id = doors.house.at_gate(), doors.house.passes[0]
    doors.present(device, pass_id)
    name = doors.house.entry(pass_id).name

    found = doors.searching.find(device.station, name, doors.id_of("steward"))

    assert [(each["pass_id"], each["inside"]) for each in found.hits] == [(pass_id, True)]
    assert set(found.hits[0]) == {
        *("pass_id", "name", "honorific", "organisation", "title", "phone_tail"),
        *("state", "inside", "vip", "party"),
    }


def test_a_steward_does_not_read_the_whole_list_by_searching(doors: Staffed) -> None:
    device, steward = doors.house.at_gate(), doors.id_of("steward")

    problems = [
        doors.searching.find(device.station, "Nguyễn", steward).problem for _ in range(22)
    ]
    doors.house.clock.pass_by(61)

    assert problems == [""] * 20 + ["too_many"] * 2
    assert doors.searching.find(device.station, "ng", steward).problem == "too_short"
    assert doors.searching.find(device.station, "nguyen", steward).problem == ""

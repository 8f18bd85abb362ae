"""Walk-ins and substitutes: who was not invited comes in by one scan, or is asked about."""

from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import func, select, update

from checkin.domain.errors import NoRightError, SeatError
from checkin.domain.protocol import NOTE
from checkin.domain.sealing import seal_details
from checkin.domain.walkins import pass_id_of
from checkin.services.door import ScanTakenError
from checkin.storage.tables import scans
from invitations.domain.errors import NotFoundError
from invitations.storage.database import Database
from invitations.storage.tables import deliveries, guests
from tests.checkin.doorstaff import Staffed, a_newcomer, staffed

DETAILS = {"name": "Đỗ Văn Tám", "organisation": "Báo Mới", "phone": "0903123456"}


@pytest.fixture
def doors(database: Database, tmp_path: Path) -> Staffed:
    return staffed(database, tmp_path / "keys")


def letters(doors: Staffed) -> int:
    """Return how many letters wait for the postman."""
    with doors.house.database.read() as connection:
        return int(
            connection.execute(select(func.count()).select_from(deliveries)).scalar_one()
        )


def test_where_walk_ins_are_allowed_a_supervisor_lets_one_in_at_once(doors: Staffed) -> None:
    doors.house.change_event(walk_ins="allow")
    device = doors.house.at_gate()

    answer = doors.walk_ins.ask(device.station, doors.walk_in(device, "supervisor"))

    board = doors.board()
    assert answer.state == "admitted"
    assert answer.verdict is not None
    assert (answer.verdict["outcome"], answer.verdict["flags"]) == ("admitted", ["walk_in"])
    assert (board.arrived, board.inside, board.latest[0].name) == (1, 1, "Đỗ Văn Tám")
    assert board.latest[0].honorific == "Ông"
    assert letters(doors) == 1  # a text with the pass, to the number that was given


def test_the_pass_of_a_walk_in_is_a_pass(doors: Staffed) -> None:
    doors.house.change_event(walk_ins="allow")
    device = doors.house.at_gate()

    answer = doors.walk_ins.ask(device.station, doors.walk_in(device, "officer"))

    again = doors.door.present(device.station, device.report(answer.pass_text or ""))
    assert again.outcome == "already_in"


def test_a_walk_in_asked_twice_is_one_guest(doors: Staffed) -> None:
    doors.house.change_event(walk_ins="allow")
    device = doors.house.at_gate()
    report = doors.walk_in(device, "supervisor")
    first = doors.walk_ins.ask(device.station, report)
    many = doors.guests()

    again = doors.walk_ins.ask(device.station, report)

    assert again == first
    assert (doors.guests(), doors.board().arrived) == (many, 1)


@pytest.mark.parametrize("who", ["steward", "viewer", "stranger"])
def test_letting_in_needs_more_than_a_steward(doors: Staffed, who: str) -> None:
    doors.house.change_event(walk_ins="allow")
    device, many = doors.house.at_gate(), doors.guests()

    with pytest.raises(NoRightError):
        doors.walk_ins.ask(device.station, doors.walk_in(device, who))

    assert doors.guests() == many


def test_where_walk_ins_are_denied_even_the_officer_is(doors: Staffed) -> None:
    doors.house.change_event(walk_ins="deny")
    device, many = doors.house.at_gate(), doors.guests()

    answer = doors.walk_ins.ask(device.station, doors.walk_in(device, "officer"))

    assert (answer.state, answer.problem, answer.verdict) == ("denied", "policy", None)
    assert doors.guests() == many


def test_a_steward_asks_and_the_organiser_admits_on_the_board(doors: Staffed) -> None:
    device = doors.house.at_gate()
    report = doors.walk_in(device, "steward")
    asked = doors.walk_ins.ask(device.station, report)
    waiting = doors.board().walk_ins

    answered = doors.walk_ins.answer(
        doors.house.event, asked.id, doors.staff["officer"], admit=True
    )

    told = doors.walk_ins.ask(device.station, report)
    hand = doors.by_hand(device, answered.pass_id, "steward")
    assert (asked.state, asked.verdict, asked.pass_text) == ("asked", None, None)
    assert [each["name"] for each in waiting] == ["Đỗ Văn Tám"]
    assert doors.board().walk_ins == ()
    assert (told.state, told.verdict) == ("admitted", None)
    assert told.pass_text is not None
    assert doors.door.present(device.station, hand).outcome == "admitted"
    assert doors.board().inside == 1


def test_the_first_answer_holds(doors: Staffed) -> None:
    device = doors.house.at_gate()
    asked = doors.walk_ins.ask(device.station, doors.walk_in(device, "steward"))
    officer, event = doors.staff["officer"], doors.house.event
    doors.walk_ins.answer(event, asked.id, officer, admit=False, note="Không quen")

    late = doors.walk_ins.answer(event, asked.id, officer, admit=True)

    assert late.state == "denied"
    assert doors.guests() == 5
    assert doors.walk_ins.waiting(event) == []


@pytest.mark.parametrize(
    ("who", "error"), [("supervisor", NoRightError), ("stranger", NotFoundError)]
)
def test_only_the_organiser_answers(doors: Staffed, who: str, error: type[Exception]) -> None:
    device = doors.house.at_gate()
    asked = doors.walk_ins.ask(device.station, doors.walk_in(device, "steward"))

    with pytest.raises(error):
        doors.walk_ins.answer(doors.house.event, asked.id, doors.staff[who], admit=True)

    assert len(doors.walk_ins.waiting(doors.house.event)) == 1


def test_telephones_of_walk_ins_are_not_in_the_news(doors: Staffed) -> None:
    device = doors.house.at_gate()

    doors.walk_ins.ask(device.station, doors.walk_in(device, "steward"))

    assert "phone" not in doors.board().walk_ins[0]


@pytest.mark.parametrize("wrong", [{"name": " "}, {"phone": "12"}, {"email": "không"}])
def test_what_cannot_be_kept_is_said_at_once(doors: Staffed, wrong: dict[str, str]) -> None:
    device = doors.house.at_gate()

    answer = doors.walk_ins.ask(device.station, doors.walk_in(device, "officer", **wrong))

    assert (answer.state, answer.problem) == ("", "invalid")


def test_a_walk_in_of_another_station_is_not_told(doors: Staffed) -> None:
    one, other = doors.house.at_gate(0), doors.house.at_gate(1)
    report = doors.walk_in(one, "steward")
    doors.walk_ins.ask(one.station, report)

    with pytest.raises(ScanTakenError):
        doors.walk_ins.ask(other.station, report)


def test_a_note_of_having_asked_counts_for_nothing(doors: Staffed) -> None:
    device = doors.house.at_gate()

    device.uploads(device.record("", NOTE, detail={"walk_in": 1, "state": "asked"}))

    board = doors.board()
    assert (board.arrived, board.refused) == (0, 0)
    assert doors.kinds()[-1] == NOTE


def sealed(doors: Staffed, scan_id: str) -> dict[str, str]:
    """Return what a station keeps of a walk-in whom it let in alone."""
    key = doors.house.sealing.key(doors.house.event)
    return {"sealed": seal_details(DETAILS, key, scan_id)}


def test_a_walk_in_let_in_without_a_line_becomes_a_guest(doors: Staffed) -> None:
    doors.house.change_event(walk_ins="allow")
    device, many = doors.house.at_gate(), doors.guests()
    record = device.record(
        "",
        scan_id="a" * 32,
        flags=["walk_in"],
        detail=sealed(doors, "a" * 32),
        actor=doors.id_of("steward"),
    )

    marks = [device.uploads(record), device.uploads(record)]

    board = doors.board()
    assert marks == [1, 1]
    assert doors.guests() == many + 1
    assert (board.arrived, board.inside, board.conflicting) == (1, 1, 0)
    assert (board.latest[0].name, board.latest[0].pass_id) == (
        "Đỗ Văn Tám",
        pass_id_of("a" * 32),
    )


def test_the_journal_of_a_walk_in_keeps_its_chain(doors: Staffed) -> None:
    doors.house.change_event(walk_ins="allow")
    device = doors.house.at_gate()
    first = device.record(
        "", scan_id="a" * 32, flags=["walk_in"], detail=sealed(doors, "a" * 32)
    )
    second = device.record(doors.house.passes[0])

    device.uploads(first)
    device.uploads(second)

    with doors.house.database.read() as connection:
        found = connection.execute(select(scans.c.verdict).order_by(scans.c.n)).scalars().all()
    assert ["chain" in each for each in found] == [False, False]


@pytest.mark.parametrize("policy", ["ask", "deny"])
def test_a_walk_in_let_in_alone_against_the_policy_is_shown(
    doors: Staffed, policy: str
) -> None:
    doors.house.change_event(walk_ins=policy)
    device = doors.house.at_gate()

    device.uploads(
        device.record("", scan_id="a" * 32, flags=["walk_in"], detail=sealed(doors, "a" * 32))
    )

    board = doors.board()
    assert (board.inside, board.conflicting) == (1, 1)
    assert board.conflicts[0].against == "unknown"


def test_a_walk_in_that_cannot_be_opened_is_kept_and_shown(doors: Staffed) -> None:
    doors.house.change_event(walk_ins="allow")
    device, many = doors.house.at_gate(), doors.guests()
    doors.house.sealing.key(doors.house.event)

    device.uploads(device.record("", flags=["walk_in"], detail={"sealed": "AAAA"}))

    board = doors.board()
    assert doors.guests() == many
    assert (board.inside, board.conflicting) == (1, 1)


def test_a_substitute_comes_in_and_the_old_pass_is_dead_at_once(doors: Staffed) -> None:
    device, pass_id = doors.house.at_gate(), doors.house.passes[0]
    report = doors.by_hand(device, pass_id, "supervisor")

    verdict, text = doors.substituting.substitute(device.station, report, a_newcomer())

    old = doors.present(doors.house.at_gate(1), pass_id)
    new = doors.door.present(device.station, device.report(text))
    board = doors.board()
    assert (verdict.outcome, verdict.flags) == ("admitted", ["substitute"])
    assert (old.outcome, new.outcome) == ("revoked", "already_in")
    assert (board.inside, board.latest[0].name) == (1, "Lê Thị Sáu")
    assert board.latest[0].organisation == doors.house.entry(pass_id).organisation
    assert doors.state(pass_id) == "withdrawn"
    assert letters(doors) == 1  # the invitation, to the address that was given


def test_a_substitution_asked_twice_is_one(doors: Staffed) -> None:
    device, pass_id = doors.house.at_gate(), doors.house.passes[0]
    report = doors.by_hand(device, pass_id, "officer")
    first = doors.substituting.substitute(device.station, report, a_newcomer())
    many = doors.guests()

    again = doors.substituting.substitute(device.station, report, a_newcomer())

    assert again == first
    assert doors.guests() == many


def test_a_substitute_takes_the_whole_seat(doors: Staffed) -> None:
    device, pass_id = doors.house.at_gate(), doors.house.passes[0]
    first = select(guests.c.id).order_by(guests.c.id).limit(1).scalar_subquery()
    seat = update(guests).where(guests.c.id == first).values(party=2, category="press")
    doors.house.database.write(lambda tx: tx.execute(seat).rowcount)
    report = doors.by_hand(device, pass_id, "supervisor")

    verdict, _ = doors.substituting.substitute(device.station, report, a_newcomer())

    entry = doors.house.entry(verdict.pass_id)
    assert (entry.party, entry.category, verdict.heads) == (2, "press", 2)


def test_a_seat_in_use_or_taken_back_does_not_change_hands(doors: Staffed) -> None:
    device = doors.house.at_gate()
    inside, gone, _ = doors.house.passes[:3]
    doors.present(device, inside)
    doors.house.change_invitation(gone, state="withdrawn")
    codes = []

    for pass_id in (inside, gone, "f" * 16):
        report = doors.by_hand(device, pass_id, "supervisor")
        with pytest.raises(SeatError) as refused:
            doors.substituting.substitute(device.station, report, a_newcomer())
        codes.append(refused.value.code)

    assert codes == ["already_in", "unknown_pass", "unknown_pass"]


@pytest.mark.parametrize("who", ["steward", "viewer", "stranger"])
def test_substitutes_are_a_supervisors_matter(doors: Staffed, who: str) -> None:
    device, pass_id = doors.house.at_gate(), doors.house.passes[0]
    report = doors.by_hand(device, pass_id, who)

    with pytest.raises(NoRightError):
        doors.substituting.substitute(device.station, report, a_newcomer())

    assert doors.state(pass_id) == "issued"


def test_a_substitute_without_a_name_changes_nothing(doors: Staffed) -> None:
    device, pass_id = doors.house.at_gate(), doors.house.passes[0]
    report = doors.by_hand(device, pass_id, "supervisor")

    with pytest.raises(SeatError, match="invalid"):
        doors.substituting.substitute(device.station, report, replace(a_newcomer(), name=""))

    assert doors.state(pass_id) == "issued"

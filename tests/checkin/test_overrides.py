"""Overrides, guests found by hand, and parties: the server has the last word on rights."""

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update

from checkin.domain.accounts import Role
from checkin.domain.errors import NoRightError
from checkin.storage.tables import accounts, scans
from invitations.storage.database import Database
from invitations.storage.tables import gates, guests
from tests.checkin.doorstaff import Staffed, staffed

REASON = "Trưởng ban đã đồng ý"


@pytest.fixture
def doors(database: Database, tmp_path: Path) -> Staffed:
    return staffed(database, tmp_path / "keys")


def book(doors: Staffed) -> list[Any]:
    """Return the rows of the book, oldest first."""
    with doors.house.database.read() as connection:
        return list(connection.execute(select(scans).order_by(scans.c.id)))


def make_party(doors: Staffed, many: int) -> str:
    """Make the first guest a party, and return the pass."""
    pass_id = doors.house.passes[0]
    first = select(guests.c.id).order_by(guests.c.id).limit(1).scalar_subquery()
    change = update(guests).where(guests.c.id == first).values(party=many)
    doors.house.database.write(lambda tx: tx.execute(change).rowcount)
    doors.house.change_event(title="Họp báo")
    return pass_id


def test_a_supervisor_lets_in_whom_the_rules_refuse_and_answers_for_it(doors: Staffed) -> None:
    device, pass_id = doors.house.at_gate(), doors.house.passes[0]
    doors.present(device, pass_id)
    actor = doors.id_of("supervisor")

    verdict = doors.present(device, pass_id, override=True, reason=REASON, actor=actor)

    row = book(doors)[-1]
    board = doors.board()
    assert (verdict.outcome, verdict.overrode) == ("admitted", "already_in")
    assert verdict.flags == ["overridden"]
    assert (row.override_of, row.reason, row.actor) == ("already_in", REASON, actor)
    assert (board.inside, board.conflicting, board.refused) == (1, 0, 0)


@pytest.mark.parametrize(
    ("who", "reason", "problem"),
    [
        ("steward", REASON, "no_right"),
        ("viewer", REASON, "no_right"),
        ("stranger", REASON, "no_right"),
        ("supervisor", "  ", "no_reason"),
    ],
)
def test_an_override_that_may_not_be_is_written_down_as_the_refusal(
    doors: Staffed, who: str, reason: str, problem: str
) -> None:
    device, pass_id = doors.house.at_gate(), doors.house.passes[0]
    doors.house.change_invitation(pass_id, state="withdrawn")

    verdict = doors.present(
        device, pass_id, override=True, reason=reason, actor=doors.id_of(who)
    )

    assert (verdict.outcome, verdict.problem) == ("revoked", problem)
    assert (book(doors)[-1].outcome, book(doors)[-1].override_of) == ("revoked", "")
    assert doors.board().inside == 0


@pytest.mark.parametrize("actor", ["", "999999", "-1", "1e3", "٣", "9" * 40])
def test_nobody_overrides_nothing(doors: Staffed, actor: str) -> None:
    device, pass_id = doors.house.at_gate(), doors.house.passes[0]
    doors.house.change_event(state="cancelled")

    verdict = doors.present(device, pass_id, override=True, reason=REASON, actor=actor)

    assert (verdict.outcome, verdict.problem) == ("revoked", "no_right")


def test_who_left_the_office_overrides_nothing(doors: Staffed) -> None:
    gone = doors.hire("gone", Role.SUPERVISOR, doors.house.office, disabled=True)
    doors.house.change_event(state="cancelled")

    verdict = doors.present(
        doors.house.at_gate(),
        doors.house.passes[0],
        override=True,
        reason=REASON,
        actor=str(gone.account_id),
    )

    assert verdict.problem == "no_right"


def test_an_override_asked_again_gets_its_answer_though_the_right_is_gone(
    doors: Staffed,
) -> None:
    device, pass_id = doors.house.at_gate(), doors.house.passes[0]
    doors.house.change_invitation(pass_id, state="blocked")
    actor = doors.id_of("supervisor")
    wish = {"override": True, "reason": REASON, "actor": actor}
    report = device.report(doors.house.text(pass_id), **wish)
    first = doors.door.present(device.station, report)
    change = update(accounts).where(accounts.c.id == int(actor)).values(disabled=True)
    doors.house.database.write(lambda tx: tx.execute(change).rowcount)

    again = doors.door.present(device.station, report)

    assert first.outcome == "admitted"
    assert again == first


def test_a_rehearsed_override_leaves_no_trace(doors: Staffed) -> None:
    device, pass_id = doors.house.at_gate(), doors.house.passes[0]
    doors.house.change_invitation(pass_id, state="blocked")
    wish = {"override": True, "reason": REASON, "actor": doors.id_of("officer")}

    verdict = doors.door.simulate(
        device.station, device.report(doors.house.text(pass_id), **wish)
    )

    assert (verdict.outcome, verdict.overrode) == ("admitted", "blocked")
    assert book(doors) == []


def test_a_guest_found_by_hand_is_judged_as_if_the_pass_were_shown(doors: Staffed) -> None:
    device, pass_id = doors.house.at_gate(), doors.house.passes[0]

    first = doors.door.present(device.station, doors.by_hand(device, pass_id, "steward"))
    again = doors.present(device, pass_id)

    assert (first.outcome, first.pass_id) == ("admitted", pass_id)
    assert again.outcome == "already_in"
    assert book(doors)[0].actor == doors.id_of("steward")


@pytest.mark.parametrize("who", ["viewer", "stranger"])
def test_who_does_no_door_work_finds_nobody_by_hand(doors: Staffed, who: str) -> None:
    device, pass_id = doors.house.at_gate(), doors.house.passes[0]

    with pytest.raises(NoRightError):
        doors.door.present(device.station, doors.by_hand(device, pass_id, who))

    assert book(doors) == []


def test_a_guest_who_is_not_on_the_list_is_not_found_by_hand(doors: Staffed) -> None:
    device = doors.house.at_gate()

    verdict = doors.door.present(device.station, doors.by_hand(device, "f" * 16, "officer"))

    assert verdict.outcome == "unknown"


def test_a_party_comes_bit_by_bit_and_the_room_counts_heads(doors: Staffed) -> None:
    device, pass_id = doors.house.at_gate(), make_party(doors, 3)

    two = doors.present(device, pass_id, heads=2)
    inside_then = doors.board().inside
    third = doors.present(device, pass_id)
    fourth = doors.present(device, pass_id)

    assert (two.heads, two.party_inside, inside_then) == (2, 0, 2)
    assert (third.outcome, third.heads, third.party_inside) == ("admitted", 1, 2)
    assert (fourth.outcome, fourth.party_inside) == ("already_in", 3)
    assert (doors.board().inside, doors.board().arrived) == (3, 1)


def test_one_of_a_party_leaves(doors: Staffed) -> None:
    device, pass_id = doors.house.at_gate(), make_party(doors, 3)
    doors.present(device, pass_id)

    doors.present(device, pass_id, direction="exit", heads=1)

    assert doors.board().inside == 2


def test_a_party_that_two_stations_let_in_alone_is_a_conflict_beyond_its_heads(
    doors: Staffed,
) -> None:
    pass_id = make_party(doors, 3)
    one, other = doors.house.at_gate(0), doors.house.at_gate(1)
    one.uploads(one.record(pass_id, heads=2))
    before = doors.board()

    other.uploads(other.record(pass_id, heads=2))

    after = doors.board()
    assert (before.inside, before.conflicting) == (2, 0)
    assert (after.inside, after.conflicting, after.to_handle) == (3, 1, 1)


def test_a_room_is_full_of_heads(doors: Staffed) -> None:
    device, pass_id = doors.house.at_gate(), make_party(doors, 3)
    doors.house.change_event(capacity=3, refuse_when_full=True)
    doors.present(device, doors.house.passes[1])

    whole = doors.present(device, pass_id)
    two = doors.present(device, pass_id, heads=2)

    assert (whole.outcome, two.outcome) == ("full", "admitted")


def test_a_gate_serves_its_categories_and_names_the_right_one(doors: Staffed) -> None:
    house = doors.house
    change = update(gates).where(gates.c.id == house.gates[0]).values(categories=["press"])
    house.database.write(lambda tx: tx.execute(change).rowcount)
    house.change_event(title="Họp báo")

    wrong = doors.present(house.at_gate(0), house.passes[0])
    right = doors.present(house.at_gate(1), house.passes[0])

    assert (wrong.outcome, wrong.gate) == ("wrong_gate", "Cửa B")
    assert right.outcome == "admitted"


def test_many_entries_are_no_conflicts(doors: Staffed) -> None:
    house = doors.house
    house.change_event(many_entries=True)
    device = house.at_gate()

    outcomes = [doors.present(device, house.passes[0]).outcome for _ in range(3)]
    device.uploads(device.record(house.passes[0]))

    board = doors.board()
    assert outcomes == ["admitted"] * 3
    assert (board.inside, board.arrived, board.conflicting) == (1, 1, 0)


def test_a_station_hears_the_rules_and_every_gate(doors: Staffed) -> None:
    house = doors.house
    asked = [{"key": "car", "text": "Có gửi xe không?", "kind": "yes_no", "choices": []}]
    house.change_event(offline="home-gate", walk_ins="allow", questions=asked)

    snapshot = house.rosters.since(house.at_gate(1).station, -1).snapshot

    assert snapshot is not None
    rules = snapshot["rules"]
    assert (rules["offline"], rules["walk_ins"], rules["questions"]) == (
        "home-gate",
        "allow",
        asked,
    )
    assert [each["id"] for each in snapshot["gate"]["all"]] == list(house.gates)


@pytest.mark.parametrize(("who", "conflicts"), [("supervisor", 0), ("steward", 1)])
def test_an_override_without_a_line_is_looked_at_when_the_journal_comes(
    doors: Staffed, who: str, conflicts: int
) -> None:
    device, pass_id = doors.house.at_gate(), doors.house.passes[0]
    doors.house.change_invitation(pass_id, state="withdrawn")
    wish = {"override_of": "revoked", "reason": REASON, "actor": doors.id_of(who)}

    device.uploads(device.record(pass_id, flags=["offline", "overridden"], **wish))

    board = doors.board()
    assert (board.inside, board.conflicting) == (1, conflicts)
    assert [each.against for each in board.conflicts] == ["override"] * conflicts
    assert (book(doors)[0].override_of, book(doors)[0].reason) == ("revoked", REASON)

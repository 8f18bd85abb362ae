"""The desk of a station that is alone: who may do what, and what is written down of it."""

import json
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from checkin.domain import sealing
from checkin.domain.admission import Direction, EventRules, GatePlan, GateRules
from checkin.domain.protocol import NOTE, RosterSnapshot, ScanRecord
from checkin.domain.sealing import PinCost
from checkin.domain.wire import gate_to_json, rules_to_json, trust_to_json
from invitations.domain.model import Question
from invitations.domain.roster import RosterEntry
from scanner import shift
from scanner.answers import Answer, Second, WalkInForm
from scanner.station import Station
from tests.scanner.door_frames import EVENT, TRUST, a_text
from tests.scanner.little_server import GATE, RULES, an_entry
from tests.scanner.rigs import a_station

KEY, SALT = bytes(range(32)), bytes(range(16))
CHEAP = PinCost(t=1, m=64, p=1)
PINS = {"1": ("Lê Steward", "steward", "111111"), "2": ("Đỗ Trưởng", "supervisor", "222222")}
GUESTS = [
    an_entry(1, name="Nguyễn Thị Thu Hà", phone_tail="0917", door_code="471108329015"),
    an_entry(2, name="Nguyễn Thị Thu Hà", organisation="Sở Thông tin", state="withdrawn"),
    an_entry(3, name="Đoàn Ba Người", party=3),
]
WALK_IN = WalkInForm("Võ Minh Hùng", "Báo Lạ", "quên đăng ký", "Trần Văn A", phone="0901234567")


def a_line_of_staff(number: str, role: str | None = None) -> dict[str, Any]:
    name, own, pin = PINS[number]
    key = sealing.key_of_pin(pin, SALT, CHEAP)
    return {
        "id": number,
        "name": name,
        "role": role or own,
        "salt": SALT.hex(),
        "argon": CHEAP.to_json(),
        "sealed_key": sealing.wrap_key(key, KEY, staff_id=number, role=own).hex(),
    }


def snapshot(
    entries: list[RosterEntry], rules: EventRules = RULES, gate: GateRules = GATE
) -> RosterSnapshot:
    return RosterSnapshot(
        0,
        EVENT,
        "Họp báo",
        rules_to_json(rules),
        gate_to_json(gate),
        [sealing.seal_entry(each, KEY, a_text(int(each.pass_id, 16))) for each in entries],
        [],
        [a_line_of_staff("1"), a_line_of_staff("2")],
    )


def open_at(folder: Path, **rules: Any) -> Station:
    """Return a station that heard the sealed list from an earlier contact."""
    station = a_station(folder)
    carried = station.gatekeeper.carried
    carried.take_trust(trust_to_json(TRUST))
    carried.take_snapshot(snapshot(GUESTS, replace(RULES, **rules)))
    return station


def shut(station: Station) -> None:
    station.journal.close()
    station.gatekeeper.carried.close()


@pytest.fixture(name="station")
def a_station_alone(tmp_path: Path) -> Iterator[Station]:
    station = open_at(tmp_path)
    yield station
    shut(station)


def on_duty(station: Station, number: str = "2") -> Station:
    assert station.desk.open_shift(number, PINS[number][2]).staff is not None
    return station


def said(answer: Answer) -> str:
    return answer.problem or (answer.shown.outcome.value if answer.shown else "")


def scan_id(station: Station, number: int) -> str:
    shown = station.desk.present(a_text(number)).shown
    assert shown is not None
    return shown.scan_id


def last(station: Station) -> ScanRecord:
    return station.journal.latest(1)[0]


def test_the_pass_that_is_shown_names_its_guest_and_no_other_is_named(station: Station) -> None:
    shown = station.desk.present(a_text(1)).shown

    assert shown is not None
    assert shown.verdict.entry is not None
    assert shown.verdict.entry["name"] == "Nguyễn Thị Thu Hà"
    assert getattr(station.gatekeeper.carried.entry(GUESTS[2].pass_id), "name", "?") == ""


def test_a_shift_is_opened_by_its_pin_and_ended(station: Station) -> None:
    wrong = station.desk.open_shift("2", "000000")
    right = station.desk.open_shift("2", "222222")
    during = station.desk.shift
    station.desk.close_shift()

    assert (wrong.staff, wrong.problem) == (None, "wrong")
    assert (right.staff, right.problem) == (during, "")
    assert (station.desk.shift, station.gatekeeper.carried.key) == (None, None)


def test_after_five_wrong_pins_even_the_right_one_waits_also_after_a_restart(
    tmp_path: Path,
) -> None:
    station = open_at(tmp_path)
    answers = [station.desk.open_shift("1", f"00000{n}") for n in range(6)]
    shut(station)
    again = a_station(tmp_path)
    right = again.desk.open_shift("1", "111111")
    shut(again)

    assert [each.problem for each in answers] == ["wrong"] * 4 + ["wait"] * 2
    assert right.problem == "wait"
    assert 0 < right.wait_s <= shift.FIRST_WAIT_S


def test_waits_double_and_end(station: Station, monkeypatch: pytest.MonkeyPatch) -> None:
    waits, now = [], time.time()
    monkeypatch.setattr("scanner.shift.time.time", lambda: now)
    for _ in range(12):
        waits.append(station.desk.open_shift("1", "000000").wait_s)
        now += waits[-1]
    right = station.desk.open_shift("1", "111111")
    fresh = station.desk.open_shift("1", "000000")

    assert waits == [0, 0, 0, 0, 30, 60, 120, 240, 480, 900, 900, 900]
    assert (right.problem, fresh.problem) == ("", "wrong")


def test_a_role_that_was_changed_in_the_file_opens_nothing(station: Station) -> None:
    """A thief makes a steward a supervisor; the sealed role does not go along."""
    station.gatekeeper.carried.note("staff", [a_line_of_staff("1", role="supervisor")])

    assert station.desk.open_shift("1", "111111").problem == "wrong"


def test_a_cost_that_would_stop_the_machine_is_not_paid(station: Station) -> None:
    line = a_line_of_staff("1") | {"argon": {"t": 1000, "m": 2**22, "p": 1}}
    station.gatekeeper.carried.note("staff", [line])

    assert station.desk.open_shift("1", "111111").problem == "wrong"


def test_a_shift_ends_when_its_holder_is_no_longer_on_the_staff(station: Station) -> None:
    on_duty(station)
    station.gatekeeper.carried.take_news(1, "staff", {"staff": [a_line_of_staff("1")]})

    assert (station.desk.shift, station.gatekeeper.carried.key) == (None, None)


def test_a_shift_ends_two_hours_after_the_doors_closed(tmp_path: Path) -> None:
    closes = int(time.time()) - shift.AFTER_CLOSING_S + 2
    station = on_duty(open_at(tmp_path, closes_at=closes))
    during = station.desk.shift
    station.desk.shifts.clock = lambda: time.time() + 3
    after = station.desk.shift
    shut(station)

    assert during is not None
    assert after is None


@pytest.mark.parametrize(
    ("who", "second", "expected"),
    [
        pytest.param("", None, "closed", id="nobody"),
        pytest.param("1", None, "rights", id="a steward"),
        pytest.param("2", None, "admitted", id="a supervisor"),
        pytest.param("1", Second("2", "222222"), "admitted", id="a steward with a second"),
        pytest.param("1", Second("2", "999999"), "wrong", id="a second with a wrong PIN"),
        pytest.param("1", Second("1", "111111"), "rights", id="a steward twice"),
    ],
)
def test_who_may_override(
    station: Station, who: str, second: Second | None, expected: str
) -> None:
    if who:
        on_duty(station, who)
    refused = scan_id(station, 2)

    answer = station.desk.override(refused, "khách quen", second)

    assert said(answer) == expected


def test_an_override_is_written_down_with_reason_and_name(station: Station) -> None:
    on_duty(station)
    station.desk.override(scan_id(station, 2), "khách quen")
    record = last(station)

    assert (record.outcome, record.override_of) == ("admitted", "revoked")
    assert (record.reason, record.actor) == ("khách quen", "2")
    assert "overridden" in record.flags
    assert station.journal.broken_at() is None


def test_an_override_needs_a_reason_and_a_refusal_that_may_be_put_aside(
    station: Station,
) -> None:
    on_duty(station)
    forged = station.desk.present(a_text(1, seed=bytes(32))).shown
    admitted = scan_id(station, 1)
    assert forged is not None

    problems = [
        station.desk.override(scan_id(station, 2), " ").problem,
        station.desk.override(forged.scan_id, "x").problem,
        station.desk.override(admitted, "x").problem,
        station.desk.override("none", "x").problem,
    ]

    assert problems == ["reason", "not_found", "policy", "not_found"]


def test_undo_is_anybodys_at_once_and_a_supervisors_later(
    station: Station, monkeypatch: pytest.MonkeyPatch
) -> None:
    young, old = scan_id(station, 1), scan_id(station, 3)
    at_once = station.desk.undo(young, "mistake").problem
    monkeypatch.setattr("scanner.door.UNDO_WITHIN_MS", -1)
    late = [
        station.desk.undo(old, "mistake").problem,
        on_duty(station, "1").desk.undo(old, "mistake").problem,
        on_duty(station, "2").desk.undo(old, "mistake").problem,
        station.desk.undo(old, "mistake").problem,
    ]

    assert at_once == ""
    assert late == ["too_late", "rights", "", "not_found"]


def test_a_search_needs_a_shift_and_three_letters_and_tells_twins_apart(
    station: Station,
) -> None:
    closed = station.desk.search("thu ha").problem
    on_duty(station, "1")
    found = station.desk.search("thu ha")

    assert (closed, station.desk.search("ha").problem) == ("closed", "short")
    assert [(hit.twin, hit.organisation, hit.phone_tail) for hit in found.hits] == [
        (True, "Báo Thử", "0917"),
        (True, "Sở Thông tin", ""),
    ]
    assert (found.offline, found.more) == (True, False)


def test_a_search_is_written_down_without_its_words(station: Station) -> None:
    on_duty(station, "1").desk.search("thu ha")
    record = last(station)

    assert (record.outcome, record.actor) == (NOTE, "1")
    assert record.detail == {"search": {"letters": 6, "hits": 2}}


def test_a_steward_searches_twenty_times_a_minute(station: Station) -> None:
    steward = [on_duty(station, "1").desk.search("thu ha").problem for _ in range(21)]
    supervisor = on_duty(station, "2").desk.search("thu ha").problem

    assert steward == [""] * 20 + ["too_many"]
    assert supervisor == ""


def test_whoever_was_found_is_admitted_once(station: Station) -> None:
    closed = station.desk.admit(GUESTS[0].pass_id).problem
    on_duty(station, "1")
    twice = [said(station.desk.admit(GUESTS[0].pass_id)) for _ in range(2)]

    assert (closed, twice) == ("closed", ["admitted", "already_in"])
    assert (last(station).actor, said(station.desk.admit("f" * 16))) == ("1", "not_found")
    assert station.desk.search("0917").hits[0].inside


def test_a_door_code_without_a_line_needs_an_open_list(station: Station) -> None:
    locked = station.desk.present("471108329015")
    open_ = on_duty(station, "1").desk.present("471108329015")

    assert (locked.shown, locked.problem) == (None, "closed")
    assert said(open_) == "admitted"
    assert len(station.journal.all()) == 1


@pytest.mark.parametrize(
    ("policy", "who", "expected"),
    [
        pytest.param("allow", "2", "admitted", id="allowed"),
        pytest.param("allow", "1", "rights", id="a steward may not"),
        pytest.param("ask", "2", "line", id="nobody can be asked"),
        pytest.param("deny", "2", "policy", id="denied"),
    ],
)
def test_a_walk_in_without_a_line(tmp_path: Path, policy: str, who: str, expected: str) -> None:
    station = on_duty(open_at(tmp_path, walk_ins=policy), who)
    answer = station.desk.walk_in(WALK_IN)
    records = station.journal.all()
    shut(station)

    assert (answer.problem or answer.state) == expected
    assert len(records) == (expected == "admitted")


def test_a_walk_ins_name_is_sealed_for_the_server(tmp_path: Path) -> None:
    station = on_duty(open_at(tmp_path, walk_ins="allow"))
    station.desk.walk_in(WALK_IN)
    record = last(station)
    shut(station)

    assert WALK_IN.name not in json.dumps(record.to_json(), ensure_ascii=False)
    assert sorted(record.flags) == ["offline", "walk_in"]
    opened = sealing.open_details(str(record.detail["sealed"]), KEY, record.scan_id)
    assert opened == vars(WALK_IN)


def test_a_party_comes_in_parts(station: Station) -> None:
    first = station.desk.present(a_text(3)).shown
    assert first is not None
    two = station.desk.set_heads(first.scan_id, 2).shown
    rest = station.desk.present(a_text(3)).shown
    nobody_left = station.desk.present(a_text(3)).shown

    assert two is not None
    assert rest is not None
    assert (first.verdict.heads, two.verdict.heads) == (3, 2)
    assert (rest.verdict.heads, rest.verdict.party_inside) == (1, 2)
    assert nobody_left is not None
    assert nobody_left.outcome == "already_in"
    assert station.gatekeeper.carried.counts().inside == 3


def test_heads_are_of_a_party_that_stands(station: Station) -> None:
    alone, party = scan_id(station, 1), scan_id(station, 3)

    problems = [
        station.desk.set_heads(alone, 1).problem,
        station.desk.set_heads(party, 4).problem,
        station.desk.set_heads(party, 0).problem,
        station.desk.set_heads("none", 1).problem,
    ]

    assert problems == ["invalid", "invalid", "invalid", "not_found"]


def test_answers_at_the_door_are_notes_about_their_scan(tmp_path: Path) -> None:
    asked = (
        Question("lunch", "Ở lại dùng cơm?"),
        Question("seat", "Khu nào?", "choice", ("A", "B")),
    )
    station = open_at(tmp_path, questions=asked)
    scan = scan_id(station, 1)
    problems = [
        station.desk.answer(scan, {"lunch": "yes", "seat": "B"}),
        station.desk.answer(scan, {"lunch": "maybe"}),
        station.desk.answer(scan, {"shoe": "yes"}),
        station.desk.answer("none", {"lunch": "no"}),
    ]
    record = last(station)
    shut(station)

    assert problems == ["", "invalid", "invalid", "not_found"]
    assert (record.about, record.detail) == (scan, {"answers": {"lunch": "yes", "seat": "B"}})
    assert record.pass_id == GUESTS[0].pass_id


def test_a_second_print_of_a_badge_is_called_so(station: Station) -> None:
    scan = scan_id(station, 1)
    problems = [station.desk.reprint(scan), station.desk.reprint(scan)]
    printed = [record.detail["badge"] for record in station.journal.all() if record.about]

    assert (problems, printed) == (["", ""], ["printed", "reprinted"])
    assert said(station.desk.present(a_text(1))) == "already_in"


def test_a_rehearsal_shows_verdicts_and_writes_nothing(station: Station) -> None:
    refused = station.desk.rehearse(on=True)
    on_duty(station)
    begun = station.desk.rehearse(on=True)
    verdicts = [said(station.desk.present(a_text(1))) for _ in range(2)]
    station.desk.rehearse(on=False)
    true = said(station.desk.present(a_text(1)))

    assert (refused, begun) == ("closed", "")
    assert (verdicts, true) == (["admitted", "admitted"], "admitted")
    assert len(station.journal.all()) == 1


def test_the_door_can_be_turned_round(station: Station) -> None:
    came = scan_id(station, 1)
    station.desk.turn(Direction.EXIT)
    left = said(station.desk.present(a_text(1)))

    assert (left, last(station).direction) == ("admitted", "exit")
    assert station.gatekeeper.carried.counts().inside == 0
    assert came != last(station).scan_id


@pytest.mark.parametrize(
    ("policy", "here", "expected"),
    [
        pytest.param("admit-and-flag", 1, "admitted", id="admit"),
        pytest.param("refuse", 1, "no_line", id="refuse"),
        pytest.param("home-gate", 2, "admitted", id="its home gate"),
        pytest.param("home-gate", 1, "no_line", id="another gate"),
    ],
)
def test_the_offline_policy_of_the_event_holds_at_the_station(
    tmp_path: Path, policy: str, here: int, expected: str
) -> None:
    gates = (GatePlan(1, "Cửa A"), GatePlan(2, "Cửa B"))
    station = open_at(tmp_path)
    rules = replace(RULES, offline=policy)
    gate = GateRules(here, f"Cửa {here}", all=gates)
    station.gatekeeper.carried.take_snapshot(snapshot(GUESTS, rules, gate))
    found = said(station.desk.present(a_text(1)))
    shut(station)

    assert found == expected

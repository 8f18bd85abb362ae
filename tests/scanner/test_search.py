"""The search at the station: without marks, offline, quick at 20,000 guests."""

import random
import time
from dataclasses import replace
from pathlib import Path

import pytest

from checkin.domain import sealing
from checkin.domain.protocol import RosterSnapshot
from checkin.domain.wire import gate_to_json, rules_to_json
from invitations.domain.roster import RosterEntry
from scanner.roster import Carried
from scanner.search import Register, words_of
from tests.scanner.door_frames import EVENT
from tests.scanner.little_server import GATE, RULES, an_entry

KEY = bytes(range(32))
FAMILY = ("Nguyễn", "Trần", "Lê", "Phạm", "Đặng", "Bùi", "Đỗ", "Hồ", "Ngô", "Dương", "Võ", "Vũ")
MIDDLE = ("Thị", "Văn", "Minh", "Thanh", "Ngọc", "Quang", "Hữu", "Bích", "Kim", "Đức")
GIVEN = ("Hà", "Huy", "Thoa", "Phước", "Ngọc", "Đức", "Yến", "Sơn", "Lan", "Hùng", "Ánh", "Đạt")
PAPERS = ("Báo Thanh Niên", "Báo Tuổi Trẻ", "Đài Tiếng nói", "Sở Thông tin", "Báo Sài Gòn")
LARGE = 20_000


def guests(many: int) -> list[RosterEntry]:
    """Return *many* guests with names as they are, and a door code and telephone each."""
    dice = random.Random(20_001)  # noqa: S311 - a list, not a secret
    return [
        an_entry(
            number,
            name=f"{dice.choice(FAMILY)} {dice.choice(MIDDLE)} {dice.choice(GIVEN)}",
            organisation=dice.choice(PAPERS),
            door_code=f"{number:012d}",
            phone_tail=f"{dice.randrange(10_000):04d}",
        )
        for number in range(many)
    ]


def snapshot(entries: list[RosterEntry]) -> RosterSnapshot:
    lines = [sealing.seal_entry(entry, KEY, "") for entry in entries]
    gate, rules = gate_to_json(GATE), rules_to_json(RULES)
    return RosterSnapshot(0, EVENT, "Họp báo", rules, gate, lines, [])


def a_register(*entries: RosterEntry) -> Register:
    return Register([sealing.seal_entry(entry, KEY, "") for entry in entries], KEY)


HA = an_entry(1, name="Nguyễn Thị Thu Hà", organisation="Báo Thanh Niên", phone_tail="0917")
DUC = an_entry(2, name="Đặng Minh Đức", organisation="Đài Tiếng nói", door_code="471108329015")
TWIN = an_entry(3, name="Nguyễn Thị Thu Hà", organisation="Sở Thông tin", phone_tail="4410")


@pytest.mark.parametrize(
    ("query", "found"),
    [
        pytest.param("thu ha", [1, 3], id="without marks"),
        pytest.param("Thu Hà", [1, 3], id="with marks"),
        pytest.param("dang duc", [2], id="d for đ, in any distance"),
        pytest.param("ĐẶNG", [2], id="capitals"),
        pytest.param("thanh nien", [1], id="organisation"),
        pytest.param("ha thanh", [1], id="name and organisation"),
        pytest.param("0917", [1], id="last four digits"),
        pytest.param("471108329015", [2], id="door code"),
        pytest.param("471 108", [2], id="the head of a door code"),
        pytest.param("guyen", [], id="not the middle of a word"),
        pytest.param("ha", [], id="too short"),
        pytest.param("  ", [], id="nothing"),
    ],
)
def test_guests_are_found_by_what_they_say(query: str, found: list[int]) -> None:
    hits, more = a_register(HA, DUC, TWIN).find(query)

    assert (hits, more) == ([f"{number:016x}" for number in found], False)


def test_words_that_stand_together_come_first() -> None:
    apart = an_entry(4, name="Thu Minh Hà")
    hits, _ = a_register(apart, HA).find("thu ha")

    assert hits == [HA.pass_id, apart.pass_id]


def test_at_most_ten_are_given_and_it_is_said_that_there_are_more() -> None:
    many = [an_entry(number, name=f"Nguyễn Văn {number}") for number in range(1, 15)]

    hits, more = a_register(*many).find("nguyen")

    assert (len(hits), more) == (10, True)


def test_a_changed_line_is_found_by_its_new_name_only() -> None:
    register = a_register(HA)
    register.take(sealing.seal_entry(replace(HA, name="Lê Hồng Hạnh"), KEY, ""))

    assert (register.find("thu ha")[0], register.find("hong")[0]) == ([], [HA.pass_id])


def test_what_another_key_sealed_is_not_found() -> None:
    line = sealing.seal_entry(HA, bytes(32), "")

    assert Register([line], KEY).find("thu ha") == ([], False)


def test_organisations_are_offered_by_their_letters() -> None:
    register = a_register(HA, DUC, TWIN)

    assert register.organisations("thong tin") == ["Sở Thông tin"]
    assert register.organisations("th") == []


def test_too_few_letters_are_no_question() -> None:
    assert (words_of("ha"), words_of("hà n")) == ([], ["ha", "n"])


def test_twenty_thousand_guests_are_searched_in_a_tenth_of_a_second(tmp_path: Path) -> None:
    carried = Carried(tmp_path / "roster.db")
    carried.take_snapshot(snapshot(guests(LARGE)))
    carried.unlock(KEY)
    register = carried.register
    assert register is not None
    took = []
    for query in ("nguyen thi", "duc thanh nien", "0917", "000000019", "ho", "tran van huy"):
        for _ in range(10):
            began = time.perf_counter()
            hits, _ = register.find(query)
            named = [carried.entry(each) for each in hits]
            took.append(time.perf_counter() - began)
            assert all(entry and entry.name for entry in named)
    carried.close()

    assert len(register) == LARGE
    assert sorted(took)[round(len(took) * 0.95)] < 0.1

"""The reckoning sees every way in which a door can be wrong about a film."""

import pytest

from checkin.demo.cast import Kind
from checkin.demo.door import Scan
from checkin.demo.film import Shown
from checkin.demo.reckoning import admitted, misread, refused, twice

A, B, C = "a" * 16, "b" * 16, "c" * 16


def a_phone(pass_id: str, kind: Kind = Kind.GUEST, expected: str = "admitted") -> Shown:
    return Shown(kind, pass_id, expected, "Bà Ánh", 0, 20)


def a_scan(pass_id: str, outcome: str = "admitted") -> Scan:
    return Scan(pass_id, outcome, "server", 0, 10)


FILM = [
    a_phone(A),
    a_phone(B),
    a_phone(A, Kind.USED, "already_in"),
    a_phone(C, Kind.FORGED, "forged"),
]
RIGHT = [a_scan(A), a_scan(B), a_scan(A, "already_in"), a_scan("", "forged")]


def test_a_door_that_was_right_about_every_phone_is_right() -> None:
    assert misread(FILM, RIGHT) == []
    assert admitted(RIGHT) == 2
    assert refused(RIGHT) == {"already_in": 1, "forged": 1}
    assert twice(RIGHT) == []


@pytest.mark.parametrize(
    ("scans", "found"),
    [
        pytest.param(RIGHT[:-1], 1, id="a phone that was not read"),
        pytest.param([*RIGHT, a_scan(B)], 1, id="a scan without a phone"),
        pytest.param([*RIGHT[:3], a_scan(C)], 1, id="a forged pass let in"),
        pytest.param([RIGHT[1], RIGHT[0], *RIGHT[2:]], 2, id="two guests mixed up"),
        pytest.param([RIGHT[0], RIGHT[0], *RIGHT[1:]], 4, id="a phone read twice"),
    ],
)
def test_a_door_that_was_wrong_is_seen(scans: list[Scan], found: int) -> None:
    assert len(misread(FILM, scans)) == found


def test_a_pass_let_in_twice_is_named() -> None:
    assert twice([*RIGHT, a_scan(B)]) == [B]

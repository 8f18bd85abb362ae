"""Steadying: many sightings, one scan."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.steady import Steady

Judge = Callable[[str, float], bool]


def scans(judge: Judge, times: list[float]) -> list[float]:
    return [at for at in times if judge("code", at)]


@pytest.mark.parametrize(
    ("times", "expected"),
    [
        pytest.param([0.0], [0.0], id="one sighting is a scan"),
        pytest.param([0.0, 0.1, 0.2, 1.6, 3.0], [0.0], id="held before the camera"),
        pytest.param([0.0, 1.4, 2.8, 4.2, 5.6], [0.0], id="never absent for 1.5 s"),
        pytest.param([0.0, 2.0], [0.0], id="back within 3 s"),
        pytest.param([0.0, 2.0, 3.4, 4.8], [0.0], id="back within 3 s, and stays"),
        pytest.param([0.0, 3.0], [0.0, 3.0], id="back after 3 s"),
        pytest.param([0.0, 2.0, 3.6], [0.0, 3.6], id="back twice"),
        pytest.param([0.0, 100.0], [0.0, 100.0], id="back later in the evening"),
    ],
)
def test_one_presentation_is_one_scan(times: list[float], expected: list[float]) -> None:
    assert scans(Steady().is_new, times) == expected


def test_two_codes_do_not_disturb_each_other() -> None:
    steady = Steady()

    found = [steady.is_new(key, 0.1 * i) for i, key in enumerate("abababab")]

    assert found == [True, True, False, False, False, False, False, False]


def test_a_code_that_needs_two_sightings_is_not_scanned_at_the_first() -> None:
    steady = Steady()

    found = [steady.is_new("x", at, after=2) for at in (0.0, 0.1, 0.2, 5.0, 5.1)]

    assert found == [False, True, False, False, True]


def a_careless_one() -> Judge:
    """Return the seeded bug: a steadying that measures from the scan, not from the sighting."""
    last: dict[str, float] = {}

    def is_new(key: str, at: float) -> bool:
        new = key not in last or at - last[key] >= 3
        if new:
            last[key] = at
        return new

    return is_new


def breaks_a_held_phone(judge: Judge, gaps: list[float]) -> bool:
    """Tell whether a phone that never leaves for 1.5 s is scanned more than once."""
    at, times = 0.0, [0.0]
    for gap in gaps:
        at += gap
        times.append(at)
    return scans(judge, times) != [0.0]


@given(st.lists(st.floats(0.01, 1.49), max_size=40))
def test_a_phone_that_stays_is_scanned_once_however_it_trembles(gaps: list[float]) -> None:
    assert not breaks_a_held_phone(Steady().is_new, gaps)


def test_the_promise_catches_a_careless_steadying() -> None:
    assert breaks_a_held_phone(a_careless_one(), [1.0] * 5)

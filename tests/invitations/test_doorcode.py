"""Door codes: what a hand can type, and what its slips turn into."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from invitations.domain import doorcode

elevens = st.integers(min_value=0, max_value=10**11 - 1)
texts = st.one_of(st.text(), st.text("0123456789", min_size=12, max_size=12))


@given(elevens)
def test_every_new_code_is_twelve_digits_that_fit(number: int) -> None:
    code = doorcode.new(lambda _limit: number)

    assert code[:11] == f"{number:011d}"
    assert len(code) == 12
    assert doorcode.check(code) is True


@given(elevens, st.integers(0, 11), st.integers(1, 9))
def test_one_wrong_digit_is_always_noticed(number: int, place: int, slip: int) -> None:
    code = doorcode.new(lambda _limit: number)

    assert doorcode.check(mistyped(code, place, slip)) is False


def test_a_check_that_only_counts_digits_would_be_caught() -> None:
    code = doorcode.new(lambda _limit: 47_110_832_995)
    slips = [mistyped(code, place, 1) for place in range(12)]

    def careless(text: str) -> bool:  # the seeded bug
        return len(text) == 12 and text.isdecimal()

    assert [careless(slip) for slip in slips] == [True] * 12
    assert [doorcode.check(slip) for slip in slips] == [False] * 12


@given(texts)
def test_only_twelve_ascii_digits_are_ever_a_code(text: str) -> None:
    if doorcode.check(text):
        assert text.isascii()
        assert text.isdecimal()
        assert len(text) == 12


@pytest.mark.parametrize(
    "text", ["", "471108329956 ", "٤٧١١٠٨٣٢٩٩٥٦", "47110832995", "1234-5678-90"]
)
def test_what_only_looks_like_digits_is_no_code(text: str) -> None:
    assert doorcode.check(text) is False


def test_the_digit_is_the_one_of_the_standard() -> None:
    assert doorcode.new(lambda _limit: 79_927_398_71) == "079927398713"


def test_a_code_is_read_aloud_in_three_groups() -> None:
    assert doorcode.grouped("471108329956") == "4711 0832 9956"


def mistyped(code: str, place: int, slip: int) -> str:
    """Return *code* with one digit raised by *slip*, as a finger slips."""
    digit = (int(code[place]) + slip) % 10
    return f"{code[:place]}{digit}{code[place + 1 :]}"

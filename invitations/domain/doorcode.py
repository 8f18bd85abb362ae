"""The door code: 12 digits that a hand can type when a picture cannot be read."""

from __future__ import annotations

import re
from collections.abc import Callable

LENGTH = 12
_DIGITS = re.compile(r"[0-9]{12}", re.ASCII)
_GROUP = 4


def new(below: Callable[[int], int]) -> str:
    """Return a door code: eleven random digits and their Luhn digit (ISO/IEC 7812-1).

    *below(n)* gives a random number from 0 up to n - 1, such as ``secrets.randbelow``.
    """
    digits = f"{below(10 ** (LENGTH - 1)):0{LENGTH - 1}d}"
    return digits + _luhn_digit(digits)


def is_like_one(text: str) -> bool:
    """Tell whether *text* has the form of a door code, mistyped or not."""
    return _DIGITS.fullmatch(text) is not None


def check(code: str) -> bool:
    """Tell whether *code* is 12 ASCII digits of which the last fits the others."""
    return is_like_one(code) and code[-1] == _luhn_digit(code[:-1])


def grouped(code: str) -> str:
    """Return *code* as it is read aloud: ``4711 0832 9956``."""
    return " ".join(code[start : start + _GROUP] for start in range(0, len(code), _GROUP))


def _luhn_digit(digits: str) -> str:
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (2 if place % 2 == 0 else 1)
        total += value - 9 if value > 9 else value  # noqa: PLR2004 - the sum of two digits
    return str(-total % 10)

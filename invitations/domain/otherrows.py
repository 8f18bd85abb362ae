"""Rows of a list that name no guest: totals, sections, numbers of columns, blank ends."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from invitations.domain.names import fold

_TOTAL = re.compile(r"^(?:tong cong\b(?! ty)|tong so\b|total\b|(?:tong|cong)\s*(?:[:=]|\d|$))")
_SECTION = re.compile(r"^(?:[ivxlc]+|[a-z])\s*[.)]?\s+\S|^(?:[ivxlc]+|[a-z])[.)]?$")
_COLUMN_NUMBER = re.compile(r"^\(?(?:\d{1,2}|[A-H])(?:\.0)?\)?$")
_LEAST_DIGITS = 8
_LONGEST_WORDS = 40


def reason_by_words(by_field: Mapping[str | None, str], filled: Sequence[str]) -> str | None:
    """Return why the words of a row name no guest: a total, a number, a section, a legend."""
    if len(filled) > 1 and all(map(_COLUMN_NUMBER.match, filled)):
        return "header-numbers"
    digits = sum(map(str.isdigit, by_field.get("phone", "")))
    if "@" in by_field.get("email", "") or digits >= _LEAST_DIGITS:
        return None
    if any(_TOTAL.match(fold(text[:_LONGEST_WORDS])) for text in filled):
        return "total-row"
    number = by_field.get("number", "")
    if filled == [number]:
        return "section-row" if not number.removesuffix(".0").isdigit() else "number-only"
    if len(filled) == 1 and _SECTION.match(fold(filled[0])):
        return "section-row"
    named = number and _SECTION.match(fold(number)) and [number, *filled[1:2]] == filled
    return "section-row" if named else None


def without_blank_end(rows: Sequence[Sequence[str]]) -> Sequence[Sequence[str]]:
    """Return *rows* up to the last that has a filled cell."""
    end = len(rows)
    while end and not any(cell.strip() for cell in rows[end - 1]):
        end -= 1
    return rows[:end]

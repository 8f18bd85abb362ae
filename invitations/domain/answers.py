"""What the officer decided about the rows of a list, and how a decision is taken back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace


@dataclass(frozen=True)
class Answer:
    """What the officer decided about one row.

    *fields* replaces cells; *reverted* names the fields whose automatic repair is refused;
    hidden characters, which no guest list keeps, then leave a blank instead of nothing.
    Of a duplicate, *merge* joins both rows and *keep* takes this one beside the other;
    *keep* overrules the other doubts too (see OVERRULED). *leave_out* drops the row.
    """

    fields: Mapping[str, str] = field(default_factory=dict)
    keep: bool = False
    leave_out: bool = False
    merge: bool = False
    reverted: tuple[str, ...] = ()


def refusing(answer: Answer, name: str, code: str) -> Answer:
    """Return *answer* with the repair *code* of the field *name* refused.

    What the officer answered or kept before is forgotten; any other repair stays refused.
    """
    if code == "answered":
        return replace(answer, fields=_without(answer.fields, name))
    if code == "kept":
        return replace(answer, keep=False)
    return replace(
        answer,
        fields=_without(answer.fields, name),
        reverted=tuple(sorted({*answer.reverted, name})),
    )


def accepting(answer: Answer, name: str) -> Answer:
    """Return *answer* with the repairs of the field *name* allowed again."""
    return replace(
        answer,
        fields=_without(answer.fields, name),
        reverted=tuple(each for each in answer.reverted if each != name),
    )


def beside(earlier: Answer, later: Answer) -> Answer:
    """Return *later* with what *earlier* decided about other fields of the same row."""
    return replace(
        later,
        fields={**earlier.fields, **later.fields},
        reverted=tuple(sorted({*earlier.reverted, *later.reverted})),
    )


def _without(fields: Mapping[str, str], name: str) -> dict[str, str]:
    return {key: text for key, text in fields.items() if key != name}

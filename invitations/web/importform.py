"""What the officer sent from the pages of an import: answers about rows, who shall go."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import request

from invitations.domain.answers import Answer
from invitations.domain.headings import FIELDS

if TYPE_CHECKING:
    from invitations.services.drafts import Draft
    from invitations.web.listtable import Question

LONGEST_ANSWER = 500
GONE_AT_ONCE = 500


def answers(draft: Draft) -> dict[int, Answer]:
    """Return the answers in the form, by sheet row: to questions, proposals and changes."""
    found = {guest.row: _answer(guest.row) for guest in draft.preview.pending}
    found |= {
        problem.row: Answer(fields={"name": problem.proposed})
        for problem in draft.preview.problems
        if problem.kind == "proposed" and f"propose-{problem.row}" in request.form
    }
    found |= {
        change.after.row: Answer(leave_out=True)
        for change in draft.preview.changes
        if f"stay-{change.after.row}" in request.form
    }
    return {row: answer for row, answer in found.items() if answer is not None}


def touched(draft: Draft, asked: list[Question]) -> dict[int, Answer]:
    """Return only the answers that differ from what the page of these questions proposed."""
    untouched = {each.guest.row for each in asked if not _is_touched(each)}
    return {row: answer for row, answer in answers(draft).items() if row not in untouched}


def dropped(draft: Draft) -> set[int]:
    """Return the listed guests who shall go; those beyond the page stay as they were."""
    unseen = {guest.id for guest in draft.preview.missing[GONE_AT_ONCE:]}
    return {*request.form.getlist("gone", type=int), *(unseen & set(draft.said.dropped))}


def _is_touched(asked: Question) -> bool:
    row = asked.guest.row
    written = any(
        request.form.get(f"{cell.field}-{row}", cell.value) != cell.value
        for cell in asked.cells
    )
    return written or request.form.get(f"act-{row}", asked.proposed) != asked.proposed


def _answer(row: int) -> Answer | None:
    """Read the officer's answer about one row; None if it was left open."""
    match request.form.get(f"act-{row}"):
        case "leave":
            return Answer(leave_out=True)
        case "merge":
            return Answer(merge=True)
        case "take":
            fields = {
                field: request.form[f"{field}-{row}"][:LONGEST_ANSWER]
                for field in FIELDS
                if f"{field}-{row}" in request.form
            }
            return Answer(fields=fields, keep=True)
        case _:
            return None

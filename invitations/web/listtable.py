"""What the pages of an import show of a draft: questions, repairs, skipped rows, samples."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice

from invitations.domain.guestrow import GuestRow, RowProblem
from invitations.domain.names import shown
from invitations.services.drafts import Draft
from invitations.web.listwords import Translator, field_name, question, repair, skipped

SAMPLES = 3
SHOWN = 50
_CONTACT = ("phone", "email")
_MENDABLE = frozenset({"name", "title", "organisation", "phone", "email", "note", "party"})


@dataclass(frozen=True)
class Cell:
    """One input with which a row can be mended."""

    field: str
    label: str
    value: str


@dataclass(frozen=True)
class Question:
    """One row that waits for an answer.

    *easy* if every question has a proposal, *settled* if the list keeps what it has.
    """

    guest: GuestRow
    texts: tuple[str, ...]
    cells: tuple[Cell, ...]
    duplicate: bool
    easy: bool
    settled: bool


@dataclass(frozen=True)
class Repair:
    """One kind of repair, and the rows it was done to."""

    text: str
    count: int
    rows: tuple[RowProblem, ...]


def questions(draft: Draft, _: Translator) -> list[Question]:
    """Return the rows that wait for an answer, in their order."""
    asked: dict[int, list[RowProblem]] = {}
    for problem in draft.preview.problems:
        if problem.kind == "questioned":
            asked.setdefault(problem.row, []).append(problem)
    return [_question(guest, asked[guest.row], _) for guest in draft.preview.pending]


def repairs(draft: Draft, _: Translator) -> list[Repair]:
    """Return the repairs by kind, the most frequent first, each with some of its rows."""
    stored = {guest.row for guest in draft.preview.guests}
    kinds: dict[str, list[RowProblem]] = {}
    for problem in draft.preview.problems:
        if problem.kind == "repaired" and problem.row in stored:
            kinds.setdefault(problem.code, []).append(problem)
    ordered = sorted(kinds.items(), key=lambda kind: -len(kind[1]))
    return [
        Repair(repair(code, _), len(found), tuple(found[:SHOWN])) for code, found in ordered
    ]


def skipped_rows(draft: Draft, _: Translator) -> list[tuple[RowProblem, str]]:
    """Return the skipped rows with their reasons."""
    return [
        (problem, skipped(problem, _))
        for problem in draft.preview.problems
        if problem.kind == "skipped"
    ]


def sample_cells(draft: Draft) -> dict[int, list[str]]:
    """Return the first filled cells of each column, by its index."""
    body = draft.sheet.rows[draft.preview.header_row :]
    found: dict[int, list[str]] = {}
    for column in draft.preview.columns:
        cells = (row[column.index].strip() for row in body if column.index < len(row))
        filled = (cell for cell in cells if cell)
        found[column.index] = [shown(cell[:60]) for cell in islice(filled, SAMPLES)]
    return found


def _question(guest: GuestRow, problems: list[RowProblem], _: Translator) -> Question:
    mended: dict[str, str] = {}
    for problem in problems:
        twin = problem.code.startswith(("duplicate", "already"))
        if problem.code == "contact-missing":
            mended.update({field: getattr(guest, field) for field in _CONTACT})
        elif problem.field in _MENDABLE and not twin:
            mended[problem.field] = problem.proposed or _harmless(problem)
    cells = tuple(Cell(name, field_name(name, _), value) for name, value in mended.items())
    twins = [p for p in problems if p.code.startswith(("duplicate", "already"))]
    easy = not twins and all(problem.proposed for problem in problems)
    texts = tuple(question(problem, _) for problem in problems)
    settled = any(problem.code == "already-listed-changed" for problem in problems)
    return Question(guest, texts, cells, bool(twins), easy, settled)


def _harmless(problem: RowProblem) -> str:
    """Return what was found, to be corrected; nothing of what was meant to do harm."""
    return "" if problem.code.endswith("hostile") else problem.found

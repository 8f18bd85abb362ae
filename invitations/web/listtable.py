"""What the pages of an import show of a draft: questions, repairs, changes, skipped rows."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice

from invitations.domain.addresses import national
from invitations.domain.guestrow import GuestRow, RowProblem
from invitations.domain.names import shown
from invitations.services.drafts import Draft
from invitations.web.listwords import Translator, field_name, question, repair, skipped

SAMPLES = 3
SHOWN = 50
TOLD = (
    *("honorific", "name", "title", "organisation", "phone", "email", "note"),
    *("press_card", "category"),
)
_CONTACT = ("phone", "email")
_MENDABLE = frozenset({"name", "title", "organisation", "phone", "email", "note", "party"})
# One sign for the same sign, one blank for many: there is nothing to go back to.
_FINAL = frozenset({"text-composed", "text-blanks"})


@dataclass(frozen=True)
class Cell:
    """One input with which a row can be mended."""

    field: str
    label: str
    value: str


@dataclass(frozen=True)
class Pair:
    """One field of two guests side by side; *same* if both say the same."""

    label: str
    earlier: str
    later: str
    same: bool


@dataclass(frozen=True)
class Question:
    """One row that waits for an answer.

    *pairs* stand side by side if it may repeat someone: *other* is that row, None for a
    guest whom the event has already. *sure* if their telephone or mail is the same, *easy*
    if every question has a proposal, *can_merge* if nothing else is asked, *one_person* if
    they have the same name too.
    """

    guest: GuestRow
    texts: tuple[str, ...]
    cells: tuple[Cell, ...]
    pairs: tuple[Pair, ...] = ()
    other: int | None = None
    sure: bool = False
    easy: bool = False
    can_merge: bool = False
    one_person: bool = False

    @property
    def proposed(self) -> str:
        """What the page proposes: ``merge``, ``take``, or ``ask`` again."""
        if self.can_merge and self.one_person:
            return "merge"
        return "take" if self.easy else "ask"


@dataclass(frozen=True)
class Repair:
    """One kind of repair, and the rows it was done to; *can_revert* or *can_redo* each."""

    text: str
    count: int
    rows: tuple[RowProblem, ...]
    can_revert: bool
    can_redo: bool


@dataclass(frozen=True)
class Update:
    """A listed guest whom the list changes: only the fields that differ."""

    row: int
    name: str
    pairs: tuple[Pair, ...]


def questions(draft: Draft, _: Translator, most: int | None = None) -> list[Question]:
    """Return the rows that wait for an answer, in their order; at *most* so many."""
    asked: dict[int, list[RowProblem]] = {}
    for problem in draft.preview.problems:
        if problem.kind == "questioned":
            asked.setdefault(problem.row, []).append(problem)
    return [
        _question(draft, guest, asked[guest.row], _) for guest in draft.preview.pending[:most]
    ]


def repairs(draft: Draft, _: Translator) -> list[Repair]:
    """Return the repairs by kind, the most frequent first, each with some of its rows."""
    preview = draft.preview
    stored = {guest.row for guest in preview.guests}
    stored |= {change.after.row for change in preview.changes}
    kinds: dict[str, list[RowProblem]] = {}
    for problem in preview.problems:
        if problem.kind == "repaired" and problem.row in stored:
            kinds.setdefault(problem.code, []).append(problem)
    ordered = sorted(kinds.items(), key=lambda kind: -len(kind[1]))
    return [
        Repair(
            repair(code, _),
            len(found),
            tuple(found[:SHOWN]),
            can_revert=code not in _FINAL and code != "reverted",
            can_redo=code == "reverted",
        )
        for code, found in ordered
    ]


def updates(draft: Draft, _: Translator, most: int | None = None) -> list[Update]:
    """Return the listed guests who would change, in the order of rows, at *most* so many."""
    return [
        Update(
            change.after.row,
            change.before.name,
            tuple(p for p in pairs(change.before, change.after, _) if not p.same),
        )
        for change in draft.preview.changes[:most]
    ]


def pairs(earlier: GuestRow, later: GuestRow, _: Translator) -> tuple[Pair, ...]:
    """Return what two guests say, field by field; what neither says is left out."""
    both = [(field_name(name, _), _told(earlier, name), _told(later, name)) for name in TOLD]
    both.append((field_name("party", _), str(earlier.party), str(later.party)))
    yes, no = _("có"), _("không")
    both.append((field_name("vip", _), yes if earlier.vip else no, yes if later.vip else no))
    dull = {("", ""), ("1", "1"), (no, no)}
    return tuple(
        Pair(label, old, new, old == new) for label, old, new in both if (old, new) not in dull
    )


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


def error_rows(draft: Draft, _: Translator) -> tuple[list[str], list[list[str]]]:
    """Return the header and the rows that wait, as in the file, with what is wrong in words.

    The officer mends them in a spreadsheet and uploads them again.
    """
    columns = draft.preview.columns
    rows = []
    for asked in questions(draft, _):
        cells = draft.sheet.rows[asked.guest.row - 1]
        line = [cells[each.index] if each.index < len(cells) else "" for each in columns]
        where = _("Dòng %(row)s", row=asked.guest.row)
        rows.append([*line, f"{where}: {' '.join(asked.texts)}"])
    return [*(column.text for column in columns), _("Vướng mắc")], rows


def _question(
    draft: Draft, guest: GuestRow, problems: list[RowProblem], _: Translator
) -> Question:
    mended: dict[str, str] = {}
    for problem in problems:
        if problem.code == "contact-missing":
            mended.update({field: getattr(guest, field) for field in _CONTACT})
        elif problem.field in _MENDABLE and not problem.code.startswith("duplicate"):
            mended[problem.field] = problem.proposed or _harmless(problem)
    twin = draft.preview.twins.get(guest.row)
    return Question(
        guest,
        texts=tuple(question(problem, _) for problem in problems),
        cells=tuple(Cell(name, field_name(name, _), text) for name, text in mended.items()),
        pairs=pairs(twin.guest, guest, _) if twin else (),
        other=(twin.guest.row or None) if twin else None,
        sure=twin is not None and twin.field != "name",
        can_merge=twin is not None
        and {problem.code for problem in problems} <= {twin.code, "contact-missing"},
        one_person=twin is not None and twin.field != "name" and twin.sure,
        easy=twin is None and all(problem.proposed for problem in problems),
    )


def _told(guest: GuestRow, name: str) -> str:
    return national(guest.phone) if name == "phone" else str(getattr(guest, name))


def _harmless(problem: RowProblem) -> str:
    """Return what was found, to be corrected; nothing of what was meant to do harm."""
    return "" if problem.code.endswith("hostile") else problem.found

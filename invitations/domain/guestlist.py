"""A sheet of cells becomes a guest list: every row imported, repaired, asked about, or skipped.

The four counts add up to the rows below the header, whatever the sheet holds.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from invitations.domain.addresses import national
from invitations.domain.duplicates import KnownGuests, same_person, says_nothing_new
from invitations.domain.encodings import DECODERS, old_encoding
from invitations.domain.errors import FileRefusedError
from invitations.domain.guestrow import OVERRULED, GuestRow, RowProblem, RowReading, read_row
from invitations.domain.headings import FIELDS, Heading, assign, find_header
from invitations.domain.names import clean, fold, shown

MOST_ROWS = 20_000

_TOTAL = re.compile(r"^(?:tong cong\b(?! ty)|tong so\b|total\b|(?:tong|cong)\s*(?:[:=]|\d|$))")
_SECTION = re.compile(r"^(?:[ivxlc]+|[a-z])\s*[.)]?\s+\S|^(?:[ivxlc]+|[a-z])[.)]?$")
_COLUMN_NUMBER = re.compile(r"^\(?(?:\d{1,2}|[A-H])(?:\.0)?\)?$")
_LEAST_DIGITS = 8
_CASED = ("name", "family")
_WORDY = frozenset({*_CASED, "honorific", "title", "organisation", "note"})


@dataclass(frozen=True)
class Answer:
    """What the officer decided about one row.

    *fields* replaces cells; *keep* takes the row although it was asked about (see
    OVERRULED); *leave_out* drops it.
    """

    fields: Mapping[str, str] = field(default_factory=dict)
    keep: bool = False
    leave_out: bool = False


@dataclass(frozen=True)
class GuestListPreview:
    """What an import would do: four counts that add up to *rows*, and every reason.

    *guests* are the rows that would be stored (imported or repaired), *pending* those that
    wait for an answer, as far as they were understood. *header_row* counts from 1.
    """

    rows: int
    imported: int
    repaired: int
    questioned: int
    skipped: int
    guests: tuple[GuestRow, ...]
    problems: tuple[RowProblem, ...]
    columns: tuple[Heading, ...]
    header_row: int
    pending: tuple[GuestRow, ...] = ()


def read_guest_list(
    rows: Sequence[Sequence[str]],
    *,
    choice: Mapping[int, str | None] | None = None,
    answers: Mapping[int, Answer] | None = None,
    listed: Sequence[GuestRow] = (),
) -> GuestListPreview:
    """Read the *rows* of a sheet, the first being row 1.

    *choice* overrules the guessed columns, *answers* the questions (by sheet row), and
    *listed* are the guests the event has already.

    Raises:
        FileRefusedError: ``empty``, ``no-header``, ``no-rows`` or ``too-many-rows``.
    """
    used = _without_blank_end(rows)
    if not used:
        raise FileRefusedError("empty")
    header = find_header(used)
    if header is None:
        raise FileRefusedError("no-header")
    index, guessed = header
    body = used[index + 1 :]
    if not body:
        raise FileRefusedError("no-rows")
    if len(body) > MOST_ROWS:
        raise FileRefusedError("too-many-rows")
    columns = assign(guessed, choice or {})
    desk = _Desk(
        columns, [clean(cell) for cell in used[index]], answers or {}, KnownGuests(listed)
    )
    desk.decode_columns(body)
    desk.domains = _domains(body, columns)
    for number, cells in enumerate(body, start=index + 2):
        desk.take(number, cells)
    return desk.preview(index + 1)


@dataclass
class _Desk:
    """Takes the rows one by one and keeps the books."""

    columns: tuple[Heading, ...]
    header: list[str]
    answers: Mapping[int, Answer]
    known: KnownGuests
    domains: frozenset[str] = frozenset()
    encodings: dict[int, str] = field(default_factory=dict)
    guests: list[GuestRow] = field(default_factory=list)
    pending: list[GuestRow] = field(default_factory=list)
    problems: list[RowProblem] = field(default_factory=list)
    rows: int = 0
    repaired: int = 0
    skipped: int = 0

    def decode_columns(self, body: Sequence[Sequence[str]]) -> None:
        """Judge which columns of words are in an old encoding."""
        for column in self.columns:
            if column.field in _WORDY:
                found = old_encoding([_cell(row, column.index) for row in body])
                if found is not None:
                    self.encodings[column.index] = found

    def take(self, number: int, cells: Sequence[str]) -> None:
        """Put sheet row *number* into exactly one of the four heaps."""
        self.rows += 1
        reason = self._reason_to_skip(number, cells)
        if reason is not None:
            self._skip(RowProblem(number, "", reason, "skipped", _summary(cells)))
            return
        reading = self._read(number, cells)
        guest = reading.guest()
        if self._is_twin(reading, guest):
            return
        self._overrule(reading)
        self.problems += reading.problems
        kinds = {problem.kind for problem in reading.problems}
        if "questioned" in kinds:
            self.pending.append(guest)
            return
        self.repaired += "repaired" in kinds
        self.guests.append(guest)
        self.known.add(guest)

    def preview(self, header_row: int) -> GuestListPreview:
        """Close the books."""
        return GuestListPreview(
            rows=self.rows,
            imported=len(self.guests) - self.repaired,
            repaired=self.repaired,
            questioned=len(self.pending),
            skipped=self.skipped,
            guests=tuple(self.guests),
            problems=tuple(self.problems),
            columns=self.columns,
            header_row=header_row,
            pending=tuple(self.pending),
        )

    def _reason_to_skip(self, number: int, cells: Sequence[str]) -> str | None:
        """Return why a row names no guest, or None if it may."""
        answer = self.answers.get(number)
        if answer is not None and answer.leave_out:
            return "left-out"
        texts = [clean(cell) for cell in cells]
        filled = [text for text in texts if text]
        if not filled:
            return "invisible-row" if any(cell.strip() for cell in cells) else "blank-row"
        by_field = {c.field: texts[c.index] for c in self.columns if c.index < len(texts)}
        if answer is not None and answer.fields:
            return None
        if texts == self.header[: len(texts)]:
            return "header-repeated"
        return _reason_by_words(by_field, filled)

    def _read(self, number: int, cells: Sequence[str]) -> RowReading:
        """Read a row: decode old encodings, put the officer's answer in, judge the cells."""
        decoded = {
            column.field: _cell(cells, column.index)
            for column in self.columns
            if column.field is not None and column.field in FIELDS
        }
        repairs = self._decode(number, cells, decoded)
        answer = self.answers.get(number, Answer())
        for name, text in answer.fields.items():
            if name in FIELDS and text != decoded.get(name, ""):
                found = decoded.get(name, "")
                repairs.append(
                    RowProblem(number, name, "answered", "repaired", shown(found), shown(text))
                )
                decoded[name] = text
        if "name" not in decoded:  # a list of agencies invites the agency itself
            decoded["name"] = decoded.get("organisation", "")
        reading = read_row(number, decoded, self.domains)
        reading.problems[:0] = repairs
        return reading

    def _decode(
        self, number: int, cells: Sequence[str], decoded: dict[str, str]
    ) -> list[RowProblem]:
        """Decode the cells of columns in an old encoding; return what changed."""
        repairs = []
        for column in self.columns:
            encoding = self.encodings.get(column.index)
            found = _cell(cells, column.index)
            if encoding is None or column.field is None or found.isascii():
                continue
            text = DECODERS[encoding](found)
            if encoding == "tcvn3" and column.field in _CASED:
                text = " ".join(word[:1].upper() + word[1:] for word in text.split())
            decoded[column.field] = text
            code = f"encoding-{encoding}"
            repairs.append(
                RowProblem(number, column.field, code, "repaired", shown(found), text)
            )
        return repairs

    def _is_twin(self, reading: RowReading, guest: GuestRow) -> bool:
        """Skip a row that repeats a guest and says nothing new; otherwise ask about it."""
        twin = self.known.twin(guest) if guest.name else None
        if twin is None:
            return False
        name, code, earlier = twin
        other = earlier.row or None
        asked = any(problem.kind == "questioned" for problem in reading.problems)
        if not asked and says_nothing_new(guest, earlier):
            code = "duplicate-exact" if other else "already-listed"
            self._skip(RowProblem(guest.row, name, code, "skipped", guest.name, "", other))
            return True
        if other is None and same_person(guest, earlier):
            code = "already-listed-changed"
        found = national(guest.phone) if name == "phone" else getattr(guest, name)
        reading.problems.append(
            RowProblem(guest.row, name, code, "questioned", found, "", other)
        )
        return False

    def _overrule(self, reading: RowReading) -> None:
        """Turn questions the officer has overruled into repairs that say so."""
        if self.answers.get(reading.row, Answer()).keep:
            reading.problems = [
                replace(problem, kind="repaired", code="kept")
                if problem.code in OVERRULED and problem.kind == "questioned"
                else problem
                for problem in reading.problems
            ]

    def _skip(self, problem: RowProblem) -> None:
        self.skipped += 1
        self.problems.append(problem)


def _reason_by_words(by_field: Mapping[str | None, str], filled: Sequence[str]) -> str | None:
    """Return why the words of a row name no guest: a total, a number, a section, a legend."""
    if all(_COLUMN_NUMBER.match(text) for text in filled) and len(filled) > 1:
        return "header-numbers"
    digits = sum(char.isdigit() for char in by_field.get("phone", ""))
    if "@" in by_field.get("email", "") or digits >= _LEAST_DIGITS:
        return None
    if any(_TOTAL.match(fold(text)) for text in filled):
        return "total-row"
    number = by_field.get("number", "")
    if filled == [number]:
        return "section-row" if not number.removesuffix(".0").isdigit() else "number-only"
    if len(filled) == 1 and _SECTION.match(fold(filled[0])):
        return "section-row"
    named = number and _SECTION.match(fold(number)) and [number, *filled[1:2]] == filled
    return "section-row" if named else None


def _domains(body: Sequence[Sequence[str]], columns: Sequence[Heading]) -> frozenset[str]:
    """Return the domains of the well-formed addresses in the e-mail column."""
    index = next((column.index for column in columns if column.field == "email"), None)
    if index is None:
        return frozenset()
    cells = (clean(_cell(row, index)).lower() for row in body)
    return frozenset(cell.rpartition("@")[2] for cell in cells if cell.count("@") == 1)


def _without_blank_end(rows: Sequence[Sequence[str]]) -> Sequence[Sequence[str]]:
    end = len(rows)
    while end and not any(cell.strip() for cell in rows[end - 1]):
        end -= 1
    return rows[:end]


def _cell(row: Sequence[str], index: int) -> str:
    return row[index] if index < len(row) else ""


def _summary(cells: Sequence[str]) -> str:
    return " | ".join(cell for cell in map(clean, cells) if cell)[:120]

"""A sheet of cells becomes a guest list: every row imported, repaired, asked about, or skipped.

The four counts add up to the rows below the header, whatever the sheet holds.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace

from invitations.domain.addresses import national
from invitations.domain.answers import Answer
from invitations.domain.cellreading import CellReader
from invitations.domain.duplicates import KnownGuests, Twin, joined, says_nothing_new, updated
from invitations.domain.errors import FileRefusedError
from invitations.domain.guestrow import OVERRULED, GuestRow, RowProblem, RowReading
from invitations.domain.headings import Heading, assign, find_header
from invitations.domain.names import clean
from invitations.domain.otherrows import reason_by_words, without_blank_end

MOST_ROWS = 20_000

_NO_ANSWER = Answer()


@dataclass(frozen=True)
class Change:
    """A guest whom the event has already, and how the list names that guest now."""

    before: GuestRow
    after: GuestRow


@dataclass(frozen=True)
class GuestListPreview:
    """What an import would do: four counts that add up to *rows*, and every reason.

    *guests* are the rows that would be stored as new guests and *changes* those that would
    change a listed one; both together are the rows imported or repaired. *pending* wait for
    an answer, as far as they were understood, *twins* are whom they may repeat (by row), and
    *missing* the listed guests whom the list does not name. *header_row* counts from 1.
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
    changes: tuple[Change, ...] = ()
    missing: tuple[GuestRow, ...] = ()
    twins: Mapping[int, Twin] = field(default_factory=dict)


def read_guest_list(
    rows: Sequence[Sequence[str]],
    *,
    choice: Mapping[int, str | None] | None = None,
    answers: Mapping[int, Answer] | None = None,
    listed: Sequence[GuestRow] = (),
    hidden: Collection[int] = (),
) -> GuestListPreview:
    """Read the *rows* of a sheet, the first being row 1.

    *choice* overrules the guessed columns, *answers* the questions (by sheet row), *listed*
    are the guests the event has already, each with its id, and *hidden* rows are skipped.

    Raises:
        FileRefusedError: ``empty``, ``no-header``, ``no-rows`` or ``too-many-rows``.
    """
    used = without_blank_end(rows)
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
    desk = _Desk(
        CellReader.of(assign(guessed, choice or {}), body),
        [clean(cell) for cell in used[index]],
        answers or {},
        KnownGuests(listed),
        frozenset(hidden),
    )
    for number, cells in enumerate(body, start=index + 2):
        desk.take(number, cells)
    return desk.preview(index + 1)


@dataclass
class _Desk:
    """Takes the rows one by one and keeps the books."""

    reader: CellReader
    header: list[str]
    answers: Mapping[int, Answer]
    known: KnownGuests
    hidden: frozenset[int] = frozenset()
    guests: dict[int, GuestRow] = field(default_factory=dict)
    changes: dict[int, Change] = field(default_factory=dict)
    pending: list[GuestRow] = field(default_factory=list)
    twins: dict[int, Twin] = field(default_factory=dict)
    problems: list[RowProblem] = field(default_factory=list)
    rows: int = 0
    repaired: int = 0
    skipped: int = 0

    def take(self, number: int, cells: Sequence[str]) -> None:
        """Put sheet row *number* into exactly one of the four heaps."""
        self.rows += 1
        answer = self.answers.get(number, _NO_ANSWER)
        reason = self._reason_to_skip(number, cells, answer)
        if reason is not None:
            if reason == "left-out":  # a guest left out is not missing from the list
                self.known.twin(self.reader.read(number, cells, answer).guest())
            self._skip(RowProblem(number, "", reason, "skipped", _summary(cells)))
            return
        reading = self.reader.read(number, cells, answer)
        guest = reading.guest()
        twin = self.known.twin(guest) if guest.name else None
        if twin is None:
            self._keep(reading, guest, None, answer)
        elif not self._is_settled(reading, guest, twin, answer):
            self._keep(reading, guest, twin, answer)

    def preview(self, header_row: int) -> GuestListPreview:
        """Close the books."""
        return GuestListPreview(
            rows=self.rows,
            imported=len(self.guests) + len(self.changes) - self.repaired,
            repaired=self.repaired,
            questioned=len(self.pending),
            skipped=self.skipped,
            guests=tuple(self.guests.values()),
            problems=tuple(self.problems),
            columns=self.reader.columns,
            header_row=header_row,
            pending=tuple(self.pending),
            changes=tuple(self.changes.values()),
            missing=self.known.missing(),
            twins=self.twins,
        )

    def _reason_to_skip(self, number: int, cells: Sequence[str], answer: Answer) -> str | None:
        """Return why a row names no guest, or None if it may."""
        if answer.leave_out:
            return "left-out"
        texts = [clean(cell) for cell in cells]
        filled = [text for text in texts if text]
        if not filled:
            return "invisible-row" if any(cell.strip() for cell in cells) else "blank-row"
        if number in self.hidden:
            return "hidden-row"
        by_field = {
            c.field: texts[c.index] for c in self.reader.columns if c.index < len(texts)
        }
        if answer.fields:
            return None
        if texts == self.header[: len(texts)]:
            return "header-repeated"
        return reason_by_words(by_field, filled)

    def _is_settled(
        self, reading: RowReading, guest: GuestRow, twin: Twin, answer: Answer
    ) -> bool:
        """Skip, join or change where a row repeats someone; otherwise ask about it."""
        # Whoever is known already may be reached by what is known.
        asked = {each.code for each in reading.problems if each.kind == "questioned"}
        asked -= {"contact-missing"}
        listed = twin.guest.row == 0
        may_join = not asked and not answer.keep
        if listed and may_join and (twin.sure or answer.merge):
            self._change(reading, guest, twin)
            return True
        if not listed and not asked and says_nothing_new(guest, twin.guest):
            self._repeat(guest, twin, "duplicate-exact")
            return True
        if not listed and may_join and answer.merge:
            self._join(guest, twin)
            return True
        found = national(guest.phone) if twin.field == "phone" else getattr(guest, twin.field)
        other = twin.guest.row or None
        reading.problems.append(
            RowProblem(guest.row, twin.field, twin.code, "questioned", found, "", other)
        )
        return False

    def _change(self, reading: RowReading, guest: GuestRow, twin: Twin) -> None:
        """Take a row as news of a listed guest; skip it if it has none."""
        columns = {column.field for column in self.reader.columns}
        after = updated(twin.guest, guest, columns)
        self.known.add(after, instead_of=twin.guest)
        if after == replace(twin.guest, row=guest.row):
            self._repeat(guest, twin, "already-listed")
            return
        repairs = [problem for problem in reading.problems if problem.kind != "questioned"]
        self.problems += repairs
        self.repaired += any(problem.kind == "repaired" for problem in repairs)
        self.changes[guest.row] = Change(twin.guest, after)

    def _join(self, guest: GuestRow, twin: Twin) -> None:
        """Fill the gaps of the earlier row from this one."""
        both = joined(twin.guest, guest)
        self.known.add(both, instead_of=twin.guest)
        row = twin.guest.row
        if row in self.guests:
            self.guests[row] = both
        else:
            before = self.changes.get(row)
            self.changes[row] = Change(before.before if before else twin.guest, both)
        self._repeat(guest, twin, "merged")

    def _keep(
        self, reading: RowReading, guest: GuestRow, twin: Twin | None, answer: Answer
    ) -> None:
        """Take a row as a new guest, or let it wait for an answer."""
        if answer.keep:
            _overrule(reading)
        self.problems += reading.problems
        kinds = {problem.kind for problem in reading.problems}
        if "questioned" in kinds:
            self.pending.append(guest)
            if twin is not None:
                self.twins[guest.row] = twin
            return
        self.repaired += "repaired" in kinds
        self.guests[guest.row] = guest
        self.known.add(guest)

    def _repeat(self, guest: GuestRow, twin: Twin, code: str) -> None:
        other = twin.guest.row or None
        self._skip(RowProblem(guest.row, twin.field, code, "skipped", guest.name, "", other))

    def _skip(self, problem: RowProblem) -> None:
        self.skipped += 1
        self.problems.append(problem)


def _overrule(reading: RowReading) -> None:
    """Turn questions the officer has overruled into repairs that say so."""
    reading.problems = [
        replace(problem, kind="repaired", code="kept")
        if problem.code in OVERRULED and problem.kind == "questioned"
        else problem
        for problem in reading.problems
    ]


def _summary(cells: Sequence[str]) -> str:
    return " | ".join(cell for cell in map(clean, cells) if cell)[:120]

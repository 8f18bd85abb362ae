"""The cells of one row: decoded by their columns, answered by the officer, then read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from invitations.domain.addresses import beside
from invitations.domain.answers import Answer
from invitations.domain.encodings import DECODERS, old_encoding
from invitations.domain.guestrow import RowProblem, RowReading, read_row
from invitations.domain.headings import FIELDS, Heading
from invitations.domain.names import clean, parted, shown

_CASED = ("name", "family")
_WORDY = frozenset({*_CASED, "honorific", "title", "organisation", "note"})
_ASKED_AGAIN = frozenset({"phone", "email"})


@dataclass(frozen=True)
class CellReader:
    """Reads rows by their *columns*.

    *encodings* names the old encoding of a column, *domains* are those of the mail column.
    """

    columns: tuple[Heading, ...]
    encodings: Mapping[int, str]
    domains: frozenset[str]

    @classmethod
    def of(cls, columns: tuple[Heading, ...], body: Sequence[Sequence[str]]) -> CellReader:
        """Return the reader of these *columns*, each judged by all its cells in *body*."""
        found = {
            column.index: old_encoding([_cell(row, column.index) for row in body])
            for column in columns
            if column.field in _WORDY
        }
        encodings = {index: name for index, name in found.items() if name is not None}
        return cls(columns, encodings, _domains(body, columns))

    def read(self, number: int, cells: Sequence[str], answer: Answer) -> RowReading:
        """Read sheet row *number*: decode, put the officer's *answer* in, judge."""
        decoded = {
            column.field: _cell(cells, column.index)
            for column in self.columns
            if column.field is not None and column.field in FIELDS
        }
        repairs = self._decode(number, cells, decoded, answer) if self.encodings else []
        if answer.fields:
            repairs += _answered(number, decoded, answer)
        for name in set(answer.reverted) - _ASKED_AGAIN - set(answer.fields):
            decoded[name] = parted(decoded.get(name, ""))
        if "name" not in decoded:  # a list of agencies invites the agency itself
            decoded["name"] = decoded.get("organisation", "")
        unsettled = [name for name in answer.reverted if name not in answer.fields]
        reading = read_row(
            number, decoded, self.domains, reverted=answer.reverted, unsettled=unsettled
        )
        reading.problems[:0] = repairs
        self._keep_others(reading, cells, answer)
        for name in unsettled:
            if name not in _ASKED_AGAIN:
                found = shown(decoded.get(name, ""))
                reading.notice(name, "reverted", "repaired", found, found)
        return reading

    def _keep_others(self, reading: RowReading, cells: Sequence[str], answer: Answer) -> None:
        """Note the other addresses of a cell out of which the officer took one."""
        for column in self.columns:
            if column.field in _ASKED_AGAIN and column.field in answer.fields:
                taken = reading.values[column.field]
                reading.keep_rest(beside(_cell(cells, column.index), taken) if taken else "")

    def _decode(
        self, number: int, cells: Sequence[str], decoded: dict[str, str], answer: Answer
    ) -> list[RowProblem]:
        """Decode the cells of columns in an old encoding; return what changed."""
        repairs = []
        for column in self.columns:
            encoding = self.encodings.get(column.index)
            found = _cell(cells, column.index)
            if encoding is None or column.field is None or found.isascii():
                continue
            if column.field in answer.reverted:
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


def _answered(number: int, decoded: dict[str, str], answer: Answer) -> list[RowProblem]:
    """Put the officer's words into the cells; return what changed."""
    repairs = []
    for name, text in answer.fields.items():
        found = decoded.get(name, "")
        if name in FIELDS and text != found:
            repairs.append(
                RowProblem(number, name, "answered", "repaired", shown(found), shown(text))
            )
            decoded[name] = text
    return repairs


def _domains(body: Sequence[Sequence[str]], columns: Sequence[Heading]) -> frozenset[str]:
    """Return the domains of the well-formed addresses in the e-mail column."""
    index = next((column.index for column in columns if column.field == "email"), None)
    if index is None:
        return frozenset()
    cells = (clean(_cell(row, index)).lower() for row in body)
    return frozenset(cell.rpartition("@")[2] for cell in cells if cell.count("@") == 1)


def _cell(row: Sequence[str], index: int) -> str:
    return row[index] if index < len(row) else ""

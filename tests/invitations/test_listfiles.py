"""Lists as files: what a stranger wrote stays text in Excel, whatever it looks like."""

from __future__ import annotations

import csv
import io

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl.worksheet.worksheet import Worksheet

from invitations.services.listfiles import as_csv, as_workbook
from invitations.storage.workbook import open_sheet
from tests.factories_lists import SAMPLES

FORMULAS = [
    "=1+1",
    "+84903123456",
    "-2",
    "@SUM(A1)",
    "\t=1",
    '=HYPERLINK("http://x","y")',
    "\uff1d1",
]


def cells_of(data: bytes) -> list[list[tuple[str, object, bool]]]:
    """Return type, value and quote mark of every cell of the first sheet."""
    sheet = openpyxl.load_workbook(io.BytesIO(data)).active
    assert isinstance(sheet, Worksheet)
    return [
        [(cell.data_type, cell.value, bool(cell.quotePrefix)) for cell in row]
        for row in sheet.iter_rows()
    ]


def wrong_csv(header: list[str], rows: list[list[str]]) -> bytes:
    """Write values as they are: the seeded bug."""
    text = io.StringIO(newline="")
    csv.writer(text).writerows([header, *rows])
    return text.getvalue().encode()


def formulas_in(data: bytes) -> list[str]:
    """Return the cells of a text file that a spreadsheet would calculate."""
    rows = csv.reader(io.StringIO(data.decode("utf-8-sig"), newline=""))
    return [cell for row in rows for cell in row if cell[:1] in set("=+-@\t\r\uff1d")]


@pytest.mark.parametrize("text", FORMULAS)
def test_a_formula_is_only_text_in_a_workbook(text: str) -> None:
    ((_, ), ((kind, value, quoted),)) = cells_of(as_workbook("x", ["h"], [[text]]))  # fmt: skip

    assert (kind, value, quoted) == ("s", text.strip(), True)


def test_a_formula_is_only_text_between_commas() -> None:
    rows = [[text] for text in FORMULAS]

    assert formulas_in(as_csv(["h"], rows)) == []
    assert formulas_in(wrong_csv(["h"], rows)) == FORMULAS


def test_the_hostile_list_is_text_in_both_files() -> None:
    rows = [list(row) for row in open_sheet((SAMPLES / "hostile.csv").read_bytes()).rows]
    width = max(map(len, rows))
    rows = [row + [""] * (width - len(row)) for row in rows]

    book = cells_of(as_workbook("Danh sách [x]:*?", rows[0], rows[1:]))
    plain = as_csv(rows[0], rows[1:])

    kinds = {kind for row in book for kind, value, _ in row if value is not None}
    assert kinds == {"s"}
    assert formulas_in(plain) == []
    assert len(book) == len(rows)


@given(st.lists(st.lists(st.text(max_size=20), min_size=2, max_size=2), max_size=6))
def test_any_text_is_written_and_read_again_without_what_is_hidden(
    rows: list[list[str]],
) -> None:
    book = cells_of(as_workbook("x", ["a", "b"], rows))
    plain = list(csv.reader(io.StringIO(as_csv(["a", "b"], rows).decode("utf-8-sig"))))

    assert len(book) == len(plain) == len(rows) + 1
    values = [value for row in book for _, value, _ in row if value is not None]
    assert {kind for row in book for kind, value, _ in row if value is not None} == {"s"}
    assert all(str(value).isprintable() for value in values)
    assert all(cell.isprintable() for line in plain for cell in line)


def test_a_leading_zero_survives_a_workbook() -> None:
    data = as_workbook("Danh sách", ["Di động"], [["0903123456"]])

    assert open_sheet(data).rows == (("Di động",), ("0903123456",))

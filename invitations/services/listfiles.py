"""Lists as files for Excel: every cell is text, and no cell is a formula."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

from openpyxl import Workbook
from openpyxl.cell.cell import Cell, WriteOnlyCell
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet._write_only import WriteOnlyWorksheet

from invitations.domain.names import clean

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CSV = "text/csv; charset=utf-8"

# What a spreadsheet may take for a formula when it opens a text file (OWASP, CSV injection).
_FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r", "\uff1d", "\uff0b", "\uff0d", "\uff20")
_LONGEST_TITLE = 31
_NARROW, _WIDE = 8, 44


def as_workbook(title: str, header: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    """Return an .xlsx with one sheet; cells are strings, whatever they look like."""
    workbook = Workbook(write_only=True)
    sheet = workbook.create_sheet(_sheet_title(title))
    lines = [[clean(cell) for cell in row] for row in rows]
    for index, name in enumerate(header):
        longest = max([len(name), *(len(line[index]) for line in lines[:200])])
        column = sheet.column_dimensions[get_column_letter(index + 1)]
        column.width = min(max(longest + 2, _NARROW), _WIDE)
    sheet.freeze_panes = "A2"
    bold, wrapped = Font(bold=True), Alignment(wrap_text=True, vertical="top")
    for number, line in enumerate([list(header), *lines]):
        cells = [_text_cell(sheet, text) for text in line]
        for cell in cells:
            if number == 0:
                cell.font = bold
            elif len(str(cell.value)) > _WIDE:
                cell.alignment = wrapped
        sheet.append(cells)
    packed = io.BytesIO()
    workbook.save(packed)
    return packed.getvalue()


def as_csv(header: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    """Return comma separated values in UTF-8 with its mark, so that Excel reads the accents.

    A cell that a spreadsheet would take for a formula gets an apostrophe in front.
    """
    text = io.StringIO(newline="")
    writer = csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    for row in [header, *rows]:
        writer.writerow([_harmless(clean(cell)) for cell in row])
    return text.getvalue().encode("utf-8-sig")


def _text_cell(sheet: WriteOnlyWorksheet, text: str) -> Cell:
    """Return a cell that holds *text* as a string, also after somebody edits it."""
    cell = WriteOnlyCell(sheet, value=text)
    cell.data_type = "s"
    if text.startswith(_FORMULA_SIGNS):
        cell.quotePrefix = True
    return cell


def _harmless(text: str) -> str:
    return f"'{text}" if text.startswith(_FORMULA_SIGNS) else text


def _sheet_title(title: str) -> str:
    """Return *title* without the signs that the name of a sheet may not have."""
    kept = "".join(" " if sign in "[]:*?/\\'" else sign for sign in clean(title))
    return " ".join(kept.split())[:_LONGEST_TITLE].strip() or "1"

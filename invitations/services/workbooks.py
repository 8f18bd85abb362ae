"""Workbooks: a list as an .xlsx file, in which every cell is text.

The library takes 30 MB of memory, so this room is entered only when a workbook is asked for.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence

from openpyxl import Workbook
from openpyxl.cell.cell import Cell, WriteOnlyCell
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet._write_only import WriteOnlyWorksheet

from invitations.domain.cells import like_a_formula
from invitations.domain.names import clean

_LONGEST_TITLE = 31
_NARROW, _WIDE = 8, 44


def workbook(title: str, header: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    """Return an .xlsx with one sheet; cells are strings, whatever they look like."""
    made = Workbook(write_only=True)
    sheet = made.create_sheet(_sheet_title(title))
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
    made.save(packed)
    return packed.getvalue()


def _text_cell(sheet: WriteOnlyWorksheet, text: str) -> Cell:
    """Return a cell that holds *text* as a string, also after somebody edits it."""
    cell = WriteOnlyCell(sheet, value=text)
    cell.data_type = "s"
    if like_a_formula(text):
        cell.quotePrefix = True
    return cell


def _sheet_title(title: str) -> str:
    """Return *title* without the signs that the name of a sheet may not have."""
    kept = "".join(" " if sign in "[]:*?/\\'" else sign for sign in clean(title))
    return " ".join(kept.split())[:_LONGEST_TITLE].strip() or "1"

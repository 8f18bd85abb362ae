"""The process that opens a stranger's workbook: bytes in, sheets as JSON out, then it ends.

Started by its path, it needs nothing of ours. It bounds its own memory and processor time
before it reads a byte.
"""

from __future__ import annotations

import datetime as dt
import io
import json
import resource
import sys

from python_calamine import (
    CalamineError,
    CalamineSheet,
    CalamineWorkbook,
    PasswordError,
    SheetVisibleEnum,
    ZipError,
)

MEMORY = 768 * 1024 * 1024
PROCESSOR_SECONDS = 15
MOST_ROWS = 20_050  # the limit of a list, and its titles
TALLEST_SHEET = 200_000  # of which the rows beyond MOST_ROWS must be blank
MOST_CHARACTERS = 20_000_000
MOST_COLUMNS = 60
MOST_SHEETS = 20
LONGEST_CELL = 2_000
EXACT = 1e15  # floats below it count by ones

Cell = int | float | str | bool | dt.time | dt.date | dt.datetime | dt.timedelta


def main() -> int:
    """Read a workbook from the standard input and write its visible sheets as JSON."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (PROCESSOR_SECONDS, PROCESSOR_SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    data = sys.stdin.buffer.read()
    answer: dict[str, object]
    try:
        answer = {"sheets": _sheets(CalamineWorkbook.from_filelike(io.BytesIO(data)))}
    except PasswordError:
        answer = {"refused": "locked"}
    except MemoryError:
        answer = {"refused": "too-large"}
    except OverflowError:
        answer = {"refused": "too-many-rows"}
    except (CalamineError, ZipError, OSError, ValueError):
        answer = {"refused": "broken"}
    sys.stdout.write(json.dumps(answer, ensure_ascii=True))
    return 0


def _sheets(workbook: CalamineWorkbook) -> list[dict[str, object]]:
    """Return the visible sheets, each with the text of its cells."""
    visible = [
        sheet.name
        for sheet in workbook.sheets_metadata
        if sheet.visible == SheetVisibleEnum.Visible
    ]
    names = (visible or workbook.sheet_names)[:MOST_SHEETS]
    return [{"name": name, "rows": _rows(workbook.get_sheet_by_name(name))} for name in names]


def _rows(sheet: CalamineSheet) -> list[list[str]]:
    """Return the cells from A1 on as text; merged cells repeat their value downwards.

    Raises:
        OverflowError: there are guests beyond the rows that a list may have.
        MemoryError: there is more text than any list needs.
    """
    if sheet.total_height > TALLEST_SHEET:
        raise OverflowError
    cells = sheet.to_python(skip_empty_area=False)
    if any(cell != "" for row in cells[MOST_ROWS:] for cell in row):
        raise OverflowError
    rows = [[_text(cell) for cell in row[:MOST_COLUMNS]] for row in cells[:MOST_ROWS]]
    if sum(len(text) for row in rows for text in row) > MOST_CHARACTERS:
        raise MemoryError
    for (top, left), (bottom, right) in sheet.merged_cell_ranges or ():
        if left == right and top < len(rows) and left < len(rows[top]):
            for row in rows[top + 1 : bottom + 1]:
                row[left] = row[left] or rows[top][left]
    return rows


def _text(cell: Cell) -> str:
    """Return *cell* as a person would have typed it; whole numbers without a point."""
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < EXACT:
        return str(int(cell))
    return str(cell)[:LONGEST_CELL]


if __name__ == "__main__":
    sys.exit(main())

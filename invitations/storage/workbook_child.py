"""The process that opens a stranger's workbook: bytes in, sheets as JSON out, then it ends.

Started by its path, it needs nothing of ours. It bounds its own memory and processor time
before it reads a byte.
"""

from __future__ import annotations

import datetime as dt
import html
import io
import json
import re
import resource
import sys
import zipfile
import zlib

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
LINKS = "xl/_rels/workbook.xml.rels"
EXACT = 1e15  # floats below it count by ones

Cell = int | float | str | bool | dt.time | dt.date | dt.datetime | dt.timedelta


def main() -> int:
    """Read a workbook from the standard input and write its sheets as JSON."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (PROCESSOR_SECONDS, PROCESSOR_SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    data = sys.stdin.buffer.read()
    answer: dict[str, object]
    try:
        answer = {"sheets": _sheets(data)}
    except PasswordError:
        answer = {"refused": "locked"}
    except MemoryError:
        answer = {"refused": "too-large"}
    except OverflowError:
        answer = {"refused": "too-many-rows"}
    except (CalamineError, ZipError, OSError, ValueError, zipfile.BadZipFile, zlib.error):
        answer = {"refused": "broken"}
    sys.stdout.write(json.dumps(answer, ensure_ascii=True))
    return 0


def _sheets(data: bytes) -> list[dict[str, object]]:
    """Return the sheets, the visible first, each with its cells and its hidden rows."""
    workbook = CalamineWorkbook.from_filelike(io.BytesIO(data))
    hidden = _hidden_rows(data)
    metadata = sorted(
        workbook.sheets_metadata, key=lambda sheet: sheet.visible != SheetVisibleEnum.Visible
    )
    sheets: list[dict[str, object]] = []
    for found in metadata[:MOST_SHEETS]:
        visible = found.visible == SheetVisibleEnum.Visible
        try:
            rows = _rows(workbook.get_sheet_by_name(found.name))
        except (MemoryError, OverflowError):
            if visible or not sheets:
                raise
            continue  # what nobody sees need not be read
        sheets.append(
            {
                "name": found.name,
                "rows": rows,
                "hidden": [row for row in hidden.get(found.name, ()) if row <= len(rows)],
                "visible": visible,
            }
        )
    return sheets


def _hidden_rows(data: bytes) -> dict[str, list[int]]:
    """Return the hidden rows of each sheet of an .xlsx or .ods; old .xls do not tell."""
    if not data.startswith(b"PK"):
        return {}
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        names = set(archive.namelist())
        if "content.xml" in names:
            return _hidden_in_ods(archive.read("content.xml"))
        if not {"xl/workbook.xml", LINKS} <= names:
            return {}
        parts = _parts(archive.read("xl/workbook.xml"), archive.read(LINKS))
        return {
            sheet: _hidden_in_part(archive.read(part))
            for sheet, part in parts.items()
            if part in names
        }


def _parts(workbook: bytes, links: bytes) -> dict[str, str]:
    """Return in which part of the archive each sheet stands."""
    targets = {
        _attribute(tag, b"Id"): _attribute(tag, b"Target")
        for tag in re.findall(rb"<(?:\w+:)?Relationship\b[^>]*>", links)
    }
    found = {}
    for tag in re.findall(rb"<(?:\w+:)?sheet\b[^>]*>", workbook):
        target = targets.get(_attribute(tag, b"r:id"), "").lstrip("/")
        name = html.unescape(_attribute(tag, b"name"))
        found[name] = target if target.startswith("xl/") else f"xl/{target}"
    return found


def _hidden_in_part(part: bytes) -> list[int]:
    if b"hidden=" not in part:
        return []
    rows = re.findall(rb"<(?:\w+:)?row\b[^>]*>", part)
    hidden = [row for row in rows if _attribute(row, b"hidden") in {"1", "true"}]
    numbers = [_attribute(row, b"r") for row in hidden]
    return [int(number) for number in numbers if number.isdecimal()]


def _hidden_in_ods(content: bytes) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    rows, number = [], 0
    for tag in re.findall(rb"<table:table(?:-row)?[ >][^>]*>?", content):
        if tag.startswith(b"<table:table "):
            rows, number = found.setdefault(_attribute(tag, b"table:name"), []), 0
            continue
        repeated = _attribute(tag, b"table:number-rows-repeated")
        count = min(int(repeated), TALLEST_SHEET) if repeated.isdecimal() else 1
        if _attribute(tag, b"table:visibility") in {"collapse", "filter"}:
            rows += range(number + 1, min(number + count, MOST_ROWS) + 1)
        number += count
    return {html.unescape(name): numbers for name, numbers in found.items()}


def _attribute(tag: bytes, name: bytes) -> str:
    """Return the text of an attribute of *tag*, or ""."""
    found = re.search(rb"\s" + re.escape(name) + rb"""=(?:"([^"]*)"|'([^']*)')""", tag)
    value = (found.group(1) or found.group(2) or b"") if found else b""
    return value.decode("utf-8", "replace")


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

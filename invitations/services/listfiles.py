"""Lists as files for Excel: every cell is text, and no cell is a formula."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

from invitations.domain.cells import like_a_formula
from invitations.domain.names import clean

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CSV = "text/csv; charset=utf-8"


def as_workbook(title: str, header: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    """Return an .xlsx with one sheet; cells are strings, whatever they look like."""
    from invitations.services.workbooks import workbook  # noqa: PLC0415 - 30 MB for a rare wish

    return workbook(title, header, rows)


def as_csv(header: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    """Return comma separated values in UTF-8 with its mark, so that Excel reads the accents.

    A cell that a spreadsheet would take for a formula gets an apostrophe in front.
    """
    text = io.StringIO(newline="")
    writer = csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    for row in [header, *rows]:
        writer.writerow([_harmless(clean(cell)) for cell in row])
    return text.getvalue().encode("utf-8-sig")


def _harmless(text: str) -> str:
    return f"'{text}" if like_a_formula(text) else text

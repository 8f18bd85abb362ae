"""Lists as text: cells between commas, semicolons, tabs or bars, quoted or not."""

from __future__ import annotations

import csv
import re

from invitations.domain.headings import LARGEST_WIDTH, SEARCHED_ROWS, find_header

_LINE = re.compile(r"[^\r\n]*(?:\r\n|[\r\n])|[^\r\n]+\Z")
_DELIMITERS = (",", ";", "\t", "|")


def separated_values(text: str) -> tuple[tuple[str, ...], ...]:
    """Return the records of *text*; the delimiter that shows the best header wins."""
    declared = text.partition("\n")[0].strip().lower()
    if declared.startswith("sep=") and len(declared) == len("sep=;"):  # Excel's own line
        return ((), *_records(text.partition("\n")[2], declared[4]))
    start = "\n".join(text.split("\n", SEARCHED_ROWS + 1)[: SEARCHED_ROWS + 1])
    return _records(text, max(_DELIMITERS, key=lambda sign: _promise(start, sign)))


def _promise(text: str, delimiter: str) -> tuple[int, int]:
    """Return how many columns are known, and how many there are, if *delimiter* separates."""
    rows = _records(text, delimiter)
    header = find_header(rows)
    known = 0 if header is None else sum(column.field is not None for column in header[1])
    return known, max(map(len, rows), default=0)


def _records(text: str, delimiter: str) -> tuple[tuple[str, ...], ...]:
    """Split *text* into records; quoted cells may hold line ends.

    A quote that never closes would swallow the rest of the list: then quotes are plain signs.
    """
    for quoting in (csv.QUOTE_MINIMAL, csv.QUOTE_NONE):
        lines = (line.group() for line in _LINE.finditer(text))
        try:
            rows = csv.reader(lines, delimiter=delimiter, quoting=quoting, strict=True)
            return tuple(tuple(row[:LARGEST_WIDTH]) for row in rows)
        except csv.Error:
            continue
    lines_of_text = text.splitlines()
    return tuple(tuple(line.split(delimiter)[:LARGEST_WIDTH]) for line in lines_of_text)

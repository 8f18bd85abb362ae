"""Files with guest lists: opened by what is in them, within bounds, in a child process.

A spreadsheet from a stranger can unpack to anything. Its parts are counted before anything
reads them, and the reading happens in a process with a bound on memory and on time.
"""

from __future__ import annotations

import csv
import io
import json
import signal
import subprocess
import sys
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from invitations.domain.encodings import decode_bytes
from invitations.domain.errors import FileRefusedError
from invitations.domain.headings import LARGEST_WIDTH, SEARCHED_ROWS, find_header

LARGEST_FILE = 10 * 1024 * 1024
LARGEST_UNPACKED = 50 * 1024 * 1024
HIGHEST_RATIO = 50
RATIO_FREE = 4 * 1024 * 1024  # below this nothing can hurt, and blank sheets pack very well
MOST_PARTS = 200
SECONDS = 20

_ZIP = b"PK\x03\x04"
_EMPTY_ZIP = b"PK\x05\x06"
_OLE = bytes.fromhex("d0cf11e0a1b11ae1")
_PICTURES = (b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"BM", b"II*\x00", b"MM\x00*", b"RIFF")
_DOCUMENTS = (b"%PDF", b"{\\rtf", b"\x7fELF", b"MZ", b"Rar!", b"7z\xbc\xaf", b"\x1f\x8b")
_DEATHS: dict[int, str] = {  # what the child's end by a signal tells
    signal.SIGABRT: "too-large",
    signal.SIGXCPU: "too-slow",
    signal.SIGKILL: "too-slow",
}
_DELIMITERS = (",", ";", "\t", "|")
_SAMPLE = 4_000
_SPREADSHEET_NAMES = (".xlsx", ".xls", ".ods", ".xlsm", ".xlsb")


@dataclass(frozen=True)
class Sheet:
    """The cells of one sheet as text; the first row is row 1 of the spreadsheet.

    *others* names the sheets of the same file that were not read although they hold cells.
    """

    name: str
    rows: tuple[tuple[str, ...], ...]
    others: tuple[str, ...] = ()


def open_sheet(data: bytes, file_name: str = "") -> Sheet:
    """Return the sheet of *data* that looks most like a guest list.

    The content decides, not the name: .xlsx, .xls, .ods by their containers, anything else
    that is text as comma, semicolon, tab or bar separated values. *file_name* only tells a
    text file that poses as a workbook.

    Raises:
        FileRefusedError: its code says what the file is instead.
    """
    if not data.strip(b"\x00\r\n\t "):
        raise FileRefusedError("empty")
    if len(data) > LARGEST_FILE:
        raise FileRefusedError("too-large", str(LARGEST_FILE // 1024 // 1024))
    if data.startswith((_ZIP, _EMPTY_ZIP)):
        _inspect_archive(data)
        return _likeliest(_read_in_child(data))
    if data.startswith(_OLE):
        _inspect_container(data)
        return _likeliest(_read_in_child(data))
    _refuse_other_files(data)
    if file_name.lower().endswith(_SPREADSHEET_NAMES):
        raise FileRefusedError("renamed", file_name[-5:].lower().lstrip("."))
    text = decode_bytes(data)
    if _is_noise(text[:_SAMPLE]):
        raise FileRefusedError("unknown")
    return Sheet("", _separated_values(text))


def _inspect_archive(data: bytes) -> None:
    """Refuse an archive by its table of contents, before anything is unpacked.

    The sizes in the table may lie; the child's bounds are for those.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            parts = archive.infolist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise FileRefusedError("broken") from error
    unpacked = sum(part.file_size for part in parts)
    packed = max(sum(part.compress_size for part in parts), 1)
    ratio = unpacked / packed if unpacked > RATIO_FREE else 0
    if len(parts) > MOST_PARTS or unpacked > LARGEST_UNPACKED or ratio > HIGHEST_RATIO:
        raise FileRefusedError("bomb", str(unpacked // 1024 // 1024))
    names = {part.filename for part in parts}
    if any(part.flag_bits & 1 for part in parts):
        raise FileRefusedError("locked")
    if any(name.lower().endswith("vbaproject.bin") for name in names):
        raise FileRefusedError("macros")
    if not names & {"xl/workbook.xml", "xl/workbook.bin", "content.xml"}:
        raise FileRefusedError("unknown")


def _inspect_container(data: bytes) -> None:
    """Refuse an OLE container that is no old workbook: a locked one, one with macros."""
    if "EncryptedPackage".encode("utf-16-le") in data:
        raise FileRefusedError("locked")
    if "_VBA_PROJECT".encode("utf-16-le") in data:
        raise FileRefusedError("macros")
    if not any(name.encode("utf-16-le") in data for name in ("Workbook", "Book")):
        raise FileRefusedError("unknown")


def _refuse_other_files(data: bytes) -> None:
    """Refuse what is neither a workbook nor text."""
    if data.startswith(_PICTURES):
        raise FileRefusedError("picture")
    if data.startswith(_DOCUMENTS):
        raise FileRefusedError("unknown")


def _is_noise(text: str) -> bool:
    """Tell whether more than one character in twenty is a control character."""
    controls = sum(char < " " and char not in "\t\r\n" for char in text)
    return controls * 20 > len(text)


def _read_in_child(data: bytes) -> list[Sheet]:
    """Read a workbook in a process of its own, bounded in memory and time."""
    command = [sys.executable, "-P", str(Path(__file__).with_name("workbook_child.py"))]
    try:
        done = subprocess.run(  # noqa: S603 - our own module, no argument from outside
            command, input=data, capture_output=True, timeout=SECONDS, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise FileRefusedError("too-slow") from error
    if done.returncode == 0:
        answer = json.loads(done.stdout)
        if "refused" in answer:
            raise FileRefusedError(answer["refused"])
        return [
            Sheet(sheet["name"], tuple(map(tuple, sheet["rows"]))) for sheet in answer["sheets"]
        ]
    raise FileRefusedError(_DEATHS.get(-done.returncode, "broken"))


def _likeliest(sheets: Sequence[Sheet]) -> Sheet:
    """Return the first sheet with a header row, else the first with cells."""
    filled = [sheet for sheet in sheets if any(any(row) for row in sheet.rows)]
    if not filled:
        raise FileRefusedError("empty")
    listed = [sheet for sheet in filled if find_header(sheet.rows) is not None]
    best = (listed or filled)[0]
    others = tuple(sheet.name for sheet in filled if sheet is not best)
    return Sheet(best.name, best.rows, others)


def _separated_values(text: str) -> tuple[tuple[str, ...], ...]:
    """Return the records of a text file; the delimiter that shows the best header wins."""
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
        lines = io.StringIO(text, newline="")
        try:
            rows = csv.reader(lines, delimiter=delimiter, quoting=quoting, strict=True)
            return tuple(tuple(row[:LARGEST_WIDTH]) for row in rows)
        except csv.Error:
            continue
    lines_of_text = text.splitlines()
    return tuple(tuple(line.split(delimiter)[:LARGEST_WIDTH]) for line in lines_of_text)

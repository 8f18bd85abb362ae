"""Files with guest lists: opened by what is in them, within bounds, in a child process.

A spreadsheet from a stranger can unpack to anything. Its parts are counted before anything
reads them, and the reading happens in a process with a bound on memory and on time.
"""

from __future__ import annotations

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
from invitations.domain.headings import find_header
from invitations.domain.separated import separated_values

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
_SAMPLE = 4_000
_SPREADSHEET_NAMES = (".xlsx", ".xls", ".ods", ".xlsm", ".xlsb")


@dataclass(frozen=True)
class Sheet:
    """The cells of one sheet as text; the first row is row 1 of the spreadsheet.

    *hidden* are the numbers of its hidden rows; not *visible* is a hidden sheet.
    """

    name: str
    rows: tuple[tuple[str, ...], ...]
    hidden: tuple[int, ...] = ()
    visible: bool = True


@dataclass(frozen=True)
class Book:
    """The sheets of a file that hold cells; *best* is the index of the likeliest list."""

    sheets: tuple[Sheet, ...]
    best: int = 0


def open_sheet(data: bytes, file_name: str = "") -> Sheet:
    """Return the sheet of *data* that looks most like a guest list.

    Raises:
        FileRefusedError: its code says what the file is instead.
    """
    book = open_book(data, file_name)
    return book.sheets[book.best]


def open_book(data: bytes, file_name: str = "") -> Book:
    """Return the sheets of *data*.

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
        return _book(_read_in_child(data))
    if data.startswith(_OLE):
        _inspect_container(data)
        return _book(_read_in_child(data))
    _refuse_other_files(data)
    if file_name.lower().endswith(_SPREADSHEET_NAMES):
        raise FileRefusedError("renamed", file_name[-5:].lower().lstrip("."))
    text = decode_bytes(data)
    if _is_noise(text[:_SAMPLE]):
        raise FileRefusedError("unknown")
    return Book((Sheet("", separated_values(text)),))


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
            Sheet(
                sheet["name"],
                tuple(map(tuple, sheet["rows"])),
                tuple(sheet["hidden"]),
                sheet["visible"],
            )
            for sheet in answer["sheets"]
        ]
    raise FileRefusedError(_DEATHS.get(-done.returncode, "broken"))


def _book(sheets: Sequence[Sheet]) -> Book:
    """Return the filled sheets; the best is the first visible one with a header row.

    Without one it is the first visible sheet, and a hidden one only if there is no other.
    """
    filled = [sheet for sheet in sheets if any(any(row) for row in sheet.rows)]
    if not filled:
        raise FileRefusedError("empty")
    ranks = [
        (not sheet.visible, find_header(sheet.rows) is None, index)
        for index, sheet in enumerate(filled)
    ]
    return Book(tuple(filled), min(ranks)[-1])

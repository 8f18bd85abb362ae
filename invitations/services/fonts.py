"""The type case: where the one font of our papers is, and which signs it has.

Tinos has the measures of Times New Roman and, unlike Liberation Serif before version 2,
every Vietnamese letter. A sign that it lacks would be borrowed from another font, which an
official letter and PDF/A forbid, so such a sign is set as a hollow square.
"""

from __future__ import annotations

import struct
import unicodedata
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from invitations.domain.errors import TypesettingError

FAMILY = "Tinos"
FACES = ("Regular", "Bold", "Italic", "BoldItalic")
PLACES = (Path("/usr/share/fonts"), Path("/usr/local/share/fonts"))
HOLLOW = "□"

_BAD_KINDS = frozenset({"Cc", "Cf", "Cs", "Co", "Cn"})
_BMP_TABLE = 4  # the format of the table that Tinos has (OpenType, cmap)


def folder(places: Iterable[Path] = PLACES) -> Path:
    """Return the folder that holds the four faces of Tinos.

    Raises:
        TypesettingError: the Debian package fonts-croscore is missing (code ``no-font``).
    """
    for place in places:
        for found in sorted(place.rglob(f"{FAMILY}-Regular.ttf")):
            if all((found.parent / f"{FAMILY}-{face}.ttf").is_file() for face in FACES):
                return found.parent
    raise TypesettingError("no-font", "fonts-croscore")


def fit(text: str, signs: frozenset[str]) -> str:
    """Return *text* with a hollow square for every sign that is not in *signs*.

    Marks that stand over the letter before them go without a trace.
    """
    if signs.issuperset(text):
        return text
    return "".join(
        char if char in signs or char == "\n" else _instead(char)
        for char in unicodedata.normalize("NFC", text)
    )


@cache
def signs(place: Path) -> frozenset[str]:
    """Return the signs that every face of Tinos in *place* can draw."""
    faces = [_signs(place / f"{FAMILY}-{face}.ttf") for face in FACES]
    return frozenset.intersection(*faces)


def _instead(char: str) -> str:
    return "" if unicodedata.category(char) in {"Mn", "Me", "Cf", "Cc"} else HOLLOW


def _signs(font: Path) -> frozenset[str]:
    """Return the signs in the character map of a TrueType file (OpenType 1.9, cmap)."""
    data = font.read_bytes()
    try:
        table = _character_map(data)
        points = list(_points(table))
    except (struct.error, StopIteration) as error:
        raise TypesettingError("no-font", str(font)) from error
    return frozenset(
        char for char in map(chr, points) if unicodedata.category(char) not in _BAD_KINDS
    )


def _character_map(data: bytes) -> bytes:
    """Return the segment table of a font: the map of the basic plane."""
    (tables,) = struct.unpack_from(">H", data, 4)
    entries = (struct.unpack_from(">4s4xII", data, 12 + 16 * each) for each in range(tables))
    start = next(offset for name, offset, _ in entries if name == b"cmap")
    (count,) = struct.unpack_from(">H", data, start + 2)
    offsets = (
        struct.unpack_from(">4xI", data, start + 4 + 8 * each)[0] for each in range(count)
    )
    return next(
        data[start + offset :]
        for offset in offsets
        if struct.unpack_from(">H", data, start + offset)[0] == _BMP_TABLE
    )


def _points(table: bytes) -> Iterable[int]:
    """Yield the code points that a segment table leads to a glyph."""
    (doubled,) = struct.unpack_from(">H", table, 6)
    count = doubled // 2
    for each in range(count):
        at = 14 + 2 * each
        (last,) = struct.unpack_from(">H", table, at)
        first, delta, offset = (
            struct.unpack_from(">H", table, at + 2 + doubled * turn)[0] for turn in (1, 2, 3)
        )
        for point in range(first, min(last, 0xFFFE) + 1):
            glyph = point
            if offset:
                place = at + 2 + doubled * 3 + offset + 2 * (point - first)
                (glyph,) = struct.unpack_from(">H", table, place)
            if glyph and (glyph + delta) & 0xFFFF:
                yield point

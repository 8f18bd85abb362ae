"""The drawing room: pass texts become QR symbols (ISO/IEC 18004), as PNG and as SVG.

Every symbol is version 5, level M, numeric mode, with the same mask. The standard lets an
encoder choose; measured over random passes, mask 2 has the fewest penalty points on the
average, and choosing anew for every pass costs six times the time and reads no better.
"""

from __future__ import annotations

import io
import struct
import zlib
from itertools import groupby

from markupsafe import Markup
from qrcode.constants import ERROR_CORRECT_M
from qrcode.main import QRCode

VERSION = 5
MODULES = 37
QUIET = 4  # modules of white around the symbol
SIDE = MODULES + 2 * QUIET
MASK = 2

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_ONE_BIT_GREY = (1, 0, 0, 0, 0)  # depth, colour type, compression, filters, interlace


def matrix(text: str) -> list[list[bool]]:
    """Return the 37 x 37 modules of *text*, dark ones true.

    Raises:
        ValueError: *text* does not fit the one size every pass has.
    """
    code = QRCode(version=VERSION, error_correction=ERROR_CORRECT_M, mask_pattern=MASK)
    code.add_data(text, optimize=0)
    code.make(fit=True)
    if code.version != VERSION:
        msg = "the text does not fit a symbol of version 5"
        raise ValueError(msg)
    return [[bool(module) for module in row] for row in code.modules]


def png(text: str, module_px: int = 8) -> bytes:
    """Return *text* as a black-and-white PNG of 45 x 45 modules, *module_px* pixels each."""
    side = SIDE * module_px
    width = -(-side // 8)
    white = b"\xff" * width
    margin = [white] * (QUIET * module_px)
    rows = [*margin]
    for modules in matrix(text):
        line = "1" * (QUIET * module_px)
        line += "".join(("0" if dark else "1") * module_px for dark in modules)
        bits = line.ljust(width * 8, "1")
        rows += [int(bits, 2).to_bytes(width, "big")] * module_px
    rows += margin
    header = struct.pack(">II5B", side, side, *_ONE_BIT_GREY)
    pixels = zlib.compress(b"".join(b"\x00" + row for row in rows), 6)
    return _SIGNATURE + b"".join(
        (_chunk(b"IHDR", header), _chunk(b"IDAT", pixels), _chunk(b"IEND", b""))
    )


def plain_png(text: str) -> bytes:
    """Return *text* as PNG by the library's own way: the reference that ours is held to."""
    code = QRCode(error_correction=ERROR_CORRECT_M, box_size=8, border=QUIET)
    code.add_data(text)
    file = io.BytesIO()
    code.make_image().save(file)
    return file.getvalue()


def svg(text: str, label: str = "") -> Markup:
    """Return *text* as an SVG picture that scales; black on its own white ground.

    *label* is what a screen reader says instead of the picture.
    """
    strokes = "".join(
        f"M{QUIET + left} {QUIET + top}h{width}v1h-{width}z"
        for top, modules in enumerate(matrix(text))
        for left, width in _dark_runs(modules)
    )
    return Markup(
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {side} {side}" role="img"'
        ' aria-label="{label}" shape-rendering="crispEdges">'
        '<path fill="#fff" d="M0 0h{side}v{side}H0z"/><path fill="#000" d="{strokes}"/></svg>'
    ).format(side=SIDE, label=label or "QR", strokes=strokes)


def _dark_runs(modules: list[bool]) -> list[tuple[int, int]]:
    """Return where the dark runs of one row start and how long they are."""
    runs = []
    left = 0
    for dark, run in groupby(modules):
        width = len(list(run))
        if dark:
            runs.append((left, width))
        left += width
    return runs


def _chunk(kind: bytes, body: bytes) -> bytes:
    """Return one chunk of a PNG file (RFC 2083, section 3.2)."""
    check = zlib.crc32(kind + body)
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", check)

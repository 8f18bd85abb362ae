"""The drawing room: pass texts become QR symbols (ISO/IEC 18004), as PNG and as SVG.

Every pass is version 5, level M, numeric mode, with the same mask. The standard lets an
encoder choose; measured over random passes, mask 2 has the fewest penalty points on the
average, and choosing anew for every pass costs six times the time and reads no better.
"""

from __future__ import annotations

import struct
import zlib
from itertools import groupby

from markupsafe import Markup

from invitations.services import plainqr, symbols
from invitations.services.plainqr import QUIET
from invitations.services.symbols import MODULES

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_ONE_BIT_GREY = (1, 0, 0, 0, 0)  # depth, colour type, compression, filters, interlace
_AS_IT_IS, _AS_ABOVE = b"\x00", b"\x02"  # how a line of pixels is written (RFC 2083, 6)
_BYTE = 8  # pixels
_WHITE_OR_BLACK = bytes.maketrans(b"01", b"\xff\x00")
_EFFORT = 1  # of the compression: an eighth of the time of 6 for a third more bytes


def matrix(text: str) -> list[list[bool]]:
    """Return the modules of *text*, dark ones true: 37 x 37 for a pass, else what it needs."""
    if symbols.fits(text):
        return [[bit == "1" for bit in f"{row:0{MODULES}b}"] for row in symbols.rows(text)]
    return plainqr.matrix(text)


def png(text: str, module_px: int = 8) -> bytes:
    """Return *text* as a black-and-white PNG, *module_px* pixels a module, margin included."""
    if module_px == _BYTE and symbols.fits(text):
        return _file(_BYTE * (MODULES + 2 * QUIET), _pass_pixels(text))
    modules = matrix(text)
    side = (len(modules) + 2 * QUIET) * module_px
    width = -(-side // 8)
    dark, light = "0" * module_px, "1" * module_px
    edge = light * QUIET
    again = (_AS_ABOVE + bytes(width)) * (module_px - 1)
    white = (_AS_IT_IS + b"\xff" * width + again) * QUIET
    lines = [white]
    for row in modules:
        drawn = "".join(dark if module else light for module in row)
        bits = f"{edge}{drawn}{edge}".ljust(width * 8, "1")
        lines.append(_AS_IT_IS + int(bits, 2).to_bytes(width, "big") + again)
    lines.append(white)
    return _file(side, b"".join(lines))


def _pass_pixels(text: str) -> bytes:
    """Return the pixels of a pass, eight to a module and so a byte to a module."""
    drawn = symbols.modules(text).encode().translate(_WHITE_OR_BLACK)
    edge = b"\xff" * QUIET
    again = (_AS_ABOVE + bytes(MODULES + 2 * QUIET)) * (_BYTE - 1)
    white = (_AS_IT_IS + b"\xff" * (MODULES + 2 * QUIET) + again) * QUIET
    rows = [drawn[at : at + MODULES] for at in range(0, len(drawn), MODULES)]
    between = edge + again + _AS_IT_IS + edge
    return b"".join((white, _AS_IT_IS, edge, between.join(rows), edge, again, white))


def _file(side: int, pixels: bytes) -> bytes:
    """Return a square PNG of one bit a pixel, *side* pixels wide (RFC 2083)."""
    header = struct.pack(">II5B", side, side, *_ONE_BIT_GREY)
    pixels = zlib.compress(pixels, _EFFORT)
    return _SIGNATURE + b"".join(
        (_chunk(b"IHDR", header), _chunk(b"IDAT", pixels), _chunk(b"IEND", b""))
    )


def svg(text: str, label: str = "") -> Markup:
    """Return *text* as an SVG picture that scales; black on its own white ground.

    *label* is what a screen reader says instead of the picture.
    """
    modules = matrix(text)
    strokes = "".join(
        f"M{QUIET + left} {QUIET + top}h{width}v1h-{width}z"
        for top, row in enumerate(modules)
        for left, width in _dark_runs(row)
    )
    return Markup(
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {side} {side}" role="img"'
        ' aria-label="{label}" shape-rendering="crispEdges">'
        '<path fill="#fff" d="M0 0h{side}v{side}H0z"/><path fill="#000" d="{strokes}"/></svg>'
    ).format(side=len(modules) + 2 * QUIET, label=label or "QR", strokes=strokes)


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

"""The bars of the door code: Code 128 (ISO/IEC 15417), for scanners that read no QR code."""

from __future__ import annotations

from itertools import groupby

from barcode.charsets import code128
from markupsafe import Markup

QUIET = 10  # modules of white at each side
_SIGNS = 103  # the check sign is counted modulo this
_END = "11"  # the last bar of the stop sign


def modules(code: str) -> str:
    """Return the bars of *code* as ``1`` for dark and ``0`` for light, without white sides.

    *code* is an even number of digits, two to a sign (code set C). The library lends its
    patterns only: its own encoder (0.16) takes a first pair 99 for a change of code set and
    leaves it out.
    """
    start = code128.START_CODES["C"]
    pairs = [int(code[at : at + 2]) for at in range(0, len(code), 2)]
    check = (start + sum(place * pair for place, pair in enumerate(pairs, start=1))) % _SIGNS
    signs = "".join(code128.CODES[value] for value in (start, *pairs, check))
    return f"{signs}{code128.STOP}{_END}"


def width(code: str) -> int:
    """Return how many modules wide the picture of *code* is, with its white sides."""
    return len(modules(code)) + 2 * QUIET


def svg(code: str) -> Markup:
    """Return *code* as an SVG picture, one unit a module, that may be stretched in height."""
    strokes, left = "", QUIET
    for dark, run in groupby(modules(code)):
        length = len(list(run))
        if dark == "1":
            strokes += f"M{left} 0h{length}v1h-{length}z"
        left += length
    return Markup(
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} 1"'
        ' preserveAspectRatio="none" shape-rendering="crispEdges">'
        '<path fill="#fff" d="M0 0h{width}v1H0z"/><path fill="#000" d="{strokes}"/></svg>'
    ).format(width=left + QUIET, strokes=strokes)

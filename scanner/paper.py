"""Letters on paper: the door code as the bars of Code 128 (ISO/IEC 15417)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import zxingcpp

from invitations.domain import doorcode
from scanner.decode import Found, Stage, Symbol

if TYPE_CHECKING:
    from scanner.decode import Accept
    from scanner.filters import Gray

BARS = zxingcpp.BarcodeFormats([zxingcpp.BarcodeFormat.Code128])
STAGE = "paper"


def door_codes(gray: Gray, _candidates: object, _accept: Accept) -> Found:
    """Return the door codes in *gray*: 12 digits of which the last checks the others.

    Any other barcode in view, of a book or a bottle, is as if it were not there.
    """
    found = []
    for code in zxingcpp.read_barcodes(gray, formats=BARS, try_downscale=False):
        raw = bytes(code.bytes)
        if raw.isascii() and doorcode.check(raw.decode("ascii")):
            found.append(Symbol(raw, _corners(code.position)))
    return Found(tuple(found))


PAPER = Stage(STAGE, door_codes, 5)


def _corners(position: zxingcpp.Position) -> tuple[tuple[int, int], ...]:
    points = (
        position.top_left,
        position.top_right,
        position.bottom_right,
        position.bottom_left,
    )
    return tuple((point.x, point.y) for point in points)

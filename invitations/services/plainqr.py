"""The plain library way to a QR symbol (ISO/IEC 18004): the reference for ours, and its source.

The only room that touches the qrcode library.
"""

from __future__ import annotations

import io

from qrcode import util
from qrcode.base import rs_blocks
from qrcode.constants import ERROR_CORRECT_M
from qrcode.main import QRCode

QUIET = 4  # modules of white around the symbol


def matrix(text: str) -> list[list[bool]]:
    """Return the modules of any *text* at level M, dark ones true, in the size it needs."""
    code = QRCode(error_correction=ERROR_CORRECT_M, border=0)
    code.add_data(text)
    code.make(fit=True)
    return [[bool(module) for module in row] for row in code.modules]


def png(text: str) -> bytes:
    """Return *text* as a PNG, drawn as the library's readers would draw it."""
    code = QRCode(error_correction=ERROR_CORRECT_M, box_size=8, border=QUIET)
    code.add_data(text)
    file = io.BytesIO()
    code.make_image().save(file)
    return file.getvalue()


def corrected(data: list[int], version: int) -> list[int]:
    """Return the codewords at level M for *data* bytes: the data, then its correction."""
    buffer = util.BitBuffer()
    for word in data:
        buffer.put(word, 8)
    return list(util.create_bytes(buffer, rs_blocks(version, ERROR_CORRECT_M)))


def picture(codewords: list[int], version: int, mask: int) -> int:
    """Return the drawing of *codewords* as one number, row by row, dark modules one."""
    code = QRCode(version=version, error_correction=ERROR_CORRECT_M, mask_pattern=mask)
    code.data_cache = codewords
    code.makeImpl(test=False, mask_pattern=mask)
    drawn = "".join("1" if module else "0" for row in code.modules for module in row)
    return int(drawn, 2)

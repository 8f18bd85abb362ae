"""The second decoder: zbar, symbol by symbol, so that a poisonous one stands alone."""

from __future__ import annotations

from ctypes import c_char_p, c_void_p, cast, string_at
from typing import TYPE_CHECKING

try:
    from pyzbar import pyzbar
    from pyzbar import wrapper as zbar
except ImportError:  # the shared library is a Debian package; without it one stage is missing
    zbar = None

from scanner.decode import Symbol

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scanner.filters import Gray


def zbar_symbols(gray: Gray) -> tuple[Symbol, ...]:
    """Return what zbar reads in *gray*; nothing where its library is not installed.

    pyzbar's own *decode* raises on a structured-append code and loses the good code
    beside it; here each symbol stands alone.
    """
    return tuple(_symbols(gray)) if zbar is not None else ()


def as_it_comes(gray: Gray) -> tuple[bytes, ...]:
    """Return what pyzbar's own *decode* gives, as most programs use it: to compare with.

    Raises:
        ValueError: there is a structured-append code in the picture.
    """
    return tuple(found.data for found in pyzbar.decode(gray))


def _symbols(gray: Gray) -> Iterator[Symbol]:
    height, width = gray.shape
    pixels = gray.tobytes()
    scanner, image = zbar.zbar_image_scanner_create(), zbar.zbar_image_create()
    try:
        zbar.zbar_image_scanner_set_config(scanner, 0, zbar.ZBarConfig.CFG_ENABLE, 0)
        qr = zbar.ZBarSymbol.QRCODE
        zbar.zbar_image_scanner_set_config(scanner, qr, zbar.ZBarConfig.CFG_ENABLE, 1)
        zbar.zbar_image_set_format(image, int.from_bytes(b"Y800", "little"))
        zbar.zbar_image_set_size(image, width, height)
        zbar.zbar_image_set_data(image, cast(c_char_p(pixels), c_void_p), len(pixels), None)
        zbar.zbar_scan_image(scanner, image)
        symbol = zbar.zbar_image_first_symbol(image)
        while symbol:
            yield _symbol(symbol)
            symbol = zbar.zbar_symbol_next(symbol)
    finally:
        zbar.zbar_image_destroy(image)
        zbar.zbar_image_scanner_destroy(scanner)


def _symbol(symbol: object) -> Symbol:
    raw = string_at(zbar.zbar_symbol_get_data(symbol), zbar.zbar_symbol_get_data_length(symbol))
    corners = tuple(
        (zbar.zbar_symbol_get_loc_x(symbol, i), zbar.zbar_symbol_get_loc_y(symbol, i))
        for i in range(zbar.zbar_symbol_get_loc_size(symbol))
    )
    return Symbol(raw, corners)

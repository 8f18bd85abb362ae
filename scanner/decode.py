"""The eye: grey pictures in, QR texts out, by an ordered list of pure stages."""

from __future__ import annotations

import re
import time
from ctypes import c_char_p, c_void_p, cast, string_at
from dataclasses import dataclass
from typing import TYPE_CHECKING

import cv2
import zxingcpp

try:
    from pyzbar import wrapper as zbar
except ImportError:  # the shared library is a Debian package; without it one stage is missing
    zbar = None

from scanner.filters import (
    Gray,
    adaptive_gauss,
    adaptive_mean,
    as_gray,
    clahe,
    enlarged,
    equalised,
    half_adaptive,
    median_adaptive,
    unchanged,
    unsharp,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

Quad = tuple[tuple[int, int], ...]

PASS_PATTERN = re.compile(rb"71[0-9]{200}")
MODULES = 37
PIXELS_A_MODULE = 6
CANDIDATES_MOST = 3
SYMBOLS_MOST = 16
FAILURES = (cv2.error, ValueError, TypeError, RuntimeError, OSError, MemoryError)


@dataclass(frozen=True)
class Symbol:
    """One QR code read in a picture: its bytes, its corners in pixels, the stage it took."""

    raw: bytes
    corners: Quad
    stage: str = ""

    @property
    def is_pass(self) -> bool:
        """Whether the bytes look like a pass text; says nothing about the signature."""
        return PASS_PATTERN.fullmatch(self.raw) is not None


@dataclass(frozen=True)
class Found:
    """What one stage saw: symbols it read, and corners of symbols it could not read."""

    symbols: tuple[Symbol, ...] = ()
    candidates: tuple[Quad, ...] = ()


@dataclass(frozen=True)
class Stage:
    """One way of looking; *look* is pure, *cost* is its usual milliseconds at 720p."""

    name: str
    look: Callable[[Gray, tuple[Quad, ...]], Found]
    cost: float


@dataclass(frozen=True)
class Reading:
    """Everything read in one picture, and what it took."""

    symbols: tuple[Symbol, ...]
    candidates: tuple[Quad, ...]
    milliseconds: float
    late: bool = False


def read(
    gray: Gray,
    stages: Sequence[Stage],
    accept: Callable[[bytes], bool],
    budget: float,
    *,
    thorough: bool = False,
    candidates: tuple[Quad, ...] = (),
) -> Reading:
    """Return what the *stages* read in *gray* within *budget* milliseconds.

    The list ends at a text that *accept* takes, so that another QR code in view does not
    end it; when *thorough* it goes on to the end, for the second phone in the picture.
    *candidates* are corners an earlier look could not read.
    """
    started = time.perf_counter()
    seen: dict[bytes, Symbol] = {}
    late = False
    for stage in stages:
        if _milliseconds_since(started) + stage.cost > budget:
            late = True
            break
        found = _guarded(stage, gray, candidates)
        candidates = found.candidates or candidates
        for symbol in found.symbols[:SYMBOLS_MOST]:
            if is_news(symbol, seen.values()):
                seen[symbol.raw] = Symbol(symbol.raw, symbol.corners, stage.name)
        if not thorough and any(accept(raw) for raw in seen):
            break
    return Reading(tuple(seen.values()), candidates, _milliseconds_since(started), late)


def is_news(symbol: Symbol, seen: Iterable[Symbol]) -> bool:
    """Tell whether *symbol* is not one of those *seen*, nor the same code spelt otherwise.

    Decoders disagree about the characters of a text that is not plain digits; the first one
    is believed. Something like a pass is always news, because its signature will be judged.
    """
    known = list(seen)
    if any(symbol.raw == other.raw for other in known):
        return False
    return symbol.is_pass or not any(_is_at(symbol, other) for other in known)


def zxing(gray: Gray) -> Found:
    """Return what zxing-cpp reads in *gray*, and the corners of what it fails to read."""
    symbols, candidates = [], []
    wanted = zxingcpp.BarcodeFormats([zxingcpp.BarcodeFormat.QRCodeModel2])
    for code in zxingcpp.read_barcodes(gray, formats=wanted, return_errors=True):
        corners = _corners(code.position)
        if code.valid and code.error is None:
            symbols.append(Symbol(bytes(code.bytes), corners))
        else:
            candidates.append(corners)
    return Found(tuple(symbols), tuple(candidates))


def through(change: Callable[[Gray], Gray]) -> Callable[[Gray, tuple[Quad, ...]], Found]:
    """Return a stage's look: zxing-cpp on the picture as *change* makes it."""

    def look(gray: Gray, _candidates: tuple[Quad, ...]) -> Found:
        changed = change(gray)
        return _scaled(zxing(changed), gray.shape[1] / changed.shape[1])

    return look


def look_again(gray: Gray, candidates: tuple[Quad, ...]) -> Found:
    """Return what zxing-cpp reads in the corners it had found but could not read.

    Each is cut out, brought to about six pixels a module and tried five ways.
    """
    symbols: list[Symbol] = []
    for quad in candidates[:CANDIDATES_MOST]:
        crop, left, top, factor = _cut(gray, quad)
        for change in (unchanged, adaptive_mean, unsharp, clahe, adaptive_gauss):
            found = zxing(change(crop)).symbols if crop.size else ()
            symbols += [_moved(symbol, left, top, factor) for symbol in found]
            if found:
                break
    return Found(tuple(symbols))


def pyzbar_adaptive(gray: Gray, _candidates: tuple[Quad, ...]) -> Found:
    """Return what zbar reads in the thresholded picture, symbol by symbol.

    pyzbar's own *decode* raises on a structured-append code and loses the good code
    beside it; here each symbol stands alone.
    """
    if zbar is None:
        return Found()
    return Found(tuple(_zbar_symbols(adaptive_mean(gray))))


FIRST = Stage("zxing", through(unchanged), 4)
AGAIN = Stage("again", look_again, 6)
ADAPTIVE = Stage("adaptive", through(adaptive_mean), 7)
EXTRAS = (
    Stage("adaptive-gauss", through(adaptive_gauss), 11),
    Stage("clahe", through(clahe), 7),
    Stage("pyzbar", pyzbar_adaptive, 26),
    Stage("half-adaptive", through(half_adaptive), 4),
    Stage("median", through(median_adaptive), 12),
    Stage("equalised", through(equalised), 5),
    Stage("enlarged", through(enlarged), 11),
    Stage("unsharp", through(unsharp), 8),
)
EVERY_STAGE = (FIRST, AGAIN, ADAPTIVE, *EXTRAS)


def _guarded(stage: Stage, gray: Gray, candidates: tuple[Quad, ...]) -> Found:
    """Return what *stage* finds; a picture that upsets it is a picture with nothing in it."""
    try:
        return stage.look(gray, candidates)
    except FAILURES:
        return Found()


def _is_at(symbol: Symbol, other: Symbol) -> bool:
    """Tell whether the middle of *symbol* lies within *other*."""
    if not symbol.corners or not other.corners:
        return False
    middles = [sum(axis) / len(symbol.corners) for axis in zip(*symbol.corners, strict=True)]
    spans = [(min(axis), max(axis)) for axis in zip(*other.corners, strict=True)]
    return all(low <= at <= high for at, (low, high) in zip(middles, spans, strict=True))


def _milliseconds_since(started: float) -> float:
    return (time.perf_counter() - started) * 1000


def _corners(position: zxingcpp.Position) -> Quad:
    points = (
        position.top_left,
        position.top_right,
        position.bottom_right,
        position.bottom_left,
    )
    return tuple((point.x, point.y) for point in points)


def _scaled(found: Found, factor: float) -> Found:
    """Return *found* in the pixels of the picture before it was resized by 1 / *factor*."""
    return Found(
        tuple(_moved(symbol, 0, 0, factor) for symbol in found.symbols),
        tuple(_stretched(quad, 0, 0, factor) for quad in found.candidates),
    )


def _moved(symbol: Symbol, left: int, top: int, factor: float) -> Symbol:
    return Symbol(symbol.raw, _stretched(symbol.corners, left, top, factor), symbol.stage)


def _stretched(quad: Iterable[tuple[int, int]], left: int, top: int, factor: float) -> Quad:
    return tuple((left + round(x * factor), top + round(y * factor)) for x, y in quad)


def _cut(gray: Gray, quad: Quad) -> tuple[Gray, int, int, float]:
    """Return the picture around *quad* at six pixels a module, where it was, and its scale."""
    xs, ys = [x for x, _ in quad], [y for _, y in quad]
    side = max(max(xs) - min(xs), max(ys) - min(ys), 1)
    margin = side // 4 + 4
    left, top = max(min(xs) - margin, 0), max(min(ys) - margin, 0)
    crop = gray[top : max(ys) + margin, left : max(xs) + margin]
    grow = min(max(MODULES * PIXELS_A_MODULE / side, 0.5), 4.0)
    if crop.size:
        crop = as_gray(cv2.resize(crop, None, fx=grow, fy=grow, interpolation=cv2.INTER_CUBIC))
    return crop, left, top, 1 / grow


def _zbar_symbols(gray: Gray) -> Iterator[Symbol]:
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
            yield _zbar_symbol(symbol)
            symbol = zbar.zbar_symbol_next(symbol)
    finally:
        zbar.zbar_image_destroy(image)
        zbar.zbar_image_scanner_destroy(scanner)


def _zbar_symbol(symbol: object) -> Symbol:
    raw = string_at(zbar.zbar_symbol_get_data(symbol), zbar.zbar_symbol_get_data_length(symbol))
    corners = tuple(
        (zbar.zbar_symbol_get_loc_x(symbol, i), zbar.zbar_symbol_get_loc_y(symbol, i))
        for i in range(zbar.zbar_symbol_get_loc_size(symbol))
    )
    return Symbol(raw, corners)

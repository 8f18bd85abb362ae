"""The stages of the eye, in the order in which they are worth their time."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np
import zxingcpp

from scanner import closer
from scanner.decode import Candidate, Found, Quad, Stage, Symbol, looks_like_a_pass
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
from scanner.layout import PASS_VERSION
from scanner.soft import Trust
from scanner.zbar import zbar_symbols

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from scanner.closer import Resolved
    from scanner.decode import Accept

MODULES = 37
PIXELS_A_MODULE = 6
CANDIDATES_MOST = 3
NEAR = 12
GUESSED_VERSIONS = tuple(range(1, 11))
SPARE = 4
QR = zxingcpp.BarcodeFormats([zxingcpp.BarcodeFormat.QRCodeModel2])


def zxing(gray: Gray) -> Found:
    """Return what zxing-cpp reads in *gray*, and where it fails to read what it found."""
    symbols, candidates = [], []
    for code in zxingcpp.read_barcodes(gray, formats=QR, return_errors=True):
        corners = _corners(code.position)
        if code.valid and code.error is None:
            symbols.append(Symbol(bytes(code.bytes), corners))
        elif any(x or y for x, y in corners):
            candidates.append(Candidate(corners, _version(code)))
    return Found(tuple(symbols), _distinct(candidates))


def through(change: Callable[[Gray], Gray]) -> Callable[[Gray, object, Accept], Found]:
    """Return a stage's look: zxing-cpp on the picture as *change* makes it.

    Symbols of the size of a pass that it finds there and cannot read are read softly.
    """

    def look(gray: Gray, _candidates: object, accept: Accept) -> Found:
        changed = change(gray)
        found = _scaled(zxing(changed), gray.shape[1] / changed.shape[1])
        if any(accept(symbol.raw) for symbol in found.symbols):
            return found
        softly = soft_passes(gray, found.candidates, accept)
        return Found((*found.symbols, *softly.symbols), found.candidates)

    return look


def only_zxing(gray: Gray, _candidates: object, _accept: Accept) -> Found:
    """Return what zxing-cpp reads in *gray* as it is."""
    return zxing(gray)


def soft_passes(gray: Gray, candidates: tuple[Candidate, ...], accept: Accept) -> Found:
    """Return the passes read softly at the corners of *candidates*."""
    trust = _trust(accept)
    found = []
    for candidate in candidates[:CANDIDATES_MOST]:
        quad = np.array(candidate.corners, np.float64)
        resolved = closer.at_corners(gray, quad, (PASS_VERSION,), trust)
        if resolved is not None:
            found.append(_symbol(resolved, "soft"))
    return Found(tuple(found))


def soft_anything(gray: Gray, candidates: tuple[Candidate, ...], _accept: Accept) -> Found:
    """Return what is read softly at the corners of *candidates*, with check bytes to spare."""
    found = []
    for candidate in candidates[:CANDIDATES_MOST]:
        quad = np.array(candidate.corners, np.float64)
        versions = (candidate.version,) if candidate.version else GUESSED_VERSIONS
        resolved = closer.at_corners(gray, quad, versions, _PLAIN)
        if resolved is not None:
            found.append(_symbol(resolved, "soft"))
    return Found(tuple(found))


def corner_squares(gray: Gray, _candidates: object, accept: Accept) -> Found:
    """Return the passes found by their corner squares, where no decoder finds anything."""
    found = closer.anywhere(gray, _trust(accept))
    return Found(tuple(_symbol(resolved) for resolved in found))


def any_corner_squares(gray: Gray, _candidates: object, _accept: Accept) -> Found:
    """Return whatever is found by its corner squares alone, in this size and in half of it."""
    half = as_gray(cv2.resize(gray, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA))
    near = tuple(_symbol(each) for each in closer.anywhere(half, _PLAIN))
    far = tuple(_symbol(each) for each in closer.anywhere(gray, _PLAIN, places=2))
    return Found((*_scaled(Found(near), 2.0).symbols, *far))


def look_again(gray: Gray, candidates: tuple[Candidate, ...], _accept: Accept) -> Found:
    """Return what zxing-cpp reads in the corners it had found but could not read.

    Each is cut out, brought to about six pixels a module and tried in several ways.
    """
    symbols: list[Symbol] = []
    for candidate in candidates[:CANDIDATES_MOST]:
        crop, left, top, factor = _cut(gray, candidate)
        for change in (unchanged, adaptive_mean, unsharp, clahe, equalised, adaptive_gauss):
            found = zxing(change(crop)).symbols if crop.size else ()
            symbols += [_moved(symbol, left, top, factor) for symbol in found]
            if found:
                break
    return Found(tuple(symbols))


def in_parts(gray: Gray, _candidates: object, _accept: Accept) -> Found:
    """Return what zxing-cpp reads in the left, the middle and the right half by themselves.

    A picture full of corner squares blinds a decoder to the pass beside it.
    """
    half, symbols = gray.shape[1] // 2, []
    for left in (0, half // 2, half):
        found = zxing(np.ascontiguousarray(gray[:, left : left + half])).symbols
        symbols += [_moved(symbol, left, 0, 1.0) for symbol in found]
    return Found(tuple(symbols))


def pyzbar_adaptive(gray: Gray, _candidates: object, _accept: Accept) -> Found:
    """Return what zbar reads in the thresholded picture, symbol by symbol."""
    return Found(zbar_symbols(adaptive_mean(gray)))


_PLAIN = Trust(bool, only_passes=False, spare=SPARE)
FIRST = Stage("zxing", only_zxing, 4)
SOFT = Stage("soft", soft_passes, 9)
SOFT_ANY = Stage("soft", soft_anything, 20)
ADAPTIVE = Stage("adaptive", through(adaptive_mean), 8)
AGAIN = Stage("again", look_again, 6)
CORNERS = Stage("corners", corner_squares, 25)
CORNERS_ANY = Stage("corners", any_corner_squares, 120)
PYZBAR = Stage("pyzbar", pyzbar_adaptive, 26)
EXTRAS = (
    Stage("adaptive-gauss", through(adaptive_gauss), 11),
    Stage("parts", in_parts, 8),
    Stage("clahe", through(clahe), 7),
    Stage("half-adaptive", through(half_adaptive), 4),
    Stage("median", through(median_adaptive), 12),
    Stage("equalised", through(equalised), 5),
    Stage("enlarged", through(enlarged), 11),
    Stage("unsharp", through(unsharp), 8),
    PYZBAR,
)
EVERY_STAGE = (FIRST, SOFT, ADAPTIVE, AGAIN, CORNERS, *EXTRAS)


def _trust(accept: Accept) -> Trust:
    """Return how boldly a pass may be guessed: a signature forgives all, a format nothing."""
    return Trust(accept, only_passes=True, spare=SPARE if accept is looks_like_a_pass else 0)


def _symbol(resolved: Resolved, stage: str = "") -> Symbol:
    corners = tuple((round(x), round(y)) for x, y in resolved.corners.tolist())
    return Symbol(resolved.raw, corners, stage)


def _distinct(candidates: Iterable[Candidate]) -> tuple[Candidate, ...]:
    """Return *candidates* without those whose corners are nearly another's."""
    kept: list[Candidate] = []
    for candidate in candidates:
        here = np.array(candidate.corners)
        gaps = [np.abs(here - np.array(other.corners)).max() for other in kept]
        if all(gap > NEAR for gap in gaps):
            kept.append(candidate)
    return tuple(kept)


def _version(code: zxingcpp.Barcode) -> int:
    """Return the version that zxing-cpp saw; 0 for none, or for a micro code's ("M4")."""
    extra = code.extra
    told = str(extra.get("Version", "")) if isinstance(extra, dict) else ""
    return int(told) if told.isdecimal() else 0


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
        tuple(
            Candidate(_stretched(each.corners, 0, 0, factor), each.version)
            for each in found.candidates
        ),
    )


def _moved(symbol: Symbol, left: int, top: int, factor: float) -> Symbol:
    return Symbol(symbol.raw, _stretched(symbol.corners, left, top, factor), symbol.stage)


def _stretched(quad: Iterable[tuple[int, int]], left: int, top: int, factor: float) -> Quad:
    return tuple((left + round(x * factor), top + round(y * factor)) for x, y in quad)


def _cut(gray: Gray, candidate: Candidate) -> tuple[Gray, int, int, float]:
    """Return the picture around a candidate, six pixels a module, where it was, its scale."""
    xs, ys = ([point[axis] for point in candidate.corners] for axis in (0, 1))
    modules = 17 + 4 * candidate.version if candidate.version else MODULES
    side = max(max(xs) - min(xs), max(ys) - min(ys), 1)
    margin = side // 4 + 4
    left, top = max(min(xs) - margin, 0), max(min(ys) - margin, 0)
    crop = gray[top : max(ys) + margin, left : max(xs) + margin]
    grow = min(max(modules * PIXELS_A_MODULE / side, 0.5), 4.0)
    if crop.size:
        crop = as_gray(cv2.resize(crop, None, fx=grow, fy=grow, interpolation=cv2.INTER_CUBIC))
    return crop, left, top, 1 / grow

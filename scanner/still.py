"""One still picture from a file: opened with care, read with every stage."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import cv2
import numpy as np
from PIL import Image, ImageFile, UnidentifiedImageError

from scanner.decode import Candidate, Reading, Stage, Symbol, is_news, read
from scanner.filters import Gray, as_gray, framed_black, framed_white
from scanner.stages import (
    ADAPTIVE,
    AGAIN,
    CORNERS,
    CORNERS_ANY,
    EXTRAS,
    FIRST,
    SOFT,
    SOFT_ANY,
    through,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

BYTES_MOST = 64 * 1024 * 1024
PIXELS_MOST = 64_000_000
SIDE_FIRST = 1600
SIDE_MOST = 4096
PATIENCE_MS = 1000.0
PATIENCE_WHEN_READ_MS = 60.0

STILL_STAGES = (
    FIRST,
    SOFT,
    SOFT_ANY,
    ADAPTIVE,
    SOFT_ANY,
    AGAIN,
    CORNERS,
    *EXTRAS,
    SOFT_ANY,
    Stage("framed", through(framed_white), 6),
    Stage("framed-black", through(framed_black), 6),
    CORNERS_ANY,
)
LARGE_STAGES = (FIRST, ADAPTIVE)
NOT_A_PICTURE = "not a picture"
TOO_LARGE = "too large"

Image.MAX_IMAGE_PIXELS = None  # the size is judged here, from the header, before decoding


@dataclass(frozen=True)
class PictureReading:
    """What one file gave: the texts found, the stages they took, milliseconds, a problem."""

    file: str
    texts: tuple[str, ...] = ()
    stages: tuple[str, ...] = ()
    milliseconds: float = 0.0
    problem: str | None = None


def read_picture(path: Path, accept: Callable[[bytes], bool]) -> PictureReading:
    """Return the texts in the picture at *path*; a bad file is an answer, not an error."""
    started = time.perf_counter()
    gray = open_gray(path)
    if isinstance(gray, str):
        return PictureReading(str(path), problem=gray, milliseconds=_since(started))
    symbols = read_still(gray, accept)
    return PictureReading(
        str(path),
        tuple(words(symbol.raw) for symbol in symbols),
        tuple(symbol.stage for symbol in symbols),
        _since(started),
    )


def read_still(gray: Gray, accept: Callable[[bytes], bool]) -> tuple[Symbol, ...]:
    """Return the symbols in *gray*: first at a handy size, then as large as it came."""
    small = _at_most(gray, SIDE_FIRST)
    reading = _patiently(small, STILL_STAGES, accept)
    if not reading.symbols and small is not gray:
        reading = _patiently(_at_most(gray, SIDE_MOST), LARGE_STAGES, accept)
    return reading.symbols


def open_gray(path: Path) -> Gray | str:
    """Return the picture at *path* in grey (height x width), or why it cannot be had."""
    try:
        if path.stat().st_size > BYTES_MOST:
            return TOO_LARGE
        with Image.open(path) as image:
            image.draft("L", (SIDE_FIRST, SIDE_FIRST))  # JPEG alone can decode smaller
            if image.width * image.height > PIXELS_MOST:
                return TOO_LARGE
            return _on_white(image)
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, MemoryError):
        return NOT_A_PICTURE
    except (EOFError, IndexError, KeyError, TypeError, RuntimeError):  # broken headers
        return NOT_A_PICTURE


def words(raw: bytes) -> str:
    """Return *raw* for a person to read; bytes that are not UTF-8 are taken as Latin-1."""
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode("latin-1")


def _on_white(image: ImageFile.ImageFile) -> Gray:
    """Return *image* in grey; what is transparent in it stands on white."""
    if image.mode in {"I", "F", "I;16", "I;16B", "I;16L"}:
        deep = np.nan_to_num(np.asarray(image, dtype=np.float64))
        return as_gray(cv2.normalize(deep, np.empty_like(deep), 0, 255, cv2.NORM_MINMAX))
    if image.mode in {"RGBA", "LA", "PA", "La", "RGBa"} or "transparency" in image.info:
        with_alpha = image.convert("RGBA")
        ground = Image.new("RGBA", with_alpha.size, "white")
        return np.asarray(Image.alpha_composite(ground, with_alpha).convert("L"))
    return np.asarray(image.convert("L"))


def _patiently(
    gray: Gray, stages: tuple[Stage, ...], accept: Callable[[bytes], bool]
) -> Reading:
    """Return what the *stages* read: all of them while nothing is found, briefly after."""
    started = time.thread_time()
    found: dict[bytes, Symbol] = {}
    candidates: tuple[Candidate, ...] = ()
    for stage in stages:
        patience = PATIENCE_WHEN_READ_MS if found else PATIENCE_MS
        reading = read(
            gray, (stage,), accept, patience - _spent(started), candidates=candidates
        )
        candidates = reading.candidates or candidates
        new = (symbol for symbol in reading.symbols if is_news(symbol, found.values()))
        found |= {symbol.raw: symbol for symbol in new}
        if reading.late or any(accept(raw) for raw in found):
            break
    return Reading(tuple(found.values()), candidates, _spent(started))


def _at_most(gray: Gray, side: int) -> Gray:
    longest = max(gray.shape)
    if longest <= side:
        return gray
    factor = side / longest
    size = max(round(gray.shape[1] * factor), 1), max(round(gray.shape[0] * factor), 1)
    return as_gray(cv2.resize(gray, size, interpolation=cv2.INTER_AREA))


def _since(started: float) -> float:
    return (time.perf_counter() - started) * 1000


def _spent(started: float) -> float:
    """Return the milliseconds of processor time since *started*, however busy the machine."""
    return (time.thread_time() - started) * 1000

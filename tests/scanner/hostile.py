"""Symbols and frames drawn to upset a reader, seeded; half of them beside a good pass."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import cv2
import numpy as np
import qrcode
from qrcode import util
from qrcode.constants import ERROR_CORRECT_H, ERROR_CORRECT_L

from invitations.services import drawing
from scanner.filters import Gray, as_gray
from tests.scanner.door_frames import HEIGHT, OTHER_SEED, WIDTH, a_code, a_text

VARIANTS = 12
Draw = Callable[[np.random.Generator], Gray]


@dataclass(frozen=True)
class Attack:
    """One frame shown to the reader; *good* is the pass that must still be read in it."""

    kind: str
    frame: Gray
    good: str | None


def an_attack(seed: int) -> Attack:
    """Return attack number *seed*; even ones stand beside a good pass."""
    random = np.random.default_rng((seed, 20))
    kind = list(KINDS)[seed // 2 % len(KINDS)]
    symbol = _symbol(kind, seed % VARIANTS)
    good = a_text(seed) if seed % 2 == 0 else None
    if good is None and seed % 3 == 0:
        return Attack(kind, _broken_frame(symbol, random), None)
    frame = np.full((HEIGHT, WIDTH), int(random.integers(60, 230)), np.uint8)
    _lay(frame, symbol, 40 + int(random.integers(0, 60)), 560)
    if good is not None:
        _lay(frame, _pass(good), 740 + int(random.integers(0, 60)), 480)
    noise = random.normal(0, 4, frame.shape)
    return Attack(kind, as_gray(np.clip(frame + noise, 0, 255)), good)


@cache
def _symbol(kind: str, variant: int) -> Gray:
    """Return one symbol of *kind*; drawing them anew for each frame would take all night."""
    return KINDS[kind](np.random.default_rng((variant, 21)))


def _pass(text: str) -> Gray:
    modules = np.pad(np.where(drawing.matrix(text), 0, 255), 4, constant_values=255)
    return as_gray(np.kron(modules, np.ones((7, 7))))


def _lay(frame: Gray, symbol: Gray, left: int, most: int) -> None:
    """Lay *symbol*, no larger than *most* pixels, into *frame* at *left*."""
    factor = min(most / max(symbol.shape), 1.0)
    small = cv2.resize(symbol, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)
    frame[60 : 60 + small.shape[0], left : left + small.shape[1]] = small


def _structured_append(random: np.random.Generator) -> Gray:
    params = cv2.QRCodeEncoder.Params()
    params.structure_number = int(random.integers(2, 6))
    encoder = cv2.QRCodeEncoder.create(params)
    words = "one code of several which belong together " * int(random.integers(1, 4))
    pictures = encoder.encodeStructuredAppend(words)
    return _grown(as_gray(pictures[int(random.integers(len(pictures)))]))


def _nul(random: np.random.Generator) -> Gray:
    cut = int(random.integers(0, 200))
    text = a_text(int(random.integers(1, 99))).encode()
    return a_code(text[:cut] + b"\x00" + text[cut:], scale=5)


def _not_utf8(random: np.random.Generator) -> Gray:
    return a_code(b"\xff\xfe\x80" + random.bytes(int(random.integers(1, 150))), scale=5)


def _huge(random: np.random.Generator) -> Gray:
    code = qrcode.QRCode(error_correction=ERROR_CORRECT_L, version=40, box_size=3, border=4)
    digits = "".join(map(str, random.integers(0, 10, 3000)))
    code.add_data(util.QRData("71" + digits, mode=util.MODE_NUMBER))
    return _drawn(code, 3)


def _forged(random: np.random.Generator) -> Gray:
    return a_code(a_text(int(random.integers(1, 99)), seed=OTHER_SEED), scale=7)


def _nearly_a_pass(random: np.random.Generator) -> Gray:
    digits = "71" + "".join(map(str, random.integers(0, 10, 200)))
    return a_code(
        str(random.choice([digits, digits + "\n", digits[:-1], " " + digits])), scale=6
    )


def _random_modules(random: np.random.Generator) -> Gray:
    """Return a pass's own finders and timing with noise for data."""
    code = qrcode.QRCode(error_correction=ERROR_CORRECT_H, version=5, border=0)
    code.add_data("x")
    code.make(fit=False)
    dark = np.array(code.modules, dtype=bool)
    data = random.random(dark.shape) < 0.5
    data[:9, :9], data[:9, -8:], data[-8:, :9] = dark[:9, :9], dark[:9, -8:], dark[-8:, :9]
    data[6], data[:, 6] = dark[6], dark[:, 6]
    return np.kron(
        np.pad(np.where(data, 0, 255), 4, constant_values=255), np.ones((7, 7))
    ).astype(np.uint8)


def _wall_of_finders(_random: np.random.Generator) -> Gray:
    ring = np.zeros((9, 9), np.uint8)
    ring[1:8, 1:8], ring[2:7, 2:7], ring[3:6, 3:6] = 255, 0, 255
    return np.tile(255 - np.kron(ring, np.ones((3, 3), np.uint8)), (20, 20))


def _cut_in_half(random: np.random.Generator) -> Gray:
    code = a_code(a_text(int(random.integers(1, 99)), seed=OTHER_SEED), scale=7).copy()
    code[:, int(random.integers(60, 250)) :] = 255
    return code


def _grown(modules: Gray) -> Gray:
    return np.pad(np.kron(modules, np.ones((6, 6), np.uint8)), 30, constant_values=255)


def _drawn(code: "qrcode.QRCode", scale: int) -> Gray:
    code.make(fit=True)
    modules = np.where(np.array(code.get_matrix()), 0, 255).astype(np.uint8)
    return np.kron(modules, np.ones((scale, scale), np.uint8))


def _broken_frame(symbol: Gray, random: np.random.Generator) -> Gray:
    """Return a frame such as a camera in trouble gives."""
    noise = random.integers(0, 256, (HEIGHT, WIDTH), dtype=np.uint8)
    torn = noise.copy()
    torn[: min(symbol.shape[0], HEIGHT), : min(symbol.shape[1], WIDTH)] = symbol[
        :HEIGHT, :WIDTH
    ]
    frames = (
        noise,
        torn,
        noise[:1, :1],
        noise[:2],
        noise[:, :3],
        np.zeros((HEIGHT, WIDTH), np.uint8),
        np.full((1080, 1920), 255, np.uint8),
        np.repeat(np.repeat(noise[:180, :320], 4, axis=0), 4, axis=1),
    )
    return frames[int(random.integers(len(frames)))]


KINDS: dict[str, Draw] = {
    "structured append": _structured_append,
    "nul": _nul,
    "not utf-8": _not_utf8,
    "huge": _huge,
    "forged": _forged,
    "nearly a pass": _nearly_a_pass,
    "random modules": _random_modules,
    "wall of finders": _wall_of_finders,
    "cut in half": _cut_in_half,
}

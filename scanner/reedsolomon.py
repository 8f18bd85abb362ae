"""Reed-Solomon over GF(256) as in QR codes (ISO/IEC 18004): errors, erasures, many at once."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

Bytes = NDArray[np.uint8]
Flags = NDArray[np.bool_]

PRIMITIVE = 0x11D
ORDER = 255


@dataclass(frozen=True)
class Corrected:
    """Words put right: *words* and *good* are rows in the order asked; *errors* per row.

    A row that is not good is beyond repair, and its word means nothing.
    """

    words: Bytes
    good: Flags
    errors: NDArray[np.intp]


def correct(words: Bytes, erased: Flags, checks: int) -> Corrected:
    """Correct each row of *words* (rows x length), of which *erased* bytes are not believed.

    A row with e erasures and v errors elsewhere is put right when e + 2 v is at most
    *checks*, the number of check bytes at its end.
    """
    places = _places(words.shape[1])
    syndromes = _syndromes(words, places, checks)
    count = erased.sum(axis=1)
    locator, length = _locator(syndromes, _erasure_locator(erased, places, checks), count)
    errors, roots = _errors(syndromes, locator, places)
    degree = checks - np.argmax(locator[:, ::-1] != 0, axis=1)
    good = (roots == degree) & (degree == length) & (2 * length - count <= checks)
    fixed = words ^ errors
    good &= ~_syndromes(fixed, places, checks).any(axis=1)
    return Corrected(fixed, good, (fixed != words).sum(axis=1))


@cache
def _tables() -> tuple[Bytes, NDArray[np.intp]]:
    """Return the powers of 2 (510 of them, to spare a modulo) and their logarithms."""
    powers = np.zeros(2 * ORDER, np.uint8)
    logs = np.zeros(256, np.intp)
    value = 1
    for exponent in range(ORDER):
        powers[exponent] = powers[exponent + ORDER] = value
        logs[value] = exponent
        value = (value << 1) ^ (PRIMITIVE if value & 0x80 else 0)
    return powers, logs


@cache
def _products() -> Bytes:
    """Return the product of any two bytes, 256 x 256."""
    powers, logs = _tables()
    table = powers[logs[:, None] + logs[None, :]]
    table[0, :] = table[:, 0] = 0
    return np.asarray(table, np.uint8)


@cache
def _places(length: int) -> Bytes:
    """Return the locator of each place: the first byte has the highest power."""
    return _tables()[0][np.arange(length - 1, -1, -1)]


@cache
def _powers_of_places(length: int, count: int, *, inverse: bool) -> Bytes:
    """Return each place's locator, or its inverse, to the powers below *count*."""
    exponents = np.arange(length - 1, -1, -1)[None, :] * np.arange(count)[:, None]
    powers = _tables()[0]
    return np.asarray(powers[(-exponents if inverse else exponents) % ORDER], np.uint8)


def _syndromes(words: Bytes, places: Bytes, checks: int) -> Bytes:
    powers = _powers_of_places(len(places), checks, inverse=False)
    terms = _products()[words[:, None, :], powers[None, :, :]]
    return np.asarray(np.bitwise_xor.reduce(terms, axis=2), np.uint8)


def _erasure_locator(erased: Flags, places: Bytes, checks: int) -> Bytes:
    """Return for each row the polynomial (lowest power first) whose roots are its erasures."""
    products = _products()
    found = np.zeros((len(erased), checks + 1), np.uint8)
    found[:, 0] = 1
    for place in np.flatnonzero(erased.any(axis=0)):
        rows = erased[:, place]
        found[rows, 1:] ^= products[found[rows, :-1], places[place]]
    return found


def _locator(
    syndromes: Bytes, start: Bytes, count: NDArray[np.intp]
) -> tuple[Bytes, NDArray[np.intp]]:
    """Return the error-and-erasure locator of each row and its length (Berlekamp-Massey)."""
    products, (powers, logs) = _products(), _tables()
    rows, checks = syndromes.shape
    locator, before = start.copy(), start.copy()
    length = count.copy()
    padded = np.concatenate((np.zeros((rows, checks + 1), np.uint8), syndromes), axis=1)
    for step in range(1, checks + 1):
        window = padded[:, step : step + checks + 1][:, ::-1]
        gap = np.bitwise_xor.reduce(products[locator, window], axis=1)
        active = step > count
        gap = np.where(active, gap, 0).astype(np.uint8)
        shifted = np.zeros_like(before)
        shifted[:, 1:] = before[:, :-1]
        longer = (gap != 0) & (2 * length <= step + count - 1)
        inverse = powers[(ORDER - logs[gap]) % ORDER]
        renewed = products[locator, inverse[:, None]]
        before = np.where(longer[:, None], renewed, shifted)
        before = np.where(active[:, None], before, start)
        locator = locator ^ products[shifted, gap[:, None]]
        length = np.where(longer, step + count - length, length)
    return locator, length


def _errors(syndromes: Bytes, locator: Bytes, places: Bytes) -> tuple[Bytes, NDArray[np.intp]]:
    """Return what to add at each place, and how many places the locator names (Forney)."""
    products, (powers, logs) = _products(), _tables()
    checks = syndromes.shape[1]
    inverses = _powers_of_places(len(places), checks + 1, inverse=True)
    values = _at_places(locator, inverses)
    roots = values == 0
    odd = np.zeros_like(locator)
    odd[:, 0:-1:2] = locator[:, 1::2]
    slope = _at_places(odd, inverses)
    size = products[_at_places(_evaluator(syndromes, locator), inverses), places[None, :]]
    quotient = products[size, powers[(ORDER - logs[slope]) % ORDER]]
    return np.where(roots & (slope != 0), quotient, 0).astype(np.uint8), roots.sum(axis=1)


def _evaluator(syndromes: Bytes, locator: Bytes) -> Bytes:
    """Return syndromes times locator, without the powers from the number of checks on."""
    products, checks = _products(), syndromes.shape[1]
    found = np.zeros_like(locator)
    for power in range(checks):
        part = products[locator[:, power, None], syndromes[:, : checks - power]]
        found[:, power:checks] ^= part
    return found


def _at_places(polynomials: Bytes, powers: Bytes) -> Bytes:
    terms = _products()[polynomials[:, :, None], powers[None, : polynomials.shape[1], :]]
    return np.asarray(np.bitwise_xor.reduce(terms, axis=1), np.uint8)

"""Soft reading: modules that are dark or light to a degree, to the text of the symbol."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice, product
from typing import TYPE_CHECKING

import numpy as np
import zxingcpp
from numpy.typing import NDArray

from scanner import layout
from scanner.layout import LEVEL_M, Blocks, plan
from scanner.reedsolomon import correct

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from scanner.grid import Field

ERASURES = (0, 3, 6, 9, 12, 15, 18, 20, 22)
COMBINATIONS_MOST = 4
QUIET = 4
# digits (mode 1), 202 of them, and what 710 to 719 have in common: a pass begins with these
_BEGINNING = np.array([3.0 if bit == "1" else -3.0 for bit in "00010011001010101100"])


@dataclass(frozen=True)
class Trust:
    """How far a correction may go.

    A signed text may be guessed at boldly: its signature is the judge (*accept*). Any other
    must leave *spare* check bytes of the symbol unused, so that noise becomes no text.
    """

    accept: Callable[[bytes], bool]
    only_passes: bool
    spare: int = 0
    masks: int = 2


def texts(soft: Field, noise: float, version: int, trust: Trust) -> Iterator[bytes]:
    """Yield what the symbol with the modules *soft* may say, the likeliest first."""
    for word in _formats(soft, version, trust):
        yield from _with_format(soft, noise, version, word, trust)


def _formats(soft: Field, version: int, trust: Trust) -> list[int]:
    """Return the likeliest format words (level * 8 + mask)."""
    words = layout.format_words()
    seen = np.clip(soft.ravel()[plan(version).formats], -1, 1)
    scores = words @ seen.sum(axis=0)
    if trust.only_passes:
        scores[np.arange(32) // 8 != LEVEL_M] = -np.inf
    return [int(word) for word in np.argsort(scores)[::-1][: trust.masks]]


def _with_format(
    soft: Field, noise: float, version: int, word: int, trust: Trust
) -> Iterator[bytes]:
    level, mask = divmod(word, 8)
    deal = layout.blocks(version, level)
    turned = layout.masks(version)[mask]
    values = soft.ravel()[plan(version).order]
    values = np.where(turned, -values, values)
    if trust.only_passes:
        values = np.concatenate((_BEGINNING, values[len(_BEGINNING) :]))
    whole = len(values) // 8 * 8
    read, doubt = _bytes(values[:whole], noise)
    found = _blocks(read, doubt, deal, trust)
    if not all(found):
        return
    for choice in islice(product(*found), COMBINATIONS_MOST):
        yield from _said(np.stack(choice), deal, version, word)


def _bytes(values: Field, noise: float) -> tuple[NDArray[np.uint8], NDArray[np.float64]]:
    """Return the bytes that *values* spell, and the doubt in each."""
    certainty = np.minimum(2 * np.abs(values) / noise, 40.0)
    doubt = np.log1p(np.exp(-certainty)).reshape(-1, 8).sum(axis=1)
    return np.packbits(values > 0), doubt.astype(np.float64)


def _blocks(
    read: NDArray[np.uint8], doubt: NDArray[np.float64], deal: Blocks, trust: Trust
) -> list[list[NDArray[np.uint8]]]:
    """Return for each block its possible corrections, the least doubtful change first."""
    gap = deal.places < 0
    words = np.where(gap, 0, read[deal.places]).astype(np.uint8)
    doubts = np.where(gap, -1.0, doubt[deal.places])
    ranks = np.argsort(np.argsort(-doubts, axis=1), axis=1)
    spare = -(-trust.spare // len(words))
    steps = [many for many in ERASURES if many <= deal.checks - max(spare, 1)]
    tried = np.repeat(words, len(steps), axis=0)
    erased = np.concatenate([np.stack([rank < many for many in steps]) for rank in ranks])
    done = correct(tried, erased, deal.checks)
    used = erased.sum(axis=1) + 2 * ((done.words != tried) & ~erased).sum(axis=1)
    good = done.good & (used <= deal.checks - spare)
    found: list[list[NDArray[np.uint8]]] = []
    for number, doubts_here in enumerate(doubts):
        rows = range(number * len(steps), (number + 1) * len(steps))
        ways = {done.words[row].tobytes(): done.words[row] for row in rows if good[row]}
        found.append(
            sorted(ways.values(), key=lambda way: _cost(way, words[number], doubts_here))
        )
    return found


def _cost(
    way: NDArray[np.uint8], word: NDArray[np.uint8], doubts: NDArray[np.float64]
) -> float:
    """Return how unlikely it is that *word* was read where *way* is written."""
    return float(-np.log(np.clip(doubts[way != word], 1e-9, None)).sum())


def _said(blocks: NDArray[np.uint8], deal: Blocks, version: int, word: int) -> Iterator[bytes]:
    """Yield what zxing-cpp reads in the symbol drawn anew from corrected *blocks*."""
    there = deal.places >= 0
    codewords = np.zeros(there.sum(), np.uint8)
    codewords[deal.places[there]] = blocks[there]
    symbol = plan(version).dark.copy()
    words = layout.format_words()[word] > 0
    symbol.flat[plan(version).formats] = words
    order = plan(version).order
    bits = np.zeros(len(order), bool)
    bits[: 8 * len(codewords)] = np.unpackbits(codewords).astype(bool)
    symbol.flat[order] = bits ^ layout.masks(version)[word % 8]
    drawn = np.pad(np.where(symbol, 0, 255).astype(np.uint8), QUIET, constant_values=255)
    drawn = np.kron(drawn, np.ones((2, 2), np.uint8))
    wanted = zxingcpp.BarcodeFormats([zxingcpp.BarcodeFormat.QRCodeModel2])
    for code in zxingcpp.read_barcodes(drawn, formats=wanted):
        yield bytes(code.bytes)

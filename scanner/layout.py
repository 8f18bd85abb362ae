"""The plan of a QR symbol (ISO/IEC 18004): which module means what, versions 1 to 40."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

Flags = NDArray[np.bool_]
Places = NDArray[np.intp]

VERSIONS = range(1, 41)
PASS_VERSION = 5
LEVEL_M = 0
FINDER, SEPARATED = 7, 8
SPECIFIED_FROM = 7
FORMAT_MASK, FORMAT_GENERATOR = 0x5412, 0x537
VERSION_GENERATOR = 0x1F25
LETTERS_OF_LEVELS = "MLHQ"  # by the two bits that name them

# check bytes of a block, and blocks, for each version (ISO/IEC 18004, table 9)
_CHECKS = {
    "L": "07 10 15 20 26 18 20 24 30 18 20 24 26 30 22 24 28 30 28 28 28 28 30 30 26 28 30 30"
    " 30 30 30 30 30 30 30 30 30 30 30 30",
    "M": "10 16 26 18 24 16 18 22 22 26 30 22 22 24 24 28 28 26 26 26 26 28 28 28 28 28 28 28"
    " 28 28 28 28 28 28 28 28 28 28 28 28",
    "Q": "13 22 18 26 18 24 18 22 20 24 28 26 24 20 30 24 28 28 26 30 28 30 30 30 30 28 30 30"
    " 30 30 30 30 30 30 30 30 30 30 30 30",
    "H": "17 28 22 16 22 28 26 26 24 28 24 28 22 24 24 30 28 28 26 28 30 24 30 30 30 30 30 30"
    " 30 30 30 30 30 30 30 30 30 30 30 30",
}
_BLOCKS = {
    "L": "1 1 1 1 1 2 2 2 2 4 4 4 4 4 6 6 6 6 7 8 8 9 9 10 12 12 12 13 14 15 16 17 18 19 19 20"
    " 21 22 24 25",
    "M": "1 1 1 2 2 4 4 4 5 5 5 8 9 9 10 10 11 13 14 16 17 17 18 20 21 23 25 26 28 29 31 33 35"
    " 37 38 40 43 45 47 49",
    "Q": "1 1 2 2 4 4 6 6 8 8 8 10 12 16 12 17 16 18 21 20 23 23 25 27 29 34 34 35 38 40 43 45"
    " 48 51 53 56 59 62 65 68",
    "H": "1 1 2 4 4 4 5 6 8 8 11 11 16 16 18 16 19 21 25 25 25 34 30 32 35 37 40 42 45 48 51 54"
    " 57 60 63 66 70 74 77 81",
}


@dataclass(frozen=True)
class Plan:
    """One version: *side* modules; *known* ones are *dark* or not whatever the text is.

    *order* are the places of the data bits (row * side + column) as they are read;
    *formats* the places of the two copies of the 15 format bits, highest bit first.
    """

    version: int
    side: int
    known: Flags
    dark: Flags
    order: Places
    formats: Places

    @property
    def known_places(self) -> Places:
        """The known modules as rows of (row, column)."""
        return np.argwhere(self.known)

    @property
    def known_signs(self) -> NDArray[np.float32]:
        """What the known modules are: 1 dark, -1 light."""
        return np.where(self.dark[self.known], 1, -1).astype(np.float32)


@dataclass(frozen=True)
class Blocks:
    """How the bytes of a symbol are dealt into blocks: each row the places of one block.

    Blocks of one symbol differ by one data byte; *short* says which lack the first column.
    """

    checks: int
    places: Places
    short: Flags


@cache
def plan(version: int) -> Plan:
    """Return the plan of *version*."""
    side = 17 + 4 * version
    known, dark = np.zeros((side, side), bool), np.zeros((side, side), bool)
    _draw_finders(known, dark)
    _draw_timing(known, dark)
    for row, column in _alignments(version):
        _draw_square(known, dark, row, column, 2)
    if version >= SPECIFIED_FROM:
        _draw_version(known, dark, version)
    known[side - 8, 8] = dark[side - 8, 8] = True
    formats = _format_places(side)
    reserved = known.copy()
    reserved.flat[formats.ravel()] = True
    return Plan(version, side, known, dark, _reading_order(reserved), formats)


@cache
def blocks(version: int, level: int) -> Blocks:
    """Return how the bytes of *version* are dealt at *level* (its two bits as a number)."""
    letter = LETTERS_OF_LEVELS[level]
    checks = int(_CHECKS[letter].split()[version - 1])
    count = int(_BLOCKS[letter].split()[version - 1])
    total = len(plan(version).order) // 8
    longest = -(-total // count)
    short = np.arange(count) < count - total % count if total % count else np.zeros(count, bool)
    places = np.zeros((count, longest), np.intp)
    data, at = longest - checks, 0
    for column in range(longest):
        for block in range(count):
            if column == data - 1 and short[block]:
                continue  # a short block has no last data byte
            places[block, column] = at
            at += 1
    return Blocks(
        checks,
        np.array([_front(row, data, s) for row, s in zip(places, short, strict=True)]),
        short,
    )


@cache
def masks(version: int) -> Flags:
    """Return for each of the eight masks which data bits, in reading order, it turns over."""
    side = plan(version).side
    row, column = np.divmod(plan(version).order, side)
    product, third = row * column, (row * column) % 3
    patterns = (
        (row + column) % 2,
        row % 2,
        column % 3,
        (row + column) % 3,
        (row // 2 + column // 3) % 2,
        product % 2 + third,
        (product % 2 + third) % 2,
        ((row + column) % 2 + third) % 2,
    )
    return np.asarray(np.equal(np.stack(patterns), 0), np.bool_)


@cache
def format_words() -> NDArray[np.float32]:
    """Return the 32 words of 15 format bits as signs, 1 dark; word = level * 8 + mask."""
    words = np.array([_with_remainder(i, FORMAT_GENERATOR, 10) for i in range(32)])
    bits = ((words ^ FORMAT_MASK)[:, None] >> np.arange(14, -1, -1)) & 1
    return np.where(bits == 1, 1, -1).astype(np.float32)


def _front(row: Places, data: int, short: np.bool_) -> Places:
    """Return the places of a block; a short one gets its gap at the front, as a zero byte."""
    if not short:
        return row
    return np.concatenate(([-1], row[: data - 1], row[data:]))


def _draw_square(known: Flags, dark: Flags, row: int, column: int, reach: int) -> None:
    """Draw rings around a middle, dark and light in turn from the outermost dark one."""
    for y in range(-reach, reach + 1):
        for x in range(-reach, reach + 1):
            known[row + y, column + x] = True
            dark[row + y, column + x] = max(abs(x), abs(y)) != reach - 1


def _draw_finders(known: Flags, dark: Flags) -> None:
    side = len(known)
    far = side - FINDER
    for row, column in ((0, 0), (0, far), (far, 0)):
        rows = slice(max(row - 1, 0), row + SEPARATED)
        columns = slice(max(column - 1, 0), column + SEPARATED)
        known[rows, columns] = True
        _draw_square(known, dark, row + 3, column + 3, 3)


def _draw_timing(known: Flags, dark: Flags) -> None:
    for at in range(SEPARATED, len(known) - SEPARATED):
        known[6, at] = known[at, 6] = True
        dark[6, at] = dark[at, 6] = at % 2 == 0


def _alignments(version: int) -> list[tuple[int, int]]:
    """Return the middles of the alignment patterns of *version* (row, column)."""
    if version == 1:
        return []
    side, count = 17 + 4 * version, version // 7 + 2
    step = (version * 8 + count * 3 + 5) // (count * 4 - 4) * 2
    line = [6, *sorted(side - 7 - step * i for i in range(count - 1))]
    taken = {(6, 6), (6, side - 7), (side - 7, 6)}
    return [(row, column) for row in line for column in line if (row, column) not in taken]


def _draw_version(known: Flags, dark: Flags, version: int) -> None:
    side, word = len(known), _with_remainder(version, VERSION_GENERATOR, 12)
    for bit in range(18):
        across, along = side - 11 + bit % 3, bit // 3
        known[across, along] = known[along, across] = True
        dark[across, along] = dark[along, across] = bool(word >> bit & 1)


def _format_places(side: int) -> Places:
    column_eight = [*range(6), 7, 8]  # bits 0 to 7 of the first copy, upwards on the paper
    first = [(row, 8) for row in column_eight] + [(8, 7)]
    first += [(8, 5 - i) for i in range(6)]
    second = [(8, side - 1 - i) for i in range(8)]
    second += [(side - 7 + i, 8) for i in range(7)]
    copies = [[row * side + column for row, column in copy[::-1]] for copy in (first, second)]
    return np.array(copies, np.intp)


def _reading_order(reserved: Flags) -> Places:
    """Return the places of data: two columns at a time from the right, up and down in turn."""
    side, found, up = len(reserved), [], True
    for right in [*range(side - 1, 6, -2), 5, 3, 1]:
        for row in range(side - 1, -1, -1) if up else range(side):
            pair = (right, right - 1)
            found += [row * side + column for column in pair if not reserved[row, column]]
        up = not up
    return np.array(found, np.intp)


def _with_remainder(value: int, generator: int, bits: int) -> int:
    """Return *value* followed by its check *bits* of a BCH code."""
    rest = value << bits
    while rest.bit_length() >= generator.bit_length():
        rest ^= generator << (rest.bit_length() - generator.bit_length())
    return value << bits | rest

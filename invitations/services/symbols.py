"""The table behind the drawing room: a QR symbol as a sum of its bits.

For one version, level, mask and length every module of a symbol is an affine function over
GF(2) of the bits of its text. So a symbol is one constant picture and, for each bit that is
set, one more picture, all exclusive-ored. The pictures are taken from the qrcode library
once; whatever is drawn from them is the library's own drawing.
"""

from __future__ import annotations

from functools import cache

from invitations.services import plainqr

VERSION = 5
MODULES = 37
MASK = 2
DIGITS = 202

_BLOCKS, _BLOCK_BYTES = 2, 43  # level M of version 5: two blocks of 43 bytes of data
_WORDS = 134  # bytes of data and correction together
_GROUP = 3
_WIDTHS = (0, 4, 7, 10)  # bits for so many digits
_HEAD = f"{1:04b}{DIGITS:010b}"  # numeric mode, and how many digits follow


def fits(text: str) -> bool:
    """Tell whether *text* is 202 ASCII digits, as a pass text is."""
    return len(text) == DIGITS and text.isascii() and text.isdecimal()


def rows(text: str) -> list[int]:
    """Return the 37 rows of the symbol of *text*, which *fits*; the left module is high."""
    drawn = modules(text)
    return [int(drawn[at : at + MODULES], 2) for at in range(0, len(drawn), MODULES)]


def modules(text: str) -> str:
    """Return the 37 x 37 modules of *text*, which *fits*, row by row; dark ones are "1"."""
    picture, pictures = _pictures_of_bytes()
    for byte, each in zip(_data(text), pictures, strict=True):
        picture ^= each[byte]
    return f"{picture:0{MODULES * MODULES}b}"


def _data(text: str) -> bytes:
    """Return the data of *text* (ISO/IEC 18004, 7.4.3): it fills the symbol exactly."""
    spelt = _spelt()
    groups = [spelt[text[at : at + _GROUP]] for at in range(0, DIGITS, _GROUP)]
    return int(_HEAD + "".join(groups), 2).to_bytes(_BLOCKS * _BLOCK_BYTES, "big")


@cache
def _spelt() -> dict[str, str]:
    """Return the bits of each group of one to three digits."""
    return {
        f"{number:0{digits}}": f"{number:0{_WIDTHS[digits]}b}"
        for digits in (1, 2, 3)
        for number in range(10**digits)
    }


@cache
def _pictures_of_bytes() -> tuple[int, list[list[int]]]:
    """Return the picture of all-zero data, and what each value of each byte changes in it.

    A byte at a time takes an eighth of the steps that a bit at a time does, for four
    megabytes.
    """
    empty, pictures = _table()
    tables = []
    for at in range(0, len(pictures), 8):
        table = [0]
        for picture in reversed(pictures[at : at + 8]):  # the last bit counts one
            table += [picture ^ each for each in table]
        tables.append(table)
    return empty, tables


@cache
def _table() -> tuple[int, list[int]]:
    """Return the picture of all-zero data, and what each bit of the data changes in it."""
    empty = _picture([0] * _WORDS)
    places = _places(empty)
    pictures = [0] * (_BLOCKS * _BLOCK_BYTES * 8)
    for bit in range(_BLOCK_BYTES * 8):
        words = _corrected(bit)
        for block in range(_BLOCKS):
            own = [word if at % _BLOCKS == block else 0 for at, word in enumerate(words)]
            changed = [
                places[at * 8 + high]
                for at, word in enumerate(own)
                for high in range(8)
                if word >> (7 - high) & 1
            ]
            pictures[block * _BLOCK_BYTES * 8 + bit] = sum(changed)
    return empty, pictures


def _places(empty: int) -> list[int]:
    """Return the module of each bit of the codewords, as a picture with that module alone.

    Eleven pictures in which every bit spells its own number tell all places at once.
    """
    count = _WORDS * 8
    spelt = []
    for digit in range(count.bit_length()):
        bits = "".join(str((number + 1) >> digit & 1) for number in range(count))
        spelt.append(_picture([int(bits[at : at + 8], 2) for at in range(0, count, 8)]) ^ empty)
    places = [0] * count
    for module in range(MODULES * MODULES):
        number = sum((picture >> module & 1) << digit for digit, picture in enumerate(spelt))
        if number:
            places[number - 1] = 1 << module
    return places


def _corrected(bit: int) -> list[int]:
    """Return all codewords when *bit* is the only one set in each block."""
    block = [0] * _BLOCK_BYTES
    block[bit // 8] = 0x80 >> bit % 8
    return plainqr.corrected(block * _BLOCKS, VERSION)


def _picture(codewords: list[int]) -> int:
    """Return the library's drawing of these codewords as one number, row by row."""
    return plainqr.picture(codewords, VERSION, MASK)

"""The header row of a guest list: found by its words, its columns guessed."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256

from invitations.domain.encodings import DECODERS
from invitations.domain.names import clean, fold

SEARCHED_ROWS = 20
LARGEST_WIDTH = 60
FIELDS = (
    "honorific",
    "family",
    "name",
    "title",
    "organisation",
    "phone",
    "email",
    "note",
    "vip",
    "party",
    "press_card",
    "category",
)

_LONGEST_HEADING = 60
_LEAST_KNOWN = 2
_WORDS = {
    "number": "stt|tt|so tt|so thu tu|no|s t t",
    "honorific": "xung ho|danh xung|ong ba|cach xung ho|gioi tinh|honorific|salutation",
    "family": "ho dem|ho va dem|ho lot|ho va ten dem|ho va chu dem|ho va chu lot|ho|surname"
    "|last name|family name",
    "name": "ho va ten|ho ten|ho va ten dai bieu|ho ten dai bieu|ten dai bieu|dai bieu|ten"
    "|khach moi|ten khach moi|ten khach|ho va ten khach moi|ho ten khach moi|nguoi lien he"
    "|dau moi|can bo dau moi|full name|name|guest|guest name|given name|first name|nha bao"
    "|ho va ten nha bao|ho va ten phong vien",
    "title": "chuc vu|chuc danh|vi tri|chuc vu chuc danh|cong viec|nghe nghiep|title|position"
    "|job title",
    "organisation": "co quan|don vi|toa soan|co quan bao chi|co quan don vi|ten don vi"
    "|ten co quan|don vi cong tac|noi cong tac|co quan cong tac|to chuc|cong ty|bao dai"
    "|ten bao|organisation|organization|company|agency|newspaper|phong ban|don vi bao chi",
    "phone": "sdt|dt|dtdd|so dtdd|di dong|so di dong|dien thoai|dien thoai di dong|mobile"
    "|so dien thoai|so dien thoai di dong|so dt|so may|phone|tel|telephone|phone number"
    "|mobile phone|mobile number|cell phone",
    "email": "email|e mail|mail|thu dien tu|dia chi email|dia chi thu dien tu|hop thu|gmail"
    "|hop thu dien tu|dia chi mail|email address|thu dt",
    "note": "ghi chu|luu y|chu thich|note|notes|remark|remarks|comment|comments",
    "vip": "vip|khach vip",
    "party": "so dai bieu|so nguoi|so luong|so khach|so nguoi di|so luong dai bieu|party"
    "|so nguoi tham du|so luong nguoi|so luong khach|seats|party size|number of guests",
    "press_card": "the nha bao|so the nha bao|so the|so hieu the|press card|press card number",
    "category": "nhom khach|nhom|loai khach|loai|doi tuong|doi tuong khach|thanh phan|phan loai"
    "|hang khach|khoi|category|guest category|guest type|group",
}
_EXACT = {word: field for field, words in _WORDS.items() for word in words.split("|")}
_PARTS = (
    ("thu dien tu", "email"),
    ("email", "email"),
    ("the nha bao", "press_card"),
    ("nhom khach", "category"),
    ("loai khach", "category"),
    ("dien thoai", "phone"),
    ("di dong", "phone"),
    ("ho va ten", "name"),
    ("ho ten", "name"),
    ("chuc vu", "title"),
    ("chuc danh", "title"),
    ("don vi", "organisation"),
    ("co quan", "organisation"),
    ("toa soan", "organisation"),
    ("ghi chu", "note"),
    ("so dai bieu", "party"),
)
_IN_BRACKETS = re.compile(r"\([^)]*\)")
_NOT_WORDS = re.compile(r"[^a-z0-9]+")


@dataclass(frozen=True)
class Heading:
    """One column: its index from 0, its heading as written, and what it was taken for.

    *field* is one of FIELDS, ``number`` for the running number, or None for a column that
    is not used.
    """

    index: int
    text: str
    field: str | None


def find_header(rows: Sequence[Sequence[str]]) -> tuple[int, tuple[Heading, ...]] | None:
    """Return the index of the header row and its columns, or None if no row looks like one.

    The row with the most different known headings among the first 20 is taken; it needs two,
    and one of them must be the guest's name or organisation. Headings in old encodings count.
    """
    best: tuple[int, int, tuple[Heading, ...]] | None = None
    for index, row in enumerate(rows[:SEARCHED_ROWS]):
        columns = guess_columns(row)
        known = {column.field for column in columns} - {None}
        if len(known) >= _LEAST_KNOWN and known & {"name", "organisation"}:
            score = len(known)
            if best is None or score > best[0]:
                best = (score, index, columns)
    return best and (best[1], best[2])


def guess_columns(row: Sequence[str]) -> tuple[Heading, ...]:
    """Return what the cells of a header row mean; each field is given to one column only.

    Exact headings go first, then headings that only contain known words.
    """
    texts = row[:LARGEST_WIDTH]
    fields: dict[int, str] = {}
    for guess in (_by_exact_words, _by_part):
        for index, text in enumerate(texts):
            field = _guess(text, guess) if text.strip() and index not in fields else None
            if field is not None and field not in fields.values():
                fields[index] = field
    return tuple(
        Heading(index, clean(text), fields.get(index))
        for index, text in enumerate(texts)
        if text.strip()
    )


def assign(columns: Iterable[Heading], choice: Mapping[int, str | None]) -> tuple[Heading, ...]:
    """Return *columns* with the officer's *choice* of fields, by column index.

    A field chosen for two columns stays with the first of them.
    """
    taken: set[str] = set()
    assigned = []
    for column in columns:
        field = choice.get(column.index, column.field)
        if field is not None and (field in taken or field not in {*FIELDS, "number"}):
            field = None
        taken.update(() if field is None else (field,))
        assigned.append(Heading(column.index, column.text, field))
    return tuple(assigned)


def shape(columns: Iterable[Heading]) -> str:
    """Return what files with the same header row share, as 64 hexadecimal digits.

    Accents, capitals and signs do not count; the order of the columns does.
    """
    words = "\n".join(f"{column.index}\t{_plain(column.text)}" for column in columns)
    return sha256(words.encode("utf-8", "replace")).hexdigest()


def _guess(text: str, guess: Callable[[str], str | None]) -> str | None:
    """Return the field *guess* sees in *text*, read as it is or in an old encoding."""
    if len(text) > _LONGEST_HEADING:
        return None
    readings = (text, *(decode(text) for decode in DECODERS.values() if not text.isascii()))
    return next((field for reading in readings if (field := guess(reading))), None)


def _by_exact_words(text: str) -> str | None:
    for version in (text, _IN_BRACKETS.sub(" ", text)):
        words = _plain(version)
        field = _EXACT.get(words) or _EXACT.get(words.removesuffix(" dau moi"))
        if field is not None:
            return field
    return None


def _by_part(text: str) -> str | None:
    words = f" {_plain(text)} "
    return next((field for part, field in _PARTS if f" {part} " in words), None)


def _plain(text: str) -> str:
    return _NOT_WORDS.sub(" ", fold(text)).strip()

"""What an officer may write, the fields in it, and how long a text message becomes."""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass, fields, replace
from typing import Any

from invitations.domain.names import clean

# The fields an officer may put into a text, each written in braces.
FIELDS = (
    "xung_ho",
    "ho_ten",
    "chuc_vu",
    "don_vi",
    "noi_moi",
    "su_kien",
    "thoi_gian",
    "dia_diem",
    "lien_ket",
    "ma_cua",
)
SUBJECT_LIMIT = 150
TEXT_LIMIT = 4_000

_FIELD = re.compile(r"\{\s*(\w*)\s*\}")
# The basic alphabet and its extension (3GPP TS 23.038); an extended sign costs two septets.
_GSM = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_GSM_EXTENDED = frozenset("^{}\\[~]|€\f")
_GSM_ONE, _GSM_EACH = 160, 153
_UCS2_ONE, _UCS2_EACH = 70, 67
_PLAIN_SIGNS = str.maketrans(
    {
        "Đ": "D", "đ": "d", "–": "-", "—": "-", "−": "-", "‘": "'", "’": "'", "“": '"',
        "”": '"', "…": "...", "•": "-", "·": "-", "×": "x", "\u00a0": " ", "«": '"', "»": '"',
    }
)  # fmt: skip


@dataclass(frozen=True)
class English:
    """The same letter for guests who read English; fields stand in braces here too.

    *title* names the event and *host* the office in English; empty, they stay Vietnamese.
    """

    subject: str
    opening: str
    note: str = ""
    sms: str = ""
    title: str = ""
    host: str = ""


@dataclass(frozen=True)
class Words:
    """What the officer wrote for one sending; fields stand in braces.

    *accented* keeps the Vietnamese marks in the text message, *english* adds a summary in
    English to the mail. *en* is the whole letter in English, for guests whose language that
    is; without it they get the Vietnamese one.
    """

    subject: str
    opening: str
    note: str = ""
    sms: str = ""
    accented: bool = False
    english: bool = True
    en: English | None = None


@dataclass(frozen=True)
class Length:
    """How long a text message is: its *alphabet* (``gsm7``, ``ucs2``), units and parts."""

    alphabet: str
    units: int
    parts: int


@dataclass(frozen=True)
class Wrong:
    """What is wrong with one thing the officer wrote.

    *code* is ``missing``, ``too-long``, ``unknown-field`` or ``link-missing``; *detail* the
    field's name or the limit.
    """

    place: str
    code: str
    detail: str = ""


def from_json(found: Mapping[str, Any]) -> Words:
    """Read words as stored; keys of a newer version are ignored."""
    known = _known(Words, found)
    english = known.pop("en", None)
    return Words(**known, en=English(**_known(English, english)) if english else None)


def to_json(words: Words) -> dict[str, Any]:
    """Return *words* as plain JSON."""
    return asdict(words)


def tidy(words: Words) -> Words:
    """Return *words* without anything invisible; the subject and the message in one line."""
    return Words(
        subject=clean(words.subject),
        opening=tidy_lines(words.opening),
        note=tidy_lines(words.note),
        sms=clean(words.sms),
        accented=words.accented,
        english=words.english,
        en=words.en and _tidy_english(words.en),
    )


def language_for(words: Words, language: str) -> str:
    """Return the language in which *words* are said to a guest who reads *language*."""
    return "en" if language == "en" and words.en is not None else "vi"


def spoken(words: Words, language: str) -> Words:
    """Return what *words* say in *language*; the English letter needs no summary."""
    if language != "en" or words.en is None:
        return words
    en = words.en
    return Words(en.subject, en.opening, en.note, en.sms, words.accented, english=False)


def untitled(words: Words) -> Words:
    """Return *words* without the English title, which was that of another event."""
    return replace(words, en=words.en and replace(words.en, title=""))


def _tidy_english(en: English) -> English:
    return English(
        subject=clean(en.subject),
        opening=tidy_lines(en.opening),
        note=tidy_lines(en.note),
        sms=clean(en.sms),
        title=clean(en.title),
        host=clean(en.host),
    )


def tidy_lines(text: str) -> str:
    """Return *text* cleaned line by line, with at most one empty line in a row."""
    lines = [clean(line) for line in text.splitlines()]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def mistakes(words: Words, *, by_mail: bool, by_sms: bool) -> tuple[Wrong, ...]:
    """Return what the officer must mend before *words* can be sent by these channels.

    What is wrong with the English letter has its place under a name that begins with ``en_``.
    """
    found = _mistakes(words, by_mail=by_mail, by_sms=by_sms)
    if words.en is not None:
        english = _mistakes(spoken(words, "en"), by_mail=by_mail, by_sms=by_sms)
        found += [replace(wrong, place=f"en_{wrong.place}") for wrong in english]
    return tuple(found)


def fill(text: str, values: Mapping[str, str]) -> str:
    """Return *text* with the fields of *values* in place; an unknown field stays as it is.

    A value is never read again: a guest called "{lien_ket}" gets no link for a name.
    """
    filled = _FIELD.sub(lambda found: values.get(found[1], found[0]), text)
    return re.sub(r"(?<=\S) {2,}(?=\S)", " ", filled)


def used(*texts: str) -> frozenset[str]:
    """Return the fields that stand in *texts*."""
    return frozenset(name for text in texts for name in _FIELD.findall(text) if name in FIELDS)


def texts_of(words: Words, channel: str) -> tuple[str, ...]:
    """Return the texts of *words* that a letter by *channel* shows."""
    return (words.sms,) if channel == "sms" else (words.subject, words.opening, words.note)


def digest(words: Words, channel: str, facts: Collection[str]) -> str:
    """Return a name for what *words* say by *channel* about *facts*; other words, another."""
    switch = words.accented if channel == "sms" else words.english
    said: list[Any] = [channel, switch, *texts_of(words, channel), *facts]
    if words.en is not None:
        names = (words.en.title, words.en.host)
        said += [*texts_of(spoken(words, "en"), channel), *names]
    return hashlib.sha256(json.dumps(said).encode()).hexdigest()


def outside_gsm(text: str) -> str:
    """Return the signs of *text* for which a text message leaves the basic alphabet."""
    return "".join(dict.fromkeys(c for c in text if c not in _GSM and c not in _GSM_EXTENDED))


def unaccented(text: str) -> str:
    """Return *text* in letters every phone shows in the basic alphabet, as far as it has any.

    A sign without an unaccented form stays: it is never replaced by a question mark.
    """
    parts = unicodedata.normalize("NFD", text.translate(_PLAIN_SIGNS))
    bare = "".join(part for part in parts if unicodedata.category(part) != "Mn")
    return unicodedata.normalize("NFC", bare)


def length(text: str) -> Length:
    """Count *text* as a text message (3GPP TS 23.038 and 23.040, 8-bit references)."""
    if all(char in _GSM or char in _GSM_EXTENDED for char in text):
        sizes = [2 if char in _GSM_EXTENDED else 1 for char in text]
        return Length("gsm7", sum(sizes), _parts(sizes, _GSM_ONE, _GSM_EACH))
    sizes = [len(char.encode("utf-16-be")) // 2 for char in text]
    return Length("ucs2", sum(sizes), _parts(sizes, _UCS2_ONE, _UCS2_EACH))


def _known(made: type[Words | English], found: Mapping[str, Any]) -> dict[str, Any]:
    """Return what *made* knows of *found*, by name."""
    names = {each.name for each in fields(made)}
    return {name: value for name, value in found.items() if name in names}


def _parts(sizes: list[int], one: int, each: int) -> int:
    """Return the number of parts; a sign of two units is never cut in two."""
    if sum(sizes) <= one:
        return 1
    parts, room = 1, each
    for size in sizes:
        if size > room:
            parts, room = parts + 1, each
        room -= size
    return parts


def _mistakes(words: Words, *, by_mail: bool, by_sms: bool) -> list[Wrong]:
    found: list[Wrong] = []
    if by_mail:
        found += _mistakes_in("subject", words.subject, SUBJECT_LIMIT, needed=True)
        found += _mistakes_in("opening", words.opening, TEXT_LIMIT, needed=True)
        found += _mistakes_in("note", words.note, TEXT_LIMIT, needed=False)
    if by_sms:
        found += _mistakes_in("sms", words.sms, TEXT_LIMIT, needed=True)
        if words.sms and not {"lien_ket", "ma_cua"} & set(_FIELD.findall(words.sms)):
            found.append(Wrong("sms", "link-missing"))
    return found


def _mistakes_in(place: str, text: str, limit: int, *, needed: bool) -> list[Wrong]:
    if needed and not text:
        return [Wrong(place, "missing")]
    if len(text) > limit:
        return [Wrong(place, "too-long", str(limit))]
    return [
        Wrong(place, "unknown-field", name)
        for name in dict.fromkeys(_FIELD.findall(text))
        if name not in FIELDS
    ]

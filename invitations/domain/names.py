"""Names and other words of guests: cleaned, folded, sorted the Vietnamese way."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

NAME_LIMIT = 120
TEXT_LIMIT = 300

_REMEMBERED = 4096  # words; the lists of an office have fewer

# Icelandic and Croatian letters that look like Đ and come out of old converters.
_LOOK_ALIKES = str.maketrans({"\u00d0": "Đ", "\u00f0": "đ", "\u0189": "Đ"})
# Letters and marks that are drawn as nothing: Hangul fillers, blank Braille, grapheme
# joiner, variation selectors.
_INVISIBLE = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0") | {
    chr(code) for code in range(0xFE00, 0xFE10)
}
_RARE = _INVISIBLE | frozenset("\u00d0\u00f0\u0189")
_GONE = frozenset({"Cf", "Cs", "Co", "Cn"})
_BLANK = frozenset({"Cc", "Zs", "Zl", "Zp"})
# Overrides and isolates; marks such as U+200E come from honest copying.
_DIRECTION = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")

_LETTERS = "aăâbcdđeêfghijklmnoôơpqrstuưvwxyz"
_RANK = {letter: f"{rank:02}" for rank, letter in enumerate(_LETTERS, start=1)}
_UNRANKED = "99"
_WORD_END = "00"
# Dictionary order of the tones: level, grave, hook, tilde, acute, dot below.
_TONES = {"\u0300": "1", "\u0309": "2", "\u0303": "3", "\u0301": "4", "\u0323": "5"}

_SURNAME_LIST = """
an âu bạch bành bùi cao cái châu chu chử cù cung danh doãn dương đàm đan đào đặng đậu điền đinh
đoàn đỗ đồng đường giang giáp hà hàn hàng hầu hoàng hồ hồng hứa huỳnh kha khổng khuất kiều kim
la lã lạc lại lâm lê lương lưu lý ma mạc mai mạch mẫn nghiêm ngô ngụy nguyễn nhữ ninh nông ông
phạm phan phí phó phùng phương quách quan quản tạ tăng thạch thái thân thang thi thiều tiêu tô
tôn tống trang trần triệu trịnh trương từ tưởng ứng uông văn vi viên vòng võ vũ vương y
"""
_SURNAMES = frozenset(_SURNAME_LIST.split())
_HONORIFICS = {
    "ông": "Ông",
    "bà": "Bà",
    "anh": "Anh",
    "chị": "Chị",
    "cô": "Cô",
    "chú": "Chú",
    "bác": "Bác",
    "đ/c": "Đồng chí",
    "đc": "Đồng chí",
    "đồng chí": "Đồng chí",
    "mr": "Ông",
    "mrs": "Bà",
    "ms": "Bà",
    "nam": "Ông",  # from a column of sexes
    "nữ": "Bà",
}
_HONORIFIC = re.compile(
    r"^(ông|bà|anh|chị|cô|chú|bác|đồng chí|đ/c|đc|mrs?|ms)(?:\.\s*|\s+)(\S.*)$", re.IGNORECASE
)
_EXPECTED_SIGNS = frozenset(" .'’-()\"“”,/&")
_PILED_MARKS = 3
_FORMULA_SIGNS = frozenset("=+-@\uff1d\uff0b\uff0d\uff20")  # and their full-width forms


@lru_cache(maxsize=1024)  # offices, places and newsrooms come again with every guest
def clean(text: str) -> str:
    """Return *text* composed (NFC), in one line, without anything invisible.

    Control characters and every kind of blank become one blank; format, direction,
    surrogate, private and unassigned characters go. Cleaning twice changes nothing.
    """
    if _is_plain(text):
        # Blanks at the ends or side by side are the only thing left to mend.
        return " ".join(text.split()) if " " in text else text
    kept = "".join(_visible(char) for char in text)
    composed = unicodedata.normalize("NFC", kept).translate(_LOOK_ALIKES)
    return " ".join(composed.split())


def parted(text: str) -> str:
    """Return *text* with a blank in the place of every hidden character.

    Where they stood between two words, taking them away has joined the words.
    """
    return "".join(" " if _is_hidden(char) else char for char in text)


def cleaning_codes(text: str) -> tuple[str, ...]:
    """Say in codes what *clean* does to *text*: hidden, composed, blanks; or nothing."""
    if _is_plain(text):
        if " " not in text:
            return ()
        return ("text-blanks",) if " ".join(text.split()) != text else ()
    shown = "".join(_visible(char) for char in text)
    codes = []
    if any(_is_hidden(char) for char in text):
        codes.append("text-hidden")
    if unicodedata.normalize("NFC", shown).translate(_LOOK_ALIKES) != shown:
        codes.append("text-composed")
    if " ".join(shown.split()) != shown:
        codes.append("text-blanks")
    return tuple(codes)


def fold(text: str) -> str:
    """Return *text* for search and comparison: no tones, no marks, no capitals, đ as d."""
    return " ".join(filter(None, map(_fold_word, clean(text).split())))


def sort_key(name: str) -> str:
    """Return digits that sort *name* by given name in Vietnamese dictionary order.

    The given name is the last word. Letters come first (a ă â b c d đ e ê …), then its tone,
    then the rest of the name in the same way. Two digits a letter, so that every database
    sorts the keys alike, whatever its collation.
    """
    words = clean(name).casefold().split()
    spelt = [_letters_and_tones(word) for word in [*words[-1:], *words[:-1]]]
    if not spelt:
        return ""
    rest = _WORD_END.join(letters for letters, _ in spelt[1:])
    tones = "".join(tones for _, tones in spelt[1:])
    return "".join((spelt[0][0], _WORD_END, spelt[0][1], rest, _WORD_END * 2, tones))


def split_honorific(name: str) -> tuple[str, str]:
    """Split "Ông Võ Minh Hùng" into "Ông" and "Võ Minh Hùng"; ("", *name*) if there is none.

    Ông is a surname too (Ông Ích Khiêm), and Anh a given name: the split needs a known
    surname behind it, and three words for the words of kinship.
    """
    found = _HONORIFIC.match(name)
    if found is None:
        return "", name
    word, rest = found.group(1).casefold(), found.group(2)
    words = rest.split()
    least = 3 if word in {"anh", "chị", "cô", "chú", "bác"} else 2
    if len(words) < least or words[0].casefold() not in _SURNAMES:
        return "", name
    return _HONORIFICS[word], rest


def honorific(text: str) -> str:
    """Return the usual spelling of an honorific ("ÔNG", "Mr.", "đ/c"), or *text* itself."""
    return _HONORIFICS.get(text.casefold().rstrip(". "), text)


def name_question(raw: str) -> str | None:
    """Return why the officer must look at the name *raw*, or None for an ordinary name.

    Codes: ``name-missing``, ``name-hostile`` (encoded word, direction override, formula,
    markup), ``name-too-long``, ``name-unusual`` (signs or digits no name has).
    """
    name = clean(raw)
    if not name:
        return "name-missing"
    if is_hostile(raw) or name[0] in _FORMULA_SIGNS:
        return "name-hostile"
    if len(name) > NAME_LIMIT:
        return "name-too-long"
    return None if _is_ordinary(name) else "name-unusual"


def is_hostile(raw: str) -> bool:
    """Tell whether *raw* holds an encoded word, markup or a direction override."""
    text = clean(raw)
    return "=?" in text or "<" in text or ">" in text or not _DIRECTION.isdisjoint(raw)


def in_one_case(name: str) -> str | None:
    """Return ``name-all-caps`` or ``name-all-lower`` if *name* has two words of one case."""
    if " " not in name:  # one word may be an abbreviation
        return None
    if name.isupper():
        return "name-all-caps"
    return "name-all-lower" if name.islower() else None


def title_case(name: str) -> str:
    """Return *name* with a capital at the start of each word and small letters after it."""
    return " ".join(word[:1].upper() + word[1:].lower() for word in name.split())


def shown(raw: str) -> str:
    """Return *raw* bounded and harmless to look at: what is not printable stands as a code."""
    return "".join(
        char if char.isprintable() else f"\\u{ord(char):04x}" for char in raw[:TEXT_LIMIT]
    )


@lru_cache(maxsize=_REMEMBERED)
def _fold_word(word: str) -> str:
    """Fold one clean word; a list has the same words again and again."""
    if word.isascii():
        return word.casefold()
    plain = word.replace("Đ", "D").replace("đ", "d")
    bare = "".join(
        char
        for char in unicodedata.normalize("NFD", plain)
        if unicodedata.category(char) not in {"Mn", "Me"}
    )
    return unicodedata.normalize("NFC", bare.casefold()).strip()


def _is_plain(text: str) -> bool:
    """Tell quickly that only blanks can need cleaning; most cells are such."""
    return text.isprintable() and (
        text.isascii() or (unicodedata.is_normalized("NFC", text) and _RARE.isdisjoint(text))
    )


def _visible(char: str) -> str:
    """Return *char*, a blank, or nothing, by what a reader sees of it."""
    kind = unicodedata.category(char)
    if kind in _BLANK:
        return " "
    return "" if kind in _GONE or char in _INVISIBLE else char


def _is_hidden(char: str) -> bool:
    """Tell whether *char* would be taken away, or is a control character inside a line."""
    gone = _visible(char) == ""
    return gone or (unicodedata.category(char) == "Cc" and char not in "\t\r\n")


def _is_ordinary(name: str) -> bool:
    """Tell whether *name* has only letters, few marks, and the signs that names have."""
    if name.replace(" ", "").isalpha():
        return True
    piled = 0
    for char in name:
        marked = unicodedata.category(char) in {"Mn", "Mc"}
        piled = piled + 1 if marked else 0
        if piled >= _PILED_MARKS or not (marked or char.isalpha() or char in _EXPECTED_SIGNS):
            return False
    return any(char.isalpha() for char in name)


@lru_cache(maxsize=_REMEMBERED)
def _letters_and_tones(word: str) -> tuple[str, str]:
    """Return the ranks of the letters of *word*, and its tone as a digit ("0" for level)."""
    letters, tone = [], "0"
    for char in word:
        parts = unicodedata.normalize("NFD", char)
        tone = next((_TONES[part] for part in parts if part in _TONES), tone)
        bare = unicodedata.normalize("NFC", "".join(p for p in parts if p not in _TONES))
        letters.append(_RANK.get(bare, _UNRANKED))
    return "".join(letters), tone

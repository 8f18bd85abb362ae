"""Old Vietnamese encodings: TCVN3 (ABC, .Vn fonts) and VNI, told by their syllables.

A column is judged, never a cell: a short name can be a good syllable in any encoding. Only
words with a character beyond ASCII vote, because the others say nothing.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence
from functools import lru_cache

# TCVN 5712:1993, third character set, as the ABC fonts put it into the Latin-1 positions.
_TCVN3_CODES = (
    "\u00b8µ¶·¹¨¾»¼½Æ©ÊÇÈÉËÐÌÎÏÑªÕÒÓÔÖÝ×ØÜÞãßáâä«èåæçé¬íêëìîóïñòô\u00adøõö÷ùýúûüþ®§¡¢£¤¥¦"
)
_TCVN3_LETTERS = "áàảãạăắằẳẵặâấầẩẫậéèẻẽẹêếềểễệíìỉĩịóòỏõọôốồổỗộơớờởỡợúùủũụưứừửữựýỳỷỹỵđĐĂÂÊÔƠƯ"
_TCVN3 = dict(zip(_TCVN3_CODES, _TCVN3_LETTERS, strict=True))

# VNI for Windows: a letter, then a Latin-1 letter that stands for its marks.
_ACUTE, _GRAVE, _HOOK, _TILDE, _DOT = "\u0301", "\u0300", "\u0309", "\u0303", "\u0323"
_CIRCUMFLEX, _BREVE = "\u0302", "\u0306"
_VNI_MARKS = {
    "ù": _ACUTE, "ø": _GRAVE, "û": _HOOK, "õ": _TILDE, "ï": _DOT,
    "â": _CIRCUMFLEX, "á": _CIRCUMFLEX + _ACUTE, "à": _CIRCUMFLEX + _GRAVE,
    "å": _CIRCUMFLEX + _HOOK, "ã": _CIRCUMFLEX + _TILDE, "ä": _CIRCUMFLEX + _DOT,
    "ê": _BREVE, "é": _BREVE + _ACUTE, "è": _BREVE + _GRAVE, "ú": _BREVE + _HOOK,
    "ü": _BREVE + _TILDE, "ë": _BREVE + _DOT,
}  # fmt: skip
_VNI_ALONE = {"ô": "ơ", "ö": "ư", "ñ": "đ", "æ": "ỉ", "ó": "ĩ", "ò": "ị", "î": "ỵ"}
_VNI_BASES = frozenset("aeouyôö")

_ONSETS = "b|ch|c|d|đ|gh|gi|g|h|kh|k|l|m|ngh|ng|nh|n|ph|p|qu|q|r|s|th|tr|t|v|x"
_RIMES = """
a ac ach ai am an ang anh ao ap at au ay ăc ăm ăn ăng ăp ăt âc âm ân âng âp ât âu ây e ec em
en eng eo ep et ê êch êm ên ênh êp êt êu i ia ich im in inh ip it iu iêc iêm iên iêng iêp iêt
iêu o oc oi om on ong op ot oa oac oach oai oam oan oang oanh oao oap oat oay oăc oăm oăn oăng
oăt oe oen oeo oet ooc oong ô ôc ôi ôm ôn ông ôp ôt ơ ơi ơm ơn ơp ơt u ua uc ui um un ung up
ut uân uâng uât uây uê uêch uên uênh uơ uy uya uych uyn uynh uyt uyu uyên uyêt uôc uôi uôm uôn
uông uôt ư ưa ưc ưi ưm ưn ưng ưt ưu ươc ươi ươm ươn ương ươp ươt ươu y yêm yên yêng yêt yêu
"""
_SYLLABLE = re.compile(rf"(?:{_ONSETS})?(?:{'|'.join(_RIMES.split())})")
_TONES = frozenset((_ACUTE, _GRAVE, _HOOK, _TILDE, _DOT))
_WORD_END = re.compile(r"[\s.,;:()/\"'-]+")
_ENOUGH_WORDS = 3
_REMEMBERED = 8192
_BAD_SHARE, _GOOD_SHARE = 0.6, 0.9


@lru_cache(maxsize=_REMEMBERED)
def is_syllable(word: str) -> bool:
    """Tell whether *word* is one written Vietnamese syllable with at most one tone."""
    parts = unicodedata.normalize("NFD", word.lower())
    tones = sum(part in _TONES for part in parts)
    bare = unicodedata.normalize("NFC", "".join(p for p in parts if p not in _TONES))
    return tones <= 1 and _SYLLABLE.fullmatch(bare) is not None


def decode_tcvn3(text: str) -> str:
    """Return *text* read as TCVN3; its fonts drew marked capitals, so they come back small."""
    return "".join(_TCVN3.get(char, char) for char in text)


def decode_vni(text: str) -> str:
    """Return *text* read as VNI for Windows."""
    letters: list[str] = []
    previous = ""
    for char in text:
        letters.append(_vni_letter(char, previous))
        previous = char
    return unicodedata.normalize("NFC", "".join(letters))


def old_encoding(column: Sequence[str]) -> str | None:
    """Return ``tcvn3`` or ``vni`` if the words of *column* are in it, None if they are not."""
    words = _voting_words(column)
    if len(words) < _ENOUGH_WORDS or _share(words, str) > _BAD_SHARE:
        return None
    shares = {name: _share(words, decode) for name, decode in DECODERS.items()}
    best = max(shares, key=lambda name: shares[name])
    return best if shares[best] >= _GOOD_SHARE else None


def decode_bytes(data: bytes) -> str:
    """Return the text of a file: UTF-8 or UTF-16, or else Windows-1258 or plain Latin-1.

    Windows-1258 is chosen when it makes more Vietnamese syllables; in Latin-1 the bytes of
    TCVN3 and VNI stand as those fonts mean them, and *old_encoding* finds them by column.
    """
    for mark, encoding in _BYTE_ORDER_MARKS:
        if data.startswith(mark):
            return data[len(mark) :].decode(encoding, "replace")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        pass
    unmarked = _unmarked_utf16(data)
    if unmarked is not None:
        return data.decode(unmarked, "replace")
    vietnamese = unicodedata.normalize("NFC", data.decode("cp1258", "replace"))
    latin = data.decode("latin-1")
    return vietnamese if _syllables_in(vietnamese) > _best_syllables(latin) else latin


DECODERS: dict[str, Callable[[str], str]] = {"tcvn3": decode_tcvn3, "vni": decode_vni}
_BYTE_ORDER_MARKS = (
    (b"\xef\xbb\xbf", "utf-8"),
    (b"\xff\xfe", "utf-16-le"),
    (b"\xfe\xff", "utf-16-be"),
)
_SAMPLE = 20_000
_ZERO_SHARE = 0.2


def _vni_letter(char: str, previous: str) -> str:
    """Return what *char* adds after *previous*: marks, a letter of its own, or itself."""
    small = char.lower()
    if small in _VNI_MARKS and previous.lower() in _VNI_BASES:
        return _VNI_MARKS[small]
    alone = _VNI_ALONE.get(small)
    if alone is None:
        return char
    return alone if char == small else alone.upper()


def _voting_words(column: Sequence[str]) -> list[str]:
    """Return the words of *column* that hold a character beyond ASCII."""
    words = (word for cell in column for word in _WORD_END.split(cell))
    return [word for word in words if not word.isascii()]


def _share(words: Sequence[str], decode: Callable[[str], str]) -> float:
    """Return which share of *words* are syllables once decoded."""
    return sum(is_syllable(decode(word)) for word in words) / len(words)


def _syllables_in(text: str) -> int:
    """Count the syllables beyond ASCII at the start of *text*."""
    return sum(is_syllable(word) for word in _voting_words([text[:_SAMPLE]]))


def _best_syllables(text: str) -> int:
    """Count the syllables *text* has in the old encoding that fits it best."""
    sample = text[:_SAMPLE]
    return max(_syllables_in(decode(sample)) for decode in DECODERS.values())


def _unmarked_utf16(data: bytes) -> str | None:
    """Return the UTF-16 form of *data* if every other byte of its start is mostly zero."""
    start = data[:2000]
    half = max(len(start) // 2, 1)
    if start[1::2].count(0) / half > _ZERO_SHARE and start[::2].count(0) == 0:
        return "utf-16-le"
    if start[::2].count(0) / half > _ZERO_SHARE and start[1::2].count(0) == 0:
        return "utf-16-be"
    return None

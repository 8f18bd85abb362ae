"""Old encodings are told by column, and bytes become text."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from invitations.domain.encodings import (
    decode_bytes,
    decode_tcvn3,
    decode_vni,
    is_syllable,
    old_encoding,
)

UNICODE = ["Nguyễn Văn An", "Trần Thị Ánh", "Đỗ Quốc Lâm", "Huỳnh Phượng"]
TCVN3 = ["NguyÔn V¨n An", "TrÇn ThÞ \u00b8nh", "§ç Quèc L©m", "Huúnh Ph­îng"]
VNI = ["Nguyeãn Vaên An", "Traàn Thò AÙnh", "Ñoã Quoác Laâm", "Huyønh Phöôïng"]


def windows_1258(text: str) -> bytes:
    """Return *text* in Windows-1258, whose tones follow the letter."""
    parts = []
    for char in unicodedata.normalize("NFC", text):
        pieces = unicodedata.normalize("NFD", char)
        tones = "".join(p for p in pieces if p in "\u0300\u0301\u0303\u0309\u0323")
        base = unicodedata.normalize("NFC", "".join(p for p in pieces if p not in tones))
        parts.append((base + tones).encode("cp1258"))
    return b"".join(parts)


@pytest.mark.parametrize(
    ("column", "encoding"),
    [
        pytest.param(UNICODE, None, id="Unicode"),
        pytest.param([unicodedata.normalize("NFD", n) for n in UNICODE], None, id="NFD"),
        pytest.param(TCVN3, "tcvn3", id="TCVN3"),
        pytest.param(VNI, "vni", id="VNI"),
        pytest.param(["Zoë", "François", "Müller", "Ångström"], None, id="foreign"),
        pytest.param(["VNU", "An", ""], None, id="nothing to judge"),
    ],
)
def test_a_column_tells_its_encoding(column: list[str], encoding: str | None) -> None:
    assert old_encoding(column) == encoding


def test_old_encodings_become_the_same_names() -> None:
    small = [name.replace("Á", "á") for name in UNICODE]

    assert [decode_tcvn3(name) for name in TCVN3] == small
    assert [decode_vni(name) for name in VNI] == UNICODE


def test_judging_cell_by_cell_would_be_caught() -> None:
    mixed = [*UNICODE * 5, "Zoë", "François", "Müller"]

    assert old_encoding(mixed) is None
    assert [decode_tcvn3(name) for name in mixed] != mixed


@pytest.mark.parametrize("word", ["nghiêng", "Quỳnh", "gì", "thuở", "khuya", "Đỗ", "y", "uyên"])
def test_syllables_are_known(word: str) -> None:
    assert is_syllable(word)


@pytest.mark.parametrize("word", ["Courier", "NguyÔn", "Zoë", "xyz", "", "24", "bsa"])
def test_other_words_are_no_syllables(word: str) -> None:
    assert not is_syllable(word)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_unicode_files_are_read_with_and_without_a_mark(encoding: str) -> None:
    text = "Họ và tên,Email\n" + "\n".join(f"{name},a@b.vn" for name in UNICODE)

    assert decode_bytes(text.encode(encoding)) == text


def test_windows_1258_is_read_and_composed() -> None:
    text = "\n".join(UNICODE)

    assert decode_bytes(windows_1258(text)) == text


@pytest.mark.parametrize("column", [TCVN3, VNI])
def test_bytes_of_old_fonts_are_left_for_the_column_to_tell(column: list[str]) -> None:
    text = "\n".join(column)

    assert decode_bytes(text.encode("latin-1")) == text


@given(st.binary())
def test_any_bytes_become_some_text(data: bytes) -> None:
    assert isinstance(decode_bytes(data), str)

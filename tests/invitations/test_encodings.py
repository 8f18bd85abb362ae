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
from invitations.domain.guestlist import read_guest_list
from invitations.storage.workbook import open_sheet

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


CAPITALS = ["NGUYỄN VĂN AN", "TRẦN THỊ ÁNH", "ĐỖ QUỐC LÂM", "HUỲNH PHƯỢNG"]
# A font for capitals (.VnTimeH) draws the small codes as capitals; VNI has codes for both.
TCVN3_BYTES = [
    b"nguy\xd4n v\xa8n an", b"tr\xc7n th\xde \xb8nh", b"\xae\xe7 qu\xe8c l\xa9m",
    b"hu\xfanh ph\xad\xeeng",
]  # fmt: skip
VNI_BYTES = [
    b"NGUYE\xc3N VA\xcaN AN", b"TRA\xc0N TH\xd2 A\xd9NH", b"\xd1O\xc3 QUO\xc1C LA\xc2M",
    b"HUY\xd8NH PH\xd6\xd4\xcfNG",
]  # fmt: skip


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        pytest.param(TCVN3_BYTES, [n.title() for n in CAPITALS], id="TCVN3"),
        pytest.param(VNI_BYTES, CAPITALS, id="VNI"),
        pytest.param([windows_1258(n) for n in CAPITALS], CAPITALS, id="Windows-1258"),
        pytest.param([n.encode() for n in CAPITALS], CAPITALS, id="UTF-8"),
    ],
)
def test_capitals_in_real_bytes_of_every_encoding_become_the_names(
    names: list[bytes], expected: list[str]
) -> None:
    lines = [
        name + f",a{number}@b.vn,090312345{number}".encode()
        for number, name in enumerate(names)
    ]
    data = b"\n".join([b"Ho va ten,Email,SDT", *lines])

    preview = read_guest_list(open_sheet(data).rows)

    assert [guest.name for guest in preview.guests] == expected


def test_one_column_may_be_old_and_its_neighbour_new() -> None:
    papers = ["Báo Người Lao Động", "Đài Tiếng nói", "Báo Tuổi Trẻ", "Thời báo Kinh tế"]
    rows = [["Họ và tên", "Cơ quan", "Email"]]
    rows += [
        [name, paper, f"a{n}@b.vn"]
        for n, (name, paper) in enumerate(zip(TCVN3, papers, strict=True))
    ]

    preview = read_guest_list(rows)

    assert [guest.name for guest in preview.guests] == UNICODE
    assert [guest.organisation for guest in preview.guests] == papers


@given(st.binary())
def test_any_bytes_become_some_text(data: bytes) -> None:
    assert isinstance(decode_bytes(data), str)

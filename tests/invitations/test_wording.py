"""The officer's words: fields, unaccented letters, and the length of a text message."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from invitations.domain.wording import Length, fill, length, tidy_lines, unaccented


def test_fields_are_filled_and_never_read_twice() -> None:
    values = {"ho_ten": "{lien_ket}", "lien_ket": "https://moi.vn/p/x"}

    assert fill("Mời {ho_ten}: { lien_ket }", values) == "Mời {lien_ket}: https://moi.vn/p/x"


def test_an_empty_field_leaves_no_gap() -> None:
    assert fill("Kính mời {xung_ho} {chuc_vu} tới", {"xung_ho": "Bà", "chuc_vu": ""}) == (
        "Kính mời Bà tới"
    )


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("Kính mời Bà Nguyễn Thị Ánh", "Kinh moi Ba Nguyen Thi Anh"),
        ("ĐẶNG đình Đức – “họp báo”…", 'DANG dinh Duc - "hop bao"...'),
        ("e\u0302\u0323 ơ ư ỵ", "e o u y"),
        ("🎫 你好", "🎫 你好"),
    ],
)
def test_marks_go_and_no_letter_becomes_a_question_mark(text: str, plain: str) -> None:
    assert unaccented(text) == plain


@given(st.text("aăâbcdđeêghiklmnoôơpqrstuưvxyáàảãạắằẳẵặấầẩẫậéèẻẽẹếềểễệóòỏõọ ĂÂĐÊÔƠƯ0123456789"))
def test_every_vietnamese_text_fits_the_basic_alphabet_unaccented(text: str) -> None:
    assert length(unaccented(text)).alphabet == "gsm7"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", Length("gsm7", 0, 1)),
        ("a" * 160, Length("gsm7", 160, 1)),
        ("a" * 161, Length("gsm7", 161, 2)),
        ("a" * 306, Length("gsm7", 306, 2)),
        ("a" * 307, Length("gsm7", 307, 3)),
        ("€" * 80, Length("gsm7", 160, 1)),
        ("a" * 152 + "€" * 10, Length("gsm7", 172, 2)),
        ("ạ" * 70, Length("ucs2", 70, 1)),
        ("ạ" * 71, Length("ucs2", 71, 2)),
        ("ạ" * 135, Length("ucs2", 135, 3)),
        ("🎫" * 35, Length("ucs2", 70, 1)),
        ("àèéìòù", Length("gsm7", 6, 1)),
    ],
)
def test_parts_are_counted_as_the_networks_do(text: str, expected: Length) -> None:
    assert length(text) == expected


def test_lines_are_cleaned_and_kept() -> None:
    assert tidy_lines(" a\u202e  b \r\n\n\n\n c\x00 ") == "a b\n\nc"

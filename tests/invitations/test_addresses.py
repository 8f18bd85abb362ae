"""Telephone and e-mail cells: every repair, every question."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from invitations.domain.addresses import Reading, is_mobile, national, read_mail, read_phone

HUNG = "+84903123456"


@pytest.mark.parametrize(
    ("cell", "value", "repair"),
    [
        pytest.param("0903123456", HUNG, None, id="as it is"),
        pytest.param("+84903123456", HUNG, None, id="already international"),
        pytest.param("903123456", HUNG, "phone-zero", id="zero lost by Excel"),
        pytest.param("903123456.0", HUNG, "phone-zero", id="a float"),
        pytest.param("841234567", "+84841234567", "phone-zero", id="084, not country code 84"),
        pytest.param("+84 90.3123456", HUNG, "phone-form", id="country code"),
        pytest.param("+84 0903 123 456", HUNG, "phone-form", id="country code and zero"),
        pytest.param("0084903123456", HUNG, "phone-form", id="0084"),
        pytest.param("84903123456", HUNG, "phone-form", id="84"),
        pytest.param("0903 123 456", HUNG, "phone-form", id="blanks"),
        pytest.param("0903.123.456", HUNG, "phone-form", id="dots"),
        pytest.param("0903-123-456", HUNG, "phone-form", id="hyphens"),
        pytest.param(
            "\uff10\uff19\uff10\uff13\uff11\uff12\uff13\uff14\uff15\uff16",
            HUNG,
            "phone-form",
            id="full width",
        ),
        pytest.param("0903\u00a0123\u200b456", HUNG, "phone-form", id="invisible"),
        pytest.param("01623215581", "+84323215581", "phone-prefix-2018", id="0162"),
        pytest.param("01645709957", "+84345709957", "phone-prefix-2018", id="0164"),
        pytest.param("01201234567", "+84701234567", "phone-prefix-2018", id="0120"),
        pytest.param("01291234567", "+84821234567", "phone-prefix-2018", id="0129"),
        pytest.param("01861234567", "+84561234567", "phone-prefix-2018", id="0186"),
        pytest.param("01991234567", "+84591234567", "phone-prefix-2018", id="0199"),
        pytest.param("1656683946", "+84356683946", "phone-prefix-2018", id="and zero lost"),
        pytest.param("+84 168 555 0123", "+84385550123", "phone-prefix-2018", id="and +84"),
        pytest.param("(028) 3829 2339", "+842838292339", "phone-form", id="fixed line"),
        pytest.param("+1 212 555 2368", "+12125552368", "phone-form", id="foreign"),
    ],
)
def test_a_number_is_read_however_it_was_written(
    cell: str, value: str, repair: str | None
) -> None:
    assert read_phone(cell) == Reading(value=value, repair=repair)


@pytest.mark.parametrize(
    ("cell", "reading"),
    [
        pytest.param("", Reading(), id="nothing"),
        pytest.param(
            "0902886922 (cq: 028 3829 2339)",
            Reading("+84902886922", "phone-taken-from-text", rest="cq: 028 3829 2339"),
            id="mobile beside an office line",
        ),
        pytest.param(
            "0903123456 gặp thư ký",
            Reading(HUNG, "phone-taken-from-text", rest="gặp thư ký"),
            id="a remark",
        ),
        pytest.param(
            "0903123456/0987654321",
            Reading(question="phone-two", proposed="0903123456", rest="0987654321"),
            id="two mobiles",
        ),
        pytest.param("12345", Reading(question="phone-unreadable"), id="too short"),
        pytest.param(
            "090312345", Reading(question="phone-unreadable"), id="a digit is missing"
        ),
        pytest.param("không có", Reading(question="phone-unreadable"), id="words"),
        pytest.param("9" * 10_000, Reading(question="phone-unreadable"), id="endless"),
    ],
)
def test_a_cell_with_more_than_a_number_is_taken_or_asked_about(
    cell: str, reading: Reading
) -> None:
    assert read_phone(cell) == reading


def test_a_prefix_table_with_a_gap_would_be_caught() -> None:
    old = ["0162", "0163", "0164", "0165", "0166", "0167", "0168", "0169", "0120", "0121",
           "0122", "0126", "0128", "0123", "0124", "0125", "0127", "0129", "0186", "0188",
           "0199"]  # fmt: skip

    read = [read_phone(f"{prefix}1234567").repair for prefix in old]

    assert read == ["phone-prefix-2018"] * len(old)
    assert read_phone("01601234567").question == "phone-unreadable"


@given(st.integers(min_value=900_000_000, max_value=909_999_999), st.sampled_from("_ .-"))
def test_every_writing_of_one_mobile_is_the_same_number(digits: int, gap: str) -> None:
    text = str(digits)
    between = "" if gap == "_" else gap
    spaced = between.join((text[:3], text[3:6], text[6:]))
    ways = [text, f"0{text}", f"+84{spaced}", f"0084{text}", f"84{text}", f"0{spaced}"]

    assert {read_phone(way).value for way in ways} == {f"+84{text}"}


@given(st.text())
def test_no_telephone_cell_raises(cell: str) -> None:
    reading = read_phone(cell)

    assert reading.value == "" or read_phone(reading.value).value == reading.value


def test_text_messages_go_to_mobiles_only() -> None:
    numbers = [HUNG, "+842838292339", "", "x"]

    assert [is_mobile(number) for number in numbers] == [True, False, False, False]


def test_numbers_are_shown_as_they_are_dialled() -> None:
    assert [national(n) for n in (HUNG, "+12125552368", "")] == [
        "0903123456", "+12125552368", "",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("cell", "reading"),
    [
        pytest.param("", Reading(), id="nothing"),
        pytest.param("an@bao.example", Reading("an@bao.example"), id="as it is"),
        pytest.param(
            "  HUY.VU97@BAO.EXAMPLE ",
            Reading("huy.vu97@bao.example", "mail-form"),
            id="capitals and blanks",
        ),
        pytest.param("an @ bao.example", Reading("an@bao.example", "mail-form"), id="blanks"),
        pytest.param(
            "An <an@bao.example>", Reading("an@bao.example", "mail-form"), id="with a name"
        ),
        pytest.param(
            "mailto:an@bao.example", Reading("an@bao.example", "mail-form"), id="link"
        ),
        pytest.param("an@bao.example.", Reading("an@bao.example", "mail-form"), id="full stop"),
        pytest.param(
            "an\uff20bao.example", Reading("an@bao.example", "mail-form"), id="full width"
        ),
        pytest.param("an at bao.example", Reading("an@bao.example", "mail-at"), id="at"),
        pytest.param("an[at]bao.example", Reading("an@bao.example", "mail-at"), id="[at]"),
        pytest.param(
            "an@bao.example; an2@bao.example",
            Reading(question="mail-two", proposed="an@bao.example", rest="an2@bao.example"),
            id="two",
        ),
        pytest.param(
            "an@gmial.com",
            Reading(question="mail-look-alike", proposed="an@gmail.com"),
            id="look-alike domain",
        ),
        pytest.param(
            "an.bao.example",
            Reading(question="mail-invalid", proposed="an@bao.example"),
            id="lost its sign",
        ),
        pytest.param("an", Reading(question="mail-invalid"), id="no address"),
        pytest.param("đức@bao.example", Reading(question="mail-invalid"), id="accented"),
        pytest.param("an@bao", Reading(question="mail-invalid"), id="no domain"),
        pytest.param("a" * 5000 + "@b.vn", Reading(question="mail-invalid"), id="endless"),
    ],
)
def test_a_mail_cell_is_taken_mended_or_asked_about(cell: str, reading: Reading) -> None:
    assert read_mail(cell, {"bao.example"}) == reading


@given(st.text())
def test_no_mail_cell_raises_and_no_line_end_gets_through(cell: str) -> None:
    value = read_mail(cell).value

    assert value.isascii()
    assert not set(value) & set("\r\n\t <>,;")

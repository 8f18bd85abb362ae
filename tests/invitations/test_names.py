"""Names: what cleaning, folding, sorting and splitting promise."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from invitations.domain.names import (
    clean,
    fold,
    honorific,
    in_one_case,
    name_question,
    shown,
    sort_key,
    split_honorific,
    title_case,
)


@given(st.text())
def test_cleaning_twice_changes_nothing(text: str) -> None:
    once = clean(text)

    assert clean(once) == once


@given(st.text())
def test_what_is_clean_is_one_visible_line(text: str) -> None:
    unseen = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}

    assert [c for c in clean(text) if unicodedata.category(c) in unseen] == []
    assert clean(text) == clean(text).strip()
    assert unicodedata.is_normalized("NFC", clean(text))


def test_a_cleaning_that_composes_before_it_strips_would_be_caught() -> None:
    def wrong(text: str) -> str:
        composed = unicodedata.normalize("NFC", text)
        return "".join(c for c in composed if unicodedata.category(c) != "Cf")

    trap = "a\u200b\u0301"

    assert wrong(trap) != wrong(wrong(trap))
    assert clean(trap) == clean(clean(trap))


@given(st.text())
def test_folding_twice_changes_nothing(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@pytest.mark.parametrize(
    ("written", "folded"),
    [
        pytest.param("Đặng Thị Ánh", "dang thi anh", id="marks and tones"),
        pytest.param(unicodedata.normalize("NFD", "Đặng Thị Ánh"), "dang thi anh", id="NFD"),
        pytest.param("Ð\u1eb7ng", "dang", id="Icelandic Eth"),
        pytest.param("ƯƠNG  VƯỢNG ", "uong vuong", id="capitals and blanks"),
    ],
)
def test_names_are_found_without_their_marks(written: str, folded: str) -> None:
    assert fold(written) == folded


def test_guests_stand_by_given_name_as_in_a_printed_list() -> None:
    names = [
        "Bùi Uyên", "Trần Ánh", "Lê Đức", "Võ Dũng", "Lê Ân", "Ngô An", "Bùi An",
        "Hồ Ăn", "Lý Bình",
    ]  # fmt: skip

    in_order = sorted(names, key=sort_key)

    assert in_order == [
        "Bùi An", "Ngô An", "Trần Ánh", "Hồ Ăn", "Lê Ân", "Lý Bình", "Võ Dũng",
        "Lê Đức", "Bùi Uyên",
    ]  # fmt: skip


def test_code_point_order_would_be_caught() -> None:
    names = ["Bùi Uyên", "Trần Ánh"]

    assert sorted(names, key=lambda name: name.split()[-1]) != sorted(names, key=sort_key)


@given(st.text())
def test_sort_keys_are_digits_that_every_database_sorts_alike(text: str) -> None:
    assert set(sort_key(text)) <= set("0123456789")


@pytest.mark.parametrize(
    ("name", "split"),
    [
        pytest.param("Ông Võ Minh Hùng", ("Ông", "Võ Minh Hùng"), id="Mr"),
        pytest.param("BÀ Bùi Thị Hương", ("Bà", "Bùi Thị Hương"), id="capitals"),
        pytest.param("Đ/c Lê Hữu An", ("Đồng chí", "Lê Hữu An"), id="comrade"),
        pytest.param("Mr. Nguyễn An", ("Ông", "Nguyễn An"), id="English"),
        pytest.param("Ông Ích Khiêm", ("", "Ông Ích Khiêm"), id="Ông is a surname"),
        pytest.param("Anh Thơ", ("", "Anh Thơ"), id="a pen name"),
        pytest.param("Chu Lai", ("", "Chu Lai"), id="no honorific"),
        pytest.param("Bàng Lê An", ("", "Bàng Lê An"), id="only begins like one"),
    ],
)
def test_an_honorific_leaves_the_name_and_a_surname_stays(
    name: str, split: tuple[str, str]
) -> None:
    assert split_honorific(name) == split


@pytest.mark.parametrize(
    ("raw", "question"),
    [
        pytest.param("Võ Minh Hùng", None, id="ordinary"),
        pytest.param("H’Hen Niê", None, id="Ede"),
        pytest.param('Nguyễn "Tí", O\'Hara', None, id="quotes"),
        pytest.param("Zoë Kravitz-Lê", None, id="foreign"),
        pytest.param("", "name-missing", id="nothing"),
        pytest.param("\u200b\u200b", "name-missing", id="invisible"),
        pytest.param("=?utf-8?q?a=0D=0ABcc:_e=40x?=", "name-hostile", id="encoded word"),
        pytest.param("An =?x?q?a?=", "name-hostile", id="encoded word inside"),
        pytest.param("=HYPERLINK(1)", "name-hostile", id="formula"),
        pytest.param("\uff1dSUM(A1)", "name-hostile", id="full-width formula"),
        pytest.param("<script>", "name-hostile", id="markup"),
        pytest.param("Trần \u202eẩN", "name-hostile", id="direction override"),
        pytest.param("A" * 121, "name-too-long", id="too long"),
        pytest.param("Zoë 😀", "name-unusual", id="emoji"),
        pytest.param("{{7*7}}", "name-unusual", id="template"),
        pytest.param("%s%n", "name-unusual", id="format"),
        pytest.param("Đặng\r\nBcc: x@x.example", "name-unusual", id="header"),
        pytest.param("A\u0300\u0301\u0302\u0303n", "name-unusual", id="piled marks"),
        pytest.param("- . -", "name-hostile", id="begins like a formula"),
        pytest.param("...", "name-unusual", id="no letter"),
    ],
)
def test_a_hostile_name_is_asked_about(raw: str, question: str | None) -> None:
    assert name_question(raw) == question


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("HOÀNG XUÂN THẮNG", "name-all-caps"),
        ("hoàng xuân thắng", "name-all-lower"),
        ("Hoàng Xuân Thắng", None),
        ("VTV", None),
    ],
)
def test_names_in_one_case_are_noticed(name: str, code: str | None) -> None:
    assert in_one_case(name) == code


def test_a_name_in_capitals_gets_a_proposal() -> None:
    assert title_case("NGÔ THANH HƯƠNG") == "Ngô Thanh Hương"


def test_honorifics_have_one_spelling() -> None:
    assert [honorific(text) for text in ("ÔNG", "bà", "đ/c", "Nữ", "GS.TS")] == [
        "Ông", "Bà", "Đồng chí", "Bà", "GS.TS",
    ]  # fmt: skip


@given(st.text())
def test_what_is_shown_of_a_cell_is_printable_and_bounded(raw: str) -> None:
    assert shown(raw).isprintable()
    assert len(shown(raw)) <= 300 * len(r"\u10ffff")


def test_an_override_is_shown_as_its_code() -> None:
    assert shown("Trần \u202eẩN\n") == r"Trần \u202eẩN\u000a"

"""Repairs: each can be refused and allowed again, and what was meant harm never returns."""

from __future__ import annotations

import phonenumbers
import pytest
from email_validator import EmailNotValidError, validate_email
from hypothesis import given
from hypothesis import strategies as st

from invitations.domain.addresses import is_mobile, read_mail, read_phone
from invitations.domain.answers import Answer, accepting, refusing
from invitations.domain.guestlist import GuestListPreview, read_guest_list
from tests.factories_lists import a_row, a_sheet


def read(row: tuple[str, ...], answer: Answer) -> GuestListPreview:
    """Return the preview of one row with one answer."""
    return read_guest_list(a_sheet(row), answers={2: answer})


@pytest.mark.parametrize(
    ("cells", "field", "code", "asked"),
    [
        ({"phone": "0169 555 0123"}, "phone", "phone-prefix-2018", "phone-reverted"),
        ({"phone": "903123456"}, "phone", "phone-zero", "phone-reverted"),
        ({"phone": "0903123456 (chị Mai)"}, "phone", "phone-taken-from-text", "phone-reverted"),
        ({"email": "a at b.vn"}, "email", "mail-at", "mail-reverted"),
    ],
)
def test_a_refused_address_is_asked_for(
    cells: dict[str, str], field: str, code: str, asked: str
) -> None:
    row = a_row(**cells)
    before = read(row, Answer())
    refused = refusing(Answer(), field, code)

    preview = read(row, refused)

    assert [p.code for p in before.problems if p.kind == "repaired"] == [code]
    assert [(p.code, p.found, p.proposed) for p in preview.problems] == [
        (asked, cells[field], cells[field])
    ]
    assert read(row, accepting(refused, field)) == before


def test_a_refused_prefix_is_kept_as_the_officer_writes_it() -> None:
    answer = Answer(fields={"phone": "0169 555 0123"}, reverted=("phone",))

    preview = read(a_row(phone="0169 555 0123"), answer)

    assert [guest.phone for guest in preview.guests] == ["+841695550123"]


def test_a_new_number_settles_a_refused_one() -> None:
    answer = Answer(fields={"phone": "0909 999 999"}, reverted=("phone",))

    preview = read(a_row(phone="0169 555 0123"), answer)

    assert [guest.phone for guest in preview.guests] == ["+84909999999"]


@pytest.mark.parametrize(
    ("field", "cell", "chosen", "kept"),
    [
        ("phone", "0903111555 / 0903111556", "0903111555", "0903111556"),
        ("phone", "0903111555 / 0903111556", "0903 111 556", "0903111555"),
        ("email", "an@b.vn; an@c.vn", "an@c.vn", "an@b.vn"),
        ("phone", "0903111555 / 0903111556", "0909999999", ""),
    ],
)
def test_a_settled_cell_keeps_the_other_address_in_the_note(
    field: str, cell: str, chosen: str, kept: str
) -> None:
    cells = {field: cell}

    preview = read(a_row(**cells), Answer(fields={field: chosen}))

    assert [guest.note for guest in preview.guests] == [kept]


def test_an_honorific_goes_back_into_the_name() -> None:
    row = a_row(name="Bà Lý Thị Sen", honorific="")

    preview = read(row, refusing(Answer(), "name", "honorific-split"))

    assert [(g.honorific, g.name) for g in preview.guests] == [("", "Bà Lý Thị Sen")]
    assert [p.code for p in preview.problems] == ["reverted"]


def test_one_cell_of_a_column_in_an_old_encoding_can_stay() -> None:
    names = ["NguyÔn V¨n An", "TrÇn ThÞ Hoa", "§ç Quèc L©m"]
    rows = [
        a_row(name=name, phone=f"090312345{n}", email=f"a{n}@b.vn")
        for n, name in enumerate(names)
    ]
    sheet = a_sheet(*rows)

    preview = read_guest_list(sheet, answers={3: refusing(Answer(), "name", "encoding-tcvn3")})

    assert [guest.name for guest in preview.guests] == [
        "Nguyễn Văn An",
        "TrÇn ThÞ Hoa",
        "Đỗ Quốc Lâm",
    ]


def test_an_answer_of_the_officer_can_be_taken_back() -> None:
    answer = Answer(fields={"name": "Lê An", "title": "x"}, keep=True)

    assert refusing(answer, "name", "answered") == Answer(fields={"title": "x"}, keep=True)
    assert refusing(answer, "name", "kept").keep is False


@pytest.mark.parametrize("hostile", ["Lê\u202eAn", "Lê\u200bAn", "<b>Lê</b>", "=?utf-8?q?a?="])
def test_refusing_a_repair_brings_nothing_hidden_back(hostile: str) -> None:
    answer = Answer(reverted=("name", "title", "note"))

    preview = read(a_row(name=hostile, title=hostile, note=hostile), answer)

    for guest in (*preview.guests, *preview.pending):
        told = guest.name + guest.title + guest.note
        assert told.isprintable()
        assert not {"<", ">", "=?"} & {
            told[i : i + n] for i in range(len(told)) for n in (1, 2)
        }


@given(st.from_regex(r"0[1-9][0-9]{8}", fullmatch=True))
def test_the_short_way_to_a_number_says_what_the_library_says(cell: str) -> None:
    parsed = phonenumbers.parse(cell, "VN")

    reading = read_phone(cell)

    if phonenumbers.is_valid_number(parsed):
        assert reading.value == phonenumbers.format_number(parsed, 0)
    else:
        assert reading.value == ""


def test_every_usual_prefix_is_a_mobile_of_the_library() -> None:
    usual = [
        f"0{prefix:02}" for prefix in range(100) if read_phone(f"0{prefix:02}1234567").value
    ]

    mobiles = [each for each in usual if is_mobile(f"+84{each[1:]}1234567")]

    assert {"032", "056", "070", "081", "090", "098"} <= set(mobiles)


@given(
    st.from_regex(
        r"[a-z0-9._-]{1,12}@[a-z0-9.-]{1,14}(\.vn|\.test|\.local|\.com|)", fullmatch=True
    )
)
def test_the_short_way_to_an_address_says_what_the_library_says(cell: str) -> None:
    try:
        known = validate_email(cell, check_deliverability=False).ascii_email
    except EmailNotValidError:
        known = None

    reading = read_mail(cell)

    if reading.question is None and reading.repair is None:
        assert reading.value == known
    elif known is not None:
        assert reading.question == "mail-look-alike"


def test_refused_taking_away_of_hidden_signs_leaves_a_blank_where_they_stood() -> None:
    row = a_row(name="Võ\u200bMinh Hùng", organisation="Báo\u2060Thử")
    refused = refusing(refusing(Answer(), "name", "text-hidden"), "organisation", "text-hidden")

    before, after = read(row, Answer()), read(row, refused)

    assert [(g.name, g.organisation) for g in before.guests] == [("VõMinh Hùng", "BáoThử")]
    assert [(g.name, g.organisation) for g in after.guests] == [("Võ Minh Hùng", "Báo Thử")]
    assert {p.code for p in after.problems if p.kind == "repaired"} == {"reverted"}
    allowed = accepting(accepting(refused, "name"), "organisation")
    assert read(row, allowed) == before

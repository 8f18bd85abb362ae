"""The guest list: every row in exactly one heap, every repair and question by its code."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from invitations.domain.answers import Answer
from invitations.domain.errors import FileRefusedError
from invitations.domain.guestlist import GuestListPreview, read_guest_list
from invitations.domain.guestrow import GuestRow
from invitations.storage.workbook import open_sheet
from tests.factories_lists import HEADER, SAMPLES, a_row, a_sheet

HUNG = GuestRow(
    row=2,
    honorific="Ông",
    name="Võ Minh Hùng",
    title="Phóng viên",
    organisation="Báo Thử",
    phone="+84903123456",
    email="hung@bao.example",
)


def a_sample(name: str) -> GuestListPreview:
    """Return the preview of one of the sample files."""
    return read_guest_list(open_sheet((SAMPLES / name).read_bytes(), name).rows)


def counts(preview: GuestListPreview) -> tuple[int, int, int, int, int]:
    """Return rows, imported, repaired, questioned, skipped."""
    return (
        preview.rows,
        preview.imported,
        preview.repaired,
        preview.questioned,
        preview.skipped,
    )


def codes(preview: GuestListPreview) -> list[str]:
    """Return the codes of all problems in their order."""
    return [problem.code for problem in preview.problems]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("khach-moi-hop-bao.xlsx", (219, 88, 123, 1, 7)),
        ("don-vi-duoc-moi.xlsx", (16, 0, 16, 0, 0)),
        ("hostile.csv", (15, 0, 1, 14, 0)),
        ("semicolon-nfd.csv", (60, 0, 60, 0, 0)),
        ("utf16-tab.csv", (60, 60, 0, 0, 0)),
        ("utf8-bom.csv", (60, 60, 0, 0, 0)),
    ],
)
def test_every_row_of_the_samples_is_accounted_for(
    name: str, expected: tuple[int, int, int, int, int]
) -> None:
    assert counts(a_sample(name)) == expected


def test_the_press_list_is_repaired_as_a_person_would() -> None:
    preview = a_sample("khach-moi-hop-bao.xlsx")

    assert preview.header_row == 6
    assert Counter(codes(preview)) == {
        "phone-zero": 63,
        "phone-form": 40,
        "text-composed": 12,
        "mail-form": 11,
        "honorific-split": 11,
        "text-blanks": 6,
        "phone-prefix-2018": 5,
        "blank-row": 4,
        "duplicate-exact": 2,
        "name-all-caps": 2,
        "phone-taken-from-text": 2,
        "mail-at": 2,
        "mail-two": 1,
        "total-row": 1,
    }
    assert sum(guest.vip for guest in preview.guests) == 19
    assert sum(guest.party == 2 for guest in preview.guests) == 14
    assert sum(bool(guest.press_card) for guest in preview.guests) == 9


def test_the_list_of_agencies_invites_their_contact_with_all_delegates() -> None:
    first = a_sample("don-vi-duoc-moi.xlsx").guests[0]

    assert first == GuestRow(
        row=2,
        name="Trần Hữu Cường",
        organisation="Sở Nội vụ",
        phone="+84984220867",
        email="sonoivu@donvi.example",
        party=5,
    )


def test_text_in_utf8_utf16_and_nfd_is_the_same_list() -> None:
    lists = [
        a_sample(name).guests for name in ("utf8-bom.csv", "utf16-tab.csv", "semicolon-nfd.csv")
    ]

    assert lists[0] == lists[1] == lists[2]


def test_a_dull_row_is_taken_as_it_is() -> None:
    preview = read_guest_list(a_sheet(a_row()))

    assert counts(preview) == (1, 1, 0, 0, 0)
    assert preview.guests == (HUNG,)
    assert preview.problems == ()


@pytest.mark.parametrize(
    ("cells", "code", "name"),
    [
        pytest.param(
            {"name": "Ông Võ Minh Hùng"}, "honorific-split", "Võ Minh Hùng", id="honorific"
        ),
        pytest.param({"name": " Võ  Minh Hùng "}, "text-blanks", "Võ Minh Hùng", id="blanks"),
        pytest.param({"name": "Võ Minh Hu\u0300ng"}, "text-composed", "Võ Minh Hùng", id="NFD"),
        pytest.param(
            {"name": "Võ\u200b Minh Hùng"}, "text-hidden", "Võ Minh Hùng", id="zero width"
        ),
        pytest.param({"name": "Võ\x00Minh Hùng"}, "text-hidden", "Võ Minh Hùng", id="control"),
        pytest.param({"title": "Phóng  viên"}, "text-blanks", "Võ Minh Hùng", id="title"),
        pytest.param({"phone": "903123456"}, "phone-zero", "Võ Minh Hùng", id="zero"),
        pytest.param({"email": "HUNG@bao.example"}, "mail-form", "Võ Minh Hùng", id="mail"),
        pytest.param({"name": "Ðỗ Minh Hùng"}, "text-composed", "Đỗ Minh Hùng", id="Eth"),
    ],
)
def test_a_repair_is_listed_and_leads_to_the_same_guest(
    cells: dict[str, str], code: str, name: str
) -> None:
    preview = read_guest_list(a_sheet(a_row(**cells)))

    assert counts(preview) == (1, 0, 1, 0, 0)
    assert code in codes(preview)
    assert preview.guests == (replace(HUNG, name=name),)


@pytest.mark.parametrize(
    ("cells", "asked"),
    [
        ({"name": ""}, ["name-missing"]),
        ({"name": "<b>An</b>"}, ["name-hostile"]),
        ({"phone": "12345"}, ["phone-unreadable"]),
        ({"phone": "0903123456, 0987654321"}, ["phone-two"]),
        ({"email": "hung.bao"}, ["mail-invalid"]),
        ({"email": "a@bao.example, b@bao.example"}, ["mail-two"]),
        ({"email": "hung@gmial.com"}, ["mail-look-alike"]),
        ({"phone": "", "email": ""}, ["contact-missing"]),
        ({"phone": "028 3829 2339", "email": ""}, ["phone-form", "contact-missing"]),
        ({"organisation": "Báo <b>"}, ["text-hostile"]),
        ({"organisation": "a" * 301}, ["text-too-long"]),
    ],
)
def test_what_only_the_officer_can_know_is_asked_and_not_stored(
    cells: dict[str, str], asked: list[str]
) -> None:
    preview = read_guest_list(a_sheet(a_row(**cells)))

    assert counts(preview) == (1, 0, 0, 1, 0)
    assert codes(preview) == asked
    assert preview.guests == ()
    assert [guest.row for guest in preview.pending] == [2]


@pytest.mark.parametrize(
    ("row", "code"),
    [
        pytest.param(("", "", "", "", "", "", "", ""), "blank-row", id="blank"),
        pytest.param(("", "", "\u200b", "", "", "", "", ""), "invisible-row", id="invisible"),
        pytest.param(("", "", "Tổng cộng: 214 người"), "total-row", id="total"),
        pytest.param(("Tổng số", "", "", "", "", "214"), "total-row", id="total with a number"),
        pytest.param(HEADER, "header-repeated", id="header again"),
        pytest.param(("(1)", "(2)", "(3)", "(4)"), "header-numbers", id="column numbers"),
        pytest.param(("215",), "number-only", id="numbered but empty"),
        pytest.param(("II", "", "BÁO CHÍ ĐỊA PHƯƠNG"), "section-row", id="section"),
        pytest.param(("A. KHỐI BÁO CHÍ",), "section-row", id="section in one cell"),
        pytest.param(a_row(), "duplicate-exact", id="the same again"),
        pytest.param(a_row(phone="+84 903.123456", note=""), "duplicate-exact", id="rewritten"),
        pytest.param(a_row(title="", honorific=""), "duplicate-exact", id="says less"),
    ],
)
def test_a_row_that_names_no_new_guest_is_skipped_with_its_reason(
    row: tuple[str, ...], code: str
) -> None:
    last = a_row(name="Lê An", phone="0909999999", email="an@bao.example")

    preview = read_guest_list(a_sheet(a_row(), row, last))

    assert counts(preview) == (3, 2, 0, 0, 1)
    assert codes(preview) == [code]


@pytest.mark.parametrize("title", ["Tổng biên tập", "Tổng giám đốc", "Tổng thư ký"])
def test_an_editor_in_chief_is_no_total(title: str) -> None:
    row = a_row(title=title, organisation="Tổng công ty Thử", phone="")

    assert counts(read_guest_list(a_sheet(row))) == (1, 1, 0, 0, 0)


@pytest.mark.parametrize(
    ("cells", "code"),
    [
        pytest.param(
            {"name": "Lê An", "email": "an@bao.example"}, "duplicate-phone", id="phone"
        ),
        pytest.param({"name": "Lê An", "phone": "0909999999"}, "duplicate-mail", id="mail"),
        pytest.param(
            {"phone": "0909999999", "email": "khac@bao.example"}, "duplicate-name", id="name"
        ),
        pytest.param({"note": "ăn chay"}, "duplicate-phone", id="says more"),
    ],
)
def test_a_possible_duplicate_is_asked_about_and_names_the_other_row(
    cells: dict[str, str], code: str
) -> None:
    preview = read_guest_list(a_sheet(a_row(), a_row(**cells)))

    assert counts(preview) == (2, 1, 0, 1, 0)
    assert [(p.code, p.other_row) for p in preview.problems] == [(code, 2)]


def test_a_list_read_again_adds_nobody() -> None:
    rows = open_sheet((SAMPLES / "khach-moi-hop-bao.xlsx").read_bytes()).rows
    first = read_guest_list(rows)

    again = read_guest_list(rows, listed=first.guests)

    assert again.guests == ()
    assert counts(again) == (219, 0, 0, 1, 218)


def test_guests_of_the_same_name_in_two_houses_are_two_guests() -> None:
    other = a_row(organisation="Báo Khác", phone="0909999999", email="hung@khac.example")

    assert counts(read_guest_list(a_sheet(a_row(), other))) == (2, 2, 0, 0, 0)


@pytest.mark.parametrize(
    ("note", "told"),
    [
        ("VIP", (True, 1, "", "")),
        ("đi 2 người", (False, 2, "", "")),
        ("Thẻ nhà báo 59989", (False, 1, "59989", "")),
        ("VIP; đi 3 người, ăn chay", (True, 3, "", "ăn chay")),
        ("ăn chay", (False, 1, "", "ăn chay")),
        ("đi 900 người", (False, 1, "", "đi 900 người")),
        ("không VIP", (False, 1, "", "không VIP")),
    ],
)
def test_a_note_gives_what_it_says_to_its_field(
    note: str, told: tuple[bool, int, str, str]
) -> None:
    guest = read_guest_list(a_sheet(a_row(note=note))).guests[0]

    assert (guest.vip, guest.party, guest.press_card, guest.note) == told


def test_the_second_number_of_a_cell_is_kept_as_a_note() -> None:
    row = a_row(phone="0902886922 (cq: 028 3829 2339)", note="VIP")

    guest = read_guest_list(a_sheet(row)).guests[0]

    assert (guest.phone, guest.note, guest.vip) == ("+84902886922", "cq: 028 3829 2339", True)


def test_a_name_in_capitals_is_left_and_a_proposal_made() -> None:
    preview = read_guest_list(a_sheet(a_row(name="VÕ MINH HÙNG")))

    assert counts(preview) == (1, 1, 0, 0, 0)
    assert preview.guests[0].name == "VÕ MINH HÙNG"
    assert [(p.kind, p.proposed) for p in preview.problems] == [("proposed", "Võ Minh Hùng")]


@pytest.mark.parametrize(
    ("rows", "code"),
    [
        pytest.param([], "empty", id="nothing"),
        pytest.param([("", " "), ("",)], "empty", id="blanks"),
        pytest.param([HEADER], "no-rows", id="a header alone"),
        pytest.param([HEADER, ("", ""), ("",)], "no-rows", id="a header and blanks"),
        pytest.param([a_row(), a_row()], "no-header", id="guests without a header"),
        pytest.param([("x",)] * 30 + [HEADER, a_row()], "no-header", id="too far down"),
        pytest.param([HEADER, *[a_row()] * 20_001], "too-many-rows", id="too many"),
    ],
)
def test_a_sheet_that_is_no_guest_list_is_refused_with_a_reason(
    rows: list[tuple[str, ...]], code: str
) -> None:
    with pytest.raises(FileRefusedError) as refused:
        read_guest_list(rows)

    assert refused.value.code == code


@pytest.mark.parametrize(
    ("header", "fields"),
    [
        pytest.param(
            ("TT", "Họ tên", "Chức danh", "Tòa soạn", "ĐTDĐ", "Thư điện tử"),
            ["number", "name", "title", "organisation", "phone", "email"],
            id="short",
        ),
        pytest.param(
            (
                "STT",
                "HỌ VÀ TÊN ĐẠI BIỂU",
                "Số điện thoại (di động)",
                "E-mail liên hệ",
                "Cơ quan",
            ),
            ["number", "name", "phone", None, "organisation"],
            id="long",
        ),
        pytest.param(
            ("No.", "Full name", "Position", "Company", "Mobile", "Email", "Remarks"),
            ["number", "name", "title", "organisation", "phone", "email", "note"],
            id="English",
        ),
        pytest.param(
            ("Họ đệm", "Tên", "Đơn vị công tác", "SĐT", "Số thẻ nhà báo"),
            ["family", "name", "organisation", "phone", "press_card"],
            id="name in two columns",
        ),
        pytest.param(
            ("Họ và tên", "Nhóm khách (báo chí/đại biểu)", "SĐT"),
            ["name", "category", "phone"],
            id="kinds of guests",
        ),
        pytest.param(
            ("Hä vµ tªn", "Chøc vô", "§¬n vÞ", "Ghi chó"),
            ["name", "title", "organisation", "note"],
            id="TCVN3",
        ),
    ],
)
def test_columns_are_known_by_their_headings(
    header: tuple[str, ...], fields: list[str | None]
) -> None:
    row = ("x@x.example",) * len(header)

    columns = read_guest_list([("DANH SÁCH KHÁCH MỜI",), header, row]).columns

    assert [column.field for column in columns] == fields


def test_a_name_in_two_columns_is_put_together() -> None:
    rows = [("Họ đệm", "Tên", "Email"), ("Võ Minh", "Hùng", "hung@bao.example")]

    assert read_guest_list(rows).guests[0].name == "Võ Minh Hùng"


def test_a_column_of_an_old_encoding_is_decoded_as_a_whole() -> None:
    names = ["NguyÔn V¨n An", "TrÇn ThÞ \u00b8nh", "§ç Quèc L©m", "Lª An"]
    rows = [
        a_row(name=name, phone=f"090312345{i}", email=f"{i}@b.vn")
        for i, name in enumerate(names)
    ]

    preview = read_guest_list(a_sheet(*rows))

    assert [guest.name for guest in preview.guests] == [
        "Nguyễn Văn An", "Trần Thị Ánh", "Đỗ Quốc Lâm", "Lê An",
    ]  # fmt: skip
    assert codes(preview) == ["encoding-tcvn3"] * 4


def test_the_officer_may_say_what_a_column_is() -> None:
    rows = [("Họ tên", "Liên lạc", "Email"), ("Lê An", "0903123456", "an@bao.example")]

    guest = read_guest_list(rows, choice={1: "phone"}).guests[0]

    assert guest.phone == "+84903123456"


def test_an_answer_mends_a_row_and_is_listed() -> None:
    sheet = a_sheet(a_row(email="hung.bao.example"))
    answers = {2: Answer(fields={"email": "hung@bao.example"})}

    preview = read_guest_list(sheet, answers=answers)

    assert counts(preview) == (1, 0, 1, 0, 0)
    assert preview.guests == (HUNG,)
    assert codes(preview) == ["answered"]


def test_a_wrong_answer_is_asked_about_again() -> None:
    sheet = a_sheet(a_row(email="hung.bao"))

    preview = read_guest_list(sheet, answers={2: Answer(fields={"email": "hung@bao"})})

    assert counts(preview) == (1, 0, 0, 1, 0)


def test_a_row_may_be_kept_or_left_out() -> None:
    sheet = a_sheet(a_row(), a_row(name="Lê An"), a_row(name="Lê Bình"))

    preview = read_guest_list(sheet, answers={3: Answer(keep=True), 4: Answer(leave_out=True)})

    assert counts(preview) == (3, 1, 1, 0, 1)
    assert [guest.name for guest in preview.guests] == ["Võ Minh Hùng", "Lê An"]


def test_hostile_names_cannot_be_kept() -> None:
    sheet = a_sheet(a_row(name="=?utf-8?q?x?="))

    preview = read_guest_list(sheet, answers={2: Answer(keep=True)})

    assert counts(preview) == (1, 0, 0, 1, 0)


cells = st.one_of(st.text(max_size=12), st.sampled_from([*HEADER, *a_row(), "Tổng cộng", "1"]))
sheets = st.lists(st.lists(cells, max_size=9), max_size=12)


def adds_up(preview: GuestListPreview) -> bool:
    """Tell whether no row is lost and none is counted twice."""
    heaps = preview.imported + preview.repaired + preview.questioned + preview.skipped
    stored = [guest.row for guest in preview.guests]
    waiting = [guest.row for guest in preview.pending]
    skipped = [p.row for p in preview.problems if p.kind == "skipped"]
    told = sorted([*stored, *waiting, *skipped])
    start = preview.header_row + 1
    return heaps == preview.rows and told == list(range(start, start + preview.rows))


@given(sheets)
def test_four_numbers_add_up_whatever_the_cells_say(rows: list[list[str]]) -> None:
    preview = read_guest_list([HEADER, *rows, a_row()])

    assert adds_up(preview)


def test_a_row_lost_without_a_word_would_be_caught() -> None:
    honest = read_guest_list(a_sheet(a_row(), ("",), a_row(name="Lê An")))
    silent = replace(honest, rows=2, skipped=0, problems=honest.problems[1:])
    twice = replace(honest, imported=2, guests=(*honest.guests, honest.pending[0]))

    assert [adds_up(honest), adds_up(silent), adds_up(twice)] == [True, False, False]


@given(sheets)
def test_no_sheet_makes_the_reader_raise_anything_else(rows: list[list[str]]) -> None:
    try:
        preview = read_guest_list(rows)
    except FileRefusedError:
        return

    assert adds_up(preview)

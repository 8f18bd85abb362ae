"""Papers: what an office sends and a guest brings, whatever stands in a name."""

from __future__ import annotations

import csv
import io
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pypdf
import pytest
import zxingcpp
from hypothesis import example, given
from hypothesis import strategies as st
from PIL import Image

from invitations.domain.errors import TypesettingError
from invitations.domain.model import Holder
from invitations.domain.names import clean
from invitations.services import barcodes, cards, fonts
from invitations.services.paper import LETTER, PASS, Paper, pass_data
from invitations.services.press import Press
from tests.factories_lists import SAMPLES
from tests.invitations.letterbox import GUEST, INVITATION, OFFICE, a_pass_text
from tests.invitations.papers_desk import (
    EVENT_WITH_GATES,
    FORM,
    TEMPLATES,
    a_desk,
    a_holder,
    a_letter,
    pages,
    read_codes,
    words,
)
from tests.invitations.papers_desk import fonts as fonts_of

TINOS = {"Tinos", "Tinos-Bold", "Tinos-Italic", "Tinos-BoldItalic"}
A4, A6 = (210, 297), (105, 148)
LETTER_WORDS = (
    "ỦY BAN NHÂN DÂN THÀNH PHỐ HỒ CHÍ MINH VĂN PHÒNG CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM "
    "Độc lập - Tự do - Hạnh phúc Số: 07/GM-VP-BC "
    "Thành phố Hồ Chí Minh, ngày 05 tháng 02 năm 2026 "
    "GIẤY MỜI Tham dự họp báo định kỳ tháng 11/2026 "
    "Văn phòng Ủy ban nhân dân Thành phố Hồ Chí Minh trân trọng kính mời: "
    "Quý cơ quan báo chí Tới dự: Họp báo định kỳ tháng 11/2026 "
    "Chủ trì: Chánh Văn phòng UBND Thành phố Thời gian: 15 giờ 00, Thứ Năm, ngày 19/11/2026 "
    "Địa điểm: Hội trường A, 86 Lê Thánh Tôn, phường Sài Gòn "
    "Lưu ý: Đề nghị phóng viên mang theo thẻ nhà báo. Mời có mặt trước 15 phút. "
    "Đề nghị xác nhận tham dự trước 15 giờ 00, Thứ Tư, ngày 18/11/2026; "
    "liên hệ: Bà Trần Thị Bích Ngọc, (028) 3829 6052. "
    "Nơi nhận: - Như trên; - Lưu: VT, BC. "
    "KT. CHÁNH VĂN PHÒNG PHÓ CHÁNH VĂN PHÒNG Nguyễn Thị Bích Ngọc"
)
CODE_LIKE = (
    "#panic()",
    "#upper[x]",
    "*đậm* _nghiêng_ $x^2$ `mã`",
    "= Tiêu đề",
    "<nhãn> @nhãn",
    '"); #read("/etc/passwd")',
    "\\u{41}",
    "// ghi chú",
    '{"name": "x"}',
    "https://x.example",
)


def hostile_names() -> list[str]:
    """Return the names of the sample that means harm, as they are kept after cleaning."""
    with (SAMPLES / "hostile.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.reader(file))[1:]
    return [name[:120] for row in rows if (name := clean(row[0]))]


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Paper:
    return a_desk(tmp_path_factory.mktemp("offices"))


@pytest.fixture(scope="module")
def letter(desk: Paper) -> bytes:
    return a_letter(desk)


def test_the_letter_says_everything_the_decree_asks_for(letter: bytes) -> None:
    assert words(letter) == LETTER_WORDS
    assert pages(letter) == [A4]


def test_a_letter_that_lost_its_marks_is_seen(desk: Paper) -> None:
    bare = a_letter(desk, replace(FORM, signer="Nguyen Thi Bich Ngoc"))

    assert words(bare) != LETTER_WORDS


def test_a_letter_to_a_guest_names_the_guest(desk: Paper) -> None:
    said = words(a_letter(desk, guest=GUEST))

    assert (
        "kính mời: Bà Nguyễn Thị Minh Ánh Trưởng ban Chính trị, Báo Sài Gòn Giải Phóng Tới dự"
        in said
    )


def test_every_letter_of_the_paper_is_tinos(desk: Paper, letter: bytes) -> None:
    page = desk.pass_page(a_holder(), OFFICE, EVENT_WITH_GATES, a_pass_text())

    assert fonts_of(letter) == TINOS
    assert fonts_of(page) <= TINOS


def test_another_font_is_seen(desk: Paper) -> None:
    sheet = desk.sheet(FORM, OFFICE, EVENT_WITH_GATES)
    other = sheet.template.replace('font: "Tinos", size: 14pt', 'font: "Arimo", size: 14pt')

    assert "Arimo" in fonts_of(desk.press.pdf(other, sheet.data))


def test_a_reader_that_speaks_finds_its_way_through_the_letter(letter: bytes) -> None:
    trailer: Any = pypdf.PdfReader(io.BytesIO(letter)).trailer
    root = trailer["/Root"]

    metadata = root["/Metadata"].get_data().decode()
    assert root["/MarkInfo"]["/Marked"] is not None
    assert bool(root["/MarkInfo"]["/Marked"])
    assert "/StructTreeRoot" in root
    assert root["/Lang"] == "vi"
    assert "<pdfaid:part>2</pdfaid:part>" in metadata
    assert "<pdfaid:conformance>A</pdfaid:conformance>" in metadata


def test_the_same_letter_is_the_same_bytes(desk: Paper, letter: bytes) -> None:
    assert a_letter(desk) == letter


def test_many_hands_print_at_once(desk: Paper, letter: bytes) -> None:
    with ThreadPoolExecutor(6) as hands:
        made = set(hands.map(lambda _: a_letter(desk), range(24)))

    assert made == {letter}


@pytest.mark.parametrize("name", [*hostile_names(), *CODE_LIKE])
def test_a_hostile_name_is_printed_as_it_is(desk: Paper, name: str) -> None:
    shown = fonts.fit(name, fonts.signs(fonts.folder()))
    guest = replace(GUEST, name=name, honorific="Ông")

    letter = a_letter(desk, guest=guest)
    page = desk.pass_page(Holder(guest, INVITATION), OFFICE, EVENT_WITH_GATES, a_pass_text())

    assert squeezed(f"Ông {shown}") in squeezed(words(letter))
    assert squeezed(f"Ông {shown}") in squeezed(words(page)) or len(name) > 60
    assert fonts_of(letter) == TINOS
    assert pages(page) == [A6]


def test_a_name_that_became_code_is_seen(desk: Paper) -> None:
    sheet = desk.sheet(FORM, OFFICE, EVENT_WITH_GATES, replace(GUEST, name="x"))
    spliced = sheet.template.replace("#thu.guest.name", "#upper[x] của thành phố")

    assert "#upper[x]" not in words(desk.press.pdf(spliced, sheet.data))


def test_signs_the_font_lacks_are_hollow_squares(desk: Paper) -> None:
    guest = replace(GUEST, name="Zoë 😀 中村 \uf001", honorific="Ông")

    assert "Ông Zoë □ □□ □" in words(a_letter(desk, guest=guest))


def test_the_font_has_every_vietnamese_letter() -> None:
    vowels = "aăâeêioôơuưy"
    letters = {
        f"{vowel}{tone}" for vowel in vowels for tone in "\u0300\u0301\u0303\u0309\u0323"
    }
    text = "".join(sorted(letters)) + "đĐ₫–…“”"

    composed = clean(text) + clean(text).upper()

    assert fonts.fit(composed, fonts.signs(fonts.folder())) == composed


def test_a_machine_without_the_font_says_which_package_is_missing(tmp_path: Path) -> None:
    desk = Paper(Press(TEMPLATES, (tmp_path,)), tmp_path)

    with pytest.raises(TypesettingError) as caught:
        a_letter(desk)

    assert (caught.value.code, caught.value.detail) == ("no-font", "fonts-croscore")


@pytest.mark.parametrize("ppi", [60.0, 150.0])
def test_both_codes_are_read_from_the_printed_pass(desk: Paper, ppi: float) -> None:
    text = a_pass_text()
    picture = desk.pass_picture(a_holder(), OFFICE, EVENT_WITH_GATES, text, ppi)

    assert read_codes(picture) == {"QRCode": text, "Code128": INVITATION.door_code}


def test_a_pass_with_another_code_is_seen(desk: Paper) -> None:
    text = a_pass_text()
    other = text[:-1] + str((int(text[-1]) + 1) % 10)

    picture = desk.pass_picture(a_holder(), OFFICE, EVENT_WITH_GATES, other, 150)

    assert read_codes(picture)["QRCode"] != text


def test_the_printed_code_is_large_and_has_room_around_it(desk: Paper) -> None:
    ppi = 300.0
    png = desk.pass_picture(a_holder(), OFFICE, EVENT_WITH_GATES, a_pass_text(), ppi)
    picture = Image.open(io.BytesIO(png)).convert("L")
    found = {each.format.name: each for each in zxingcpp.read_barcodes(picture)}["QRCode"]

    corner, opposite = found.position.top_left, found.position.bottom_right
    side_mm = (opposite.x - corner.x) / ppi * 25.4
    module = (opposite.x - corner.x) / 37
    quiet = int(4 * module) - 2
    around = [
        (corner.x - quiet, corner.y - quiet, opposite.x + quiet, corner.y - 2),
        (corner.x - quiet, opposite.y + 3, opposite.x + quiet, opposite.y + quiet),
        (corner.x - quiet, corner.y, corner.x - 2, opposite.y),
        (opposite.x + 3, corner.y, opposite.x + quiet, opposite.y),
    ]

    assert side_mm >= 30
    assert [picture.crop(box).getextrema() for box in around] == [(255, 255)] * 4


@pytest.mark.parametrize(
    "guest",
    [
        pytest.param({}, id="usual"),
        pytest.param({"name": "W" * 120, "title": "M" * 300}, id="one long word"),
        pytest.param({"name": "Nguyễn " * 17, "organisation": "Ủy ban " * 42}, id="many words"),
        pytest.param({"party": 12, "title": "", "organisation": ""}, id="no office"),
    ],
)
def test_a_pass_is_one_page_whatever_it_says(desk: Paper, guest: dict[str, object]) -> None:
    event = replace(EVENT_WITH_GATES, title="Lễ kỷ niệm " * 25, address="Đường " * 45)
    text = a_pass_text()

    page = desk.pass_page(a_holder(**guest), OFFICE, event, text)
    picture = desk.pass_picture(a_holder(**guest), OFFICE, event, text, 60)

    assert pages(page) == [A6]
    assert read_codes(picture) == {"QRCode": text, "Code128": INVITATION.door_code}


def test_a_second_page_is_seen(desk: Paper) -> None:
    data = pass_data(a_holder(), OFFICE, EVENT_WITH_GATES, a_pass_text())
    template = (TEMPLATES / PASS).read_text(encoding="utf-8")

    longer = desk.press.pdf(template + "\n#pagebreak()\n.", data)

    assert len(pages(longer)) == 2


def test_the_pass_tells_name_event_and_code(desk: Paper) -> None:
    page = desk.pass_page(a_holder(party=2), OFFICE, EVENT_WITH_GATES, a_pass_text())

    assert words(page) == (
        "VĂN PHÒNG ỦY BAN NHÂN DÂN THÀNH PHỐ HỒ CHÍ MINH Họp báo định kỳ tháng 11/2026 "
        "Bà Nguyễn Thị Minh Ánh Trưởng ban Chính trị, Báo Sài Gòn Giải Phóng "
        "15 giờ 00, Thứ Năm, ngày 19/11/2026 "
        "Địa điểm: Hội trường A, 86 Lê Thánh Tôn, phường Sài Gòn "
        "Cửa đón khách: Cửa A, Cửa B từ 14 giờ 30 Số người: 2 4711 0832 9956 "
        "Xin đưa mã này ở cửa. Thẻ ghi tên riêng, xin không chuyển cho người khác."
    )


def test_an_office_on_the_list_is_not_called_mister() -> None:
    office = replace(GUEST, honorific="", name="Báo Thử", organisation="Báo Thử", title="")

    assert cards.addressed(office) == "Báo Thử"
    assert cards.role(office) == ""


@given(st.text(alphabet="0123456789", min_size=12, max_size=12))
@example("990000000000")  # the library's own encoder leaves the first pair out
def test_bars_are_read_as_they_were_written(code: str) -> None:
    row = "0" * barcodes.QUIET + barcodes.modules(code) + "0" * barcodes.QUIET
    picture = Image.new("L", (len(row), 20), 255)
    for place, dark in enumerate(row):
        if dark == "1":
            picture.paste(0, (place, 0, place + 1, 20))

    found = zxingcpp.read_barcodes(picture.resize((len(row) * 3, 60), Image.Resampling.NEAREST))

    assert [(each.format.name, each.text) for each in found] == [("Code128", code)]
    assert barcodes.width(code) == len(row) == 121


def test_an_office_may_have_its_own_letter(tmp_path: Path) -> None:
    desk = a_desk(tmp_path)
    own = desk.template(1).replace("trân trọng kính mời", "xin kính mời")

    desk.accept_template(OFFICE, own)

    assert desk.has_own_template(1)
    assert "xin kính mời: Quý cơ quan báo chí" in words(a_letter(desk))
    desk.drop_template(1)
    assert words(a_letter(desk)) == LETTER_WORDS


@pytest.mark.parametrize(
    ("change", "code", "detail"),
    [
        pytest.param(("#grid(", "#gridd("), "template", "unknown variable: gridd", id="slip"),
        pytest.param(("#v(14pt)", "#v(14pt"), "template", "unclosed delimiter", id="bracket"),
        pytest.param(("#v(14pt)", '#read("/etc/passwd")'), "forbidden", "read", id="reads"),
        pytest.param(("#v(14pt)", '#import "@x/y:1.0.0"'), "forbidden", "import", id="network"),
        pytest.param(("#v(14pt)", '#eval("1")'), "forbidden", "eval", id="runs text"),
        pytest.param(("#v(14pt)", "#pagebreak()\n" * 5), "pages", "6", id="six pages"),
        pytest.param(("thu.subject", "thu.topic"), "template", "topic", id="no such word"),
        pytest.param(
            ("#v(14pt)", "#text(fallback: true)[中]"), "template", "中", id="another font"
        ),
    ],
)
def test_a_template_with_a_mistake_is_not_taken(
    tmp_path: Path, change: tuple[str, str], code: str, detail: str
) -> None:
    desk = a_desk(tmp_path)
    wrong = desk.template(1).replace(*change)

    with pytest.raises(TypesettingError) as caught:
        desk.accept_template(OFFICE, wrong)

    assert caught.value.code == code
    assert detail in caught.value.detail
    assert not desk.has_own_template(1)


def test_a_template_that_never_ends_is_stopped(tmp_path: Path) -> None:
    desk = a_desk(tmp_path)
    slow = "#for a in range(9000) { for b in range(9000) { for c in range(9000) { a = b } } }"

    with pytest.raises(TypesettingError) as caught:
        desk.accept_template(OFFICE, desk.template(1) + slow)

    assert caught.value.code in {"too-slow", "template"}
    assert not desk.has_own_template(1)


def test_the_shipped_templates_pass_their_own_trial(tmp_path: Path) -> None:
    desk = a_desk(tmp_path)

    desk.accept_template(OFFICE, (TEMPLATES / LETTER).read_text(encoding="utf-8"))

    assert words(a_letter(desk)) == LETTER_WORDS


def squeezed(text: str) -> str:
    """Return *text* without blanks: a printed line may break anywhere."""
    return "".join(text.split())

"""Files are opened by what is in them, and what means harm is refused in time."""

from __future__ import annotations

import io
import random
import struct
import time
import zipfile

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl.worksheet.worksheet import Worksheet

from invitations.domain.errors import FileRefusedError
from invitations.domain.guestlist import read_guest_list
from invitations.storage.workbook import open_book, open_sheet
from tests.factories_lists import (
    HEADER,
    SAMPLES,
    a_bomb,
    a_row,
    a_sheet,
    a_workbook,
    an_archive,
    many_guests,
)

OLE = bytes.fromhex("d0cf11e0a1b11ae1")
ODS = b"""<?xml version="1.0"?><office:document-content
 xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"
 xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0"
 xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"
 office:version="1.2"><office:body><office:spreadsheet><table:table table:name="DS">
%s</table:table></office:spreadsheet></office:body></office:document-content>"""


def an_ods(rows: list[tuple[str, ...]]) -> bytes:
    """Return an .ods file with one table of *rows*."""
    lines = "".join(
        "<table:table-row>"
        + "".join(
            '<table:table-cell office:value-type="string">'
            f"<text:p>{cell}</text:p></table:table-cell>"
            for cell in row
        )
        + "</table:table-row>"
        for row in rows
    )
    kind = b"application/vnd.oasis.opendocument.spreadsheet"
    manifest = b"""<?xml version="1.0"?><manifest:manifest
 xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"/>"""
    return an_archive(
        {
            "mimetype": kind,
            "META-INF/manifest.xml": manifest,
            "content.xml": ODS % lines.encode(),
        }
    )


def a_lying_bomb() -> bytes:
    """Return an archive whose table of contents says 1 KB for a part of 60 MB."""
    data = bytearray(a_bomb(megabytes=60))
    place = data.rindex(b"PK\x01\x02")
    struct.pack_into("<L", data, place + 24, 1024)
    return bytes(data)


def read_or_code(data: bytes, name: str) -> str:
    """Return the code *data* is refused with, or an empty text if it is read."""
    try:
        read_guest_list(open_sheet(data, name).rows)
    except FileRefusedError as refused:
        return refused.code
    return ""


def longest_cell(data: bytes) -> tuple[int, str]:
    """Return the length of the longest cell of a workbook, and the code if it is refused."""
    code = read_or_code(data, "a.xlsx")
    rows = () if code else open_sheet(data).rows
    return max((len(cell) for row in rows for cell in row), default=0), code


def test_a_workbook_is_read_whatever_its_name() -> None:
    sheet = open_sheet(a_workbook(a_sheet(a_row())), "danh-sach.csv")

    assert sheet.rows == (HEADER, a_row())


def test_an_open_document_is_read() -> None:
    assert open_sheet(an_ods(a_sheet(a_row()))).rows[0] == HEADER


def test_an_old_workbook_is_read() -> None:
    data = (SAMPLES / "own-97.xls").read_bytes()

    preview = read_guest_list(open_sheet(data).rows)

    assert (preview.rows, preview.imported) == (1, 1)


@pytest.mark.parametrize("sign", [",", ";", "\t", "|"])
def test_the_separator_is_found(sign: str) -> None:
    text = "\r\n".join(sign.join(row) for row in a_sheet(a_row()))

    assert open_sheet(text.encode("utf-8-sig")).rows == (HEADER, a_row())


def test_the_line_in_which_excel_declares_its_separator_is_no_row() -> None:
    preview = read_guest_list(open_sheet(b"sep=;\nHo ten;Email\nLe An;an@b.vn\n").rows)

    assert (preview.header_row, preview.rows, preview.imported) == (2, 1, 1)


def test_a_cell_over_two_lines_is_one_cell() -> None:
    rows = open_sheet('Họ tên,Email\n"Lê\nAn",an@b.vn\n'.encode()).rows

    assert rows[1] == ("Lê\nAn", "an@b.vn")


def test_a_quote_that_never_closes_swallows_nobody() -> None:
    rows = open_sheet('Họ tên,Email\n"Lê An,an@b.vn\nLê Bình,b@b.vn\n'.encode()).rows

    assert [row[1] for row in rows] == ["Email", "an@b.vn", "b@b.vn"]


def test_a_merged_organisation_belongs_to_each_of_its_rows() -> None:
    workbook = openpyxl.Workbook()
    sheet = workbook.active
    assert sheet is not None
    for row in (
        ("Họ tên", "Cơ quan", "Email"),
        ("A B", "Báo Thử", "a@b.vn"),
        ("C D", "", "c@b.vn"),
    ):
        sheet.append(row)
    sheet.merge_cells("B2:B3")
    packed = io.BytesIO()
    workbook.save(packed)

    rows = open_sheet(packed.getvalue()).rows

    assert [row[1] for row in rows] == ["Cơ quan", "Báo Thử", "Báo Thử"]


def test_the_sheet_with_the_list_is_taken_and_the_others_are_named() -> None:
    workbook = openpyxl.Workbook()
    first = workbook.active
    assert first is not None
    first.title = "Bìa"
    first.append(["Kế hoạch họp báo"])
    second = workbook.create_sheet("Khách")
    for row in a_sheet(a_row()):
        second.append(row)
    packed = io.BytesIO()
    workbook.save(packed)

    book = open_book(packed.getvalue())

    assert [sheet.name for sheet in book.sheets] == ["Bìa", "Khách"]
    assert book.best == 1


def test_hidden_rows_and_sheets_are_told() -> None:
    workbook = openpyxl.Workbook()
    sheet = workbook.active
    assert isinstance(sheet, Worksheet)
    sheet.title = "Khách & bạn"
    for number in range(5):
        sheet.append(a_row(name=f"Lê {number}") if number else HEADER)
    sheet.row_dimensions[3].hidden = True
    sheet.row_dimensions[5].hidden = True
    draft = workbook.create_sheet("Nháp")
    draft.append(HEADER)
    draft.sheet_state = "hidden"
    packed = io.BytesIO()
    workbook.save(packed)

    book = open_book(packed.getvalue())

    assert [(s.name, s.visible, s.hidden) for s in book.sheets] == [
        ("Khách & bạn", True, (3, 5)),
        ("Nháp", False, ()),
    ]
    assert book.best == 0


def test_filtered_rows_of_an_open_document_are_told() -> None:
    honest = an_ods([("Họ và tên",), ("Lê An",), ("Hồ Bình",), ("Lý Sen",)])
    with zipfile.ZipFile(io.BytesIO(honest)) as archive:
        parts = {part: archive.read(part) for part in archive.namelist()}
    first, second, third, last = parts["content.xml"].split(b"<table:table-row>")[1:]
    opening = parts["content.xml"].partition(b"<table:table-row>")[0]
    parts["content.xml"] = (
        opening + b"<table:table-row>" + first
        + b'<table:table-row table:visibility="filter">' + second
        + b"<table:table-row>" + third
        + b'<table:table-row table:visibility="collapse" table:number-rows-repeated="2">'
        + last
    )  # fmt: skip
    data = an_archive(parts)

    book = open_book(data, "a.ods")

    assert book.sheets[0].hidden == (2, 4, 5)


@pytest.mark.parametrize(
    ("data", "name", "code"),
    [
        pytest.param(b"", "a.xlsx", "empty", id="an empty file"),
        pytest.param(b" \r\n\t", "a.csv", "empty", id="blanks"),
        pytest.param(b"Ho ten,Email\nAn,a@b.vn", "a.xlsx", "renamed", id="text as .xlsx"),
        pytest.param(b"\x89PNG\r\n\x1a\n" + b"x" * 99, "a.xlsx", "picture", id="a picture"),
        pytest.param(b"\xff\xd8\xff\xe0" + b"x" * 99, "a.jpg", "picture", id="a photograph"),
        pytest.param(b"%PDF-1.7 ...", "a.pdf", "unknown", id="a PDF"),
        pytest.param(bytes(range(256)) * 9, "a.csv", "unknown", id="noise"),
        pytest.param(OLE + b"\0" * 600, "a.xls", "unknown", id="an empty container"),
        pytest.param(
            OLE + b"\0" * 600 + "EncryptedPackage".encode("utf-16-le"), "a.xlsx", "locked",
            id="a password",
        ),
        pytest.param(b"PK\x03\x04" + b"x" * 99, "a.xlsx", "broken", id="half an archive"),
        pytest.param(an_archive({"a.txt": b"x"}), "a.xlsx", "unknown", id="another archive"),
        pytest.param(
            an_archive({"xl/workbook.xml": b"<x/>", "xl/vbaProject.bin": b"x"}), "a.xlsm",
            "macros", id="macros",
        ),
        pytest.param(an_archive({"xl/workbook.xml": b"<x"}), "a.xlsx", "broken", id="bad XML"),
        pytest.param(a_workbook([]), "a.xlsx", "empty", id="no rows"),
        pytest.param(a_bomb(megabytes=60), "a.xlsx", "bomb", id="too large unpacked"),
        pytest.param(a_bomb(megabytes=8), "a.xlsx", "bomb", id="packed too well"),
        pytest.param(
            an_archive({f"xl/{i}.xml": b"x" for i in range(201)}), "a.xlsx", "bomb",
            id="too many parts",
        ),
        pytest.param(a_lying_bomb(), "a.xlsx", "broken", id="a table of contents that lies"),
        pytest.param(b"x," * 5_500_000, "a.csv", "too-large", id="too large"),
    ],
)  # fmt: skip
def test_a_file_that_is_no_list_is_refused_by_its_content(
    data: bytes, name: str, code: str
) -> None:
    start = time.monotonic()

    with pytest.raises(FileRefusedError) as refused:
        open_sheet(data, name)

    assert refused.value.code == code
    assert time.monotonic() - start < 5


def test_an_honest_list_of_ten_thousand_is_no_bomb() -> None:
    sheet = open_sheet(a_workbook(many_guests(10_000)))

    assert len(sheet.rows) == 10_001


def test_entities_of_a_workbook_are_not_expanded() -> None:
    entities = "".join(f'<!ENTITY e{i} "{f"&e{i - 1};" * 10}">' for i in range(1, 10))
    doc = f'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e0 "ha">{entities}]>'.encode()
    honest = a_workbook(a_sheet(a_row()))
    packed = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(honest)) as old, zipfile.ZipFile(packed, "w") as new:
        for part in old.infolist():
            body = old.read(part)
            if part.filename.endswith("sheet1.xml"):
                body = doc + body.replace("Võ Minh Hùng".encode(), b"&e9;")
            new.writestr(part.filename, body)

    longest, code = longest_cell(packed.getvalue())

    assert (longest < 100, code) in {(True, ""), (True, "broken")}


@settings(max_examples=200)
@given(st.binary(max_size=400))
def test_no_bytes_make_the_reader_raise_anything_else(data: bytes) -> None:
    for name in ("a.csv", "a.xlsx"):
        try:
            preview = read_guest_list(open_sheet(data, name).rows)
        except FileRefusedError:
            continue
        heaps = preview.imported + preview.repaired + preview.questioned + preview.skipped
        assert heaps == preview.rows


@pytest.mark.parametrize("name", ["utf8-bom.csv", "utf16-tab.csv", "hostile.csv"])
def test_a_damaged_text_file_is_read_or_refused(name: str) -> None:
    dice = random.Random(20261119)  # noqa: S311 - damage, not secrets
    honest = (SAMPLES / name).read_bytes()
    for _ in range(20):
        data = bytearray(honest)
        for _ in range(dice.randrange(1, 40)):
            data[dice.randrange(len(data))] = dice.randrange(256)
        code = read_or_code(bytes(data), name)
        assert code in {"", "no-header", "no-rows", "unknown", "empty"}


def test_a_damaged_workbook_is_read_or_refused() -> None:
    dice = random.Random(20261119)  # noqa: S311 - damage, not secrets
    honest = (SAMPLES / "don-vi-duoc-moi.xlsx").read_bytes()
    for _ in range(25):
        data = bytearray(honest)
        for _ in range(dice.randrange(1, 20)):
            data[dice.randrange(4, len(data))] = dice.randrange(256)
        code = read_or_code(bytes(data), "a.xlsx")
        assert code in {"", "broken", "unknown", "bomb", "locked", "empty", "no-header"}


def test_a_reader_that_trusts_names_would_be_caught() -> None:
    def wrong(data: bytes, name: str) -> int:
        return len(data.splitlines()) if name.endswith(".csv") else len(open_sheet(data).rows)

    data = a_workbook(a_sheet(a_row()))

    assert wrong(data, "a.csv") != len(open_sheet(data, "a.csv").rows)


def test_ten_thousand_rows_take_less_than_five_seconds_of_processor() -> None:
    data = a_workbook(many_guests(10_000))

    def spent() -> float:
        start = time.process_time()
        preview = read_guest_list(open_sheet(data).rows)
        assert preview.rows == 10_000
        return time.process_time() - start

    assert spent() < 5 or spent() < 5  # once more, should the machine have been busy

"""Guest lists for tests: small sheets, own workbooks, and archives that mean harm."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import openpyxl

SAMPLES = Path(__file__).parent / "samples"
HEADER = ("STT", "Xưng hô", "Họ và tên", "Chức vụ", "Cơ quan", "Di động", "Email", "Ghi chú")


def a_row(**cells: str) -> tuple[str, ...]:
    """Return one row under HEADER; every cell has a dull default."""
    dull = {
        "number": "1",
        "honorific": "Ông",
        "name": "Võ Minh Hùng",
        "title": "Phóng viên",
        "organisation": "Báo Thử",
        "phone": "0903123456",
        "email": "hung@bao.example",
        "note": "",
    }
    return tuple({**dull, **cells}.values())


def a_sheet(*rows: tuple[str, ...]) -> list[tuple[str, ...]]:
    """Return HEADER and *rows*."""
    return [HEADER, *rows]


def a_workbook(rows: list[tuple[str, ...]]) -> bytes:
    """Return an .xlsx file with one sheet of *rows*."""
    workbook = openpyxl.Workbook()
    sheet = workbook.active
    assert sheet is not None
    for row in rows:
        sheet.append(row)
    packed = io.BytesIO()
    workbook.save(packed)
    return packed.getvalue()


def a_bomb(*, megabytes: int) -> bytes:
    """Return an .xlsx whose sheet unpacks to *megabytes* of blanks."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
        archive.writestr("xl/worksheets/sheet1.xml", b" " * (megabytes * 1024 * 1024))
    return packed.getvalue()


def an_archive(names: dict[str, bytes]) -> bytes:
    """Return a zip archive with these parts."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, body in names.items():
            archive.writestr(name, body)
    return packed.getvalue()


def many_guests(count: int) -> list[tuple[str, ...]]:
    """Return a list of *count* different guests in the usual state of repair."""
    phones = ("0{0}", "{0}", "+84 {0}", "0{0} ")
    return a_sheet(
        *(
            a_row(
                number=str(index),
                name=f"Nguyễn Văn {'ABCDEĐGHIKLMNOPQRSTUVXY'[index % 23]}{'n' * (index % 7)}",
                organisation=f"Báo Số {index // 40}",
                phone=phones[index % 4].format(903_000_000 + index),
                email=f"khach.{index}@bao{index // 40}.example",
            )
            for index in range(count)
        )
    )

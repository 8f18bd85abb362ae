"""A paper desk over the shipped templates, and what is read from the papers it makes."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pypdf
import zxingcpp
from PIL import Image
from pypdf.generic import DictionaryObject

from invitations.domain import papers
from invitations.domain.model import Gate, Guest, Holder
from invitations.domain.papers import LetterForm
from invitations.services.paper import Paper
from invitations.services.press import OFFICIAL, Press
from tests.invitations.letterbox import EVENT, GUEST, INVITATION, OFFICE, ROOT

TEMPLATES = ROOT / "templates" / OFFICIAL
EVENT_WITH_GATES = replace(EVENT, gates=(Gate(1, "Cửa A"), Gate(2, "Cửa B")))
FORM = replace(
    papers.proposed(OFFICE, EVENT, date(2026, 2, 5)),
    superior="Ủy ban nhân dân Thành phố Hồ Chí Minh",
    issuer="Văn phòng",
    number="7",
    symbol="VP-BC",
    notes="Đề nghị phóng viên mang theo thẻ nhà báo.\nMời có mặt trước 15 phút.",
    authority="KT. Chánh Văn phòng",
    position="Phó Chánh Văn phòng",
    signer="Nguyễn Thị Bích Ngọc",
    recipients="- Như trên;\n- Lưu: VT, BC.",
)


def a_desk(folder: Path) -> Paper:
    """Return a paper desk; templates of offices are kept in *folder*."""
    return Paper(Press(TEMPLATES), folder)


def a_letter(desk: Paper, form: LetterForm = FORM, guest: Guest | None = None) -> bytes:
    """Return the letter of the press conference."""
    return desk.letter(form, OFFICE, EVENT_WITH_GATES, guest)


def a_holder(**changes: Any) -> Holder:
    """Return a guest with an invitation."""
    return Holder(replace(GUEST, **changes), INVITATION)


def words(pdf: bytes) -> str:
    """Return what can be read in *pdf*, in one line."""
    reader = pypdf.PdfReader(io.BytesIO(pdf))
    text = " ".join(page.extract_text() for page in reader.pages)
    return " ".join(text.replace("\u00a0", " ").split())


def fonts(pdf: bytes) -> set[str]:
    """Return the names of all fonts that stand anywhere in *pdf*, without their subset tags."""
    reader = pypdf.PdfReader(io.BytesIO(pdf))
    trailer: Any = reader.trailer
    count = int(trailer["/Size"])
    found = (reader.get_object(number) for number in range(1, count))
    names = (
        str(each["/BaseFont"])
        for each in found
        if isinstance(each, DictionaryObject) and "/BaseFont" in each
    )
    return {name.lstrip("/").rpartition("+")[2] for name in names}


def pages(pdf: bytes) -> list[tuple[float, float]]:
    """Return width and height of each page, in whole millimetres."""
    boxes = (page.mediabox for page in pypdf.PdfReader(io.BytesIO(pdf)).pages)
    return [(round(box.width / 72 * 25.4), round(box.height / 72 * 25.4)) for box in boxes]


def read_codes(png: bytes) -> dict[str, str]:
    """Return the codes in a picture by their kind."""
    found = zxingcpp.read_barcodes(Image.open(io.BytesIO(png)))
    return {each.format.name: each.text for each in found}

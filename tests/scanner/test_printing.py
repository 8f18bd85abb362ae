"""The label printer: one page of the right size, a guest's words as words, honest answers."""

import os
import stat
from io import BytesIO
from pathlib import Path

import cv2
import numpy as np
import pytest
import typst
from numpy.typing import NDArray
from pypdf import PdfReader

from checkin.domain.admission import Direction
from checkin.domain.protocol import WireVerdict
from scanner.door import Shown
from scanner.printing import SIZES, TEMPLATE, LabelPrinter, label, printers, told
from scanner.screen import Screen

GUEST = {"name": "Nguyễn Thị Minh Ánh", "organisation": "Báo Sài Gòn Giải Phóng"}
HOSTILE = '#panic() $x$ *Tâm* & Sơn \\ [a](b) "q" <l>'
# Stands in for CUPS, which wants a running system: keeps what it is given, or fails.
CUPS = """#!/bin/sh
case "$0" in
  *lpstat) echo "nhan-cua-a"; exit 0 ;;
esac
echo "$@" > "{folder}/asked"
cat > "{folder}/printed.pdf"
exit {code}
"""


def a_screen() -> Screen:
    """Return a screen on which a guest was just let in."""
    verdict = WireVerdict("admitted", [], "00" * 12, 0, entry=GUEST)
    screen = Screen()
    screen.show(Shown(1, "s1", verdict, Direction.ENTRY, 0, 0))
    return screen


def a_cups(folder: Path, monkeypatch: pytest.MonkeyPatch, code: int = 0) -> None:
    """Put stand-ins for the programs of CUPS before all others."""
    for name in ("lp", "lpstat"):
        program = folder / name
        program.write_text(CUPS.format(folder=folder, code=code))
        program.chmod(stat.S_IRWXU)
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")


@pytest.mark.parametrize("size", sorted(SIZES))
def test_a_badge_is_one_page_of_the_size_of_its_roll(size: str) -> None:
    made = PdfReader(BytesIO(label(GUEST, size))).pages

    millimetres = [round(float(side) * 25.4 / 72) for side in made[0].mediabox[2:]]
    assert len(made) == 1
    assert millimetres == list(SIZES[size])


def test_the_words_of_a_guest_are_no_code() -> None:
    assert (
        label({"name": HOSTILE, "organisation": HOSTILE, "category": HOSTILE})[:5] == b"%PDF-"
    )


@pytest.mark.parametrize(
    "name", ["Lê An", "Công Tằng Tôn Nữ Hoàng Bảo Trân Phương Thảo Nguyên"]
)
def test_no_name_leaves_its_label(name: str) -> None:
    page = drawn({**GUEST, "name": name, "category": "Báo chí"})

    edge = np.concatenate([page[0], page[-1], page[:, 0], page[:, -1]])
    assert edge.min() == 255
    assert page.min() < 64


def test_the_printer_gets_the_badge_of_the_guest(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_cups(tmp_path, monkeypatch)
    screen = a_screen()

    printed = LabelPrinter(screen, "nhan-cua-a")("s1")

    assert printed is True
    assert printers() == ["nhan-cua-a"]
    assert (tmp_path / "printed.pdf").read_bytes() == label(GUEST)
    assert "-d nhan-cua-a" in (tmp_path / "asked").read_text()


def test_what_was_not_printed_is_not_said_to_be(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_cups(tmp_path, monkeypatch, code=1)
    screen = a_screen()

    assert LabelPrinter(screen, "nhan-cua-a")("s1") is False
    assert LabelPrinter(screen, "nhan-cua-a")("s2") is False
    assert LabelPrinter(screen, "")("s1") is False


def drawn(entry: dict[str, str]) -> NDArray[np.uint8]:
    """Return the small badge of *entry* as a grey picture."""
    made = typst.compile(
        TEMPLATE.encode(), sys_inputs=told(entry, "small"), format="png", ppi=150
    )
    picture = cv2.imdecode(np.frombuffer(made, np.uint8), cv2.IMREAD_GRAYSCALE)
    assert picture is not None
    return picture.astype(np.uint8)

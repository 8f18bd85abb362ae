"""What is drawn is read again, by another library than the one that drew it."""

import re
from io import BytesIO
from xml.etree import ElementTree as ET

import numpy as np
import pytest
import zxingcpp
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from qrcode import util
from qrcode.base import rs_blocks
from qrcode.constants import ERROR_CORRECT_M
from qrcode.main import QRCode

from invitations.domain.passes import MINUTE_ZERO, DoorPass, mint
from invitations.services import drawing, plainqr, symbols

PASS_TEXT = "71" + "0123456789" * 20
passes_in_use = st.builds(
    DoorPass,
    kid=st.integers(0, 2**16 - 1),
    event=st.integers(0, 2**32 - 1),
    pass_id=st.binary(min_size=8, max_size=8).map(bytes.hex),
    generation=st.integers(0, 255),
    not_after=st.integers(0, 2**24 - 1).map(lambda minute: MINUTE_ZERO + 60 * minute),
)


def read_picture(picture: bytes) -> list[str]:
    with Image.open(BytesIO(picture)) as image:
        return [found.text for found in zxingcpp.read_barcodes(np.asarray(image.convert("L")))]


@given(passes_in_use, st.binary(min_size=32, max_size=32))
def test_every_pass_drawn_is_read_again(door_pass: DoorPass, seed: bytes) -> None:
    text = mint(door_pass, seed)

    assert read_picture(drawing.png(text, module_px=4)) == [text]


def test_a_picture_is_small_and_has_two_colours() -> None:
    picture = drawing.png(PASS_TEXT, module_px=8)

    with Image.open(BytesIO(picture)) as image:
        assert (image.mode, image.size) == ("1", (360, 360))
    assert len(picture) < 2_500


@pytest.mark.parametrize("module_px", [1, 3, 8, 11])
def test_four_white_modules_surround_the_symbol(module_px: int) -> None:
    with Image.open(BytesIO(drawing.png(PASS_TEXT, module_px=module_px))) as image:
        pixels = np.asarray(image.convert("L"))
    dark = np.argwhere(pixels == 0)

    assert dark.min() == 4 * module_px
    assert dark.max() == (45 - 4) * module_px - 1


def test_svg_and_png_show_the_same_modules() -> None:
    root = ET.fromstring(str(drawing.svg(PASS_TEXT)))  # noqa: S314 - our own drawing
    ground, strokes = root.findall("{http://www.w3.org/2000/svg}path")
    shown = np.full((45, 45), 255, dtype=np.uint8)
    for left, top, width in re.findall(r"M(\d+) (\d+)h(\d+)v1h-\d+z", strokes.attrib["d"]):
        shown[int(top), int(left) : int(left) + int(width)] = 0
    with Image.open(BytesIO(drawing.png(PASS_TEXT, module_px=1))) as image:
        expected = np.asarray(image.convert("L"))

    assert (root.attrib["viewBox"], root.attrib["role"]) == ("0 0 45 45", "img")
    assert ground.attrib["d"] == "M0 0h45v45H0z"
    assert np.array_equal(shown, expected)


def test_the_label_of_a_drawing_is_text() -> None:
    assert 'aria-label="&#34;&gt;&lt;script&gt;"' in drawing.svg(PASS_TEXT, '"><script>')


def test_no_drawing_asks_for_a_style() -> None:
    assert "style" not in drawing.svg(PASS_TEXT)


@pytest.mark.parametrize("text", ["https://moi.vn/station/pair#482913", "7" * 300, "Mời họp"])
def test_other_texts_are_drawn_as_they_need(text: str) -> None:
    assert read_picture(drawing.png(text, module_px=4)) == [text]


@given(passes_in_use, st.binary(min_size=32, max_size=32))
def test_the_table_draws_what_the_library_draws(door_pass: DoorPass, seed: bytes) -> None:
    text = mint(door_pass, seed)
    code = QRCode(
        version=5, error_correction=ERROR_CORRECT_M, mask_pattern=symbols.MASK, border=0
    )
    code.add_data(text, optimize=0)
    code.make(fit=False)

    assert drawing.matrix(text) == [[bool(each) for each in row] for row in code.modules]


def test_another_mask_would_be_read_as_well() -> None:
    """The mask is a free choice of the encoder: every one of the eight gives this text."""
    for mask in range(8):
        code = QRCode(
            version=5, error_correction=ERROR_CORRECT_M, mask_pattern=mask, box_size=4
        )
        code.add_data(PASS_TEXT, optimize=0)
        code.make(fit=False)
        pixels = np.where(np.kron(np.array(code.get_matrix()), np.ones((4, 4))), 0, 255)

        found = zxingcpp.read_barcodes(pixels.astype(np.uint8))

        assert [each.text for each in found] == [PASS_TEXT]


def test_a_pass_fills_version_five_to_the_last_bit() -> None:
    bits = sum(block.data_count for block in rs_blocks(5, ERROR_CORRECT_M)) * 8
    numeric = 4 + util.length_in_bits(util.MODE_NUMBER, 5) + 67 * 10 + 4

    assert numeric == bits


def test_a_flipped_picture_is_caught() -> None:
    """A seeded bug: dark and light exchanged on the way to the file."""
    picture = drawing.png(PASS_TEXT, module_px=1)
    with Image.open(BytesIO(picture)) as image:
        pixels = np.asarray(image.convert("L"))
    stretched = np.kron(255 - pixels, np.ones((4, 4))).astype(np.uint8)

    found = zxingcpp.read_barcodes(stretched, try_invert=False)

    assert [each.text for each in found] == []


@given(st.text("0123456789", min_size=202, max_size=202))
def test_the_quick_picture_has_the_pixels_of_the_general_one(digits: str) -> None:
    quick = drawing.png(digits, module_px=8)
    with Image.open(BytesIO(quick)) as image:
        pixels = np.asarray(image.convert("L"))
    modules = np.pad(np.array(drawing.matrix(digits)), plainqr.QUIET)

    assert (pixels == np.kron(~modules, np.ones((8, 8))) * 255).all()

"""Letters on paper: the door code in bars, and nothing else that has bars."""

import cv2
import numpy as np
import pytest
import zxingcpp

from invitations.domain import doorcode
from scanner.decode import Reading
from scanner.filters import Gray, as_gray
from scanner.paper import STAGE, door_codes
from scanner.reader import FilmReader
from tests.scanner.door_frames import a_frame, a_room, a_text

CODE = doorcode.new(lambda _below: 47110832995)


def a_letter(text: str, module: int = 3, room: int = 1) -> Gray:
    """Return a frame in which a sheet with *text* in bars is held."""
    drawn = zxingcpp.write_barcode_to_image(
        zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.Code128), scale=module
    )
    bars = np.repeat(np.array(drawn)[:1], 90, axis=0)
    frame = as_gray(cv2.cvtColor(a_room(room), cv2.COLOR_BGR2GRAY)).copy()
    frame[180:520, 200:1080] = 235
    frame[300:390, 300 : 300 + bars.shape[1]] = bars
    return as_gray(cv2.GaussianBlur(frame, (0, 0), 0.8))


def never(_raw: bytes) -> bool:
    return False


def stages(reading: Reading) -> list[tuple[str, bytes]]:
    return [(symbol.stage, symbol.raw) for symbol in reading.symbols]


def test_a_door_code_in_bars_is_read_on_every_other_frame() -> None:
    reader, letter = FilmReader(never, paper=True), a_letter(CODE)

    found = [stages(reader.look(letter)) for _ in range(4)]

    assert found == [[], [(STAGE, CODE.encode())]] * 2


def test_without_paper_no_bars_are_looked_at() -> None:
    reader, letter = FilmReader(never), a_letter(CODE)

    assert [stages(reader.look(letter)) for _ in range(4)] == [[]] * 4


@pytest.mark.parametrize("text", ["471108329950", "12345678", "ABC-471108329956", "x" * 12])
def test_bars_that_are_no_door_code_are_not_there(text: str) -> None:
    assert not doorcode.check(text)
    assert door_codes(a_letter(text), (), never).symbols == ()


def test_a_pass_beside_the_letter_is_still_read() -> None:
    text = a_text(1).encode()
    letter = a_letter(CODE)
    phone = as_gray(cv2.cvtColor(a_frame([text.decode()]), cv2.COLOR_BGR2GRAY))
    both = np.concatenate((letter[:, 150:1100], phone[:, 450:830]), axis=1)
    reader = FilmReader(lambda raw: raw == text, paper=True)

    found = {symbol.raw for _ in range(2) for symbol in reader.look(both).symbols}

    assert found == {text, CODE.encode()}

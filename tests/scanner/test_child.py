"""The decoder's child process: nothing that happens to it stops the station."""

import os
import signal
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from scanner.child import RESTARTS_MOST, DecoderChild
from scanner.decode import Reading
from scanner.gatekeeper import Verifier
from scanner.pictures import read_pictures
from tests.scanner.door_frames import OTHER_SEED, TRUST, Light, Picture, a_code, a_frame, a_text


@pytest.fixture(name="child")
def a_child() -> Iterator[DecoderChild]:
    child = DecoderChild()
    child.start()
    yield child
    child.stop()


def look(child: DecoderChild, picture: Picture, seconds: float = 20) -> Reading | None:
    """Look until a child answers."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        reading = child.look(picture)
        if reading is not None:
            return reading
        time.sleep(0.02)
    return None


def kill(child: DecoderChild) -> None:
    assert child.pid is not None
    os.kill(child.pid, signal.SIGKILL)
    time.sleep(0.05)


def texts(reading: Reading | None) -> list[bytes]:
    return [symbol.raw for symbol in reading.symbols] if reading else []


def test_a_frame_is_read_in_the_child(child: DecoderChild) -> None:
    reading = look(child, a_frame([a_text(1)]))

    assert texts(reading) == [a_text(1).encode()]
    assert child.pid != os.getpid()


def test_a_frame_too_large_for_the_memory_is_made_smaller(child: DecoderChild) -> None:
    frame = cv2.resize(a_frame([a_text(1)]), (3840, 2160))

    reading = look(child, np.asarray(frame, dtype=np.uint8))

    assert texts(reading) == [a_text(1).encode()]


def test_the_trust_list_decides_what_ends_the_search(child: DecoderChild) -> None:
    child.accept(Verifier(TRUST))

    reading = look(child, a_frame([a_text(1, seed=OTHER_SEED)], Light(side=200)))

    assert texts(reading) == [a_text(1, seed=OTHER_SEED).encode()]


def test_a_killed_child_is_replaced(child: DecoderChild) -> None:
    frame = a_frame([a_text(1)])
    kill(child)

    at_once, later = child.look(frame), look(child, frame)

    assert at_once is None
    assert texts(later) == [a_text(1).encode()]
    assert child.restarts == 1


def dies(_raw: bytes) -> bool:
    """Kill the process that asks, as a hostile picture might."""
    os.kill(os.getpid(), signal.SIGKILL)
    return True


def test_a_child_that_keeps_dying_is_restarted_five_times_a_minute_and_no_more() -> None:
    child, frame = DecoderChild(dies), a_frame([a_text(1)])
    child.start()
    deadline = time.monotonic() + 60
    while child.restarts < RESTARTS_MOST and time.monotonic() < deadline:
        child.look(frame)
        time.sleep(0.02)
    for _ in range(50):
        slowest = -time.monotonic()
        assert child.look(frame) is None or child.restarts == RESTARTS_MOST
        slowest += time.monotonic()
        time.sleep(0.02)
    child.stop()

    assert child.restarts == RESTARTS_MOST


def dawdles(_raw: bytes) -> bool:
    """Take for ever, as a hostile picture might make a decoder do."""
    time.sleep(60)
    return True


def test_a_child_that_hangs_is_given_up_after_a_second_and_replaced() -> None:
    child, frame = DecoderChild(dawdles), a_frame([a_text(1)])
    child.start()
    deadline = time.monotonic() + 30
    while child.restarts == 0 and time.monotonic() < deadline:
        assert child.look(frame) is None
        time.sleep(0.02)
    child.stop()

    assert child.restarts == 1


def a_folder(folder: Path) -> dict[str, list[str]]:
    """Fill *folder* with good and hostile files; return what must be read of each."""
    code = a_code(a_text(1))
    cv2.imwrite(str(folder / "a-good.png"), code)
    cv2.imwrite(str(folder / "b-frame.jpg"), a_frame([a_text(2)]))
    cv2.imwrite(str(folder / "c-no-margin.png"), a_code(a_text(3), border=0))
    cv2.imwrite(str(folder / "d-huge.jpg"), cv2.resize(a_frame([a_text(4)]), (6400, 3600)))
    see_through = Image.fromarray(code).convert("L")
    clear = Image.new("RGBA", see_through.size, (0, 0, 0, 0))
    clear.paste((0, 0, 0, 255), mask=see_through.point(lambda level: 255 - level))
    clear.save(folder / "e-see-through.png")
    cv2.imwrite(str(folder / "f-tiny.png"), np.zeros((1, 1), np.uint8))
    (folder / "g-text.png").write_text("this is a text", encoding="utf-8")
    (folder / "h-empty.jpg").write_bytes(b"")
    (folder / "i-cut.png").write_bytes((folder / "a-good.png").read_bytes()[:200])
    Image.new("1", (20_000, 20_000)).save(folder / "j-bomb.png")
    cv2.imwrite(str(folder / "k-link.png"), a_code("https://example.test/Ánh"))
    os.mkfifo(folder / "l-pipe.png")
    (folder / "m-notes.txt").write_text("no picture", encoding="utf-8")
    read = {"a-good.png": 1, "b-frame.jpg": 2, "c-no-margin.png": 3, "d-huge.jpg": 4}
    nothing = ("f-tiny.png", "g-text.png", "h-empty.jpg", "i-cut.png", "j-bomb.png")
    return {
        **{name: [a_text(number)] for name, number in read.items()},
        "e-see-through.png": [a_text(1)],
        **{name: [] for name in nothing},
        "k-link.png": ["https://example.test/Ánh"],
    }


def test_a_folder_of_good_and_hostile_files_is_read_to_its_end(tmp_path: Path) -> None:
    expected = a_folder(tmp_path)

    found = read_pictures(tmp_path)

    assert {Path(each.file).name: list(each.texts) for each in found} == expected
    problems = {Path(each.file).name: each.problem for each in found if each.problem}
    assert problems == {
        "g-text.png": "not a picture",
        "h-empty.jpg": "not a picture",
        "i-cut.png": "not a picture",
        "j-bomb.png": "too large",
    }


def test_a_picture_that_kills_the_decoder_costs_only_itself(tmp_path: Path) -> None:
    cv2.imwrite(str(tmp_path / "a.png"), a_code("die"))
    cv2.imwrite(str(tmp_path / "b.png"), np.full((60, 60), 255, np.uint8))
    child = DecoderChild(partial(dies))
    child.start()

    first, second = child.picture(tmp_path / "a.png"), child.picture(tmp_path / "b.png")
    child.stop()

    assert (first.problem, first.texts) == ("the decoder gave up on it", ())
    assert (second.problem, second.texts) == (None, ())

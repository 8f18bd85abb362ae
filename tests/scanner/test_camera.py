"""The camera: always the latest frame, and never a wait for a dead one."""

import os
import threading
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from scanner.camera import Camera, CameraState, LatestFrame
from tests.scanner.films import Scene, a_film

BLANK = np.zeros((4, 4, 3), np.uint8)


def wait_for(what: Callable[[], bool], seconds: float = 8.0) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if what():
            return True
        time.sleep(0.01)
    return what()


def test_the_box_holds_only_the_latest_frame() -> None:
    box = LatestFrame()
    for at in (1.0, 2.0, 3.0):
        box.put(BLANK, at)

    frame = box.newer_than(0, 0)

    assert frame is not None
    assert (frame.number, frame.at) == (3, 3.0)
    assert box.dropped == 2


def test_the_box_gives_no_frame_twice() -> None:
    box = LatestFrame()
    box.put(BLANK, 1.0)

    assert box.newer_than(1, 0.01) is None


def test_a_slow_reader_never_gets_an_old_frame(tmp_path: Path) -> None:
    camera = Camera(str(a_film(tmp_path / "film.avi", [Scene((), seconds=2)])))
    camera.start()
    ages, number = [], 0
    while not camera.ended:
        frame = camera.latest.newer_than(number, 0.1)
        if frame is not None:
            ages.append(time.monotonic() - frame.at)
            number = frame.number
            time.sleep(0.2)
    camera.stop()

    assert len(ages) > 8
    assert max(ages) < 0.15
    assert camera.status().dropped > 10


def test_a_film_takes_as_long_as_its_frames_say(tmp_path: Path) -> None:
    film = a_film(tmp_path / "film.avi", [Scene((), seconds=0.0, gap=0.0)])
    camera = Camera(str(film), pace=2.0)

    started = time.monotonic()
    camera.start()
    assert wait_for(lambda: camera.ended)
    took = time.monotonic() - started
    camera.stop()

    assert 0.8 < took < 2.0
    assert camera.status().state is CameraState.ENDED


def test_a_film_that_loops_does_not_end(tmp_path: Path) -> None:
    film = a_film(tmp_path / "film.avi", [Scene((), seconds=0.0, gap=0.0)])
    camera = Camera(str(film), pace=10.0, loop=True)
    camera.start()

    many = wait_for(lambda: camera.latest.count > 70)
    camera.stop()

    assert many
    assert not camera.ended


def test_a_camera_that_is_not_there_is_said_and_tried_again() -> None:
    camera = Camera("61")
    camera.start()

    offline = wait_for(lambda: camera.status().state is CameraState.OFFLINE)
    again = wait_for(lambda: camera.status().reopened >= 1)
    camera.stop()

    assert offline
    assert again


def test_a_camera_that_hangs_is_left_behind_and_replaced(tmp_path: Path) -> None:
    film = a_film(tmp_path / "film.avi", [Scene((), seconds=0.5)]).read_bytes()
    pipe = tmp_path / "camera"
    os.mkfifo(pipe)
    halt = threading.Event()

    def feed() -> None:
        """Give half a film, then nothing: neither frames nor an end."""
        with pipe.open("wb", buffering=0) as out:
            out.write(film[: len(film) * 2 // 3])
            halt.wait(20)

    feeder = threading.Thread(target=feed, daemon=True)
    feeder.start()
    camera = Camera(str(pipe))
    camera.start()
    came = wait_for(lambda: camera.latest.count > 3)
    silent = wait_for(lambda: camera.status().state is not CameraState.ONLINE, 4)
    replaced = wait_for(lambda: camera.status().reopened >= 1, 6)
    halt.set()
    feeder.join(5)
    camera.stop()

    assert (came, silent, replaced) == (True, True, True)

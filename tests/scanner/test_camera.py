"""The camera: always the latest frame, and never a wait for a dead one."""

import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from statistics import median

import cv2
import numpy as np
import pytest

from scanner.camera import Camera, CameraState, LatestFrame
from scanner.cameras import CameraDevice, list_cameras, torch
from tests.scanner.door_frames import HEIGHT
from tests.scanner.films import Scene, a_film
from tests.scanner.mjpeg import Mood, NetworkCamera, seconds_until

BLANK = np.zeros((4, 4, 3), np.uint8)
FRESH_S, LATE_S = 0.1, 0.5


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
    assert median(ages) < FRESH_S
    assert max(ages) < LATE_S  # whoever reads frame after frame would be a second behind
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


@pytest.fixture(name="pipe")
def a_pipe_as_a_camera(tmp_path: Path) -> Iterator[Path]:
    """A pipe; who waits for its other end is let go at the end of the test.

    OpenCV opens one stream at a time: an opening that hangs would stop those of other tests.
    """
    pipe = tmp_path / "camera"
    os.mkfifo(pipe)
    yield pipe
    assert wait_for(lambda: not waiting_at(pipe))


def waiting_at(pipe: Path) -> bool:
    """Give those who wait at *pipe* its end; tell whether any grabber still runs."""
    with suppress(OSError):  # nobody reads
        os.close(os.open(pipe, os.O_WRONLY | os.O_NONBLOCK))
    return any(thread.name == "grabber" for thread in threading.enumerate())


def test_a_camera_that_hangs_is_left_behind_and_replaced(tmp_path: Path, pipe: Path) -> None:
    film = a_film(tmp_path / "film.avi", [Scene((), seconds=0.5)]).read_bytes()
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


@pytest.fixture(name="remote")
def a_network_camera() -> Iterator[NetworkCamera]:
    remote = NetworkCamera().plug_in()
    yield remote
    remote.unplug()


@pytest.fixture(name="watched")
def a_camera_that_watches(remote: NetworkCamera) -> Iterator[Camera]:
    camera = Camera(remote.url)
    camera.start()
    try:
        assert wait_for(lambda: camera.latest.count > 3)
        yield camera
    finally:
        camera.stop()


def height_seen(camera: Camera) -> int:
    frame = camera.latest.peek()
    return 0 if frame is None else frame.picture.shape[0]


def is_in(camera: Camera, *states: CameraState) -> Callable[[], bool]:
    return lambda: camera.status().state in states


def lost_and_found(camera: Camera, remote: NetworkCamera, *, cut: bool) -> tuple[float, float]:
    """Return how long it took to notice a silent (or cut) camera, and to see it again."""
    if cut:
        remote.unplug()
    remote.mood = Mood.SILENT
    noticed = seconds_until(is_in(camera, CameraState.STALLED, CameraState.OFFLINE), 5)
    time.sleep(1.2)
    before = camera.latest.count
    remote.mood = Mood.LIVELY
    if cut:
        remote.plug_in()
    return noticed, seconds_until(lambda: camera.latest.count > before, 8)


@pytest.mark.parametrize("how", ["silent", "unplugged"])
def test_a_camera_that_goes_is_noticed_and_one_that_returns_is_seen_within_3_s(
    watched: Camera, remote: NetworkCamera, how: str
) -> None:
    noticed, found = lost_and_found(watched, remote, cut=how == "unplugged")

    assert noticed < 3
    assert found < 3


def test_the_promise_catches_a_loop_that_reads_the_camera_itself(
    remote: NetworkCamera,
) -> None:
    """The seeded bug: a read in the loop that should notice, as it is usually written."""
    capture = cv2.VideoCapture(remote.url, cv2.CAP_FFMPEG)
    noticed = threading.Event()

    def naive_loop() -> None:
        while capture.read()[0]:
            pass
        noticed.set()

    looping = threading.Thread(target=naive_loop, daemon=True)
    looping.start()
    time.sleep(0.3)
    remote.mood = Mood.SILENT

    assert seconds_until(noticed.is_set, 3) >= 3
    remote.unplug()
    looping.join(5)


@pytest.mark.nightly
def test_a_camera_stopped_and_resumed_twenty_times_is_always_seen_again(
    watched: Camera, remote: NetworkCamera
) -> None:
    times = [lost_and_found(watched, remote, cut=number % 2 == 1) for number in range(20)]

    assert max(noticed for noticed, _ in times) < 3
    assert max(found for _, found in times) < 3


def test_a_camera_that_gives_the_same_frame_for_ever_is_said_and_opened_again(
    watched: Camera, remote: NetworkCamera
) -> None:
    remote.mood = Mood.FROZEN

    said = seconds_until(is_in(watched, CameraState.STALLED), 5)
    reopened = seconds_until(lambda: watched.status().reopened > 0, 5)
    remote.mood = Mood.LIVELY
    well = seconds_until(is_in(watched, CameraState.ONLINE), 5)

    assert said < 3
    assert reopened < 5
    assert well < 5


def test_another_camera_can_be_chosen_while_it_runs(watched: Camera, tmp_path: Path) -> None:
    film = a_film(tmp_path / "film.avi", [Scene((), seconds=1)])

    watched.switch(str(film))
    switched = seconds_until(lambda: height_seen(watched) == HEIGHT, 4)

    assert switched < 3


def test_the_test_page_gets_a_small_picture_of_what_the_camera_sees(watched: Camera) -> None:
    jpeg = watched.still_jpeg(160)

    assert jpeg is not None
    picture = cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR)
    assert picture is not None
    assert picture.shape == (120, 160, 3)
    assert Camera("61").still_jpeg() is None


def test_cameras_are_listed_by_a_name_that_lasts(tmp_path: Path) -> None:
    system, by_id, devices = (tmp_path / name for name in ("system", "by-id", "dev"))
    by_id.mkdir()
    devices.mkdir()
    for node, index, name in (("video0", 0, "Webcam C920"), ("video1", 1, "Webcam C920")):
        (system / node).mkdir(parents=True)
        (system / node / "index").write_text(f"{index}\n")
        (system / node / "name").write_text(f"{name}\n")
        (devices / node).touch()
    (system / "video2").mkdir()
    (by_id / "usb-C920-index0").symlink_to(devices / "video0")

    assert list_cameras(system, by_id, devices) == [
        CameraDevice(str(by_id / "usb-C920-index0"), "Webcam C920"),
        CameraDevice(str(devices / "video2"), "video2"),
    ]
    assert list_cameras(tmp_path / "none", tmp_path / "none") == []


@pytest.mark.parametrize("source", ["61", "/dev/null", "rtsp://127.0.0.1/x", "film.avi"])
def test_a_camera_without_a_lamp_has_no_torch(source: str) -> None:
    assert torch(source, on=True) is False

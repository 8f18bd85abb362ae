"""The camera: a thread that always grabs, and a box that holds only the latest frame."""

from __future__ import annotations

import os
import threading
import time
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

Picture = NDArray[np.uint8]

OPEN_TIMEOUT_MS = 2000
READ_TIMEOUT_MS = 2000
STALLED_AFTER = 1.0
HUNG_AFTER = 2.5
OPENING_MAY_TAKE = 6.0
BACK_OFF_FIRST = 0.5
BACK_OFF_MOST = 10.0
HUNG_MOST = 4
WATCH_EVERY = 0.1
FILM_RATE = 30.0

os.environ.setdefault("OPENCV_FFMPEG_LOGLEVEL", "-8")
os.environ.setdefault("OPENCV_LOG_LEVEL", "SILENT")


class CameraState(StrEnum):
    """How the camera is, as the badge on the kiosk says it."""

    OPENING = "opening"
    ONLINE = "online"
    STALLED = "stalled"
    OFFLINE = "offline"
    ENDED = "ended"


@dataclass(frozen=True)
class Frame:
    """One picture (height x width x 3, BGR), its monotonic seconds, and its number."""

    picture: Picture
    at: float
    number: int


@dataclass(frozen=True)
class CameraStatus:
    """Counters and state for the kiosk: frames grabbed, dropped unread, times reopened."""

    state: CameraState
    frames: int
    dropped: int
    reopened: int
    age: float | None


class LatestFrame:
    """A box with one slot: putting never waits, and taking gives the newest frame."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._frame: Frame | None = None
        self._taken = 0
        self._count = 0
        self.dropped = 0

    def put(self, picture: Picture, at: float) -> None:
        """Lay *picture* in the box; one that nobody took is dropped."""
        with self._changed:
            if self._frame is not None and self._taken < self._count:
                self.dropped += 1
            self._count += 1
            self._frame = Frame(picture, at, self._count)
            self._changed.notify_all()

    def newer_than(self, number: int, timeout: float) -> Frame | None:
        """Return the latest frame after *number*, or nothing after *timeout* seconds."""
        with self._changed:
            self._changed.wait_for(lambda: self._count > number, timeout)
            if self._frame is None or self._count <= number:
                return None
            self._taken = self._count
            return self._frame

    def peek(self) -> Frame | None:
        """Return the latest frame without taking it, for the picture on the kiosk."""
        return self._frame

    @property
    def count(self) -> int:
        """How many frames were ever put into the box."""
        return self._count


class Camera:
    """Keeps a camera, a stream or a film running, whatever happens to it.

    *source* is a V4L number (``0``), a stream (``rtsp://``, ``http://``), or a file; a file
    is paced by its own frame rate times *pace* and, with *loop*, starts again at its end.
    Reading happens in a thread of its own: a read that hangs is left behind and replaced.
    """

    def __init__(self, source: str, *, pace: float = 1.0, loop: bool = False) -> None:
        self.source = source
        self.pace = pace
        self.loop = loop
        self.latest = LatestFrame()
        self._ended = threading.Event()
        self._stopping = threading.Event()
        self._reopened = 0
        self._grabber: _Grabber | None = None
        self._left_behind: list[_Grabber] = []
        self._watcher = threading.Thread(target=self._watch, name="camera", daemon=True)

    def start(self) -> None:
        """Open the camera and begin to grab; returns at once."""
        self._watcher.start()

    def stop(self) -> None:
        """End grabbing; a hung read is left to itself."""
        self._stopping.set()
        if self._watcher.is_alive():
            self._watcher.join(2 * HUNG_AFTER)

    def status(self) -> CameraStatus:
        """Return how the camera is now."""
        frame = self.latest.peek()
        age = None if frame is None else time.monotonic() - frame.at
        return CameraStatus(
            self._state(age), self.latest.count, self.latest.dropped, self._reopened, age
        )

    @property
    def ended(self) -> bool:
        """Whether a film has come to its end."""
        return self._ended.is_set()

    def _state(self, age: float | None) -> CameraState:
        if self.ended:
            return CameraState.ENDED
        if self._grabber is None or not self._grabber.alive:
            return CameraState.OFFLINE
        if age is None:
            return CameraState.OPENING
        if age > HUNG_AFTER:
            return CameraState.OFFLINE
        return CameraState.STALLED if age > STALLED_AFTER else CameraState.ONLINE

    def _watch(self) -> None:
        """Replace the grabber when it ends or hangs, ever more slowly while it fails."""
        wait = BACK_OFF_FIRST
        while not self._stopping.is_set() and not self._ended.is_set():
            grabber = self._grabber = _Grabber(self)
            grabber.start()
            while grabber.well and not self._stopping.wait(WATCH_EVERY):
                pass
            self._put_aside(grabber)
            wait = BACK_OFF_FIRST if grabber.frames else min(wait * 2, BACK_OFF_MOST)
            if not self._ended.is_set() and not self._stopping.wait(wait):
                self._reopened += 1

    def _put_aside(self, grabber: _Grabber) -> None:
        """Tell *grabber* to end, and wait while too many hung ones are still around."""
        grabber.dismiss()
        self._left_behind = [old for old in (*self._left_behind, grabber) if old.alive]
        while len(self._left_behind) > HUNG_MOST and not self._stopping.wait(WATCH_EVERY):
            self._left_behind = [old for old in self._left_behind if old.alive]

    def film_ended(self) -> None:
        """Note that the film is over (called by the grabber)."""
        self._ended.set()


class _Grabber:
    """One attempt: opens the source once and grabs until it fails or is dismissed."""

    def __init__(self, camera: Camera) -> None:
        self._camera = camera
        self._dismissed = threading.Event()
        self._beat = time.monotonic()
        self.frames = 0
        self._thread = threading.Thread(target=self._run, name="grabber", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def dismiss(self) -> None:
        self._dismissed.set()

    @property
    def alive(self) -> bool:
        return self._thread.is_alive()

    @property
    def well(self) -> bool:
        """Whether it still runs and gave a sign of life lately."""
        patience = HUNG_AFTER if self.frames else OPENING_MAY_TAKE
        return self.alive and time.monotonic() - self._beat < patience

    def _run(self) -> None:
        capture = _opened(self._camera.source)
        if capture is None:
            return
        try:
            if is_film(self._camera.source):
                self._play(capture)
            else:
                self._grab(capture)
        finally:
            capture.release()

    def _grab(self, capture: cv2.VideoCapture) -> None:
        while not self._dismissed.is_set():
            good, picture = capture.read()
            if not good or self._dismissed.is_set():
                return
            self._put(picture)

    def _play(self, capture: cv2.VideoCapture) -> None:
        """Show the film at its own pace; frames that are already late are skipped."""
        rate = (capture.get(cv2.CAP_PROP_FPS) or FILM_RATE) * self._camera.pace
        started, position = time.monotonic(), 0
        while not self._dismissed.is_set():
            if not capture.grab():
                if not self._camera.loop:
                    self._camera.film_ended()
                    return
                capture.set(cv2.CAP_PROP_POS_FRAMES, 0)
                started, position = time.monotonic(), 0
                continue
            due = started + position / rate
            position += 1
            self._beat = time.monotonic()
            if due + 1 / rate < self._beat:
                continue
            self._dismissed.wait(max(0.0, due - self._beat))
            good, picture = capture.retrieve()
            if good:
                self._put(picture)

    def _put(self, picture: object) -> None:
        self._beat = time.monotonic()
        self.frames += 1
        self._camera.latest.put(np.asarray(picture, dtype=np.uint8), self._beat)


def is_film(source: str) -> bool:
    """Tell whether *source* is a file that ends, not a camera, a stream or a pipe."""
    return Path(source).is_file()


def _opened(source: str) -> cv2.VideoCapture | None:
    """Return *source* opened, or nothing when it cannot be opened now."""
    try:
        capture = _capture(source)
    except cv2.error:
        return None
    return capture if capture.isOpened() else None


def _capture(source: str) -> cv2.VideoCapture:
    if source.isdigit():
        capture = cv2.VideoCapture(int(source), cv2.CAP_V4L2)
        capture.set(cv2.CAP_PROP_FOURCC, cv2.VideoWriter.fourcc(*"MJPG"))
        capture.set(cv2.CAP_PROP_FRAME_WIDTH, 1280)
        capture.set(cv2.CAP_PROP_FRAME_HEIGHT, 720)
        return capture
    if is_film(source):
        return cv2.VideoCapture(source, cv2.CAP_FFMPEG)
    limits = [
        cv2.CAP_PROP_OPEN_TIMEOUT_MSEC,
        OPEN_TIMEOUT_MS,
        cv2.CAP_PROP_READ_TIMEOUT_MSEC,
        READ_TIMEOUT_MS,
    ]
    return cv2.VideoCapture(source, cv2.CAP_FFMPEG, limits)

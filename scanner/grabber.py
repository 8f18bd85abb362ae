"""Grabbing: one attempt at a camera, a stream or a film, and the box for its latest frame."""

from __future__ import annotations

import os
import threading
import time
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

Picture = NDArray[np.uint8]

OPEN_TIMEOUT_MS = 2000
READ_TIMEOUT_MS = 2000
HUNG_AFTER = 2.0
OPENING_MAY_TAKE = 6.0
FILM_RATE = 30.0
WIDTH, HEIGHT = 1920, 1080
SAMPLE = 8

os.environ.setdefault("OPENCV_FFMPEG_LOGLEVEL", "-8")
os.environ.setdefault("OPENCV_LOG_LEVEL", "SILENT")


@dataclass(frozen=True)
class Frame:
    """One picture (height x width x 3, BGR), its monotonic seconds, and its number."""

    picture: Picture
    at: float
    number: int


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


class Grabber:
    """One attempt: opens *source* once and grabs into *latest* until it fails or is dismissed.

    A file is paced by its own frame rate times *pace* and, with *loop*, starts again.
    """

    def __init__(self, source: str, latest: LatestFrame, *, pace: float, loop: bool) -> None:
        self.source = source
        self.frames = 0
        self.ended = False
        self._latest = latest
        self._pace = pace
        self._loop = loop
        self._dismissed = threading.Event()
        self._beat = self._changed = time.monotonic()
        self._sample: Picture | None = None
        self._thread = threading.Thread(target=self._run, name="grabber", daemon=True)

    def start(self) -> None:
        """Open and begin to grab; returns at once."""
        self._thread.start()

    def dismiss(self) -> None:
        """Tell the grabber to end when its read returns; what it still reads is thrown away."""
        self._dismissed.set()

    @property
    def alive(self) -> bool:
        """Whether its thread still runs; a hung read cannot be ended, only left behind."""
        return self._thread.is_alive()

    @property
    def well(self) -> bool:
        """Whether it still runs and gave a sign of life lately."""
        patience = HUNG_AFTER if self.frames else OPENING_MAY_TAKE
        return self.alive and time.monotonic() - self._beat < patience

    @property
    def same_for(self) -> float:
        """For how many seconds the camera has given one and the same frame; a film may."""
        return 0.0 if is_film(self.source) or not self.frames else self._beat - self._changed

    def _run(self) -> None:
        capture = _opened(self.source)
        if capture is None:
            return
        try:
            if is_film(self.source):
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
        rate = (capture.get(cv2.CAP_PROP_FPS) or FILM_RATE) * self._pace
        started, position = time.monotonic(), 0
        while not self._dismissed.is_set():
            if not capture.grab():
                if not self._loop:
                    self.ended = True
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
        seen = np.asarray(picture, dtype=np.uint8)
        self._beat = time.monotonic()
        sample = seen[::SAMPLE, ::SAMPLE].copy()  # a living sensor is never twice the same
        if self._sample is None or not np.array_equal(sample, self._sample):
            self._sample, self._changed = sample, self._beat
        self.frames += 1
        self._latest.put(seen, self._beat)


def is_film(source: str) -> bool:
    """Tell whether *source* is a file that ends, not a camera, a stream or a pipe."""
    return Path(source).is_file()


def is_device(source: str) -> bool:
    """Tell whether *source* is a camera at this machine: a number, or a path below /dev."""
    return source.isdigit() or source.startswith("/dev/")


def device_path(source: str) -> Path:
    """Return where the camera *source* stands in the file system."""
    return Path(f"/dev/video{source}") if source.isdigit() else Path(source).resolve()


def _opened(source: str) -> cv2.VideoCapture | None:
    """Return *source* opened, or nothing when it cannot be opened now."""
    try:
        capture = _capture(source)
    except cv2.error:
        return None
    return capture if capture.isOpened() else None


def _capture(source: str) -> cv2.VideoCapture:
    if is_device(source):
        capture = cv2.VideoCapture(str(device_path(source)), cv2.CAP_V4L2)
        capture.set(cv2.CAP_PROP_FOURCC, cv2.VideoWriter.fourcc(*"MJPG"))
        capture.set(cv2.CAP_PROP_FRAME_WIDTH, WIDTH)
        capture.set(cv2.CAP_PROP_FRAME_HEIGHT, HEIGHT)
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

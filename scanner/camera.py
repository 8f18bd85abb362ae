"""The camera: kept running, whatever happens to it, and told how it is."""

from __future__ import annotations

import socket
import threading
import time
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from urllib.parse import urlsplit

import cv2

from scanner.grabber import (
    HUNG_AFTER,
    Frame,
    Grabber,
    LatestFrame,
    device_path,
    is_device,
    is_film,
)

__all__ = ["Camera", "CameraState", "CameraStatus", "Frame", "LatestFrame", "is_film"]

STALLED_AFTER = 1.0
OFFLINE_AFTER = 2.5
BACK_OFF_FIRST = 0.5
BACK_OFF_THERE = 1.5
BACK_OFF_MOST = 10.0
SAME_AFTER = 2.0
SAME_MOST = 60.0
HUNG_MOST = 4
WATCH_EVERY = 0.1
PROBE_PATIENCE = 0.3
STILL_SIDE = 480
STILL_QUALITY = 80
PORTS = {"http": 80, "https": 443, "rtsp": 554}


class CameraState(StrEnum):
    """How the camera is, as the badge on the kiosk says it."""

    OPENING = "opening"
    ONLINE = "online"
    STALLED = "stalled"
    OFFLINE = "offline"
    ENDED = "ended"


@dataclass(frozen=True)
class CameraStatus:
    """Counters and state for the kiosk: frames grabbed, dropped unread, times reopened."""

    state: CameraState
    frames: int
    dropped: int
    reopened: int
    age: float | None


class Camera:
    """Keeps a camera, a stream or a film running, whatever happens to it.

    *source* is a V4L number (``0``) or path (``/dev/v4l/by-id/...``), a stream (``rtsp://``,
    ``http://``), or a file; a file is paced by its own frame rate times *pace* and, with
    *loop*, starts again at its end. Reading happens in a thread of its own: a read that
    hangs is left behind and replaced, and so is one that gives the same frame for seconds.
    """

    def __init__(self, source: str, *, pace: float = 1.0, loop: bool = False) -> None:
        self.source = source
        self.pace = pace
        self.loop = loop
        self.latest = LatestFrame()
        self._ended = threading.Event()
        self._stopping = threading.Event()
        self._switched = threading.Event()
        self._reopened = 0
        self._same_patience = SAME_AFTER
        self._grabber: Grabber | None = None
        self._left_behind: list[Grabber] = []
        self._watcher = threading.Thread(target=self._watch, name="camera", daemon=True)

    def start(self) -> None:
        """Open the camera and begin to grab; returns at once."""
        self._watcher.start()

    def stop(self) -> None:
        """End grabbing; a hung read is left to itself."""
        self._stopping.set()
        if self._watcher.is_alive():
            self._watcher.join(2 * HUNG_AFTER)

    def switch(self, source: str) -> None:
        """Grab from *source* from now on; the one before is closed."""
        self.source = source
        self._switched.set()

    def still_jpeg(self, max_side: int = STILL_SIDE) -> bytes | None:
        """Return the latest frame as a small JPEG for a test page, or None before the first."""
        frame = self.latest.peek()
        if frame is None:
            return None
        factor = min(max_side / max(frame.picture.shape[:2]), 1.0)
        small = cv2.resize(
            frame.picture, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA
        )
        quality = (cv2.IMWRITE_JPEG_QUALITY, STILL_QUALITY)
        return cv2.imencode(".jpg", small, quality)[1].tobytes()

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
        grabber = self._grabber
        if self.ended:
            return CameraState.ENDED
        if grabber is None or not grabber.alive:
            return CameraState.OFFLINE
        if age is None:
            return CameraState.OPENING
        if age > OFFLINE_AFTER:
            return CameraState.OFFLINE
        stalled = age > STALLED_AFTER or grabber.same_for > SAME_AFTER
        return CameraState.STALLED if stalled else CameraState.ONLINE

    def _watch(self) -> None:
        """Replace the grabber when it ends or hangs, ever more slowly while it fails."""
        wait = BACK_OFF_FIRST
        while not self._stopping.is_set() and not self._ended.is_set():
            grabber = self._attempt()
            self._put_aside(grabber)
            wait = BACK_OFF_FIRST if grabber.frames else min(wait * 2, BACK_OFF_MOST)
            if grabber.ended:
                self._ended.set()
            elif self._waited(wait):
                self._reopened += 1

    def _attempt(self) -> Grabber:
        """Grab until the grabber fails, the source is another, or the station stops."""
        self._switched.clear()
        grabber = Grabber(self.source, self.latest, pace=self.pace, loop=self.loop)
        self._grabber = grabber
        grabber.start()
        while grabber.well and not self._stopping.wait(WATCH_EVERY):
            if self._switched.is_set():
                break
            if grabber.same_for > self._same_patience:
                self._same_patience = min(2 * self._same_patience, SAME_MOST)
                break
            if 0 < grabber.same_for < SAME_AFTER / 2:
                self._same_patience = SAME_AFTER
        return grabber

    def _waited(self, seconds: float) -> bool:
        """Wait *seconds*, or less if the camera is there or comes back; tell whether to go on.

        One that is plugged in, or listens, may give pictures again at any moment.
        """
        was_there = is_there(self.source)
        until = time.monotonic() + min(seconds, BACK_OFF_THERE if was_there else BACK_OFF_MOST)
        while time.monotonic() < until and not self._switched.is_set():
            if self._stopping.wait(min(BACK_OFF_FIRST, max(until - time.monotonic(), 0.0))):
                return False
            if not was_there and is_there(self.source):
                break
        return not self._stopping.is_set()

    def _put_aside(self, grabber: Grabber) -> None:
        """Tell *grabber* to end, and wait while too many hung ones are still around."""
        grabber.dismiss()
        self._left_behind = [old for old in (*self._left_behind, grabber) if old.alive]
        while len(self._left_behind) > HUNG_MOST and not self._stopping.wait(WATCH_EVERY):
            self._left_behind = [old for old in self._left_behind if old.alive]


def is_there(source: str) -> bool:
    """Tell whether *source* can be expected to open: it is plugged in, or somebody listens."""
    if is_device(source):
        return device_path(source).exists()
    parts = urlsplit(source)
    if not parts.hostname:
        return Path(source).exists()
    address = parts.hostname, parts.port or PORTS.get(parts.scheme, 0)
    try:
        socket.create_connection(address, PROBE_PATIENCE).close()
    except OSError:
        return False
    return True

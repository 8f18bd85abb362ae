"""A network camera for tests: Motion-JPEG by HTTP that can fall silent, freeze or go away."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Self

import cv2
import numpy as np

RATE = 30
BOUNDARY = b"--frame\r\nContent-Type: image/jpeg\r\nContent-Length: "


class Mood(Enum):
    """What the camera does now."""

    LIVELY = "a new frame each time"
    FROZEN = "the same frame each time"
    SILENT = "no frame, and no end"


@dataclass
class NetworkCamera:
    """Serves pictures at *url* while it is plugged in."""

    mood: Mood = Mood.LIVELY
    port: int = 0
    _server: ThreadingHTTPServer | None = None
    _gone: threading.Event = field(default_factory=threading.Event)

    @property
    def url(self) -> str:
        """Where the station finds it."""
        return f"http://127.0.0.1:{self.port}/camera.mjpg"

    def plug_in(self) -> Self:
        """Begin to serve, at the same port as before."""
        self._gone = threading.Event()
        self._server = _Server(("127.0.0.1", self.port), self._handler(self._gone))
        self.port = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def unplug(self) -> None:
        """Cut every connection and listen no more."""
        self._gone.set()
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._server = None

    def _handler(self, gone: threading.Event) -> type[BaseHTTPRequestHandler]:
        camera = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.send_response(200)
                self.send_header("Content-Type", "multipart/x-mixed-replace; boundary=frame")
                self.end_headers()
                number = 0
                while not gone.wait(1 / RATE):
                    if camera.mood is Mood.SILENT:
                        continue
                    number += camera.mood is Mood.LIVELY
                    jpeg = _picture(number)
                    try:
                        head = BOUNDARY + str(len(jpeg)).encode() + b"\r\n\r\n"
                        self.wfile.write(head + jpeg + b"\r\n")
                    except OSError:
                        return

            def log_message(self, *_words: object) -> None:
                """Say nothing on the test's error stream."""

        return Handler


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    allow_reuse_address = True


def _picture(number: int) -> bytes:
    frame = np.full((240, 320, 3), 90, np.uint8)
    cv2.putText(frame, str(number), (20, 140), cv2.FONT_HERSHEY_SIMPLEX, 3, (255, 255, 255), 4)
    return cv2.imencode(".jpg", frame)[1].tobytes()


def seconds_until(what: Callable[[], bool], limit: float) -> float:
    """Return after how many seconds *what* is true, or *limit*."""
    started = time.monotonic()
    while time.monotonic() - started < limit:
        if what():
            return time.monotonic() - started
        time.sleep(0.01)
    return limit

"""The decoder's child process: a picture that kills it cannot kill the station."""

from __future__ import annotations

import mmap
import os
import subprocess
import sys
import time
from collections import deque
from dataclasses import dataclass, field
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import cv2

from scanner.decode import Reading, looks_like_a_pass
from scanner.errors import StationError
from scanner.filters import Gray, as_gray
from scanner.orders import (
    PIXELS_MOST,
    Accept,
    LookAtFrame,
    LookAtPicture,
)
from scanner.still import PictureReading
from scanner.tally import Tally

if TYPE_CHECKING:
    from collections.abc import Callable

FRAME_PATIENCE = 0.5
HUNG_AFTER = 1.0
PICTURE_PATIENCE = 8.0
START_PATIENCE = 30.0
RESTARTS_MOST = 5
RESTARTS_WITHIN = 60.0
NEVER_READY = "the decoder does not start on this machine"

Answer = TypeVar("Answer", Reading, PictureReading)


class DecoderChild:
    """Reads pictures in a process of its own, with a time limit on each.

    A child that dies or does not answer is replaced, at most five times a minute; meanwhile
    every look answers None and the station goes on with typed codes.
    """

    def __init__(
        self, accept: Callable[[bytes], bool] = looks_like_a_pass, *, paper: bool = False
    ) -> None:
        self._wish = Accept(accept, paper)
        self._tally = Tally()
        self._memory_file = os.memfd_create("thumoi-frame")
        os.ftruncate(self._memory_file, PIXELS_MOST)
        self._memory = mmap.mmap(self._memory_file, PIXELS_MOST)
        self._starts: deque[float] = deque(maxlen=RESTARTS_MOST + 1)
        self._life: _Life | None = None
        self._ever_ready = False
        self.restarts = 0

    def start(self) -> bool:
        """Start the child and wait until it is ready; tell whether it is."""
        self._life = self._life or self._new_life()
        return self._life.ready(START_PATIENCE)

    def stop(self) -> None:
        """End the child and give the shared memory back."""
        if self._life is not None:
            self._life.end()
            self._life = None
        self._memory.close()
        os.close(self._memory_file)

    def accept(self, accept: Callable[[bytes], bool]) -> None:
        """Let *accept* (picklable) say from now on which texts end the search."""
        self._wishes(Accept(accept, self._wish.paper))

    def look_for_paper(self, *, paper: bool) -> None:
        """Look for door codes in bars from now on, or no longer (``rules.paper``)."""
        if paper != self._wish.paper:
            self._wishes(Accept(self._wish.accept, paper))

    def statistics(self) -> dict[str, Any]:
        """Return how the reading has been going: stages, milliseconds, restarts."""
        return {**self._tally.as_dict(), "restarts": self.restarts}

    def look(self, picture: Gray) -> Reading | None:
        """Return what is read in *picture* (grey or BGR), or None while no child can look.

        A larger picture than 1920 x 1080 is made smaller first; corners are in the pixels
        of *picture*.
        """
        life = self._living()
        if life is None or not life.free():
            return None
        gray = _fitting(picture)
        height, width = gray.shape
        self._memory[: gray.size] = gray.tobytes()
        reading = life.ask(LookAtFrame(height, width), Reading, FRAME_PATIENCE)
        if reading is not None:
            self._tally.note(reading, time.monotonic())
        return reading

    def picture(self, path: Path) -> PictureReading:
        """Return what is read in the picture file at *path*; waits for a child if it must.

        Raises:
            StationError: no child starts at all.
        """
        while not self._awaited():
            if not self._ever_ready:
                raise StationError(NEVER_READY)
            time.sleep(0.5)
        if self._life is not None:
            answer = self._life.ask(LookAtPicture(str(path)), PictureReading, PICTURE_PATIENCE)
            if answer is not None:
                return answer
        return PictureReading(str(path), problem="the decoder gave up on it")

    @property
    def pid(self) -> int | None:
        """The process id of the child, for the checks of a station."""
        return self._life.process.pid if self._life else None

    def _awaited(self) -> bool:
        ready = self._living() is not None
        if not ready and self._life is not None:
            ready = self._life.ready(START_PATIENCE)
        self._ever_ready |= ready
        return ready

    def _living(self) -> _Life | None:
        """Return the child that can be asked now, and replace one that is gone."""
        if self._life is None or not self._life.well:
            if self._life is not None:
                self._life.end()
                self._life = None
            if self._may_restart():
                self.restarts += bool(self._starts)
                self._life = self._new_life()
        return self._life if self._life and self._life.ready(0) else None

    def _may_restart(self) -> bool:
        full = len(self._starts) > RESTARTS_MOST
        return not full or time.monotonic() - self._starts[0] > RESTARTS_WITHIN

    def _new_life(self) -> _Life:
        self._starts.append(time.monotonic())
        return _Life.begin(self._memory_file, self._wish)

    def _wishes(self, wish: Accept) -> None:
        self._wish = wish
        if self._life is not None:
            self._life.tell(wish)


@dataclass
class _Life:
    """One child process and the pipe to it."""

    process: subprocess.Popen[bytes]
    pipe: Connection[object, object]
    well: bool = True
    _is_ready: bool = field(default=False)
    _late_since: float | None = None

    @classmethod
    def begin(cls, memory: int, wish: Accept) -> _Life:
        """Start a fresh interpreter: it knows nothing of the program it serves."""
        ours, theirs = Pipe()
        orders = f"serve({theirs.fileno()}, {memory})"
        places = f"import sys; sys.path[:] = {sys.path!r}"
        code = f"{places}; from scanner.orders import serve; {orders}"
        process = subprocess.Popen(  # noqa: S603 - our own interpreter and our own words
            [sys.executable, "-c", code],
            pass_fds=(theirs.fileno(), memory),
            stdin=subprocess.DEVNULL,
            env={**os.environ, "OPENBLAS_NUM_THREADS": "1"},
        )
        theirs.close()
        life = cls(process, ours)
        life.tell(wish)
        return life

    def ready(self, patience: float) -> bool:
        if not self._is_ready and self._heard(patience) is not None:
            self._is_ready = True
        if self.process.poll() is not None:
            self.well = False
        return self._is_ready and self.well

    def tell(self, order: Accept) -> None:
        try:
            self.pipe.send(order)
        except OSError:
            self.well = False

    def ask(
        self, order: LookAtFrame | LookAtPicture, kind: type[Answer], patience: float
    ) -> Answer | None:
        try:
            self.pipe.send(order)
        except OSError:
            self.well = False
            return None
        answer = self._heard(patience)
        if isinstance(answer, kind):
            return answer
        if isinstance(order, LookAtFrame) and self.well and answer is None:
            self._late_since = time.monotonic()  # slow is not hung: the guests do not wait
            return None
        self.well = False
        return None

    def free(self) -> bool:
        """Tell whether it can be asked: a late answer is dropped, a hung child given up."""
        if self._late_since is None:
            return True
        if self._heard(0) is not None:
            self._late_since = None
            return True
        if time.monotonic() - self._late_since > HUNG_AFTER:
            self.well = False
        return False

    def end(self) -> None:
        self.pipe.close()
        try:
            self.process.wait(0.2)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait(2)

    def _heard(self, patience: float) -> object:
        try:
            return self.pipe.recv() if self.pipe.poll(patience) else None
        except (EOFError, OSError):
            self.well = False
            return None


def _fitting(picture: Gray) -> Gray:
    """Return *picture* in grey and no larger than the shared memory."""
    colours = 3
    gray = picture
    if picture.ndim == colours:
        gray = as_gray(cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY))
    if gray.size <= PIXELS_MOST:
        return gray
    factor = (PIXELS_MOST / gray.size) ** 0.5
    size = int(gray.shape[1] * factor), int(gray.shape[0] * factor)
    return as_gray(cv2.resize(gray, size, interpolation=cv2.INTER_AREA))

"""The decoder's own process: the orders it understands, and its whole life."""

from __future__ import annotations

import mmap
import resource
import signal
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import numpy as np

from scanner.closer import prepare
from scanner.decode import looks_like_a_pass
from scanner.reader import FilmReader
from scanner.still import read_picture

if TYPE_CHECKING:
    from collections.abc import Callable

PIXELS_MOST = 1920 * 1080
MEMORY_MOST = 4 * 1024**3


@dataclass(frozen=True)
class LookAtFrame:
    """Order: read the grey frame of this shape that lies in the shared memory."""

    height: int
    width: int


@dataclass(frozen=True)
class LookAtPicture:
    """Order: open and read the picture file at this path."""

    path: str


@dataclass(frozen=True)
class Accept:
    """Order: from now on these texts end the search (a picklable test of the bytes).

    *paper* says whether door codes in bars are looked for as well.
    """

    accept: Callable[[bytes], bool]
    paper: bool = False


def serve(orders: int, memory: int) -> None:
    """Live as the child: take orders from the pipe *orders* until the parent closes it.

    Both are open file descriptors; frames lie in *memory*.
    """
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)  # the parent says when: it closes the pipe
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_MOST, MEMORY_MOST))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    cv2.setNumThreads(1)
    frames = mmap.mmap(memory, PIXELS_MOST)
    prepare()
    reader = FilmReader(looks_like_a_pass)
    pipe: Connection[object, object] = Connection(orders)
    with suppress(EOFError, OSError):  # the parent is gone, or has had enough
        pipe.send("ready")
        while True:
            _obey(pipe, pipe.recv(), reader, frames)


def _obey(
    pipe: Connection[object, object], order: object, reader: FilmReader, frames: mmap.mmap
) -> None:
    """Carry out one *order* of the parent."""
    if isinstance(order, Accept):
        reader.accept, reader.paper = order.accept, order.paper
    elif isinstance(order, LookAtFrame):
        shape = order.height, order.width
        found = frames[: order.height * order.width]
        pipe.send(reader.look(np.frombuffer(found, np.uint8).reshape(shape)))
    elif isinstance(order, LookAtPicture):
        pipe.send(read_picture(Path(order.path), reader.accept))

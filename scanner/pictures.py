"""A folder of pictures, read one after the other: what the reader makes of each."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from queue import Queue
from typing import TYPE_CHECKING

from scanner.child import DecoderChild

if TYPE_CHECKING:
    from pathlib import Path

    from scanner.still import PictureReading

CHILDREN_MOST = 4
WORTH_A_CHILD = 20
SUFFIXES = frozenset(
    [
        ".avif",
        ".bmp",
        ".dib",
        ".gif",
        ".jp2",
        ".jpe",
        ".jpeg",
        ".jpg",
        ".pbm",
        ".pgm",
        ".png",
        ".pnm",
        ".ppm",
        ".tif",
        ".tiff",
        ".webp",
    ]
)


def read_pictures(directory: Path) -> list[PictureReading]:
    """Return what is read in every picture below *directory*, in the order of their names.

    Each is read in a child process with a time limit, so that no file stops the rest; a
    large folder is shared among as many children as there are processors.

    Raises:
        StationError: no decoder starts on this machine.
    """
    paths = pictures_in(directory)
    many = max(1, min(os.cpu_count() or 1, CHILDREN_MOST, len(paths) // WORTH_A_CHILD))
    children = [DecoderChild() for _ in range(many)]
    free: Queue[DecoderChild] = Queue()
    try:
        for child in children:
            child.start()
            free.put(child)
        with ThreadPoolExecutor(many, "pictures") as pool:
            return list(pool.map(lambda path: _read(free, path), paths))
    finally:
        for child in children:
            child.stop()


def pictures_in(directory: Path) -> list[Path]:
    """Return the picture files below *directory*, sorted; pipes and devices are left out."""
    return sorted(
        path
        for path in directory.rglob("*")
        if path.suffix.lower() in SUFFIXES and path.is_file()
    )


def _read(free: Queue[DecoderChild], path: Path) -> PictureReading:
    child = free.get()
    try:
        return child.picture(path)
    finally:
        free.put(child)

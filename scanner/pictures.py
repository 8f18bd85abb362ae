"""A folder of pictures, read one after the other: what the reader makes of each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scanner.child import DecoderChild

if TYPE_CHECKING:
    from pathlib import Path

    from scanner.still import PictureReading

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

    Each is read in a child process with a time limit, so that no file stops the rest.
    """
    child = DecoderChild()
    try:
        child.start()
        return [child.picture(path) for path in pictures_in(directory)]
    finally:
        child.stop()


def pictures_in(directory: Path) -> list[Path]:
    """Return the picture files below *directory*, sorted; pipes and devices are left out."""
    return sorted(
        path
        for path in directory.rglob("*")
        if path.suffix.lower() in SUFFIXES and path.is_file()
    )

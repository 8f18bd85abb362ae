"""Films drawn for these tests: guests who hold their phones before the camera, one by one."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from tests.scanner.door_frames import HEIGHT, WIDTH, Light, Picture, a_frame, a_room

RATE = 15
EASY = Light(noise=4, blur=0.6, side=260)


@dataclass(frozen=True)
class Scene:
    """Phones with *contents* held for *seconds*, after *gap* seconds of an empty doorway."""

    contents: tuple[str, ...]
    seconds: float = 0.7
    gap: float = 0.3
    light: Light = EASY


def a_film(path: Path, scenes: Sequence[Scene], seed: int = 0) -> Path:
    """Write *scenes* as Motion-JPEG to *path*, with a second of nothing at both ends."""
    film = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), RATE, (WIDTH, HEIGHT))
    random = np.random.default_rng(seed)
    empty = a_room(seed)
    _hold(film, empty, 1.0)
    for number, scene in enumerate(scenes):
        _hold(film, empty, scene.gap)
        frame = a_frame(list(scene.contents), scene.light, seed + number)
        for _ in range(round(scene.seconds * RATE)):
            dx, dy = random.integers(-2, 3, 2)
            film.write(np.roll(frame, (int(dy), int(dx)), (0, 1)))
    _hold(film, empty, 1.0)
    film.release()
    return path


def _hold(film: cv2.VideoWriter, frame: Picture, seconds: float) -> None:
    for _ in range(round(seconds * RATE)):
        film.write(frame)

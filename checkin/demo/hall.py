"""The hall the camera looks into: painted once, seen a little out of focus."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

Picture = NDArray[np.uint8]
Light = NDArray[np.float32]

SIZE = (1280, 720)  # width, height
WALL = (176, 190, 201)  # colours are blue, green, red
FLOOR = (96, 108, 122)
DOOR = (62, 84, 118)
BANNER = (43, 31, 130)
LAMP = (225, 240, 250)
PEOPLE = ((70, 60, 52), (96, 78, 60), (60, 66, 96), (84, 84, 84))


def paint(seed: int) -> Light:
    """Return the empty hall: 720 x 1280 x 3, BGR from 0 to 1."""
    random = np.random.default_rng(seed)
    width, height = SIZE
    picture = np.empty((height, width, 3), np.uint8)
    picture[: height * 2 // 3] = WALL
    picture[height * 2 // 3 :] = FLOOR
    cv2.rectangle(picture, (820, 90), (1110, 560), DOOR, -1)
    cv2.rectangle(picture, (960, 90), (972, 560), WALL, -1)
    cv2.rectangle(picture, (90, 60), (520, 200), BANNER, -1)
    for left in range(140, 460, 90):
        cv2.rectangle(picture, (left, 110), (left + 64, 126), (90, 200, 235), -1)
    for left in (180, 620, 1060):
        cv2.ellipse(picture, (left, 8), (110, 16), 0, 0, 360, LAMP, -1)
    for left in (600, 700, 1160, 60):
        _person(picture, left + int(random.integers(-20, 20)), random)
    soft = cv2.GaussianBlur(picture, (0, 0), 9).astype(np.float32) / 255
    return np.asarray(soft * _falloff()[:, :, None], np.float32)


def _person(picture: Picture, left: int, random: np.random.Generator) -> None:
    colour = PEOPLE[int(random.integers(len(PEOPLE)))]
    top = int(random.integers(250, 300))
    cv2.ellipse(picture, (left + 40, top), (30, 38), 0, 0, 360, (120, 150, 190), -1)
    cv2.ellipse(picture, (left + 40, top - 14), (32, 28), 0, 180, 360, (30, 30, 34), -1)
    cv2.rectangle(picture, (left, top + 40), (left + 80, top + 330), colour, -1)


def _falloff() -> Light:
    """Return how the light falls off towards the corners of the picture."""
    width, height = SIZE
    x = np.linspace(-1, 1, width, dtype=np.float32)[None, :]
    y = np.linspace(-1, 1, height, dtype=np.float32)[:, None]
    return np.asarray(1.02 - 0.16 * (x * x + y * y), np.float32)

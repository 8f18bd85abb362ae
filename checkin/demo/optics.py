"""What air, lens and sensor do to a picture: pose, glare, focus, motion, exposure, noise."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import cv2
import numpy as np

from checkin.demo.hall import SIZE, Light, Picture
from checkin.demo.phone import SPRITE, Layer

if TYPE_CHECKING:
    from cv2.typing import MatLike
    from numpy.typing import NDArray

FOCAL = 1_400.0
NOISE_TILES = 3
SHUTTER = 0.18  # of the time between two frames
MOTION_SEEN = 1.5
FOCUS_SEEN = 0.3


@dataclass(frozen=True)
class Pose:
    """Where the phone is: middle in pixels of the frame, size, angles in degrees."""

    x: float
    y: float
    scale: float
    yaw: float = 0.0
    pitch: float = 0.0
    roll: float = 0.0


@dataclass(frozen=True)
class Conditions:
    """How the camera sees it: glare 0 to 1, blur in pixels, light gained, motion in pixels."""

    glare: float = 0.0
    glare_x: float = 0.0
    glare_y: float = 0.0
    defocus: float = 0.0
    exposure: float = 1.0
    screen: float = 1.0
    motion: tuple[float, float] = (0.0, 0.0)


class Lens:
    """Puts a phone before the hall and takes the picture; seeded, so always the same film."""

    def __init__(self, hall: Light, seed: int) -> None:
        self._random = np.random.default_rng(seed)
        self._noise = [self._tile() for _ in range(NOISE_TILES)]
        self._halls = [hall + noise for noise in self._noise]
        self._glow = _glow()

    def look(self, layer: Layer | None, pose: Pose, seen: Conditions) -> Picture:
        """Return the frame (720 x 1280 x 3, BGR) with the phone *layer*, or the empty hall."""
        turn = int(self._random.integers(NOISE_TILES))
        frame = _developed(self._halls[turn], seen.exposure)
        if layer is not None:
            self._hold(frame, turn, layer, pose, seen)
        return frame

    def _hold(
        self, frame: Picture, turn: int, layer: Layer, pose: Pose, seen: Conditions
    ) -> None:
        """Lay the phone over *frame*, in place."""
        place = projection(pose)
        left, top, right, bottom = _box(place)
        if right <= left or bottom <= top:
            return
        shift = np.array([[1, 0, -left], [0, 1, -top], [0, 0, 1]], np.float64)
        size = (right - left, bottom - top)
        warped = cv2.warpPerspective(layer, shift @ place, size)
        if seen.glare > 0:
            warped = self._shone(warped, seen)
        blue, green, red, alpha = cv2.split(_blurred(np.asarray(warped, np.float32), seen))
        behind = cv2.subtract(np.ones_like(alpha), alpha)
        box = np.s_[top:bottom, left:right]
        lit = cv2.multiply(self._halls[turn][box], cv2.merge((behind, behind, behind)))
        lit = cv2.addWeighted(cv2.merge((blue, green, red)), seen.screen, lit, 1.0, 0.0)
        lit = cv2.add(lit, self._noise[turn][box])
        frame[box] = _developed(np.asarray(lit, np.float32), seen.exposure)

    def _shone(self, warped: MatLike, seen: Conditions) -> MatLike:
        """Return *warped* with the reflection of a lamp on its glass."""
        height, width = warped.shape[:2]
        glow = cv2.resize(self._glow, (width, height))
        move = np.array([[1, 0, seen.glare_x * width], [0, 1, seen.glare_y * height]])
        moved = cv2.warpAffine(glow, move, (width, height))
        bright = seen.glare / seen.screen  # a lamp is as bright on a dim screen
        shine = cv2.multiply(moved, cv2.extractChannel(warped, 3), scale=bright)
        return cv2.add(warped, cv2.merge((shine, shine, shine, np.zeros_like(shine))))

    def _tile(self) -> Light:
        width, height = SIZE
        grain = self._random.standard_normal((height, width, 3), np.float32)
        return np.asarray(grain * 0.01, np.float32)


def projection(pose: Pose) -> NDArray[np.float64]:
    """Return the homography from the sprite's pixels to those of the frame."""
    width, height = SPRITE
    yaw, pitch, roll = (np.radians(angle) for angle in (pose.yaw, pose.pitch, pose.roll))
    turn = _about_y(yaw) @ _about_x(pitch) @ _about_z(roll)
    middle = np.array([[1, 0, -width / 2], [0, 1, -0.33 * height], [0, 0, 1]], np.float64)
    depth = FOCAL / pose.scale
    plane = np.column_stack((turn[:, 0], turn[:, 1], (0.0, 0.0, depth)))
    lens = np.array([[FOCAL, 0, pose.x], [0, FOCAL, pose.y], [0, 0, 1]], np.float64)
    found: NDArray[np.float64] = lens @ plane @ middle
    return found


def _developed(light: Light, exposure: float) -> Picture:
    """Return *light* (0 to 1) as 8-bit pixels; what is too bright stays white."""
    return np.asarray(cv2.convertScaleAbs(light, alpha=255 * exposure), np.uint8)


def _box(place: NDArray[np.float64]) -> tuple[int, int, int, int]:
    """Return the part of the frame that the sprite touches: left, top, right, bottom."""
    width, height = SPRITE
    corners = np.array([[(0, 0), (width, 0), (width, height), (0, height)]], np.float64)
    seen = cv2.perspectiveTransform(corners, place)[0]
    low, high = seen.min(axis=0), seen.max(axis=0)
    left, top = (max(int(edge) - 8, 0) for edge in low)
    right, bottom = (min(int(edge) + 8, most) for edge, most in zip(high, SIZE, strict=True))
    return left, top, right, bottom


def _blurred(warped: Layer, seen: Conditions) -> Layer:
    """Return *warped* as a lens out of focus and a slow shutter see it."""
    if seen.defocus > FOCUS_SEEN:
        warped = np.asarray(cv2.GaussianBlur(warped, (0, 0), seen.defocus), np.float32)
    along, down = (part * SHUTTER for part in seen.motion)
    length = float(np.hypot(along, down))
    if length > MOTION_SEEN:
        warped = _streaked(warped, _streak(along / 2, down / 2, length / 2))
    return warped


def _streaked(warped: Layer, streak: NDArray[np.float32]) -> Layer:
    """Return *warped* in motion; half the size is enough for what is smeared anyway."""
    height, width = warped.shape[:2]
    half = cv2.resize(warped, (width // 2 + 1, height // 2 + 1))
    return np.asarray(cv2.resize(cv2.filter2D(half, -1, streak), (width, height)), np.float32)


def _streak(along: float, down: float, length: float) -> NDArray[np.float32]:
    side = int(length) | 1
    kernel = np.zeros((side, side), np.float32)
    half, step = side // 2, np.array([along, down]) / length * (side // 2)
    ends = [(round(half + sign * step[0]), round(half + sign * step[1])) for sign in (-1, 1)]
    cv2.line(kernel, ends[0], ends[1], 1.0)
    return np.asarray(kernel / kernel.sum(), np.float32)


def _glow() -> Light:
    """Return a lamp's reflection: bright in the middle, soft at the edge; 0 to 1."""
    x = np.linspace(-1, 1, 256, dtype=np.float32)[None, :]
    y = np.linspace(-1, 1, 256, dtype=np.float32)[:, None]
    lamp = np.exp(-((x * 3.2) ** 2 + (y * 6.5) ** 2)) + 0.5 * np.exp(-(((x + y) * 5) ** 2))
    return np.asarray(np.clip(lamp, 0, 1), np.float32)


def _about_x(angle: float) -> NDArray[np.float64]:
    sine, cosine = np.sin(angle), np.cos(angle)
    return np.array([[1, 0, 0], [0, cosine, -sine], [0, sine, cosine]], np.float64)


def _about_y(angle: float) -> NDArray[np.float64]:
    sine, cosine = np.sin(angle), np.cos(angle)
    return np.array([[cosine, 0, sine], [0, 1, 0], [-sine, 0, cosine]], np.float64)


def _about_z(angle: float) -> NDArray[np.float64]:
    sine, cosine = np.sin(angle), np.cos(angle)
    return np.array([[cosine, -sine, 0], [sine, cosine, 0], [0, 0, 1]], np.float64)

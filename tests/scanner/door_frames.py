"""Door frames drawn for these tests: a phone with a pass before a camera, seeded.

Seeds below 10,000 are for tuning; those for judging start at 50,000.
"""

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
import qrcode
from numpy.typing import NDArray

from invitations.domain.passes import DoorPass, TrustedKey, TrustList, mint, public_key

Picture = NDArray[np.uint8]

WIDTH, HEIGHT = 1280, 720
TUNING, JUDGING = 0, 50_000
SEED = bytes(range(32))
OTHER_SEED = bytes(range(1, 33))
EVENT = 0x0A0B0C0D
NOT_AFTER = 1_900_000_020
TRUST = TrustList(1, (TrustedKey(7, public_key(SEED), "test"),))


@dataclass(frozen=True)
class Light:
    """How hard a frame is: everything 0 is a phone held still in good light."""

    blur: float = 0.0
    motion: int = 0
    noise: float = 0.0
    glare: float = 0.0
    dark: float = 0.0
    tilt: float = 0.0
    side: int = 230
    turn: float = 0.0


def a_pass(number: int = 1, generation: int = 0, event: int = EVENT) -> DoorPass:
    """Return the pass of guest *number*."""
    return DoorPass(7, event, f"{number:016x}", generation, NOT_AFTER)


def a_text(number: int = 1, *, seed: bytes = SEED, event: int = EVENT) -> str:
    """Return the pass text of guest *number*."""
    return mint(a_pass(number, event=event), seed)


def a_code(content: str | bytes, scale: int = 8, border: int = 4) -> Picture:
    """Return the QR picture of *content*, one value a pixel."""
    code = qrcode.QRCode(error_correction=qrcode.ERROR_CORRECT_M, border=border, box_size=1)
    code.add_data(content)
    code.make(fit=True)
    modules = np.where(np.array(code.get_matrix()), 0, 255).astype(np.uint8)
    return np.kron(modules, np.ones((scale, scale), np.uint8))


def a_phone(content: str | bytes) -> Picture:
    """Return a phone's screen with the code on a white card."""
    screen = np.full((900, 460, 3), (58, 44, 30), np.uint8)
    card = cv2.resize(a_code(content), (400, 400), interpolation=cv2.INTER_NEAREST)
    screen[250:650, 30:430] = card[:, :, None]
    cv2.putText(
        screen, "Thu moi", (140, 190), cv2.FONT_HERSHEY_SIMPLEX, 1.2, (240, 240, 240), 2
    )
    return screen


def a_room(seed: int) -> Picture:
    """Return a doorway without a guest."""
    random = np.random.default_rng(seed)
    rough = random.integers(60, 180, (9, 16, 3), dtype=np.uint8)
    room = cv2.resize(rough, (WIDTH, HEIGHT), interpolation=cv2.INTER_CUBIC)
    for _ in range(12):
        x, y = int(random.integers(0, WIDTH)), int(random.integers(0, HEIGHT))
        shade = tuple(int(level) for level in random.integers(40, 220, 3))
        cv2.rectangle(room, (x, y), (x + int(random.integers(20, 200)), y + 160), shade, -1)
    return np.asarray(cv2.GaussianBlur(room, (0, 0), 2), dtype=np.uint8)


def a_frame(
    contents: list[str | bytes],
    light: Light | None = None,
    seed: int = TUNING,
    places: list[tuple[float, float]] | None = None,
) -> Picture:
    """Return the frame (720 x 1280 x 3, BGR) in which phones with *contents* are held."""
    light, frame = light or Light(), a_room(seed)
    random = np.random.default_rng(seed + 1)
    spread = [((i + 0.5) / len(contents), 0.5) for i in range(len(contents))]
    for content, (x, y) in zip(contents, places or spread, strict=True):
        frame = _held(frame, a_phone(content), (x * WIDTH, y * HEIGHT), light, random)
    return _seen(frame, light, random)


def a_hard_light(seed: int) -> Light:
    """Return mixed conditions, of which about a half defeat a plain decoder."""
    random = np.random.default_rng(seed + 7)
    return Light(
        blur=float(random.choice([0.0, 0.8, 1.6, 2.4])),
        motion=int(random.choice([0, 0, 3, 5, 7])),
        noise=float(random.choice([2.0, 6.0, 14.0, 24.0])),
        glare=float(random.choice([0.0, 0.0, 0.25, 0.35])),
        dark=float(random.choice([0.0, 0.0, 0.5, 0.8, 0.9])),
        tilt=float(random.uniform(0, 0.5)),
        side=int(random.integers(120, 280)),
        turn=float(random.uniform(-25, 25)),
    )


def _held(
    frame: Picture,
    phone: Picture,
    centre: tuple[float, float],
    light: Light,
    random: np.random.Generator,
) -> Picture:
    """Return *frame* with *phone* in it, its code *light.side* pixels wide."""
    scale = light.side / 330
    height, width = phone.shape[:2]
    corners = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    there = (corners - [width / 2, height / 2]) * scale
    there[:, 0] *= np.where(there[:, 1] < 0, 1 - light.tilt * 0.5, 1.0)
    there[:, 1] *= 1 - light.tilt * 0.5
    angle = np.deg2rad(light.turn)
    turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    shift = np.array(centre) + random.uniform(-8, 8, 2)
    there = (there @ turn + shift).astype(np.float32)
    matrix = cv2.getPerspectiveTransform(corners, there)
    laid = cv2.warpPerspective(phone, matrix, (WIDTH, HEIGHT), flags=cv2.INTER_AREA)
    mask = cv2.warpPerspective(np.full((height, width), 255, np.uint8), matrix, (WIDTH, HEIGHT))
    if light.glare:
        spot: NDArray[Any] = np.zeros((HEIGHT, WIDTH), np.float32)
        at = (int(shift[0] + light.side * 0.2), int(shift[1] - light.side * 0.2))
        cv2.circle(spot, at, int(light.side * light.glare / 2), 1.0, -1)
        spot = cv2.GaussianBlur(spot, (0, 0), light.side * 0.04)[:, :, None]
        laid = np.asarray(laid * (1 - spot) + 255 * spot, dtype=np.uint8)
    return np.where(mask[:, :, None] > 127, laid, frame).astype(np.uint8)


def _seen(frame: Picture, light: Light, random: np.random.Generator) -> Picture:
    """Return *frame* as a camera sees it: blurred, shaken, dark and noisy."""
    seen: NDArray[Any] = frame.astype(np.float32) * (1 - light.dark)
    if light.blur:
        seen = cv2.GaussianBlur(seen, (0, 0), light.blur)
    if light.motion:
        line = np.zeros((light.motion, light.motion), np.float32)
        line[light.motion // 2] = 1 / light.motion
        seen = cv2.filter2D(seen, -1, line)
    if light.noise:
        grey = random.normal(0, light.noise, (HEIGHT, WIDTH, 1)).astype(np.float32)
        seen = seen + grey
    return np.asarray(np.clip(seen, 0, 255), dtype=np.uint8)

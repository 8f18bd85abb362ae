"""Door frames drawn for judging readers: a phone before a camera, one hardship or all of them.

The model works in linear light: a phone's screen with the code on its card, held at an angle;
cracks and a finger; a lamp's reflection and a veil; focus, shake and exposure; shot and read
noise; the sharpening of the camera; JPEG. Every picture follows from its seed.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from invitations.services import drawing

Gray = NDArray[np.uint8]
Light = NDArray[np.float32]

WIDTH, HEIGHT = 1280, 720
TUNING, JUDGING = 0, 50_000  # the seeds for tuning and for judging begin here
GAMMA = 2.2
INVERTED_SHARE, DARK_SHARE = 0.06, 0.3  # of all guests; dark mode is common
FOCAL = 1400.0
PHONE = (900, 480)  # height and width of the sprite, of which the code takes SIDE
SIDE = 370
CODE_AT = (240.0, 400.0)  # the middle of the code in the sprite
FULL_WELL = 6000.0


@dataclass(frozen=True)
class Hardship:
    """How hard a frame is; as it stands, a phone held still in good light.

    *side* is the code's side in pixels; *tilt*, *turn* and *axis* are degrees; *motion*,
    *defocus* (radius) and *shift* are pixels; *glare* and *finger* are parts of the side;
    *screen* is how bright the phone is, *exposure* how much light the camera takes;
    *bands* (0 to 1) are a screen's rolling bands; *quiet* is the white margin in modules.
    """

    side: float = 220.0
    tilt: float = 0.0
    axis: float = 0.0
    turn: float = 0.0
    motion: float = 0.0
    heading: float = 0.0
    defocus: float = 0.0
    noise: float = 1.5
    screen: float = 0.7
    exposure: float = 1.0
    glare: float = 0.0
    veil: float = 0.0
    cracks: int = 0
    finger: float = 0.0
    bands: float = 0.0
    inverted: bool = False
    quiet: int = 4
    dark_card: bool = False
    quality: int = 85
    sharpen: float = 0.4
    shift: tuple[float, float] = (0.0, 0.0)


def mixed(seed: int) -> Hardship:
    """Return everything mixed, of which somewhat more than a third defeats a good decoder."""
    random = np.random.default_rng((seed, 3))

    def one_of(*values: float) -> float:
        return float(random.choice(values))

    return Hardship(
        side=float(random.uniform(125, 270)),
        tilt=abs(float(random.normal(0, 22))),
        axis=float(random.uniform(0, 360)),
        turn=float(random.normal(0, 14)),
        motion=one_of(0, 0, 2, 4, 6),
        heading=float(random.uniform(0, 180)),
        defocus=one_of(0, 0.5, 1, 1.8, 2.6),
        noise=one_of(1.5, 3, 6, 10, 16),
        screen=one_of(0.9, 0.7, 0.5, 0.2),
        exposure=one_of(0.5, 1, 1, 1.5, 3),
        glare=one_of(0, 0, 0, 0, 0.15, 0.25, 0.35),
        veil=one_of(0, 0, 0.05, 0.15),
        cracks=int(one_of(0, 0, 0, 1, 3)),
        finger=one_of(0, 0, 0, 0, 0, 0.06),
        bands=one_of(0, 0, 0, 0, 0.5, 0.75),
        inverted=bool(random.random() < INVERTED_SHARE),
        quiet=int(one_of(4, 4, 4, 2, 1)),
        dark_card=bool(random.random() < DARK_SHARE),
        quality=int(one_of(90, 75, 50)),
        sharpen=one_of(0, 0.4, 1.0),
        shift=(float(random.uniform(-380, 380)), float(random.uniform(-130, 130))),
    )


def draw(text: str, hard: Hardship, seed: int) -> Gray:
    """Return the frame (720 x 1280, 8 bit grey) in which a phone shows *text*."""
    random = np.random.default_rng((seed, 1))
    place = projection(hard)
    sprite = _phone(text, hard, random)
    light = _hall(random)
    flags = cv2.INTER_AREA
    laid = cv2.warpPerspective(sprite, place, (WIDTH, HEIGHT), flags=flags)
    bands = np.sin(np.arange(HEIGHT, dtype=np.float32) * 2 * np.pi / 130)[:, None] > 0
    laid = laid * (1 - hard.bands * bands)
    cover = cv2.warpPerspective(np.ones(PHONE, np.float32), place, (WIDTH, HEIGHT), flags=flags)
    shown = laid * hard.screen + _reflected(hard, place) * cover
    scene = np.asarray(light * (1 - cover) + shown, np.float32)
    return _developed(_through_the_lens(scene, hard), hard, random)


def corners(hard: Hardship) -> NDArray[np.float64]:
    """Return where the code's corners truly are (4 x 2: the finders' three, then the last)."""
    half = SIDE / 2
    square = np.array([[-half, -half], [half, -half], [half, half], [-half, half]]) + CODE_AT
    found = cv2.perspectiveTransform(square[None].astype(np.float64), projection(hard))
    return np.asarray(found[0], np.float64)


def projection(hard: Hardship) -> NDArray[np.float64]:
    """Return the homography from the sprite's pixels to those of the frame."""
    tilt, axis, turn = (np.radians(angle) for angle in (hard.tilt, hard.axis, hard.turn))
    about = np.array([np.cos(axis), np.sin(axis), 0.0]) * tilt
    rotation = cv2.Rodrigues(about)[0] @ cv2.Rodrigues(np.array([0.0, 0.0, turn]))[0]
    depth = FOCAL * SIDE / hard.side
    plane = np.column_stack((rotation[:, 0], rotation[:, 1], (0.0, 0.0, depth)))
    x, y = WIDTH / 2 + hard.shift[0], HEIGHT / 2 + hard.shift[1]
    lens = np.array([[FOCAL, 0, x], [0, FOCAL, y], [0, 0, 1]], np.float64)
    middle = np.array([[1, 0, -CODE_AT[0]], [0, 1, -CODE_AT[1]], [0, 0, 1]], np.float64)
    return np.asarray(lens @ plane @ middle, np.float64)


def _phone(text: str, hard: Hardship, random: np.random.Generator) -> Light:
    """Return the phone's screen in linear light, with what lies on its glass."""
    sprite = np.full(PHONE, 5 if hard.dark_card else 140, np.uint8)
    sprite[:30], sprite[-30:], sprite[:, :6], sprite[:, -6:] = 3, 3, 3, 3
    modules = np.array(drawing.matrix(text))
    code = np.where(modules ^ hard.inverted, 3, 255).astype(np.uint8)
    code = np.pad(code, hard.quiet, constant_values=3 if hard.inverted else 255)
    size = round(SIDE * len(code) / len(modules))
    left, top = round(CODE_AT[0] - size / 2), round(CODE_AT[1] - size / 2)
    card = cv2.resize(code, (size, size), interpolation=cv2.INTER_NEAREST)
    sprite[top : top + size, max(left, 0) : left + size] = card[:, max(-left, 0) :][
        :, : PHONE[1] - max(left, 0)
    ]
    for row, word in ((110, "HOP BAO"), (690, "4711 0832 9956"), (760, "Cua A - Tang 2")):
        ink = 200 if hard.dark_card else 8
        cv2.putText(sprite, word, (90, row), cv2.FONT_HERSHEY_SIMPLEX, 1.1, ink, 2, cv2.LINE_AA)
    _crack(sprite, hard.cracks, random)
    _put_a_finger(sprite, hard.finger, random)
    return np.asarray(sprite / np.float32(255), np.float32)


def _crack(sprite: Gray, lines: int, random: np.random.Generator) -> None:
    for _ in range(lines):
        at = np.array(CODE_AT) + random.uniform(-200, 200, 2)
        heading = random.uniform(0, 2 * np.pi)
        for _ in range(7):
            heading += random.normal(0, 0.4)
            to = at + 55 * np.array([np.cos(heading), np.sin(heading)])
            bright = int(random.choice((5, 230)))
            ends = tuple(at.astype(int).tolist()), tuple(to.astype(int).tolist())
            cv2.line(sprite, *ends, bright, int(random.integers(2, 5)), cv2.LINE_AA)
            at = to


def _put_a_finger(sprite: Gray, part: float, random: np.random.Generator) -> None:
    """Cover *part* of the code from its left or right edge with a thumb."""
    if not part:
        return
    side = float(random.choice((-1, 1)))
    reach = 70
    x = CODE_AT[0] + side * (SIDE / 2 - part * SIDE + reach)
    y = CODE_AT[1] + float(random.uniform(-0.4, 0.4)) * SIDE
    cv2.ellipse(sprite, (round(x), round(y)), (reach, 48), 0, 0, 360, 56, -1, cv2.LINE_AA)


def _hall(random: np.random.Generator) -> Light:
    """Return a doorway behind the phone in linear light, dim and full of edges."""
    rough = random.uniform(0.03, 0.3, (9, 16)).astype(np.float32)
    hall = cv2.resize(rough, (WIDTH, HEIGHT), interpolation=cv2.INTER_CUBIC)
    for _ in range(14):
        x, y = int(random.integers(0, WIDTH)), int(random.integers(0, HEIGHT))
        width, height = (int(size) for size in random.integers(15, 200, 2))
        cv2.rectangle(hall, (x, y), (x + width, y + height), float(random.uniform(0, 0.5)), -1)
    return np.asarray(cv2.GaussianBlur(hall, (0, 0), 1.5), np.float32)


def _reflected(hard: Hardship, place: NDArray[np.float64]) -> Light:
    """Return the light that the glass throws back: an even veil, and a lamp."""
    light = np.full((HEIGHT, WIDTH), hard.veil, np.float32)
    if hard.glare:
        at = np.array([[[CODE_AT[0] + 0.18 * SIDE, CODE_AT[1] - 0.12 * SIDE]]])
        x, y = cv2.perspectiveTransform(at, place)[0, 0]
        spot = np.zeros_like(light)
        cv2.circle(spot, (round(x), round(y)), round(hard.side * hard.glare / 2), 3.0, -1)
        light += cv2.GaussianBlur(spot, (0, 0), 1 + hard.side * 0.03)
    return light


def _through_the_lens(scene: Light, hard: Hardship) -> Light:
    if hard.defocus:
        scene = np.asarray(cv2.filter2D(scene, -1, _disc(hard.defocus)), np.float32)
    if hard.motion > 1:
        scene = np.asarray(cv2.filter2D(scene, -1, _streak(hard)), np.float32)
    return scene


def _developed(scene: Light, hard: Hardship, random: np.random.Generator) -> Gray:
    """Return what the sensor and the camera's own processing make of *scene*."""
    light = scene * hard.exposure
    shot = random.standard_normal(scene.shape, np.float32)
    light = light + shot * np.sqrt(np.maximum(light, 0) / FULL_WELL)
    light = light + random.standard_normal(scene.shape, np.float32) * (hard.noise / 1000)
    tone = 255 * np.power(np.clip(light, 0, 1), 1 / GAMMA)
    if hard.sharpen:
        tone = cv2.addWeighted(
            tone, 1 + hard.sharpen, cv2.GaussianBlur(tone, (0, 0), 1.2), -hard.sharpen, 0
        )
    done = np.clip(tone, 0, 255).astype(np.uint8)
    packed = cv2.imencode(".jpg", done, [cv2.IMWRITE_JPEG_QUALITY, hard.quality])[1]
    return np.asarray(cv2.imdecode(packed, cv2.IMREAD_GRAYSCALE), np.uint8)


def _disc(radius: float) -> Light:
    """Return the picture of a point out of focus, smooth at its edge."""
    reach = int(np.ceil(radius)) + 1
    y, x = np.mgrid[-reach : reach + 1, -reach : reach + 1]
    disc = np.clip(radius + 0.5 - np.hypot(x, y), 0, 1)
    return np.asarray(disc / disc.sum(), np.float32)


def _streak(hard: Hardship) -> Light:
    """Return the picture of a point that moves."""
    reach = int(np.ceil(hard.motion / 2)) + 1
    streak = np.zeros((2 * reach + 1, 2 * reach + 1), np.float32)
    heading = np.radians(hard.heading)
    for part in np.linspace(-0.5, 0.5, 41):
        x = reach + part * hard.motion * np.cos(heading)
        y = reach + part * hard.motion * np.sin(heading)
        left, top = int(x), int(y)
        for dy in (0, 1):
            for dx in (0, 1):
                streak[top + dy, left + dx] += (1 - abs(x - left - dx)) * (
                    1 - abs(y - top - dy)
                )
    return np.asarray(streak / streak.sum(), np.float32)


PLAIN = Hardship()
SWEEPS: dict[str, tuple[Hardship, ...]] = {
    "small": tuple(replace(PLAIN, side=side) for side in (150.0, 120.0, 100.0, 80.0)),
    "shaken": tuple(replace(PLAIN, motion=px, heading=30) for px in (3.0, 5.0, 7.0, 9.0)),
    "out of focus": tuple(replace(PLAIN, defocus=px) for px in (2.0, 3.0, 4.0, 5.0)),
    "noise": tuple(replace(PLAIN, noise=n, screen=0.2) for n in (8.0, 16.0, 32.0, 64.0)),
    "dim screen": tuple(replace(PLAIN, screen=s, noise=3) for s in (0.1, 0.05, 0.025, 0.0125)),
    "over-exposed": tuple(replace(PLAIN, exposure=e) for e in (4.0, 8.0, 16.0, 32.0)),
    "glare": tuple(replace(PLAIN, glare=part) for part in (0.2, 0.3, 0.4, 0.5)),
    "cracks": tuple(replace(PLAIN, cracks=n) for n in (4, 6, 8, 12)),
    "rolling bands": tuple(replace(PLAIN, bands=b) for b in (0.7, 0.8, 0.9, 0.95)),
    "inverted": (replace(PLAIN, inverted=True), replace(PLAIN, inverted=True, defocus=2.0)),
    "no quiet zone": (replace(PLAIN, quiet=0, dark_card=True), replace(PLAIN, quiet=0)),
    "tilt": tuple(replace(PLAIN, tilt=t, axis=80) for t in (45.0, 55.0, 60.0, 68.0)),
    "finger": tuple(replace(PLAIN, finger=part) for part in (0.05, 0.1, 0.2, 0.3)),
}

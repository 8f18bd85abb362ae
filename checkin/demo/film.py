"""The film at the door: guest after guest holds a phone before the camera.

A film is a Motion-JPEG AVI of 1280 x 720 pixels, 15 frames a second, the same for the same
guests and seed. Beside it lies a JSON file which says who was in view from when to when.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import cv2
import numpy as np

from checkin.demo.cast import Kind, Showing
from checkin.demo.hall import SIZE, Picture, paint
from checkin.demo.optics import Conditions, Lens, Pose
from checkin.demo.phone import a_look, draw

RATE = 15
ENTER_S = 0.35
HOLD_S = 1.05
LEAVE_S = 0.25
GAP_S = 0.2
LEAD_IN_S = 2.0
LEAD_OUT_S = 3.5
QUALITY = 80
CODEC = "MJPG"


@dataclass(frozen=True)
class Shown:
    """One phone in the film: from the frame in which it appears to the one it has left."""

    kind: Kind
    pass_id: str
    expected: str
    name: str
    first: int
    last: int


@dataclass(frozen=True)
class Film:
    """A film on disk; *shown* is in order of appearance."""

    path: Path
    rate: int
    frames: int
    shown: tuple[Shown, ...]

    @property
    def seconds(self) -> float:
        """How long it plays."""
        return self.frames / self.rate


@dataclass(frozen=True)
class Manner:
    """How one guest holds the phone, and the light on it; drawn once for each phone."""

    x: float
    y: float
    scale: float
    yaw: float
    pitch: float
    roll: float
    from_left: bool
    tremor: float
    phase: float
    glare: float
    glare_x: float
    glare_y: float
    defocus: float
    screen: float
    exposure: float


class FilmError(Exception):
    """The film could not be written where it was asked for."""


def shoot(
    queue: Sequence[Showing],
    path: Path,
    *,
    seed: int = 1,
    progress: Callable[[int, int], None] = lambda _done, _all: None,
) -> Film:
    """Draw the film of *queue* at *path*; *progress* hears phones done and phones in all.

    Raises:
        FilmError: the file cannot be written.
    """
    lens = Lens(paint(seed), seed)
    reel = _Reel(path)
    shown = []
    try:
        reel.hold_empty(lens, LEAD_IN_S)
        for number, showing in enumerate(queue):
            random = np.random.default_rng((seed, number))
            first = reel.frames
            _one_guest(reel, lens, showing, random)
            shown.append(_entry(showing, first, reel.frames))
            reel.hold_empty(lens, GAP_S)
            progress(number + 1, len(queue))
        reel.hold_empty(lens, LEAD_OUT_S)
    finally:
        reel.close()
    film = Film(path, RATE, reel.frames, tuple(shown))
    truth_file(path).write_text(json.dumps(_truth(film), ensure_ascii=False, indent=1))
    return film


def still(showing: Showing, *, seed: int) -> Picture:
    """Return one picture (720 x 1280 x 3, BGR) of a guest holding her phone still."""
    random = np.random.default_rng((seed, 0))
    layer, manner = draw(showing, a_look(random)), a_manner(random)
    seen = _conditions(manner, ENTER_S + HOLD_S / 2, (0.0, 0.0))
    return Lens(paint(seed), seed).look(layer, _pose(manner, ENTER_S + HOLD_S / 2), seen)


def truth_file(path: Path) -> Path:
    """Return where the truth about the film at *path* stands."""
    return path.with_suffix(".json")


def a_manner(random: np.random.Generator) -> Manner:
    """Return how the next guest holds the phone: each differently, all within reason."""
    return Manner(
        x=SIZE[0] / 2 + float(random.uniform(-210, 210)),
        y=SIZE[1] / 2 + float(random.uniform(-60, 50)),
        scale=float(random.uniform(0.78, 1.0)),
        yaw=float(random.uniform(-26, 26)),
        pitch=float(random.uniform(-22, 22)),
        roll=float(random.normal(0, 7)),
        from_left=bool(random.integers(2)),
        tremor=float(random.uniform(1.0, 4.5)),
        phase=float(random.uniform(0, 6)),
        glare=float(random.choice((0.0, 0.0, 0.25, 0.4, 0.55))),
        glare_x=float(random.uniform(-0.3, 0.3)),
        glare_y=float(random.uniform(-0.35, 0.3)),
        defocus=float(random.choice((0.0, 0.5, 0.8, 1.1))),
        screen=float(random.uniform(0.55, 1.05)),
        exposure=float(random.uniform(0.75, 1.2)),
    )


class _Reel:
    """The file being written, and how many frames it has."""

    def __init__(self, path: Path) -> None:
        codec = cv2.VideoWriter.fourcc(*CODEC)
        self._writer = cv2.VideoWriter(str(path), codec, RATE, SIZE)
        if not self._writer.isOpened():
            msg = f"cannot write a film to {path}"
            raise FilmError(msg)
        self._writer.set(cv2.VIDEOWRITER_PROP_QUALITY, QUALITY)
        self.frames = 0

    def add(self, picture: cv2.typing.MatLike) -> None:
        self._writer.write(picture)
        self.frames += 1

    def hold_empty(self, lens: Lens, seconds: float) -> None:
        for _ in range(round(seconds * RATE)):
            self.add(lens.look(None, Pose(0, 0, 1), Conditions()))

    def close(self) -> None:
        self._writer.release()


def _one_guest(reel: _Reel, lens: Lens, showing: Showing, random: np.random.Generator) -> None:
    layer = draw(showing, a_look(random))
    manner = a_manner(random)
    count = round((ENTER_S + HOLD_S + LEAVE_S) * RATE)
    before = _pose(manner, -1 / RATE)
    for number in range(count):
        at = number / RATE
        pose = _pose(manner, at)
        motion = (pose.x - before.x, pose.y - before.y)
        reel.add(lens.look(layer, pose, _conditions(manner, at, motion)))
        before = pose


def _pose(manner: Manner, at: float) -> Pose:
    """Return where the phone is *at* seconds after it began to enter the picture."""
    out = _way_out(at)
    side = -1 if manner.from_left else 1
    sway = 2 * np.pi * at + manner.phase
    return Pose(
        x=manner.x + side * out * 620 + manner.tremor * float(np.sin(7.1 * sway)),
        y=manner.y + out * 560 + manner.tremor * float(np.cos(5.3 * sway)),
        scale=manner.scale * (1 - 0.15 * out),
        yaw=manner.yaw + 1.4 * float(np.sin(1.3 * sway)),
        pitch=manner.pitch + 1.2 * float(np.cos(1.1 * sway)),
        roll=manner.roll + side * out * 24 + 0.8 * float(np.sin(0.9 * sway)),
    )


def _way_out(at: float) -> float:
    """Return how far the phone is from its place: 1 outside, 0 held still."""
    if at < ENTER_S:
        return float((1 - max(at, 0) / ENTER_S) ** 2)
    leaving = at - ENTER_S - HOLD_S
    return float(max(leaving / LEAVE_S, 0) ** 2)


def _conditions(manner: Manner, at: float, motion: tuple[float, float]) -> Conditions:
    """Return what the camera makes of it: focus and exposure settle after the entrance."""
    unsettled = float(np.exp(-at / 0.18))
    return Conditions(
        glare=manner.glare,
        glare_x=manner.glare_x + 0.03 * float(np.sin(4 * at + manner.phase)),
        glare_y=manner.glare_y,
        defocus=manner.defocus + 3.0 * unsettled,
        exposure=manner.exposure * (1 + 0.35 * unsettled),
        screen=manner.screen,
        motion=motion,
    )


def _entry(showing: Showing, first: int, last: int) -> Shown:
    return Shown(
        showing.kind, showing.pass_id, showing.expected.value, showing.name, first, last
    )


def _truth(film: Film) -> dict[str, object]:
    return {
        "rate": film.rate,
        "frames": film.frames,
        "shown": [asdict(shown) for shown in film.shown],
    }

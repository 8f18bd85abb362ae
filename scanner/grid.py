"""The module grid: laid over a code in a picture, then read as how dark each module is."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import cv2
import numpy as np
from numpy.typing import NDArray

from scanner.layout import Plan
from scanner.layout import plan as plan_of

if TYPE_CHECKING:
    from scanner.filters import Gray

Points = NDArray[np.float64]
Field = NDArray[np.float32]

PIXELS_MOST = 5.0
PIXELS_LEAST = 1.5
MARGIN = 4.0
NEIGHBOURHOOD = 7.0
FLOOR = 0.35
CLIP = 1.6
FIRST_STEP, LAST_STEP = 0.5, 0.06
ROUNDS_MOST = 12
RIDGE = 0.03
SURE = 0.4
FLAT = 1e-6


@dataclass(frozen=True)
class Pose:
    """Where a symbol of *version* lies on a patch: its four reference points in pixels.

    They are the middles of the three finders (top left, top right, bottom left) and of the
    last alignment pattern, or of where a fourth finder would be in version 1.
    """

    version: int
    points: Points
    score: float = 0.0


@dataclass(frozen=True)
class Patch:
    """A cut of a picture with its light evened out: about -1 light, 1 dark, any size.

    A pixel (x, y) of the picture is at ((x - left) * scale, (y - top) * scale).
    """

    field: Field
    left: float
    top: float
    scale: float

    def to_patch(self, points: Points) -> Points:
        """Return *points* of the picture in pixels of the patch."""
        return (points - [self.left, self.top]) * self.scale

    def to_picture(self, points: Points) -> Points:
        """Return *points* of the patch in pixels of the picture."""
        return points / self.scale + [self.left, self.top]


def cut(gray: Gray, points: Points, module: float) -> Patch | None:
    """Return the patch of *gray* around *points*, *module* pixels a module; None if tiny."""
    if module < PIXELS_LEAST:
        return None
    margin = MARGIN * module
    left, top = np.maximum(points.min(axis=0) - margin, 0).astype(int).tolist()
    right, bottom = (points.max(axis=0) + margin + 1).astype(int).tolist()
    crop = gray[top:bottom, left:right]
    if min(crop.shape) < 2 * NEIGHBOURHOOD:
        return None
    scale = min(PIXELS_MOST / module, 1.0)
    if scale < 1.0:
        size = max(round(crop.shape[1] * scale), 8), max(round(crop.shape[0] * scale), 8)
        crop = np.asarray(cv2.resize(crop, size, interpolation=cv2.INTER_AREA), np.uint8)
    return Patch(evened(crop, module * scale), left, top, scale)


def evened(crop: Gray, module: float) -> Field:
    """Return *crop* with the light of each neighbourhood taken out: dark is positive."""
    light = crop.astype(np.float32)
    size = int(NEIGHBOURHOOD * module) | 1
    mean = cv2.boxFilter(light, -1, (size, size))
    square = cv2.boxFilter(light * light, -1, (size, size))
    spread = np.sqrt(np.maximum(square - mean * mean, 1.0))
    floor = FLOOR * float(np.percentile(spread, 80))
    blurred = cv2.GaussianBlur(light, (0, 0), max(0.28 * module, 0.5))
    field = (mean - blurred) / np.maximum(spread, floor)
    return np.asarray(np.clip(field, -CLIP, CLIP), np.float32)


@cache
def references(version: int) -> Points:
    """Return where the four reference points are, in modules from the corner (x, y)."""
    side = plan_of(version).side
    last = side - 6.5 if version > 1 else side - 3.5
    return np.array([(3.5, 3.5), (side - 3.5, 3.5), (3.5, side - 3.5), (last, last)])


def from_corners(version: int, quad: Points) -> Pose:
    """Return the pose of a symbol with the corners *quad* (clockwise from the top left)."""
    side = float(plan_of(version).side)
    square = np.array([(0, 0), (side, 0), (side, side), (0, side)], np.float32)
    there = cv2.getPerspectiveTransform(square, quad.astype(np.float32))
    matrix = np.asarray(there, np.float64)[None]
    return Pose(version, _mapped(matrix, references(version))[0])


def corners(pose: Pose) -> Points:
    """Return the corners of the symbol at *pose*, clockwise from the top left."""
    side = float(plan_of(pose.version).side)
    square = np.array([(0, 0), (side, 0), (side, side), (0, side)], np.float64)
    there = _mapped(_homographies(pose.version, pose.points[None]), square)
    return np.asarray(there[0], np.float64)


def module_size(pose: Pose) -> float:
    """Return about how many pixels a module of *pose* has."""
    modules = plan_of(pose.version).side - 7
    a, b, c = pose.points[:3]
    return float((np.hypot(*(b - a)) + np.hypot(*(c - a))) / 2 / modules)


def fitted(field: Field, pose: Pose) -> Pose:
    """Return *pose* moved until the modules whose colour is known agree best with *field*.

    Each coordinate of each reference point is tried a step to both sides; all move at once
    to where a parabola through the three scores has its top, and the steps shrink.
    """
    step = FIRST_STEP * module_size(pose)
    least = LAST_STEP * module_size(pose)
    points = kept = pose.points
    slope = np.full(17, -1.0)
    moves = np.concatenate((np.zeros((1, 8)), np.eye(8), -np.eye(8))).reshape(17, 4, 2)
    for _ in range(ROUNDS_MOST):
        scores = _agreement(field, pose.version, points + moves * step)
        if scores[0] > slope[0]:
            kept, slope = points, scores
        else:
            step /= 2
        points = kept + _uphill(slope) * step
        if step < least:
            break
        step *= 0.8
    return Pose(pose.version, kept, float(slope[0]))


def agreement(field: Field, pose: Pose) -> float:
    """Return how well the known modules agree with *field* at *pose*, about -1 to 1.

    It is negative for a symbol that is light on dark.
    """
    return float(_agreement(field, pose.version, pose.points[None])[0])


def with_fourth_point(field: Field, pose: Pose, reach: float = 5.0) -> Pose:
    """Return *pose* with its fourth point where the known modules agree best.

    It is looked for within *reach* modules: a guess from three finders ignores perspective.
    """
    line = np.arange(-reach, reach + 0.1, 1.0)
    moves = np.stack(np.meshgrid(line, line), axis=-1).reshape(-1, 2) * module_size(pose)
    points = np.repeat(pose.points[None], len(moves), axis=0)
    points[:, 3] += moves
    scores = _agreement(field, pose.version, points)
    best = int(scores.argmax())
    return Pose(pose.version, points[best], float(scores[best]))


def softly(field: Field, pose: Pose) -> tuple[Field, float]:
    """Return how dark each module is (side x side, 1 dark, -1 light), and the noise in it.

    Blur and shake mix neighbours; a linear filter of 5 x 5 half modules, learnt from the
    modules whose colour is known and then from all that are sure, unmixes them.
    """
    plan = plan_of(pose.version)
    taps = _taps(field, pose, plan)
    known = plan.known.ravel()
    truth = np.where(plan.dark.ravel(), 1.0, -1.0)
    weights = _learnt(taps[known], truth[known])
    soft = taps @ weights
    for _ in range(2):
        sure = known | (np.abs(soft) > SURE)
        aim = np.where(known, truth, np.sign(soft))
        weights = _learnt(taps[sure], aim[sure])
        soft = taps @ weights
    noise = float(np.mean((soft[known] - truth[known]) ** 2))
    return soft.reshape(plan.side, plan.side).astype(np.float32), max(noise, 0.01)


def _uphill(scores: Points) -> Points:
    """Return where to move each coordinate, in steps, given the scores here and around."""
    up, down = scores[1:9], scores[9:]
    curve = 2 * scores[0] - up - down
    peaked = curve > FLAT
    newton = (up - down) / 2 / np.where(peaked, curve, 1.0)
    shift = np.where(peaked, np.clip(newton, -1, 1), np.sign(up - down))
    return np.asarray(shift.reshape(4, 2), np.float64)


def _learnt(taps: Points, aim: Points) -> Points:
    square = taps.T @ taps
    square[np.diag_indices_from(square)] += RIDGE * len(taps)
    return np.asarray(np.linalg.solve(square, taps.T @ aim), np.float64)


def _taps(field: Field, pose: Pose, plan: Plan) -> Points:
    """Return for each module the field at 5 x 5 half modules around its middle, and 1."""
    line = np.arange(-0.5, plan.side + 0.6, 0.5)
    grid = np.stack(np.meshgrid(line, line), axis=-1).reshape(-1, 2).astype(np.float64)
    places = _mapped(_homographies(pose.version, pose.points[None]), grid)[0]
    seen = _at(field, places).reshape(len(line), len(line))
    reach = 2 * plan.side
    taps = [
        seen[y : y + reach : 2, x : x + reach : 2].ravel() for y in range(5) for x in range(5)
    ]
    return np.stack([*taps, np.ones(plan.side**2)], axis=1).astype(np.float64)


def _agreement(field: Field, version: int, points: Points) -> Points:
    """Return the agreement of each of the poses *points* (poses x 4 x 2)."""
    plan = plan_of(version)
    modules = plan.known_places[:, ::-1] + 0.5
    places = _mapped(_homographies(version, points), modules.astype(np.float64))
    seen = _at(field, places.reshape(-1, 2)).reshape(places.shape[:2])
    return np.asarray(seen @ plan.known_signs / len(modules), np.float64)


def _at(field: Field, places: Points) -> Field:
    """Return *field* at *places* (x, y), between its pixels; outside it knows nothing (0)."""
    spots = places.astype(np.float32)
    rows = -(-len(spots) // 1024)
    padded = np.full((rows * 1024, 2), -10, np.float32)
    padded[: len(spots)] = spots
    xs, ys = (padded[:, axis].reshape(rows, 1024) for axis in (0, 1))
    seen = cv2.remap(field, xs, ys, cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT)
    return np.asarray(seen, np.float32).ravel()[: len(spots)]


def _homographies(version: int, points: Points) -> Points:
    """Return the homographies from modules to *points* (poses x 4 x 2), poses x 3 x 3."""
    source = references(version)
    count = len(points)
    system = np.zeros((count, 8, 8))
    for i, (x, y) in enumerate(source):
        u, v = points[:, i, 0], points[:, i, 1]
        system[:, 2 * i, :3] = (x, y, 1)
        system[:, 2 * i + 1, 3:6] = (x, y, 1)
        system[:, 2 * i, 6], system[:, 2 * i, 7] = -u * x, -u * y
        system[:, 2 * i + 1, 6], system[:, 2 * i + 1, 7] = -v * x, -v * y
    found = np.linalg.solve(system, points.reshape(count, 8, 1))[:, :, 0]
    return np.concatenate((found, np.ones((count, 1))), axis=1).reshape(count, 3, 3)


def _mapped(homographies: Points, points: Points) -> Points:
    """Return *points* through each homography (poses x points x 2)."""
    flat = np.concatenate((points, np.ones((len(points), 1))), axis=1)
    there = flat @ np.swapaxes(homographies, 1, 2)
    return np.asarray(there[:, :, :2] / there[:, :, 2:], np.float64)

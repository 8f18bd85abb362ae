"""The reader beside others, on one drawn door set in one run: what it reads, what it costs."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from statistics import mean, median

import cv2
import numpy as np
import zxingcpp

from checkin.bench.doorset import JUDGING, PLAIN, SWEEPS, Gray, Hardship, draw, mixed
from checkin.bench.measures import Measure
from invitations.domain.passes import DoorPass, mint
from scanner.closer import prepare
from scanner.reader import FilmReader
from scanner.still import read_still
from scanner.zbar import as_it_comes

Reads = Callable[[Gray, bytes], bool]

MIXED = 24
SEED = bytes(32)
ENDS = 1_900_000_020
FRAMES = 20
FULL_HD = 1.5
GONE = replace(PLAIN, shift=(5000.0, 0.0))  # the phone is out of the picture
TOO_HARD = Hardship(side=110, defocus=4.5, noise=30, screen=0.3)
READABLE_MS, UNREAD_MS, EMPTY_MS, SHARE = 5.0, 20.0, 3.0, 0.75
QR = zxingcpp.BarcodeFormats([zxingcpp.BarcodeFormat.QRCodeModel2])


def eyes() -> Iterator[Measure]:
    """Measure frames a second, then reading by hardship, then everything mixed."""
    prepare()
    yield from _speeds()
    yield _sweeps()
    yield _mixed()


def a_text(number: int) -> str:
    """Return a pass text that no door knows."""
    return mint(DoorPass(1, 77, f"{number:016x}", 0, ENDS), SEED)


def _speeds() -> Iterator[Measure]:
    for name, factor in (("720p", 1.0), ("1080p", FULL_HD)):
        ways = {
            "readable": (replace(PLAIN, noise=4, defocus=0.8), 0.0),
            "unread": (TOO_HARD, 0.0),
            "empty": (GONE, 3.0),
        }
        spent = {
            way: _milliseconds(hard, factor, asleep) for way, (hard, asleep) in ways.items()
        }
        more = {
            "readable_ms_p50": median(spent["readable"]),
            "unread_ms_mean": mean(spent["unread"]),
            "empty_ms_mean": mean(spent["empty"]),
        }
        target = 1000 / READABLE_MS if factor == 1 else None
        fps = 1000 / median(spent["readable"])
        yield Measure(f"reader_frames_{name}", fps, "/s/core", more, target=target)


def _milliseconds(hard: Hardship, factor: float, idle: float) -> list[float]:
    """Return what frame after frame costs; the reader has been idle for *idle* seconds."""
    text = a_text(1)
    reader = FilmReader(lambda raw: raw == text.encode())
    rooms = [JUDGING + (0 if idle else number) for number in range(4)]
    frames = [_sized(draw(text, hard, room), factor) for room in rooms]
    spent = []
    if idle:
        reader.look(frames[0])
        reader.rest()
    for number in range(FRAMES):
        began = time.thread_time()
        reader.look(frames[number % len(frames)])
        spent.append(1000 * (time.thread_time() - began))
    return spent


def _sized(frame: Gray, factor: float) -> Gray:
    if factor == 1:
        return frame
    return np.asarray(cv2.resize(frame, None, fx=factor, fy=factor), np.uint8)


def _sweeps() -> Measure:
    """Measure each hardship alone, from bearable to hopeless."""
    more: dict[str, float] = {}
    every: Counter[str] = Counter()
    for name, steps in SWEEPS.items():
        right = _read_by_each([(JUDGING + i, hard) for i, hard in enumerate(steps)])
        every.update(right)
        more |= {f"{name}: {who}": right[who] / len(steps) for who in READERS}
    frames = sum(map(len, SWEEPS.values()))
    more |= {f"all: {who}": every[who] / frames for who in READERS}
    return Measure("door_hardships_read", every["thumoi"] / frames, "share", more)


def _mixed() -> Measure:
    """Measure everything mixed, with seeds that nothing was tuned on."""
    numbers = range(JUDGING, JUDGING + MIXED)
    right = _read_by_each([(number, mixed(number)) for number in numbers])
    more = {who: right[who] / MIXED for who in READERS if who != "thumoi"}
    return Measure("door_set_read", right["thumoi"] / MIXED, "share", more, target=SHARE)


def _read_by_each(frames: list[tuple[int, Hardship]]) -> Counter[str]:
    """Return how many of *frames* (seed, hardship) each reader reads."""
    right: Counter[str] = Counter()
    for seed, hard in frames:
        text = a_text(seed)
        frame = draw(text, hard, seed)
        right.update(who for who, reads in READERS.items() if reads(frame, text.encode()))
    return right


def _thumoi(frame: Gray, text: bytes) -> bool:
    return any(found.raw == text for found in read_still(frame, lambda raw: raw == text))


def _zxing(frame: Gray, text: bytes) -> bool:
    return any(code.bytes == text for code in zxingcpp.read_barcodes(frame, formats=QR))


def _pyzbar(frame: Gray, text: bytes) -> bool:
    try:
        return text in as_it_comes(frame)
    except ValueError:  # what it makes of some pictures
        return False


def _opencv(frame: Gray, text: bytes) -> bool:
    try:
        return cv2.QRCodeDetector().detectAndDecode(frame)[0].encode() == text
    except (cv2.error, UnicodeDecodeError):
        return False


READERS: dict[str, Reads] = {
    "thumoi": _thumoi,
    "zxing-cpp": _zxing,
    "pyzbar": _pyzbar,
    "opencv": _opencv,
}

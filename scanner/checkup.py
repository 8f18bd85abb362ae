"""The checks before doors open: camera, decoder, journal, key, line and clock."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from scanner.camera import Camera
from scanner.child import DecoderChild
from scanner.clock import Clock
from scanner.errors import LineError, StationError
from scanner.identity import station_key
from scanner.journal import Journal
from scanner.line import Caller, SocketLine
from scanner.words import say

if TYPE_CHECKING:
    from scanner.config import Paired, StationConfig

CAMERA_PATIENCE = 6.0
CLOCK_MAY_DIFFER_MS = 60_000


@dataclass(frozen=True)
class Finding:
    """The answer to one check, in words a steward can act on."""

    good: bool
    words: str


def checkup(config: StationConfig, place: Paired) -> list[Finding]:
    """Return what was found of everything a station needs."""
    return [
        _camera(config),
        _decoder(),
        _journal(config, place),
        _line(config, place),
    ]


def _camera(config: StationConfig) -> Finding:
    camera = Camera(config.camera)
    camera.start()
    frame = camera.latest.newer_than(0, CAMERA_PATIENCE)
    camera.stop()
    if frame is None:
        return _bad(say("Camera {name}: không có hình", name=config.camera))
    height, width = frame.picture.shape[:2]
    return _good(say("Camera: {width} × {height}", width=width, height=height))


def _decoder() -> Finding:
    child = DecoderChild()
    good = child.start()
    child.stop()
    return _good(say("Bộ đọc mã: tốt")) if good else _bad(say("Bộ đọc mã: không chạy"))


def _journal(config: StationConfig, place: Paired) -> Finding:
    try:
        journal = Journal(config.data / "journal.db", place.station)
    except StationError as error:
        return _bad(say("Sổ trạm: {why}", why=error))
    broken, waiting = journal.broken_at(), journal.waiting()
    journal.close()
    if broken is not None:
        return _bad(say("Sổ trạm: bản ghi {n} đã bị sửa", n=broken.n))
    return _good(say("Sổ trạm: tốt, {n} bản ghi chờ gửi", n=waiting))


def _line(config: StationConfig, place: Paired) -> Finding:
    clock = Clock()
    caller = Caller(place.server, place.station, station_key(config.data), clock)
    began = time.monotonic()
    try:
        SocketLine(caller, 0, lambda _spoken: None).close()
    except LineError as error:
        return _bad(say("Máy chủ: {why}; trạm vẫn làm việc một mình", why=error))
    took = round((time.monotonic() - began) * 1000)
    offset = clock.now().offset_ms or 0
    if abs(offset) > CLOCK_MAY_DIFFER_MS:
        return _bad(say("Đồng hồ máy này lệch {n} giây", n=offset // 1000))
    return _good(say("Máy chủ: trả lời sau {n} ms", n=took))


def _good(words: str) -> Finding:
    return Finding(good=True, words=words)


def _bad(words: str) -> Finding:
    return Finding(good=False, words=words)

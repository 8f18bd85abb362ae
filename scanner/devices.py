"""The check list before a shift: what this machine has, and what a person should mend."""

from __future__ import annotations

import shutil
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from flask_babel import gettext as _

from scanner.camera import CameraState

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scanner.station import Station

GOOD, WARNING, BAD = "good", "warning", "bad"
SKEW_WARNS_MS, SKEW_IS_BAD_MS = 5_000, 60_000
LIST_WARNS_S, LIST_IS_BAD_S = 15 * 60, 24 * 3600
ROOM_WARNS, ROOM_IS_BAD = 500_000_000, 50_000_000
BATTERY_WARNS, BATTERY_IS_BAD = 40, 15
POWER = Path("/sys/class/power_supply")


@dataclass(frozen=True)
class Device:
    """One line of the check list: *state* is good, warning or bad."""

    key: str
    state: str
    words: str


def devices(station: Station, folder: Path = POWER) -> list[Device]:
    """Return what was found, in the order in which a scan needs it; *folder* has batteries."""
    return [
        _camera(station),
        _decoder(station),
        _journal(station),
        _line(station),
        _clock(station),
        _list(station),
        *_battery(folder),
    ]


def camera_words(state: CameraState) -> str:
    """Return how the camera is, in words."""
    words = {
        CameraState.ONLINE: _("Camera: có hình"),
        CameraState.OPENING: _("Camera: đang mở"),
        CameraState.STALLED: _("Camera: đứng hình, đang thử lại"),
        CameraState.ENDED: _("Camera: phim đã hết"),
    }
    return str(words.get(state) or _("Camera: không có hình, kiểm tra dây cắm"))


def _camera(station: Station) -> Device:
    state = station.camera.status().state
    worst = {CameraState.ONLINE: GOOD, CameraState.OFFLINE: BAD}
    return Device("camera", worst.get(state, WARNING), camera_words(state))


def _decoder(station: Station) -> Device:
    if station.decoder.pid is None:
        return Device("decoder", BAD, str(_("Bộ đọc mã: không chạy, khởi động lại trạm")))
    return Device("decoder", GOOD, str(_("Bộ đọc mã: tốt")))


def _journal(station: Station) -> Device:
    free = shutil.disk_usage(station.folder).free
    words = str(
        _("Sổ trạm: còn %(n)d MB, %(w)d chờ gửi", n=free // 10**6, w=station.journal.waiting())
    )
    return Device("journal", _graded(-free, -ROOM_WARNS, -ROOM_IS_BAD), words)


def _line(station: Station) -> Device:
    if station.uplink.online:
        return Device("line", GOOD, str(_("Máy chủ: trực tuyến")))
    return Device("line", WARNING, str(_("Máy chủ: ngoại tuyến, trạm làm việc một mình")))


def _clock(station: Station) -> Device:
    moment = station.door.clock.now()
    if moment.offset_ms is None:
        return Device("clock", WARNING, str(_("Đồng hồ: chưa so với máy chủ")))
    skew = abs(moment.offset_ms)
    words = _("Đồng hồ: lệch %(n)s giây", n=f"{skew / 1000:.1f}".replace(".", ","))
    return Device("clock", _graded(skew, SKEW_WARNS_MS, SKEW_IS_BAD_MS), str(words))


def _list(station: Station) -> Device:
    carried = station.gatekeeper.carried
    as_of = int(carried.noted("as_of") or 0)
    if not as_of:
        return Device("list", BAD, str(_("Danh sách: chưa có, cần mạng một lần")))
    age = max(0, int(time.time()) - as_of)
    words = _(
        "Danh sách: %(n)d khách, %(m)d phút trước", n=carried.counts().expected, m=age // 60
    )
    return Device("list", _graded(age, LIST_WARNS_S, LIST_IS_BAD_S), str(words))


def _battery(folder: Path) -> Iterator[Device]:
    for found in sorted(folder.glob("*/capacity")):
        percent, mains = int(found.read_text().strip() or 0), _charging(found.parent)
        words = (
            _("Pin: %(n)d %%", n=percent) if mains else _("Pin: %(n)d %%, không sạc", n=percent)
        )
        state = GOOD if mains else _graded(-percent, -BATTERY_WARNS, -BATTERY_IS_BAD)
        yield Device("battery", state, str(words))


def _charging(battery: Path) -> bool:
    status = battery / "status"
    return status.exists() and status.read_text().strip() in {"Charging", "Full"}


def _graded(value: float, warns: float, is_bad: float) -> str:
    """Return how bad *value* is, where more is worse."""
    if value >= is_bad:
        return BAD
    return WARNING if value >= warns else GOOD

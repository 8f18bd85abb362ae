"""The cameras of this machine: which there are, what they are called, and their lamps."""

from __future__ import annotations

import fcntl
import os
import struct
from dataclasses import dataclass
from pathlib import Path

from scanner.grabber import device_path, is_device

SYSTEM = Path("/sys/class/video4linux")
BY_ID = Path("/dev/v4l/by-id")
DEVICES = Path("/dev")

# videodev2.h and v4l2-controls.h of Linux
SET_CONTROL = 0xC008561C  # VIDIOC_S_CTRL: a control's id and its value
FLASH_LED_MODE = 0x009C0901
TORCH_MODE = 2
ILLUMINATOR = 0x00980925
LAMPS = ((FLASH_LED_MODE, TORCH_MODE), (ILLUMINATOR, 1))


@dataclass(frozen=True)
class CameraDevice:
    """One camera: the *source* to open it by, which stays the same in any USB socket."""

    source: str
    name: str


def list_cameras(
    system: Path = SYSTEM, by_id: Path = BY_ID, devices: Path = DEVICES
) -> list[CameraDevice]:
    """Return the cameras plugged in, by name; a camera's second node (metadata) is left out."""
    lasting = {link.resolve().name: link for link in _below(by_id)}
    found = []
    for node in _below(system):
        if _text(node / "index") not in {"", "0"}:
            continue
        source = lasting.get(node.name, devices / node.name)
        found.append(CameraDevice(str(source), _text(node / "name") or node.name))
    return sorted(found, key=lambda camera: (camera.name, camera.source))


def torch(source: str, *, on: bool) -> bool:
    """Turn the lamp of the camera *source* on or off; tell whether it has one that obeyed."""
    if not is_device(source):
        return False
    try:
        file = os.open(device_path(source), os.O_RDWR | os.O_NONBLOCK)
    except OSError:
        return False
    try:
        return any(_set(file, lamp, lit if on else 0) for lamp, lit in LAMPS)
    finally:
        os.close(file)


def _set(file: int, control: int, value: int) -> bool:
    try:
        fcntl.ioctl(file, SET_CONTROL, struct.pack("=Ii", control, value))
    except OSError:  # the camera knows no such control
        return False
    return True


def _below(folder: Path) -> list[Path]:
    return sorted(folder.iterdir()) if folder.is_dir() else []


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace").strip()
    except OSError:
        return ""

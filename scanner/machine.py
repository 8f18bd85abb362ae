"""The machine a station runs on: its battery, and which version of us is on it."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

POWER = Path("/sys/class/power_supply")


def battery(power: Path = POWER) -> int | None:
    """Return how full the battery is, in percent; nothing on a machine without one."""
    for capacity in sorted(power.glob("BAT*/capacity")):
        try:
            return max(0, min(100, int(capacity.read_text(encoding="ascii"))))
        except (OSError, ValueError):
            continue
    return None


def own_version() -> str:
    """Return the version of this program, or nothing where it was not installed."""
    try:
        return version("thumoi")
    except PackageNotFoundError:
        return ""

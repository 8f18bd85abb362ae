"""The badge of the kiosk page: line, list, camera and figures at one glance, without names."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from scanner.facing import Facing
from scanner.lines import clock_time

if TYPE_CHECKING:
    from scanner.station import Station


ASKED = "asked"


def state(station: Station) -> dict[str, Any]:
    """Return the badge, the counter and the last verdict as JSON; no guest is named in it."""
    return {**_line(station), **_figures(station), **_camera(station), **_shift(station)}


def _line(station: Station) -> dict[str, Any]:
    as_of = int(station.gatekeeper.carried.noted("as_of") or 0)
    return {
        "online": station.uplink.online,
        "trouble": station.screen.trouble,
        "refused": station.uplink.trouble in {"revoked", "unknown"},
        "waiting": station.journal.waiting(),
        "list_time": clock_time(as_of) if as_of else "",
        "list_minutes": max(0, int(time.time()) - as_of) // 60 if as_of else 0,
    }


def _figures(station: Station) -> dict[str, Any]:
    counts, rules = station.gatekeeper.carried.counts(), station.gatekeeper.carried.rules
    latest = station.screen.latest
    return {
        "arrived": counts.arrived,
        "expected": counts.expected,
        "inside": counts.inside,
        "hint": station.screen.hinting,
        "hints": station.screen.hints,
        "scans": latest.number if latest else 0,
        "last": _last(station),
        "walk_ins": rules is not None and rules.walk_ins != "deny",
        "answered": [
            n for n in station.screen.asked if station.desk.walk_in_answer(n).state != ASKED
        ],
    }


def _camera(station: Station) -> dict[str, Any]:
    status = station.camera.status()
    return {
        "camera": status.state.value,
        "frames": status.frames,
        "dropped": status.dropped,
        "torch": station.screen.lamp,
    }


def _shift(station: Station) -> dict[str, Any]:
    desk, facing = station.desk, Facing(station.gatekeeper.carried)
    shift = desk.shift
    return {
        "shift": shift.id if shift else "",
        "shift_name": shift.name if shift else "",
        "decides": shift.decides if shift else False,
        "rehearsing": desk.rehearsing,
        "direction": desk.direction.value,
        "self_service": facing.self_service,
        "names_hidden": facing.names_hidden,
    }


def _last(station: Station) -> dict[str, Any] | None:
    latest = station.screen.latest
    if latest is None:
        return None
    return {
        "number": latest.number,
        "scan_id": latest.scan_id,
        "outcome": latest.verdict.outcome,
        "flags": latest.verdict.flags,
        "judge": latest.verdict.judge,
        "pass_id": latest.verdict.pass_id,
        "at_ms": latest.at_ms,
        "latency_ms": latest.latency_ms,
    }

"""The badge of the kiosk page: line, list, camera and figures at one glance, without names."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from scanner.view import clock_time

if TYPE_CHECKING:
    from scanner.station import Station


def state(station: Station) -> dict[str, Any]:
    """Return the badge, the counter and the last verdict as JSON; names are not in it."""
    carried, latest = station.gatekeeper.carried, station.screen.latest
    counts, as_of = carried.counts(), int(carried.noted("as_of") or 0)
    status = station.camera.status()
    return {
        "online": station.uplink.online,
        "trouble": station.screen.trouble,
        "refused": station.uplink.trouble in {"revoked", "unknown"},
        "waiting": station.journal.waiting(),
        "list_time": clock_time(as_of) if as_of else "",
        "arrived": counts.arrived,
        "expected": counts.expected,
        "inside": counts.inside,
        "camera": status.state.value,
        "frames": status.frames,
        "dropped": status.dropped,
        "hint": station.screen.hinting,
        "hints": station.screen.hints,
        "scans": latest.number if latest else 0,
        "last": _last(station),
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

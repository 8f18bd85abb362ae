"""The fleet: every station of the house, how it is, and since when nothing was heard of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from checkin.domain.stations import StationStatus
from checkin.storage import stations
from invitations.services.guestbook import Guestbook

if TYPE_CHECKING:
    from checkin.domain.stations import Station
    from invitations.domain.model import Event
    from invitations.storage.database import Database

AFTER_S = 12 * 3600  # so long after closing an event's stations are still of interest


@dataclass(frozen=True)
class Ship:
    """One station: where it stands, and what it last said of itself.

    *state* is ``online``, ``offline`` (it says so), ``silent`` (nothing heard for 15 s),
    ``new`` or ``signed_out``; ages in seconds, *skew_ms* its clock against ours.
    """

    id: str
    name: str
    event: int
    title: str
    gate: str
    state: str
    seen_s: int
    operator: str = ""
    waiting: int = 0
    list_age_s: int | None = None
    camera: str = ""
    battery: int | None = None
    skew_ms: int | None = None
    median_ms: int | None = None
    last_scan_ms: int | None = None
    version: str = ""


def fleet(database: Database, office_id: int, *, now: int, every: bool = False) -> list[Ship]:
    """Return the stations of an office's events that are not over, or of *every* event."""
    guestbook = Guestbook(database)
    with database.read() as connection:
        events = [
            event
            for event in guestbook.events(connection, office_id)
            if every or event.closes_at + AFTER_S > now
        ]
        return [
            _ship(station, event, now)
            for event in events
            for station in stations.of_event(connection, event.id)
            if every or station.revoked_at is None
        ]


def _ship(station: Station, event: Event, now: int) -> Ship:
    gates = {gate.id: gate.name for gate in event.gates}
    said = _status(station)
    return Ship(
        id=station.id,
        name=station.name,
        event=event.id,
        title=event.title,
        gate=gates.get(station.gate_id, ""),
        state=_state(station, said, now),
        seen_s=max(0, now - station.seen_at),
        **_told(said, now),
    )


def _status(station: Station) -> StationStatus | None:
    """Return what a station last said of itself; an older one said less."""
    return StationStatus.from_json(station.status) if station.status else None


def _told(said: StationStatus | None, now: int) -> dict[str, Any]:
    if said is None:
        return {}
    return {
        "operator": said.operator,
        "waiting": said.waiting,
        "list_age_s": max(0, now - said.list_as_of) if said.list_as_of else None,
        "camera": said.camera,
        "battery": said.battery,
        "skew_ms": None if said.offset_ms is None else -said.offset_ms,
        "median_ms": said.median_ms,
        "last_scan_ms": said.last_scan_ms,
        "version": said.version,
    }


def _state(station: Station, said: StationStatus | None, now: int) -> str:
    if station.revoked_at is not None:
        return "signed_out"
    if said is None:
        return "new"
    if station.silent(now):
        return "silent"
    return "online" if said.online else "offline"

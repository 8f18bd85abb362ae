"""A station's parts put together for one test, with a camera or without."""

from dataclasses import dataclass
from pathlib import Path

from checkin.domain.protocol import RosterSnapshot
from checkin.domain.wire import gate_to_json, rules_to_json, trust_to_json
from invitations.domain import roster
from invitations.domain.roster import RosterEntry
from scanner.config import Paired, StationConfig, keep_paired
from scanner.identity import station_key
from scanner.station import Station, assemble
from tests.scanner.door_frames import EVENT, TRUST
from tests.scanner.little_server import GATE, RULES, STATION, LittleServer

NOWHERE = "http://127.0.0.1:9"


@dataclass
class Rig:
    """One paired station and the server it knows."""

    station: Station
    server: LittleServer
    folder: Path

    def close(self) -> None:
        self.server.stop()
        self.station.stop()


def a_server(folder: Path, entries: list[RosterEntry]) -> LittleServer:
    """Return a server that knows the key of the station in *folder*."""
    folder.mkdir(exist_ok=True, parents=True)
    return LittleServer(station_key(folder).public_hex, entries).start()


def a_station(folder: Path, server: str = NOWHERE, camera: str = "61") -> Station:
    """Return a station paired with *server*, not started."""
    folder.mkdir(exist_ok=True, parents=True)
    place = Paired(server, STATION, EVENT, "Họp báo tháng 11", 1, "Cửa A", "một hai ba bốn")
    keep_paired(folder, place)
    return assemble(StationConfig(folder, camera=camera), place)


def informed(station: Station, entries: list[RosterEntry]) -> Station:
    """Return *station* after it heard the roster, as if from an earlier contact."""
    carried = station.gatekeeper.carried
    carried.take_trust(trust_to_json(TRUST))
    lines = [roster.to_json(entry) for entry in entries]
    gate, rules = gate_to_json(GATE), rules_to_json(RULES)
    carried.take_snapshot(RosterSnapshot(0, EVENT, "Họp báo", rules, gate, lines, []))
    return station

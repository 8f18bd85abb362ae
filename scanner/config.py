"""How this station was set up: its folder, its server, its camera, and where it stands."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from checkin.domain.admission import Direction
from scanner.errors import StationError
from scanner.storeroom import keep_private

PAIRED_FILE = "paired.json"
DEFAULT_DATA = Path("~/.local/share/thumoi/station")


@dataclass(frozen=True)
class Paired:
    """What the server said when it took the station in."""

    server: str
    station: str
    event: int
    title: str
    gate_id: int
    gate: str
    fingerprint: str


@dataclass(frozen=True)
class StationConfig:
    """What the command line asks of a station.

    *port* 0 takes a free one; *pace* and *loop* are for films; *until_end* ends the station
    with its film; *printer* is what CUPS calls the label printer, *label* the size of its roll.
    """

    data: Path
    camera: str = "0"
    port: int = 0
    pace: float = 1.0
    loop: bool = False
    direction: Direction = Direction.ENTRY
    json: bool = False
    until_end: bool = False
    printer: str = ""
    label: str = "small"


def paired(data: Path) -> Paired | None:
    """Return how the station in *data* is paired, or nothing.

    Raises:
        StationError: the file is there but cannot be read.
    """
    path = data / PAIRED_FILE
    if not path.exists():
        return None
    try:
        return Paired(**json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError) as error:
        msg = f"{path}: {error}"
        raise StationError(msg) from error


def keep_paired(data: Path, found: Paired) -> None:
    """Write *found* whole or not at all, for nobody else to read."""
    half = data / f"{PAIRED_FILE}.new"
    half.unlink(missing_ok=True)
    keep_private(half)
    half.write_text(json.dumps(asdict(found), ensure_ascii=False, indent=2), encoding="utf-8")
    half.rename(data / PAIRED_FILE)

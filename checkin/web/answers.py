"""The answers to a station's requests, whichever way they came."""

from __future__ import annotations

import json
import time
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from checkin.domain.errors import DeniedError
from checkin.domain.protocol import LARGEST_UPLOAD, Hello, ScanReport
from checkin.domain.stations import sound_report
from checkin.domain.wire import trust_to_json
from checkin.services.door import ScanTakenError
from checkin.web.verbs import VERBS
from invitations.domain.errors import OfficeError

if TYPE_CHECKING:
    from collections.abc import Callable

    from checkin.domain.stations import Station
    from checkin.web.desks import Desks

Message = dict[str, Any]


def answer(here: Desks, station: Station, asked: Message) -> Message:
    """Answer one request; whatever is wrong with it is said, and nothing else happens."""
    number = asked.get("id")
    ask = _VERBS.get(str(asked.get("do"))) or VERBS.get(str(asked.get("do")))
    if ask is None:
        return {"id": number, "error": "bad_message", "detail": "do"}
    try:
        return {"id": number, **ask(here, station, asked)}
    except (ValueError, TypeError, KeyError) as error:
        return {"id": number, "error": "bad_message", "detail": str(error)}
    except ScanTakenError:
        return {"id": number, "error": "scan_id"}
    except DeniedError as refusal:
        return {"id": number, "error": refusal.code}
    except OfficeError as error:
        return {"id": number, "error": "storage", "detail": str(error)}


def _present(here: Desks, station: Station, asked: Message) -> Message:
    report = sound_report(ScanReport.from_json(part(asked, "scan")))
    judge = here.door.simulate if asked.get("simulate") is True else here.door.present
    return {"verdict": judge(station, report).to_json(), "now_ms": now_ms()}


def _upload(here: Desks, station: Station, asked: Message) -> Message:
    records = asked.get("records")
    if not isinstance(records, list) or len(records) > LARGEST_UPLOAD:
        raise ValueError("records")
    return asdict(here.door.upload(station, records))


def _since(here: Desks, station: Station, asked: Message) -> Message:
    number = asked.get("number")
    if not isinstance(number, int):
        raise TypeError("number")
    update = here.rosters.since(station, number)
    if update.snapshot is not None:
        return {"head": update.head, "snapshot": update.snapshot}
    return {"head": update.head, "news": update.news}


def _status(here: Desks, station: Station, asked: Message) -> Message:
    here.pairing.heard(station.id, part(asked, "status"))
    return {"now_ms": now_ms()}


_VERBS: dict[str, Callable[[Desks, Station, Message], Message]] = {
    "present": _present,
    "upload": _upload,
    "since": _since,
    "status": _status,
}


def proven(here: Desks, proof: Message, challenge: str) -> Station | None:
    """Return the station that *proof* shows to hold its key; nothing otherwise."""
    signature = text(proof, "signature")
    return here.pairing.proven(text(proof, "station"), challenge, signature)


def hello(here: Desks, station: Station) -> Hello:
    """Return what a station is greeted with."""
    event = here.rosters.event(station.event_id)
    gates = {gate.id: gate.name for gate in event.gates} if event else {}
    return Hello(
        incarnation=here.pairing.incarnation(),
        now_ms=now_ms(),
        head=here.rosters.head(station.event_id),
        event=station.event_id,
        title=event.title if event else "",
        gate_id=station.gate_id,
        gate=gates.get(station.gate_id, ""),
        bearer=here.pairing.bearer(station),
        marks=here.pairing.marks(station.id),
        trust=trust_to_json(here.door.trust()),
        starts_at=event.starts_at if event else 0,
        place=event.place if event else "",
    )


def parsed(message: str | bytes) -> Message:
    """Return a message as the object it should be; an empty one if it is none."""
    try:
        found = json.loads(message)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def part(asked: Message, name: str) -> Message:
    """Return the object *name* of a message.

    Raises:
        TypeError: there is none; the text names it.
    """
    found = asked.get(name)
    if not isinstance(found, dict):
        raise TypeError(name)
    return found


def text(found: Message, name: str) -> str:
    """Return the text *name* of a message; empty if there is none."""
    value = found.get(name)
    return value if isinstance(value, str) else ""


def now_ms() -> int:
    """Return our clock in Unix milliseconds."""
    return int(time.time() * 1000)

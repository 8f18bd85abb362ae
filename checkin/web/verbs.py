"""The rarer verbs of a station's line: searches, guests by name, walk-ins, substitutes."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from checkin.domain.newcomers import Newcomer, WalkInReport
from checkin.domain.protocol import ScanReport
from checkin.domain.stations import sound_report

if TYPE_CHECKING:
    from collections.abc import Callable

    from checkin.domain.stations import Station
    from checkin.web.desks import Desks

LONGEST = 500

Message = dict[str, Any]


def _simulate(here: Desks, station: Station, asked: Message) -> Message:
    report = sound_report(ScanReport.from_json(_part(asked, "scan")))
    return {"verdict": here.door.simulate(station, report).to_json(), "now_ms": _now_ms()}


def _search(here: Desks, station: Station, asked: Message) -> Message:
    query, actor = asked.get("query"), asked.get("actor")
    if not isinstance(query, str) or not isinstance(actor, str):
        raise TypeError("query")
    found = here.searching.find(station, query, actor)
    if found.problem:
        return {"error": found.problem}
    return {"hits": list(found.hits), "more": found.more}


def _admit(here: Desks, station: Station, asked: Message) -> Message:
    report = _named(asked)
    return {"verdict": here.door.present(station, report).to_json(), "now_ms": _now_ms()}


def _walk_in(here: Desks, station: Station, asked: Message) -> Message:
    report = WalkInReport.from_json(_part(asked, "walk_in"))
    _sound(report)
    return {"walk_in": here.walk_ins.ask(station, report).to_json(), "now_ms": _now_ms()}


def _substitute(here: Desks, station: Station, asked: Message) -> Message:
    newcomer = Newcomer.from_json(_part(asked, "guest"))
    _texts(newcomer.to_json())
    verdict, text = here.substituting.substitute(station, _named(asked), newcomer)
    return {"verdict": verdict.to_json(), "pass_text": text, "now_ms": _now_ms()}


VERBS: dict[str, Callable[[Desks, Station, Message], Message]] = {
    "simulate": _simulate,
    "search": _search,
    "admit": _admit,
    "walk_in": _walk_in,
    "substitute": _substitute,
}


def _named(asked: Message) -> ScanReport:
    """Return a report about a guest who is named by the pass, not by its text."""
    report = sound_report(ScanReport.from_json(_part(asked, "scan")))
    if not report.pass_id:
        raise ValueError("pass_id")
    return replace(report, text="")


def _sound(report: WalkInReport) -> None:
    """Refuse a walk-in whose scan could not be written down; what is typed is checked later."""
    found = report.to_json()
    names = set(ScanReport.names()) & set(found)
    plain = {name: found[name] for name in names if name != "reason"}
    sound_report(ScanReport.from_json(plain | {"text": "", "direction": "entry"}))
    _texts({name: value for name, value in found.items() if name not in names - {"reason"}})


def _texts(found: Message) -> None:
    for name, value in found.items():
        if not isinstance(value, str) or len(value) > LONGEST or "\0" in value:
            raise ValueError(name)


def _part(asked: Message, name: str) -> Message:
    found = asked.get(name)
    if not isinstance(found, dict):
        raise TypeError(name)
    return found


def _now_ms() -> int:
    return int(time.time() * 1000)

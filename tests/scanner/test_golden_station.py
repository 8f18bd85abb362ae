"""The golden table, put to a station: out of its own copy, it says what the table says."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from checkin.domain.admission import Direction, Flag
from checkin.domain.passages import fold
from checkin.domain.protocol import RosterSnapshot, ScanNews, WireVerdict
from scanner.gatekeeper import Gatekeeper, Wish
from scanner.roster import Carried
from tests.checkin.golden.judging import knowledge, reading
from tests.checkin.golden.table import CASES

OTHERS = "f" * 16


def fits_a_station(case: dict[str, Any]) -> bool:
    """Tell whether a station alone can be in this case: it has no line."""
    alone = case["offline"] or case["rules"]["offline"] == "admit-and-flag"
    return bool(alone and case["heads"] != 0)


FITTING = [case for case in CASES if fits_a_station(case)]


@pytest.fixture
def carried(tmp_path: Path) -> Iterator[Carried]:
    copy = Carried(tmp_path / "roster.db")
    yield copy
    copy.close()


def put(carried: Carried, case: dict[str, Any]) -> WireVerdict:
    """Return what a station says of *case* after it heard everything that is known there."""
    scans = [each for found in case["earlier"] for each in _news(case, found)]
    party = case["entry"]["party"] if case["entry"] else 1
    others = case["inside"] - fold(knowledge(case).earlier, party).inside
    if others > 0:
        crowd = {"scan_id": "crowd", "at_ms": 1, "heads": others, "undone": False}
        scans += _news(case, case["earlier"][0] | crowd if case["earlier"] else crowd)
        scans[-1] |= {"pass_id": OTHERS, "party": others, "outcome": "admitted"}
        scans[-1] |= {"direction": "entry"}
    entries = [case["entry"]] if case["entry"] else []
    carried.take_snapshot(
        RosterSnapshot(0, 900, "Bảng mẫu", case["rules"], case["gate"], entries, scans)
    )
    carried.note("as_of", case["roster_as_of"])
    return Gatekeeper(carried).judge(
        reading(case),
        Direction(case["direction"]),
        case["now"] * 1000,
        wish=Wish(override=case["override"], heads=case["heads"] or 0),
    )


def _news(case: dict[str, Any], found: dict[str, Any]) -> list[dict[str, Any]]:
    """Return an earlier scan as its news, and that of its being taken back."""
    plain: dict[str, Any] = {
        "outcome": "admitted",
        "direction": "entry",
        "station": "s1",
        "gate": "Cửa A",
        "flags": [],
        "judge": "server",
        "gate_id": 1,
        "pass_id": "a1" * 8,
        "party": case["entry"]["party"] if case["entry"] else 1,
    }
    told = ScanNews.from_json(plain | found).to_json()
    if not found["undone"]:
        return [told]
    return [told, told | {"scan_id": f"{found['scan_id']}-", "undoes": found["scan_id"]}]


def said(case: dict[str, Any], verdict: WireVerdict) -> dict[str, Any]:
    """Return a verdict in the words of the table; whoever has a line is not *offline*."""
    expected = case["expect"]
    entries = (each for each in case["earlier"] if each["direction"] == "entry")
    at = {each["at_ms"]: each["scan_id"] for each in entries}
    party = case["entry"] is not None and case["entry"]["party"] > 1
    flags = set(verdict.flags) - (set() if case["offline"] else {Flag.OFFLINE.value})
    return {
        "outcome": verdict.outcome,
        "flags": sorted(flags),
        "until": verdict.until,
        "gate": verdict.gate,
        "before": at[verdict.before["at_ms"]] if verdict.before else None,
        "heads": verdict.heads if party and verdict.heads else expected["heads"],
        "party_inside": verdict.party_inside,
        "overrode": verdict.overrode or None,
    }


def test_a_station_agrees_with_the_table(carried: Carried) -> None:
    wrong = {
        case["name"]: found
        for case in FITTING
        if (found := said(case, put(carried, case))) != case["expect"]
    }

    assert wrong == {}
    assert len(FITTING) >= 250


def test_a_station_that_forgets_an_exit_is_caught(
    carried: Carried, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Seeded bug: exits do not reach the judge."""
    told = Carried.earlier
    monkeypatch.setattr(
        Carried,
        "earlier",
        lambda self, key: [each for each in told(self, key) if each.direction == "entry"],
    )
    case = next(each for each in FITTING if each["name"] == "in and out with re-entry")

    assert said(case, put(carried, case)) != case["expect"]

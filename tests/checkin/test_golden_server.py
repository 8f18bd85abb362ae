"""The golden table, put to the server: out of its own database, it says what the table says."""

import secrets
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, insert

from checkin.domain.book import STATION, Scan
from checkin.domain.passages import fold
from checkin.domain.protocol import ScanReport, WireVerdict
from checkin.domain.stations import Station
from checkin.services import verdicts
from checkin.storage import scans
from invitations.domain.passes import DoorPass, mint
from invitations.storage.database import Database
from invitations.storage.tables import events, gates, guests, invitations
from tests.checkin.doorstaff import Staffed, staffed
from tests.checkin.golden.form import NOW
from tests.checkin.golden.judging import knowledge
from tests.checkin.golden.table import CASES

REASON = "Theo bảng mẫu"
ROW = {
    "generation": 0,
    "wall_ms": 0,
    "mono_ms": 0,
    "boot_id": "b",
    "hash": "",
    "received_at": 0,
}


def fits_the_server(case: dict[str, Any]) -> bool:
    """Tell whether a server can be in this case: it has a line, a fresh list, every gate."""
    if case["offline"] or case["heads"] == 0:
        return False
    if case["entry"] is None:
        fresh = case["roster_as_of"] is not None and case["now"] - case["roster_as_of"] <= 10
        return fresh and not case["earlier"]
    gate = case["gate"]
    known = {*gate["categories"], *dict(gate["others"])}
    return bool(gate["all"]) or not gate["categories"] or case["entry"]["category"] in known


FITTING = [case for case in CASES if fits_the_server(case)]


@pytest.fixture
def doors(database: Database, tmp_path: Path) -> Staffed:
    return staffed(database, tmp_path / "keys")


def put(doors: Staffed, case: dict[str, Any]) -> WireVerdict:
    """Return what the server says of *case*, furnished as an event of its own."""
    house = doors.house
    case = case | {"as": secrets.token_hex(8), "event": secrets.randbits(31)}
    own_gate = house.database.write(lambda tx: _furnish(tx, doors, case))
    house.clock.now = case["now"]
    station = Station("s9", case["event"], own_gate, "Máy", b"", NOW, NOW)
    report = ScanReport(
        *(secrets.token_hex(16), "e", 1, _text(doors, case), case["direction"]),
        *(case["now"] * 1000, 1, "b"),
        override=case["override"],
        reason=REASON,
        actor=doors.id_of("supervisor"),
        heads=case["heads"] or 0,
    )
    return doors.door.simulate(station, report)


def _text(doors: Staffed, case: dict[str, Any]) -> str:
    found = case["reading"]
    if found == "not_a_pass":
        return "https://example.vn"
    keyring, kid = doors.house.keyring, doors.house.kid
    plain = DoorPass(kid, case["event"], case["as"], 0, case["rules"]["closes_at"] // 60 * 60)
    if found == "forged":
        return mint(plain, bytes(32))
    shown = replace(plain, generation=found["generation"], not_after=found["not_after"])
    if found["event"] != case["rules"]["event"]:
        shown = replace(shown, event=1)
    return mint(shown, keyring.seed(kid))


def _furnish(tx: Connection, doors: Staffed, case: dict[str, Any]) -> int:
    """Write the event, its gates, its guest and what happened before; return the gate."""
    rules = dict(case["rules"])
    state = "cancelled" if rules.pop("cancelled") else "open"
    plain = {"title": "Bảng mẫu", "place": "-", "starts_at": NOW, "ends_at": NOW}
    own = {"office_id": doors.house.office, "state": state, "created_at": 0, "updated_at": 0}
    rules.pop("event")
    tx.execute(insert(events).values(plain | own | rules | {"id": case["event"]}))
    _invite(tx, doors, case)
    _remember(tx, case)
    return _gates(tx, case)


def _gates(tx: Connection, case: dict[str, Any]) -> int:
    gate = case["gate"]
    planned = gate["all"] or [
        gate,
        *({"name": name, "categories": [kind]} for kind, name in gate["others"]),
    ]
    made = {}
    for each in planned:
        row = {"event_id": case["event"], "name": each["name"]}
        order = insert(gates).values(row | {"categories": each["categories"]})
        made[each["name"]] = int(tx.execute(order.returning(gates.c.id)).scalar_one())
    return made.get(gate["name"], 0)


def _invite(tx: Connection, doors: Staffed, case: dict[str, Any]) -> None:
    entry = case["entry"]
    if entry is None:
        return
    of_guest = (
        "honorific",
        "name",
        "title",
        "organisation",
        "vip",
        "note",
        "party",
        "category",
    )
    row = {name: entry[name] for name in of_guest}
    told = {"event_id": case["event"], "folded": "", "created_at": 0}
    guest = tx.execute(insert(guests).values(row | told).returning(guests.c.id)).scalar_one()
    tx.execute(
        insert(invitations).values(
            event_id=case["event"],
            guest_id=guest,
            tag=secrets.token_hex(8),
            link=secrets.token_hex(12),
            state=entry["state"],
            pass_id=case["as"],
            generation=entry["generation"],
            kid=doors.house.kid,
            not_after=0,
            door_code="",
            reply=entry["reply"],
            issued_at=0,
        )
    )


def _remember(tx: Connection, case: dict[str, Any]) -> None:
    """Write down the earlier scans, and others until so many are inside."""
    party = case["entry"]["party"] if case["entry"] else 1
    for n, found in enumerate(case["earlier"]):
        mine = {name: found[name] for name in ("outcome", "direction", "at_ms", "heads")}
        scan = _scan(case, f"{case['as']}{found['scan_id']}", n, **mine, pass_id=case["as"])
        _add(tx, case, scan, party)
        if found["undone"]:
            undo = replace(scan, scan_id=f"{scan.scan_id}-", n=100 + n, undoes=scan.scan_id)
            _add(tx, case, undo, party)
    others = case["inside"] - fold(knowledge(case).earlier, party).inside
    if others > 0:
        crowd = _scan(case, f"{case['as']}+", 99, heads=others, pass_id=f"{case['as']}+")
        _add(tx, case, crowd, others)


def _scan(case: dict[str, Any], scan_id: str, n: int, **found: Any) -> Scan:
    plain: dict[str, Any] = {"outcome": "admitted", "direction": "entry", "at_ms": 0}
    plain |= found
    return Scan(scan_id, station="s1", epoch=case["as"], n=n, judge=STATION, **plain)


def _add(tx: Connection, case: dict[str, Any], scan: Scan, party: int) -> None:
    rest = ROW | {"verdict": {"party": party}, "offset_ms": 0, "offset_error_ms": 0}
    assert scans.add(tx, case["event"], scan, rest) is not None


def said(case: dict[str, Any], verdict: WireVerdict) -> dict[str, Any]:
    """Return a verdict in the words of the table; what no station is sent, as expected."""
    expected = case["expect"]
    entries = (each for each in case["earlier"] if each["direction"] == "entry")
    at = {each["at_ms"]: each["scan_id"] for each in entries}
    party = case["entry"] is not None and case["entry"]["party"] > 1
    admitted = expected["outcome"] == "admitted"
    return {
        "outcome": verdict.outcome,
        "flags": verdict.flags,
        "until": verdict.until,
        "gate": verdict.gate,
        "before": at[verdict.before["at_ms"]] if verdict.before else None,
        "heads": verdict.heads if party and admitted else expected["heads"],
        "party_inside": verdict.party_inside if party else expected["party_inside"],
        "overrode": verdict.overrode or None,
    }


def test_the_server_agrees_with_the_table(doors: Staffed) -> None:
    wrong = {
        case["name"]: found
        for case in FITTING
        if (found := said(case, put(doors, case))) != case["expect"]
    }

    assert wrong == {}
    assert len(FITTING) >= 190


def test_a_server_that_forgets_an_exit_is_caught(
    doors: Staffed, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Seeded bug: exits do not reach the judge."""
    told = verdicts.earlier
    monkeypatch.setattr(
        verdicts,
        "earlier",
        lambda rows, key: [each for each in told(rows, key) if each.direction == "entry"],
    )
    case = next(each for each in FITTING if each["name"] == "in and out with re-entry")

    assert said(case, put(doors, case)) != case["expect"]

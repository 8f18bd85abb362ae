"""How a golden case is written: a plain presentation, and what differs from it."""

from __future__ import annotations

import json
from typing import Any

NOW = 1_795_060_800  # Thursday 19 November 2026, 11:00 at the hall
OPENS, CLOSES = NOW - 3_600, NOW + 3_600
LATE, EARLY = {"now": CLOSES + 1}, {"now": OPENS - 1}
PASS_ID = "a1" * 8
OUT = {"direction": "exit"}
GONE: dict[str, Any] = {"entry": None}

_READING = {
    "kid": 1,
    "event": 900,
    "pass_id": PASS_ID,
    "generation": 1,
    "not_after": NOW + 7_200,
}
_ENTRY = {
    "pass_id": PASS_ID,
    "generation": 1,
    "state": "issued",
    "name": "Trần Thị Bích Ngọc",
    "honorific": "Bà",
    "title": "",
    "organisation": "",
    "vip": False,
    "note": "",
    "party": 1,
    "reply": "accepted",
    "category": "",
    "door_code": "",
    "phone_tail": "",
}
_RULES: dict[str, Any] = {
    "event": 900,
    "opens_at": OPENS,
    "closes_at": CLOSES,
    "cancelled": False,
    "reentry": False,
    "many_entries": False,
    "reply_needed": False,
    "capacity": None,
    "refuse_when_full": False,
    "offline": "admit-and-flag",
    "walk_ins": "ask",
    "questions": [],
    "paper": False,
    "badges": False,
}
_GATE: dict[str, Any] = {"id": 1, "name": "Cửa A", "categories": [], "others": [], "all": []}
_PLAIN: dict[str, Any] = {
    "earlier": [],
    "inside": 0,
    "roster_as_of": NOW,
    "offline": False,
    "now": NOW,
    "direction": "entry",
    "override": False,
    "heads": None,
}
_EXPECTED: dict[str, Any] = {
    "outcome": "admitted",
    "flags": [],
    "until": None,
    "gate": "",
    "before": None,
    "heads": 1,
    "party_inside": 0,
    "overrode": None,
}


def case(name: str, outcome: str, *changes: dict[str, Any], **more: Any) -> dict[str, Any]:
    """Return the case *name*: what differs from a plain guest, and what is expected.

    Names of `_EXPECTED` in *changes* and *more* are expectations, the others circumstances.
    """
    said: dict[str, Any] = {}
    for each in (*changes, more):
        for key, value in each.items():
            both = isinstance(value, dict) and isinstance(said.get(key), dict)
            said[key] = said[key] | value if both else value
    # "gate" and "heads" are circumstances; what is expected of them has a name of its own.
    expected = {"outcome": outcome} | {
        key: said.pop(name)
        for key, name in (
            *((key, key) for key in ("flags", "until", "before", "party_inside", "overrode")),
            ("gate", "right_gate"),
            ("heads", "let_in"),
        )
        if name in said
    }
    reading, entry = said.pop("reading", {}), said.pop("entry", {})
    return {
        "name": name,
        "reading": reading if isinstance(reading, str) else _READING | reading,
        "entry": None if entry is None else _ENTRY | entry,
        "rules": _RULES | said.pop("rules", {}),
        "gate": _GATE | said.pop("gate", {}),
        **(_PLAIN | said),
        "expect": _EXPECTED | expected,
    }


def scan(
    scan_id: str, seconds: int, direction: str = "entry", **changes: Any
) -> dict[str, Any]:
    """Return an earlier scan, *seconds* from now; admitted and alone unless said otherwise."""
    return {
        "scan_id": scan_id,
        "outcome": "admitted",
        "direction": direction,
        "at_ms": (NOW + seconds) * 1000,
        "station": "s1",
        "gate": "Cửa A",
        "undone": False,
        "heads": 1,
    } | changes


def rules(**changes: Any) -> dict[str, Any]:
    """Return a change of the event's rules."""
    return {"rules": changes}


def guest(**changes: Any) -> dict[str, Any]:
    """Return a change of the guest's line of the roster."""
    return {"entry": changes}


def earlier(*scans: dict[str, Any]) -> dict[str, Any]:
    """Return earlier scans of the pass, in the order in which they were heard of."""
    return {"earlier": list(scans)}


def full(capacity: int = 100, inside: int = 100) -> dict[str, Any]:
    """Return a room with so many places and people, where nobody beyond them gets in."""
    return {"rules": {"capacity": capacity, "refuse_when_full": True}, "inside": inside}


def written(cases: list[dict[str, Any]]) -> str:
    """Return the table of *cases* as it is kept for every judge."""
    table = {
        "about": "Golden cases of the door's decision: the server, the station and a browser "
        "agree on each.",
        "version": 2,
        "cases": cases,
    }
    return json.dumps(table, ensure_ascii=False, indent=1) + "\n"

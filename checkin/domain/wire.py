"""How verdicts, rules, gates and trust lists are put between a station and the server."""

from __future__ import annotations

from dataclasses import asdict, fields
from typing import Any

from checkin.domain.admission import EventRules, GatePlan, GateRules, Outcome, Verdict
from checkin.domain.protocol import WireVerdict
from invitations.domain import roster
from invitations.domain.model import Question
from invitations.domain.passes import DoorPass, TrustedKey, TrustList


def on_the_wire(verdict: Verdict, found: DoorPass | Outcome) -> WireVerdict:
    """Return *verdict* on what was *found* as it is sent to a station, by whoever judged."""
    known = found if isinstance(found, DoorPass) else None
    party = verdict.entry is not None and verdict.entry.party > 1
    return WireVerdict(
        outcome=verdict.outcome.value,
        flags=sorted(flag.value for flag in verdict.flags),
        pass_id=known.pass_id if known else "",
        generation=known.generation if known else 0,
        entry=roster.to_json(verdict.entry) if verdict.entry else None,
        until=verdict.until,
        gate=verdict.gate,
        heads=verdict.heads if party and verdict.admitted else 0,
        party_inside=verdict.party_inside,
        overrode=verdict.overrode.value if verdict.overrode else "",
    )


def rules_to_json(rules: EventRules) -> dict[str, Any]:
    """Return the rules of an event as JSON."""
    questions = [asdict(each) | {"choices": list(each.choices)} for each in rules.questions]
    return asdict(rules) | {"questions": questions}


def rules_from_json(found: dict[str, Any]) -> EventRules:
    """Read the rules of an event; keys of a newer version are ignored."""
    known = {key: found[key] for key in found if key in _RULE_KEYS}
    asked = tuple(Question.from_json(each) for each in found.get("questions", ()))
    return EventRules(**known | {"questions": asked})


def gate_to_json(gate: GateRules) -> dict[str, Any]:
    """Return a gate as JSON."""
    return {
        "id": gate.id,
        "name": gate.name,
        "categories": sorted(gate.categories),
        "others": [list(pair) for pair in gate.others],
        "all": [
            {"id": each.id, "name": each.name, "categories": sorted(each.categories)}
            for each in gate.all
        ],
    }


def gate_from_json(found: dict[str, Any]) -> GateRules:
    """Read a gate."""
    others = tuple((category, name) for category, name in found.get("others", ()))
    every = tuple(
        GatePlan(each["id"], each["name"], frozenset(each.get("categories", ())))
        for each in found.get("all", ())
    )
    served = frozenset(found.get("categories", ()))
    return GateRules(found["id"], found["name"], served, others, every)


def trust_to_json(trust: TrustList) -> dict[str, Any]:
    """Return a trust list as JSON, public keys in hexadecimal."""
    return {
        "number": trust.number,
        "keys": [
            {"kid": key.kid, "public_key": key.public_key.hex(), "office": key.office}
            for key in trust.keys
        ],
    }


def trust_from_json(found: dict[str, Any]) -> TrustList:
    """Read a trust list.

    Raises:
        ValueError: a key is malformed or of small order.
    """
    keys = tuple(
        TrustedKey(key["kid"], bytes.fromhex(key["public_key"]), key.get("office", ""))
        for key in found["keys"]
    )
    return TrustList(found["number"], keys)


def outcome_from_json(found: str) -> Outcome:
    """Read an outcome.

    Raises:
        ValueError: it is none of ours.
    """
    return Outcome(found)


_RULE_KEYS = frozenset(each.name for each in fields(EventRules))

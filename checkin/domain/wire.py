"""How rules, gates and trust lists are written as JSON between a station and the server."""

from __future__ import annotations

from dataclasses import asdict, fields
from typing import Any

from checkin.domain.admission import EventRules, GatePlan, GateRules, Outcome
from invitations.domain.model import Question
from invitations.domain.passes import TrustedKey, TrustList


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

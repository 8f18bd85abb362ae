"""How one case of the table is put to a judge, and how its verdict is told."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from checkin.domain.admission import (
    Direction,
    Earlier,
    EventRules,
    GateRules,
    Knowledge,
    Outcome,
    Verdict,
)
from checkin.domain.wire import gate_from_json, rules_from_json
from invitations.domain.passes import DoorPass
from invitations.domain.roster import from_json

if TYPE_CHECKING:
    from collections.abc import Callable


def reading(case: dict[str, Any]) -> DoorPass | Outcome:
    """Return what the pass text of *case* says."""
    found = case["reading"]
    return Outcome(found) if isinstance(found, str) else DoorPass(**found)


def knowledge(case: dict[str, Any]) -> Knowledge:
    """Return what the judge of *case* knows."""
    return Knowledge(
        entry=from_json(case["entry"]) if case["entry"] else None,
        earlier=[_earlier(each) for each in case["earlier"]],
        inside=case["inside"],
        roster_as_of=case["roster_as_of"],
        offline=case["offline"],
    )


def rules(case: dict[str, Any]) -> EventRules:
    """Return what holds for the event of *case*."""
    return rules_from_json(case["rules"])


def gate(case: dict[str, Any]) -> GateRules:
    """Return the gate of *case*."""
    return gate_from_json(case["gate"])


def judged(case: dict[str, Any], decide: Callable[..., Verdict]) -> Verdict:
    """Return the verdict of *decide* on *case*."""
    return decide(
        reading(case),
        knowledge(case),
        rules(case),
        gate(case),
        now=case["now"],
        direction=Direction(case["direction"]),
        override=case["override"],
        heads=case["heads"],
    )


def told(verdict: Verdict) -> dict[str, Any]:
    """Return a verdict in the words of the table."""
    return {
        "outcome": verdict.outcome.value,
        "flags": sorted(flag.value for flag in verdict.flags),
        "until": verdict.until,
        "gate": verdict.gate,
        "before": verdict.before.scan_id if verdict.before else None,
        "heads": verdict.heads,
        "party_inside": verdict.party_inside,
        "overrode": verdict.overrode.value if verdict.overrode else None,
    }


def _earlier(found: dict[str, Any]) -> Earlier:
    kinds = {"outcome": Outcome(found["outcome"]), "direction": Direction(found["direction"])}
    return Earlier(**found | kinds)

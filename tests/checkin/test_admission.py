"""The decision: a table of golden cases, and what holds for every case there can be."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checkin.domain import admission
from checkin.domain.admission import (
    Direction,
    Earlier,
    EventRules,
    GateRules,
    Knowledge,
    Outcome,
    Verdict,
    decide,
)
from invitations.domain.passes import DoorPass
from invitations.domain.roster import RosterEntry

TABLE = Path(__file__).parents[1] / "vectors/admission.json"
CASES: list[dict[str, Any]] = json.loads(TABLE.read_text(encoding="utf-8"))["cases"]
ORDER = list(Outcome)


def judged(case: dict[str, Any]) -> Verdict:
    """Return the verdict on one case of the table."""
    reading, entry, gate = case["reading"], case["entry"], case["gate"]
    return decide(
        Outcome(reading) if isinstance(reading, str) else DoorPass(**reading),
        Knowledge(
            entry=RosterEntry(**entry) if entry else None,
            earlier=[_earlier(each) for each in case["earlier"]],
            inside=case["inside"],
            roster_as_of=case["roster_as_of"],
            offline=case["offline"],
        ),
        EventRules(**case["rules"]),
        GateRules(
            gate["id"],
            gate["name"],
            frozenset(gate["categories"]),
            tuple((category, name) for category, name in gate["others"]),
        ),
        now=case["now"],
        direction=Direction(case["direction"]),
    )


def _earlier(found: dict[str, Any]) -> Earlier:
    kinds = {"outcome": Outcome(found["outcome"]), "direction": Direction(found["direction"])}
    return Earlier(**found | kinds)


def told(verdict: Verdict) -> dict[str, Any]:
    """Return a verdict in the words of the table."""
    return {
        "outcome": verdict.outcome.value,
        "flags": sorted(flag.value for flag in verdict.flags),
        "until": verdict.until,
        "gate": verdict.gate,
        "before": verdict.before.scan_id if verdict.before else None,
    }


def wrong_cases() -> list[str]:
    """Return the names of the cases in which the decision disagrees with the table."""
    return [case["name"] for case in CASES if told(judged(case)) != case["expect"]]


@pytest.mark.parametrize("case", [pytest.param(each, id=each["name"]) for each in CASES])
def test_golden_case(case: dict[str, Any]) -> None:
    assert told(judged(case)) == case["expect"]


def test_the_table_shows_every_outcome_and_names_each_case_once() -> None:
    names = [case["name"] for case in CASES]

    assert len(names) >= 40
    assert len(set(names)) == len(names)
    assert {case["expect"]["outcome"] for case in CASES} == set(Outcome)


NOW = 1_795_060_800
PASS = DoorPass(1, 900, "a" * 16, 1, NOW + 3_600)
entries = st.builds(
    RosterEntry,
    pass_id=st.just("a" * 16),
    generation=st.integers(0, 2),
    state=st.sampled_from(["issued", "issued", "withdrawn", "blocked"]),
    name=st.just("Khách"),
    party=st.integers(1, 3),
    reply=st.sampled_from(["accepted", "declined"]),
    category=st.sampled_from(["", "press"]),
)
earlier = st.lists(
    st.builds(
        Earlier,
        scan_id=st.uuids().map(str),
        outcome=st.sampled_from([Outcome.ADMITTED, Outcome.FULL]),
        direction=st.sampled_from(list(Direction)),
        at_ms=st.integers(NOW - 900, NOW).map(lambda at: at * 1000),
        undone=st.booleans(),
    ),
    max_size=5,
)
known = st.builds(
    Knowledge,
    entry=st.none() | entries,
    earlier=earlier,
    inside=st.integers(0, 5),
    roster_as_of=st.none() | st.integers(NOW - 30, NOW),
    offline=st.booleans(),
)
rules = st.builds(
    EventRules,
    event=st.sampled_from([900, 900, 901]),
    opens_at=st.integers(NOW - 900, NOW + 60),
    closes_at=st.integers(NOW - 60, NOW + 900),
    cancelled=st.booleans(),
    reentry=st.booleans(),
    reply_needed=st.booleans(),
    capacity=st.none() | st.integers(0, 5),
    refuse_when_full=st.booleans(),
)
gates = st.sampled_from([GateRules(1, "A"), GateRules(1, "A", frozenset({"guest"}))])


@given(known, rules, gates, st.randoms(use_true_random=False))
def test_the_order_of_earlier_scans_does_not_matter(
    found: Knowledge, event: EventRules, gate: GateRules, rng: Any
) -> None:
    mixed = replace(found, earlier=rng.sample(list(found.earlier), len(found.earlier)))

    assert decide(PASS, mixed, event, gate, now=NOW) == decide(
        PASS, found, event, gate, now=NOW
    )


@given(known, rules, gates)
def test_a_pass_just_admitted_is_not_admitted_again(
    found: Knowledge, event: EventRules, gate: GateRules
) -> None:
    first = decide(PASS, found, event, gate, now=NOW)
    if not first.admitted:
        return
    entry = Earlier("later", Outcome.ADMITTED, Direction.ENTRY, NOW * 1000 + 1)

    again = decide(PASS, replace(found, earlier=[*found.earlier, entry]), event, gate, now=NOW)

    assert again.outcome is Outcome.ALREADY_IN


@given(known, rules, gates)
def test_scans_that_failed_or_were_taken_back_change_nothing(
    found: Knowledge, event: EventRules, gate: GateRules
) -> None:
    counting = replace(found, earlier=[each for each in found.earlier if each.counts])

    assert decide(PASS, found, event, gate, now=NOW) == decide(
        PASS, counting, event, gate, now=NOW
    )


@given(known, rules, gates)
def test_whoever_is_let_out_was_refused_only_for_what_the_pass_is(
    found: Knowledge, event: EventRules, gate: GateRules
) -> None:
    out = decide(PASS, found, event, gate, now=NOW, direction=Direction.EXIT)
    into = decide(PASS, found, event, gate, now=NOW)

    if not out.admitted:
        assert into == out
        assert ORDER.index(out.outcome) <= ORDER.index(Outcome.NOT_CONFIRMED)


@given(st.sampled_from([Outcome.FORGED, Outcome.NOT_A_PASS]), known, rules, gates)
def test_what_cannot_be_read_is_never_admitted(
    reading: Outcome, found: Knowledge, event: EventRules, gate: GateRules
) -> None:
    assert decide(reading, found, event, gate, now=NOW) == Verdict(reading)


def _by_arrival(found: Any, event: EventRules) -> Earlier | None:
    """Seeded bug: the latest heard of, not the latest by corrected time, decides."""
    passages = [each for each in found if each.counts]
    ins = [each for each in passages if each.direction is Direction.ENTRY]
    if not ins or event.many_entries:
        return None
    return None if passages[-1].direction is Direction.EXIT else ins[0]


def _never_used(_found: Any, _event: EventRules) -> None:
    """Seeded bug: a pass is never used up."""


def _counts_refusals(found: Any, _event: EventRules) -> Earlier | None:
    """Seeded bug: any earlier scan uses the pass up."""
    return found[0] if found else None


@pytest.mark.parametrize("wrong", [_by_arrival, _never_used, _counts_refusals])
def test_the_table_catches_seeded_bugs(
    wrong: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert wrong_cases() == []

    monkeypatch.setattr(admission, "_used", wrong)

    assert wrong_cases() != []


def test_the_table_catches_a_moment_judged_before_the_pass(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Seeded bug: the order of the checks is turned round."""
    of_pass, of_moment = admission._of_the_pass, admission._of_the_moment  # noqa: SLF001 - it is the one turned round

    def turned(reading: DoorPass, found: Knowledge, event: EventRules, now: int) -> Any:
        gate = GateRules(1, "A")
        return of_moment(reading, found, event, gate, now) or of_pass(
            reading, found, event, now
        )

    monkeypatch.setattr(admission, "_of_the_pass", turned)

    assert wrong_cases() != []

"""The decision: a table of golden cases, and what holds for every case there can be."""

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checkin.domain.admission import (
    OVERRIDABLE,
    Direction,
    Earlier,
    EventRules,
    GatePlan,
    GateRules,
    Knowledge,
    Outcome,
    Verdict,
    decide,
    home_gate,
)
from invitations.domain.passes import DoorPass
from invitations.domain.roster import RosterEntry
from tests.checkin.golden import table
from tests.checkin.golden.form import written
from tests.checkin.golden.judging import judged, told
from tests.checkin.golden.mutants import MUTANTS, Mutant

CASES = table.CASES
ORDER = list(Outcome)
EXITS_REFUSED = set(ORDER[: ORDER.index(Outcome.NOT_CONFIRMED) + 1])


def wrong_cases(judge: Callable[..., Verdict]) -> list[str]:
    """Return the names of the cases in which *judge* disagrees with the table."""
    return [case["name"] for case in CASES if told(judged(case, judge)) != case["expect"]]


@pytest.mark.parametrize("case", [pytest.param(each, id=each["name"]) for each in CASES])
def test_golden_case(case: dict[str, Any]) -> None:
    assert told(judged(case, decide)) == case["expect"]


def test_every_judge_finds_the_cases_that_are_written_here() -> None:
    assert table.PATH.read_text(encoding="utf-8") == written(CASES)


def test_each_case_has_a_name_of_its_own() -> None:
    assert len(CASES) >= 250
    assert [
        name for name, many in Counter(each["name"] for each in CASES).items() if many > 1
    ] == []


def test_the_table_shows_every_outcome_both_ways_and_every_override() -> None:
    seen = {
        (Outcome(case["expect"]["outcome"]), Direction(case["direction"])) for case in CASES
    }
    overrode = {case["expect"]["overrode"] for case in CASES}
    refused_anyway = {case["expect"]["outcome"] for case in CASES if case["override"]}

    assert seen == {(each, Direction.ENTRY) for each in Outcome} | {
        (each, Direction.EXIT) for each in EXITS_REFUSED | {Outcome.ADMITTED}
    }
    assert overrode == OVERRIDABLE | {None}
    assert refused_anyway == set(Outcome) - OVERRIDABLE


@pytest.mark.parametrize("mutant", [pytest.param(each, id=each.name) for each in MUTANTS])
def test_the_table_catches_a_slip_of_the_pen(mutant: Mutant) -> None:
    assert wrong_cases(mutant.decide()) != []


def test_a_decision_read_from_its_source_is_the_decision() -> None:
    """The mutants differ from the right decision by their mistake alone."""
    same = replace(MUTANTS[0], wrong=MUTANTS[0].right)

    assert wrong_cases(same.decide()) == []


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
        heads=st.integers(1, 3),
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
    offline=st.sampled_from(["admit-and-flag", "home-gate", "refuse"]),
)
PLANS = (GatePlan(1, "A"), GatePlan(2, "B", frozenset({"press"})), GatePlan(3, "C"))
gates = st.sampled_from(
    [
        GateRules(1, "A"),
        GateRules(1, "A", frozenset({"guest"})),
        *(GateRules(each.id, each.name, each.categories, all=PLANS) for each in PLANS),
    ]
)
asked = st.none() | st.integers(0, 4)


@given(known, rules, gates, asked, st.randoms(use_true_random=False))
def test_the_order_of_earlier_scans_does_not_matter(
    found: Knowledge, event: EventRules, gate: GateRules, heads: int | None, rng: Any
) -> None:
    mixed = replace(found, earlier=rng.sample(list(found.earlier), len(found.earlier)))

    assert decide(PASS, mixed, event, gate, now=NOW, heads=heads) == decide(
        PASS, found, event, gate, now=NOW, heads=heads
    )


@given(known, rules, gates)
def test_a_pass_just_admitted_is_not_admitted_again(
    found: Knowledge, event: EventRules, gate: GateRules
) -> None:
    first = decide(PASS, found, event, gate, now=NOW)
    if not first.admitted:
        return
    entry = Earlier(
        "later", Outcome.ADMITTED, Direction.ENTRY, NOW * 1000 + 1, heads=first.heads
    )

    again = decide(PASS, replace(found, earlier=[*found.earlier, entry]), event, gate, now=NOW)

    assert again.outcome is Outcome.ALREADY_IN


@given(known, rules, gates, st.lists(asked, max_size=6))
def test_no_more_of_a_party_are_let_in_than_it_has(
    found: Knowledge, event: EventRules, gate: GateRules, tries: list[int | None]
) -> None:
    """One after the other, at doors that can talk: the heads let in are the party at most."""
    told_of: list[Earlier] = []
    for number, heads in enumerate(tries):
        fresh = replace(found, earlier=told_of)
        verdict = decide(PASS, fresh, event, gate, now=NOW, heads=heads)
        if verdict.admitted:
            told_of = [
                *told_of,
                Earlier(
                    str(number),
                    Outcome.ADMITTED,
                    Direction.ENTRY,
                    NOW * 1000 + number,
                    heads=verdict.heads,
                ),
            ]

    assert sum(each.heads for each in told_of) <= (found.entry.party if found.entry else 1)


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
        assert out.outcome in EXITS_REFUSED


@given(known, rules, gates, st.sampled_from(list(Direction)))
def test_an_override_lets_in_whom_it_may_and_says_what_it_put_aside(
    found: Knowledge, event: EventRules, gate: GateRules, way: Direction
) -> None:
    plain = decide(PASS, found, event, gate, now=NOW, direction=way)
    anyway = decide(PASS, found, event, gate, now=NOW, direction=way, override=True)

    if plain.outcome in OVERRIDABLE:
        assert (anyway.outcome, anyway.overrode) == (Outcome.ADMITTED, plain.outcome)
    else:
        assert anyway == plain


@given(entries, st.randoms(use_true_random=False))
def test_every_station_names_the_same_home(entry: RosterEntry, rng: Any) -> None:
    mixed = rng.sample(PLANS, len(PLANS))

    home = home_gate(entry, mixed)

    assert home == home_gate(entry, PLANS)
    assert home is not None
    assert home.serves(entry.category)


@given(known, rules)
def test_without_a_line_a_pass_is_green_at_one_gate_at_most(
    found: Knowledge, event: EventRules
) -> None:
    alone = replace(found, offline=True, earlier=[])
    policy = replace(event, offline="home-gate")

    green = [
        each.id
        for each in PLANS
        if decide(
            PASS,
            alone,
            policy,
            GateRules(each.id, each.name, each.categories, all=PLANS),
            now=NOW,
        ).admitted
    ]

    assert len(green) <= 1


@given(st.sampled_from([Outcome.FORGED, Outcome.NOT_A_PASS]), known, rules, gates)
def test_what_cannot_be_read_is_never_admitted(
    reading: Outcome, found: Knowledge, event: EventRules, gate: GateRules
) -> None:
    assert decide(reading, found, event, gate, now=NOW, override=True) == Verdict(reading)

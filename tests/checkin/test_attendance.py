"""Attendance: the same whatever order the records came in, and in step with the news."""

import random
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checkin.domain import attendance, book
from checkin.domain.attendance import Attendance, Figures, apply, take
from checkin.domain.book import SERVER, STATION, Scan, counted, effective
from checkin.services.merging import told
from invitations.domain.roster import RosterEntry

PASSES = ("a" * 16, "b" * 16, "c" * 16)
ROSTER = {
    each: RosterEntry(each, 0, "issued", f"Khách {each[0]}", party=1 + (each[0] == "b"))
    for each in PASSES
}
FIGURES = Figures(invited=3, accepted=2, capacity=2)


@st.composite
def records(draw: st.DrawFn) -> list[Scan]:
    """Return records as they may come in: out of order, taken back, told twice."""
    made: list[Scan] = []
    for n in range(draw(st.integers(0, 14))):
        ids = [each.scan_id for each in made]
        undoes = draw(st.sampled_from(["", "", "", *ids])) if ids else ""
        again = draw(st.sampled_from([None, None, *made])) if made else None
        scan = Scan(
            scan_id=f"s{n}",
            pass_id=draw(st.sampled_from([*PASSES, ""])),
            outcome=draw(st.sampled_from(["admitted", "admitted", "already_in", "revoked"])),
            direction=draw(st.sampled_from(["entry", "entry", "exit"])),
            station=draw(st.sampled_from(["one", "two"])),
            epoch="e",
            n=n,
            at_ms=draw(st.integers(0, 20)) * 30_000,
            judge=draw(st.sampled_from([SERVER, STATION])),
            gate=draw(st.sampled_from(["A", "B"])),
            undoes=undoes,
            against=draw(st.sampled_from(["", "", "revoked"])),
            heads=draw(st.integers(0, 2)),
            party=draw(st.integers(1, 2)),
            many=draw(st.sampled_from([False, False, True])),
            decision=draw(st.sampled_from(["", "", "another_person", "same_person"])),
        )
        if again is not None and again.judge == SERVER:
            scan = replace(scan, scan_id=again.scan_id, judge=STATION)
        if all((scan.scan_id, scan.judge) != (each.scan_id, each.judge) for each in made):
            made.append(scan)
    return made


def tell(told_before: list[Scan], scan: Scan) -> list[dict[str, Any]]:
    """Return the news of one more record, as the merging room tells them."""
    siblings = [each for each in told_before if each.scan_id == scan.scan_id]
    keys = dict.fromkeys([*(each.key for each in siblings), scan.key])
    return [
        told(
            replace(scan, pass_id=key if key in ROSTER else ""),
            ROSTER.get(key),
            before=counted(told_before, key, scan.scan_id),
            after=counted([*told_before, scan], key, scan.scan_id),
        ).to_json()
        for key in keys
    ]


def replay(scans: list[Scan], join: int, rng: random.Random) -> tuple[Attendance, Attendance]:
    """Join after *join* records, hear the rest with repeats; return that, and the truth."""
    number = 0
    known: Attendance | None = None
    heard: list[tuple[int, dict[str, Any]]] = []
    for at, scan in enumerate(scans):
        if at == join:
            known = take(number, scans[:at], ROSTER, FIGURES)
        for body in tell(scans[:at], scan):
            number += 1
            heard.append((number, body))
    fresh = take(number, scans, ROSTER, FIGURES)
    repeated = [each for each in heard for _ in range(1 + (rng.random() < 0.3))]
    known = known or fresh
    for told_number, body in repeated:
        known = apply(known, told_number, "scan", body)
        assert known is not None  # so few records never need a second snapshot
    return known, fresh


@given(records(), st.integers(0, 14), st.randoms(use_true_random=False))
def test_a_snapshot_and_later_news_make_what_a_fresh_snapshot_says(
    scans: list[Scan], join: int, rng: random.Random
) -> None:
    known, fresh = replay(scans, join, rng)

    assert known == fresh


@given(records(), st.randoms(use_true_random=False))
def test_the_order_in_which_records_came_does_not_matter(
    scans: list[Scan], rng: random.Random
) -> None:
    shuffled = rng.sample(scans, len(scans))

    assert take(1, shuffled, ROSTER, FIGURES) == take(1, scans, ROSTER, FIGURES)


@given(records())
def test_a_pass_arrives_at_most_once_and_every_further_green_is_a_conflict(
    scans: list[Scan],
) -> None:
    entries = [
        replace(each, direction="entry", undoes="", against="", heads=0, party=1, many=False)
        for each in scans
        if each.pass_id
    ]

    found = take(1, entries, ROSTER, FIGURES)

    greens = [each for each in effective(entries) if each.admits]
    assert found.arrived == len({each.pass_id for each in greens})
    assert found.conflicting == len(greens) - found.arrived


@given(records())
def test_no_more_are_inside_than_the_party_and_whoever_was_decided_to_be_another(
    scans: list[Scan],
) -> None:
    for group in book.groups(scans).values():
        found = book.standing(group)
        others = sum(
            each.people for each in found.conflicts if each.decision == "another_person"
        )

        assert 0 <= found.inside <= max((each.party for each in group), default=1) + others


def test_two_of_three_and_then_two_more_is_one_too_many() -> None:
    party = {"party": 3, "heads": 2}

    found = take(
        1, [a_scan("s1", **party), a_scan("s2", at_ms=90_000, **party)], ROSTER, FIGURES
    )

    assert (found.inside, found.conflicting, found.to_handle) == (3, 1, 1)


def test_news_of_an_earlier_version_counts_whole_parties() -> None:
    old = {"party": 3, "before": None, "after": {"inside": True}}

    assert book.people(old) == 3


def test_what_is_taken_back_does_not_count() -> None:
    entry = a_scan("s1")

    found = take(1, [entry, a_scan("s2", undoes="s1", at_ms=90_000)], ROSTER, FIGURES)

    assert (found.arrived, found.inside, found.latest) == (0, 0, ())


def test_what_the_station_showed_wins_over_our_answer() -> None:
    ours = a_scan("s1", judge=SERVER)
    theirs = a_scan("s1", outcome="already_in")

    assert take(1, [ours], ROSTER, FIGURES).arrived == 1
    assert take(1, [ours, theirs], ROSTER, FIGURES).arrived == 0


def test_an_exit_told_late_that_happened_before_the_entry_leaves_the_guest_inside() -> None:
    exit_ = a_scan("s0", direction="exit", at_ms=30_000)

    assert take(1, [a_scan("s1"), exit_], ROSTER, FIGURES).inside == 1


def test_a_guest_who_came_in_against_the_list_is_in_and_is_told_of() -> None:
    found = take(1, [a_scan("s1", against="revoked")], ROSTER, FIGURES)

    assert (found.arrived, found.conflicting) == (1, 1)
    assert found.conflicts[0].against == "revoked"


def test_an_overridden_second_entry_is_no_conflict() -> None:
    again = a_scan("s2", at_ms=90_000, flags=("overridden",))

    assert take(1, [a_scan("s1"), again], ROSTER, FIGURES).conflicting == 0


def test_a_gap_and_news_of_the_list_ask_for_a_snapshot() -> None:
    known = take(3, [], ROSTER, FIGURES)
    body = tell([], a_scan("s1"))[0]

    assert apply(known, 5, "scan", body) is None
    assert apply(known, 4, "roster", {}) is None
    assert apply(known, 3, "roster", {}) == known


def test_a_line_taken_from_a_list_that_was_cut_asks_for_a_snapshot() -> None:
    roster = {
        f"{n:016x}": RosterEntry(f"{n:016x}", 0, "issued", f"Khách {n}") for n in range(25)
    }
    scans = [a_scan(f"s{n:02}", pass_id=key, at_ms=n * 1_000) for n, key in enumerate(roster)]
    known = take(25, scans, roster, FIGURES)
    undo = a_scan("u", pass_id=f"{24:016x}", undoes="s24", at_ms=99_000)
    before = counted(scans, undo.key, "u")
    body = told(undo, None, before=before, after=counted([*scans, undo], undo.key, "u"))

    assert len(known.latest) == attendance.LINES
    assert apply(known, 26, "scan", body.to_json()) is None


def by_arrival(scans: list[Scan]) -> list[Scan]:
    """Seeded bug: the order in which records came in decides."""
    seen = {each.scan_id: each for each in scans}
    return [replace(each, at_ms=at) for at, each in enumerate(seen.values())]


def last_wins(scans: list[Scan]) -> list[Scan]:
    """Seeded bug: whatever came last under an id is believed."""
    return sorted({each.scan_id: each for each in scans}.values(), key=lambda s: s.order)


def no_dedupe(scans: list[Scan]) -> list[Scan]:
    """Seeded bug: our answer and the journal's record count as two."""
    return sorted(scans, key=lambda s: s.order)


@pytest.mark.parametrize("wrong", [by_arrival, last_wins, no_dedupe])
def test_seeded_bugs_in_the_fold_are_caught(
    wrong: Callable[[list[Scan]], list[Scan]], monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = a_scan("s1", at_ms=60_000, gate="B"), a_scan("s2", at_ms=0, gate="A")
    answer = a_scan("s3", pass_id=PASSES[1], judge=SERVER)
    shown = a_scan("s3", pass_id=PASSES[1], outcome="already_in")
    forth = [first, second, answer, shown]
    truth = take(1, forth, ROSTER, FIGURES)
    monkeypatch.setattr(book, "effective", wrong)

    views = [take(1, each, ROSTER, FIGURES) for each in (forth, forth[::-1])]

    assert any(view != truth for view in views)


def test_a_fold_that_counts_repeats_is_caught() -> None:
    """Seeded bug: news heard twice is applied twice."""
    body = tell([], a_scan("s1"))[0]
    once = apply(take(0, [], ROSTER, FIGURES), 1, "scan", body)
    assert once is not None

    twice = apply(replace(once, number=0), 1, "scan", body)

    assert twice != take(1, [a_scan("s1")], ROSTER, FIGURES) == once


def a_scan(scan_id: str, **changes: Any) -> Scan:
    """Return an admission of the first guest by a station, at one minute."""
    scan = Scan(
        scan_id, PASSES[0], "admitted", "entry", "one", "e", 1, 60_000, STATION, gate="A"
    )
    return replace(scan, **changes)

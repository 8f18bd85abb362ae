"""F01, F11: server and stations are killed at any moment, and every answer holds."""

from pathlib import Path

import pytest

from tests.faults.counting import a_fresh_seed, a_seed, tell
from tests.faults.reckoning import GREEN
from tests.faults.storm import GUESTS, Debris, Storm, nursery

KILLS, NIGHTLY_KILLS, HUNT_KILLS = 40, 500, 16


def after_a_storm(folder: Path, kills: int, seed: int, *, bug: bool = False) -> Debris:
    with nursery(folder) as born:
        return Storm(folder / "storm", born, seed, bug=bug).rage(kills)


def troubles(left: Debris) -> list[str]:
    """Return what does not add up after a storm."""
    book, journals, lights = left.book(), left.journals(), left.lights()
    stored = {row["scan_id"] for row in book if row["judge"] == "station"}
    answers = {row["scan_id"]: row for row in book if row["judge"] == "server"}
    written = {row["scan_id"]: row["outcome"] for row in journals}
    asked = left.caller.answers
    found = {
        "a light without a record": [
            each["scan_id"]
            for each in lights
            if written.get(each["scan_id"]) != each["outcome"]
        ],
        "a record that was lost": sorted(written.keys() - stored),
        "an answer that was lost": sorted(asked.keys() - answers.keys()),
        "another answer to the same scan": left.caller.changed,
        "unsound": [line for line in left.sound() if line != "ok"],
    }
    return [f"{what}: {len(which)}" for what, which in found.items() if which]


def greens(left: Debris) -> tuple[int, int, int]:
    """Return the stations' greens, how many passes they were of, and the direct doubles."""
    shown = [row["pass_id"] for row in left.journals() if row["outcome"] == GREEN]
    answers = left.caller.answers.values()
    direct = [said["pass_id"] for _, said in answers if said["outcome"] == GREEN]
    return len(shown), len(set(shown)), len(direct) - len(set(direct))


def told(left: Debris, name: str, seed: int) -> None:
    all_greens, passes, _ = greens(left)
    tell(
        name,
        seed,
        kills=sum(left.deaths.values()),
        at=dict(left.deaths),
        lines_broken=left.broken,
        lights=len(left.lights()),
        records=len(left.journals()),
        rows=len(left.book()),
        answers=len(left.caller.answers),
        repeats=left.caller.repeats,
        greens=all_greens,
        passes=passes,
        conflicts=left.conflicts(),
    )


def holds(left: Debris) -> None:
    """Assert everything that a storm may not change."""
    all_greens, passes, twice = greens(left)
    assert troubles(left) == []
    assert twice == 0
    assert left.conflicts() == all_greens - passes
    assert 0 < passes <= GUESTS
    assert left.caller.repeats > 0


@pytest.mark.timeout(240)
def test_forty_kills_lose_nothing_and_show_every_second_green(tmp_path: Path) -> None:
    seed = a_seed(1)
    left = after_a_storm(tmp_path, KILLS, seed)
    told(left, "storm", seed)

    holds(left)
    assert sum(left.deaths.values()) == KILLS


@pytest.mark.nightly
@pytest.mark.timeout(3_600)
def test_five_hundred_kills_lose_nothing_and_show_every_second_green(tmp_path: Path) -> None:
    seed = a_fresh_seed()
    left = after_a_storm(tmp_path, NIGHTLY_KILLS, seed)
    told(left, "storm", seed)

    holds(left)
    assert sum(left.deaths.values()) == NIGHTLY_KILLS


@pytest.mark.timeout(240)
def test_an_answer_given_before_its_commit_is_found_out(tmp_path: Path) -> None:
    seed = a_seed(1)
    left = after_a_storm(tmp_path, HUNT_KILLS, seed, bug=True)
    told(left, "storm with answers before their commit", seed)

    assert "an answer that was lost" in {line.partition(":")[0] for line in troubles(left)}

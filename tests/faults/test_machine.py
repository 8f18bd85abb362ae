"""The door as a whole: whatever is cut, lost, repeated, restored or set wrong, it adds up."""

import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.faults import bugs
from tests.faults.counting import a_fresh_seed, a_seed, tell
from tests.faults.machine import Machine
from tests.faults.world import a_template

EXAMPLES, STEPS = 300, 8
NIGHTLY_EXAMPLES, NIGHTLY_STEPS = 3_000, 20
HUNT_EXAMPLES, HUNT_STEPS = 400, 20


@pytest.fixture(autouse=True)
def _a_world_to_copy(quick_folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    template = a_template(quick_folder)
    monkeypatch.setattr(Machine, "template", template, raising=False)
    monkeypatch.setattr(Machine, "scratch", quick_folder, raising=False)
    monkeypatch.setattr(Machine, "counts", Counter(), raising=False)
    yield
    template.close()


def run(examples: int, steps: int, number: int, *phases: Phase) -> None:
    """Run the machine, and tell what it met."""
    began = time.monotonic()
    chosen = settings(
        max_examples=examples,
        stateful_step_count=steps,
        database=None,
        deadline=None,
        derandomize=False,
        phases=phases,
        suppress_health_check=list(HealthCheck),
    )
    try:
        run_state_machine_as_test(seed(number)(Machine), settings=chosen)
    finally:
        tell("machine", number, seconds=round(time.monotonic() - began), **Machine.counts)


def test_no_order_of_faults_loses_a_record_or_hides_a_second_green() -> None:
    run(EXAMPLES, STEPS, a_seed(4), Phase.generate, Phase.shrink)

    assert Machine.counts["examples"] >= EXAMPLES


@pytest.mark.nightly
@pytest.mark.timeout(7_200)
def test_three_thousand_evenings_of_faults_add_up() -> None:
    run(NIGHTLY_EXAMPLES, NIGHTLY_STEPS, a_fresh_seed(), Phase.generate, Phase.shrink)

    assert Machine.counts["examples"] >= NIGHTLY_EXAMPLES


@pytest.mark.parametrize(
    ("bug", "words"), bugs.ALL.items(), ids=[bug.__name__ for bug in bugs.ALL]
)
def test_the_machine_finds(
    bug: Callable[[pytest.MonkeyPatch], None], words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    bug(monkeypatch)

    with pytest.raises(AssertionError, match=words):
        run(HUNT_EXAMPLES, HUNT_STEPS, a_seed(4), Phase.generate)

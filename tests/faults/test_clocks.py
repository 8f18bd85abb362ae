"""F10: clocks that jump, stand in the wrong zone, or pass the year 2038."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from checkin.domain.admission import Outcome
from scanner.clock import Clock as StationClock
from scanner.clock import Moment
from tests.checkin.factories import NOON, Clock
from tests.faults.counting import a_seed, dice, tell
from tests.faults.world import HOURS, Server, Tablet, Template, a_template

SECOND, DAY = 1_000, 24 * HOURS
YEAR = 365 * DAY
JUMPS = {
    "one second on": SECOND,
    "one second back": -SECOND,
    "two hours on": 2 * HOURS,
    "two hours back": -2 * HOURS,
    "twelve hours on": 12 * HOURS,
    "twelve hours back": -12 * HOURS,
    "hall's time taken for UTC": 7 * HOURS,
    "a day back": -DAY,
    "a year on": YEAR,
    "1970": -NOON * 1000,
}
GUESTS = 12
EVENING_S = {"opens_at": NOON - 1_800, "closes_at": NOON + 1_800}
AFTER_2038 = 2_208_988_800  # 1 January 2040, in seconds that need more than 31 bits


@pytest.fixture
def template(quick_folder: Path) -> Iterator[Template]:
    """A house whose doors are open for one hour."""
    template = a_template(quick_folder / "template", many=GUESTS, **EVENING_S)
    yield template
    template.close()


@pytest.fixture
def server(template: Template, quick_folder: Path) -> Server:
    return Server(quick_folder / "server", template, Clock())


def three_tablets(server: Server, folder: Path) -> list[Tablet]:
    """Return three stations that have heard the server's time once."""
    found = [
        Tablet(folder / f"{which}", paired, server, server.clock)
        for which, paired in enumerate(server.template.stations)
    ]
    for tablet in found:
        tablet.connect()
    return found


def wrong_refusals(server: Server, tablet: Tablet, jump: int, *, online: bool) -> list[str]:
    """Let every guest come after the clock has jumped; return what the refused were told."""
    if not online:
        tablet.link.cut()
    tablet.skew += jump
    told = []
    for guest in server.house.passes:
        server.clock.pass_by(2)
        shown = tablet.present(server.house.text(guest))
        assert shown is not None
        told.append(shown.verdict.outcome)
    return [outcome for outcome in told if outcome != Outcome.ADMITTED]


def wrong_times(tablet: Tablet) -> list[int]:
    """Return by how many milliseconds records are further from the truth than they admit."""
    true = {light.scan_id: light.true_ms for light in tablet.lights}
    off = [
        (abs(r.wall_ms + (r.offset_ms or 0) - true[r.scan_id]), r.offset_error_ms or 0)
        for r in tablet.journal.all()
    ]
    return [away for away, error in off if away > error]


@pytest.mark.parametrize("online", [True, False], ids=["online", "offline"])
@pytest.mark.parametrize("jump", JUMPS.values(), ids=JUMPS.keys())
def test_a_clock_that_jumps_turns_nobody_away(
    jump: int, server: Server, quick_folder: Path, *, online: bool
) -> None:
    tablet = three_tablets(server, quick_folder)[0]

    assert wrong_refusals(server, tablet, jump, online=online) == []
    assert wrong_times(tablet) == []


def truly_first(server: Server, tablets: list[Tablet], seed: int) -> int:
    """Let guests come to stations whose clocks jump; return how many are put out of order."""
    rng = dice(seed)
    for tablet in tablets:
        tablet.link.cut()
    for guest in [*server.house.passes, *server.house.passes]:
        server.clock.pass_by(rng.uniform(0.2, 20))
        tablet = rng.choice(tablets)
        tablet.skew = rng.choice(list(JUMPS.values()))
        tablet.present(server.house.text(guest))
    for tablet in tablets:
        tablet.connect()
    lights = [each for tablet in tablets for each in tablet.lights]
    greens = sorted(
        (each for each in lights if each.outcome == Outcome.ADMITTED),
        key=lambda each: each.true_ms,
        reverse=True,
    )
    first = {each.pass_id: each.scan_id for each in greens}
    arrived = {line.pass_id: line.scan_id for line in server.house.attendance().latest}
    wrong = sum(arrived[key] != first[key] for key in first)
    tell("clocks", seed, greens=len(greens), passes=len(first), out_of_order=wrong)
    return wrong


def test_who_came_first_is_first_whatever_the_clocks_said(
    server: Server, quick_folder: Path
) -> None:
    assert truly_first(server, three_tablets(server, quick_folder), a_seed(6)) == 0


def test_a_station_that_trusts_its_wall_clock_is_found_out(
    server: Server, quick_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    true = StationClock.now

    def wrong(self: StationClock) -> Moment:
        return replace(true(self), offset_ms=0, offset_error_ms=0)

    monkeypatch.setattr(StationClock, "now", wrong)
    tablets = three_tablets(server, quick_folder)

    assert wrong_refusals(server, tablets[0], 12 * HOURS, online=False) != []
    assert wrong_times(tablets[0]) != []


def test_a_station_that_heard_no_clock_since_its_start_does_not_pretend(
    server: Server, quick_folder: Path
) -> None:
    tablet = three_tablets(server, quick_folder)[0]
    tablet.crash(reboot=True)
    tablet.present(server.house.text(server.house.passes[0]))
    tablet.connect()

    (row,) = server.rows(judge="station")
    assert (row["offset_ms"], row["offset_error_ms"]) == (None, None)


def test_after_2038_everything_goes_on(quick_folder: Path) -> None:
    hours = {"opens_at": AFTER_2038 - 3_600, "closes_at": AFTER_2038 + 3_600}
    template = a_template(quick_folder / "late", many=2, **hours)
    server = Server(quick_folder / "server", template, Clock(AFTER_2038))
    tablet = three_tablets(server, quick_folder)[0]
    texts = [
        server.house.text(each, not_after=(AFTER_2038 + 86_400) // 60 * 60)
        for each in server.house.passes
    ]

    shown = [tablet.present(texts[0])]
    tablet.link.cut()
    shown += [tablet.present(texts[1]), tablet.present(texts[0])]
    tablet.connect()
    times = [row["at_ms"] for row in server.rows(judge="station")]
    arrived = server.house.attendance().arrived
    template.close()

    outcomes = [each.verdict.outcome for each in shown if each is not None]
    assert outcomes == [Outcome.ADMITTED, Outcome.ADMITTED, Outcome.ALREADY_IN]
    assert (times, arrived) == ([AFTER_2038 * 1000] * 3, 2)

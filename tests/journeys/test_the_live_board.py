"""The organiser's screen counts while the film runs, whatever becomes of the server."""

from dataclasses import dataclass
from typing import Any

import pytest

from checkin.demo.cast import Kind
from checkin.demo.casting import Parts
from checkin.demo.door import DoorStation, Scan
from checkin.demo.film import Film
from checkin.demo.play import follow
from checkin.demo.reckoning import admitted, misread
from checkin.demo.story import Plot, Story
from checkin.domain.admission import Outcome
from tests.journeys.screens import (
    NOTE_COUNTS,
    NOTE_PULSE,
    NOTE_VERDICTS,
    Screen,
    browser,
    screen,
    sign_in,
)

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

PARTS = Parts(guests=9, used=1, forged=1, withdrawn=1, replaced=1, other_event=1)
PROMPT_MS = 1_000
BEFORE_RESTART = 6
WORDS = {
    Outcome.ADMITTED: {"MỜI VÀO", "KHÁCH VIP"},
    Outcome.ALREADY_IN: {"ĐÃ QUÉT"},
    Outcome.FORGED: {"DỪNG LẠI"},
    Outcome.REVOKED: {"DỪNG LẠI"},
    Outcome.REPLACED: {"DỪNG LẠI"},
    Outcome.WRONG_EVENT: {"DỪNG LẠI"},
}


@dataclass
class Evening:
    """What two screens noted while a film was shown, and what the station said."""

    film: Film
    scans: list[Scan]
    counts: list[list[int]]
    pulse: list[list[Any]]
    verdicts: list[list[str]]
    arrived_before: int
    outside: list[str]
    complaints: list[str]


def at_the_door(story: Story, door: DoorStation, board: Screen) -> None:
    """Restart the server when six phones were judged; the film goes on meanwhile."""
    board.until(lambda: len(door.scans()) >= BEFORE_RESTART, 60)
    story.house.server.stop()
    story.house.open_doors()


@pytest.fixture(scope="module")
def evening(story: Story) -> Evening:
    """Show a film to a station while a browser has the board and the kiosk open."""
    story.plot = Plot(PARTS, seed=41)
    film = story.shoot_film()
    person = story.people["viewer"]
    door = story.new_station("--until-end")
    with browser() as context:
        sign_in(context, story.house.url, person.email, person.password)
        board = screen(context, story.board_url)
        board.page.evaluate(NOTE_COUNTS)
        board.page.evaluate(NOTE_PULSE)
        with door.program:
            kiosk = screen(context, door.wait_until_ready())
            kiosk.page.evaluate(NOTE_VERDICTS)
            at_the_door(story, door, board)
            scans = follow(story, film, door)
            expected = board.notes()[0][1] + admitted(scans)
            board.until(lambda: board.notes()[-1][1] == expected, 60)
        own = (story.house.url, "http://127.0.0.1:", "data:", "blob:")
        return Evening(
            film=film,
            scans=scans,
            counts=board.notes(),
            pulse=board.page.evaluate("() => window.pulse"),
            verdicts=kiosk.notes(),
            arrived_before=board.notes()[0][1],
            outside=[url for url in board.requests + kiosk.requests if not url.startswith(own)],
            complaints=board.complaints + kiosk.complaints,
        )


def delays(evening: Evening) -> list[int]:
    """Return how long (milliseconds) each admission took from its light to the counter."""
    lights = [s.at_ms + s.latency_ms for s in evening.scans if s.outcome == Outcome.ADMITTED]
    found = []
    for number, light in enumerate(lights, start=evening.arrived_before + 1):
        shown = next(at for at, count in evening.counts if count >= number)
        found.append(shown - light)
    return found


def stood(evening: Evening, at_ms: int) -> bool:
    """Tell whether the board said at *at_ms* that its line to the server stands."""
    states = [state for since, state in evening.pulse if since <= at_ms]
    return bool(states) and states[-1] == "live"


def test_every_phone_was_read_once_and_told_what_it_had_to_be_told(evening: Evening) -> None:
    assert misread(evening.film.shown, evening.scans) == []


def test_the_counter_ends_where_the_book_ends(evening: Evening, story: Story) -> None:
    book = story.watch().book()

    assert evening.counts[-1][1] == book.arrived
    assert book.arrived == evening.arrived_before + admitted(evening.scans)


def test_the_counter_moves_within_a_second_of_each_admission(evening: Evening) -> None:
    by_server = [
        delay
        for delay, scan in zip(
            delays(evening),
            [scan for scan in evening.scans if scan.outcome == Outcome.ADMITTED],
            strict=True,
        )
        if scan.judge == "server" and stood(evening, scan.at_ms)
    ]

    assert len(by_server) >= 5
    assert {state for _, state in evening.pulse} > {"live"}  # it said that it was cut off
    assert sorted(by_server)[int(0.95 * (len(by_server) - 1))] < PROMPT_MS


def test_the_counter_never_runs_ahead_or_backwards(evening: Evening) -> None:
    counts = [count for _, count in evening.counts]

    assert counts == sorted(counts)
    assert min(delays(evening)) > -PROMPT_MS


def test_the_kiosk_lit_the_right_verdict_for_each_phone(evening: Evening) -> None:
    lit = [(outcome, word) for _, _, outcome, word, _ in evening.verdicts]

    assert [outcome for outcome, _ in lit] == [shown.expected for shown in evening.film.shown]
    assert [
        (outcome, word) for outcome, word in lit if word not in WORDS[Outcome(outcome)]
    ] == []


def test_the_kiosk_names_the_guest_who_may_enter(evening: Evening) -> None:
    named = zip(evening.film.shown, evening.verdicts, strict=True)

    assert [
        (shown.name, note[4])
        for shown, note in named
        if shown.kind == Kind.GUEST and not note[4].endswith(shown.name)
    ] == []


def test_the_screens_asked_nobody_outside_and_complained_of_nothing(evening: Evening) -> None:
    assert evening.outside == []
    assert evening.complaints == []

"""The server is killed in mid-film: the door goes on, and nothing is lost or doubled."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from checkin.demo.board import Seen
from checkin.demo.casting import Parts
from checkin.demo.door import Scan
from checkin.demo.film import Film
from checkin.demo.play import follow
from checkin.demo.reckoning import admitted, misread, twice
from checkin.demo.story import Plot, Story
from checkin.domain.attendance import Attendance

pytestmark = pytest.mark.timeout(300)

PARTS = Parts(guests=7, used=2, forged=1, withdrawn=1, replaced=1, other_event=1)
KILLED_AFTER, BACK_AFTER = 3, 9


@dataclass(frozen=True)
class Night:
    """What the station said of its film, and what board and book said afterwards."""

    film: Film
    scans: list[Scan]
    summary: dict[str, Any]
    seen: Seen
    before: Attendance
    after: Attendance


def wait_for(ready: Callable[[], bool], seconds: float) -> None:
    until = time.monotonic() + seconds
    while not ready():
        assert time.monotonic() < until, "waited in vain"
        time.sleep(0.05)


@pytest.fixture(scope="module")
def night(story: Story) -> Night:
    """Show a film; kill the server after three phones, bring it back after nine."""
    story.plot = Plot(PARTS, seed=42)
    film = story.shoot_film()
    door = story.new_station("--until-end")
    board = story.watch()
    with door.program:
        before = board.book()
        door.wait_until_ready()
        wait_for(lambda: len(door.scans()) >= KILLED_AFTER, 60)
        story.house.server.stop(hard=True)
        wait_for(lambda: len(door.scans()) >= BACK_AFTER, 60)
        story.house.open_doors()
        scans = follow(story, film, door)
        wait_for(lambda: not door.program.alive, 60)
        seen = board.settled(before.arrived + admitted(scans))
        return Night(film, scans, door.summary(), seen, before, board.book())


def test_the_station_went_on_and_was_right_about_every_phone(night: Night) -> None:
    assert misread(night.film.shown, night.scans) == []


def test_the_station_judged_alone_while_nobody_answered(night: Night) -> None:
    alone = [scan for scan in night.scans if scan.judge == "station"]

    assert len(alone) >= BACK_AFTER - KILLED_AFTER - 1
    assert all("offline" in scan.flags for scan in alone if scan.outcome == "admitted")


def test_everything_was_merged_when_the_server_came_back(night: Night) -> None:
    assert night.summary["waiting"] == 0
    assert night.seen.differences == ()
    assert night.after.arrived - night.before.arrived == admitted(night.scans)
    refused = len(night.scans) - admitted(night.scans)
    assert night.after.refused - night.before.refused == refused


def test_nobody_was_let_in_twice(night: Night) -> None:
    assert twice(night.scans) == []
    assert night.after.conflicting == night.before.conflicting


def test_the_board_that_was_open_all_the_time_missed_nothing(night: Night) -> None:
    assert night.seen.arrived == night.after.arrived

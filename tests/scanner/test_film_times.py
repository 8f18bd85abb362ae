"""The station before drawn films on one core: how soon after first sight the light comes."""

import os
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from scanner.station import Station
from tests.scanner.door_frames import Light, a_text
from tests.scanner.films import RATE, Scene, a_film
from tests.scanner.little_server import an_entry
from tests.scanner.rigs import Rig, a_server, a_station

GOOD = (
    Light(noise=4, blur=0.6, side=260),
    Light(noise=6, turn=12, side=230),
    Light(noise=3, tilt=0.3, side=250),
)
HARD = (
    Light(noise=14, blur=1.6, side=230),
    Light(noise=6, motion=5, side=210, turn=-14),
    Light(noise=8, dark=0.8, side=240),
    Light(noise=4, glare=0.3, tilt=0.4, side=250),
    Light(noise=20, blur=0.8, side=200, turn=20),
)
LEAD_IN = 1.0


@pytest.fixture(autouse=True)
def _one_core() -> Iterator[None]:
    """Keep this process, and the decoder it starts, on one processor."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(before)})
    yield
    os.sched_setaffinity(0, before)


def a_queue(lights: Sequence[Light], guests: int) -> list[Scene]:
    return [
        Scene((a_text(n + 1),), seconds=1.2, light=lights[n % len(lights)])
        for n in range(guests)
    ]


def first_sights(scenes: Sequence[Scene]) -> list[float]:
    """Return when each phone is first in view, in seconds of the film."""
    at, found = LEAD_IN, []
    for scene in scenes:
        at += round(scene.gap * RATE) / RATE
        found.append(at)
        at += round(scene.seconds * RATE) / RATE
    return found


def play(station: Station) -> tuple[list[str], list[float]]:
    """Return the passes admitted in order, and when, in seconds since the film began."""
    station.start()
    watching = threading.Thread(target=station.run, daemon=True)
    watching.start()
    while station.camera.latest.peek() is None:
        time.sleep(0.005)
    began = time.time()
    assert station.done.wait(60)
    time.sleep(0.5)
    shown = station.screen.history[::-1]
    admitted = [each for each in shown if each.verdict.outcome == "admitted"]
    return (
        [each.verdict.pass_id for each in admitted],
        [each.at_ms / 1000 - began for each in admitted],
    )


def waits(folder: Path, lights: Sequence[Light], guests: int) -> list[float]:
    """Return for each guest of a film, once admitted, the seconds from first sight to light."""
    scenes = a_queue(lights, guests)
    server = a_server(folder, [an_entry(n) for n in range(1, guests + 1)])
    film = a_film(folder / "film.avi", scenes)
    rig = Rig(a_station(folder, server.url, str(film)), server, folder)
    try:
        passes, times = play(rig.station)
    finally:
        rig.close()
    assert passes == [f"{n:016x}" for n in range(1, guests + 1)]
    pairs = zip(times, first_sights(scenes), strict=True)
    return sorted(light - sight for light, sight in pairs)


def test_the_light_comes_soon_after_the_phone(tmp_path: Path) -> None:
    found = waits(tmp_path, GOOD, 4)

    assert found[len(found) // 2] < 0.5


@pytest.mark.nightly
@pytest.mark.parametrize("lights", [GOOD, HARD], ids=["good", "hard"])
def test_of_twenty_phones_nineteen_wait_less_than_half_a_second(
    tmp_path: Path, lights: Sequence[Light]
) -> None:
    found = waits(tmp_path, lights, 20)

    assert found[18] < 0.5

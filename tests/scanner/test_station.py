"""The station before a film: every phone read once, whatever happens to the line."""

import json
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from scanner.report import Reporter
from scanner.station import Station
from tests.scanner.door_frames import EVENT, OTHER_SEED, Light, a_text
from tests.scanner.films import Scene, a_film
from tests.scanner.little_server import LittleServer, an_entry
from tests.scanner.rigs import Rig, a_server, a_station

GUESTS = [an_entry(n) for n in range(1, 9)] + [an_entry(9, state="withdrawn")]
QUEUE = [
    *[Scene((a_text(n),)) for n in range(1, 6)],
    Scene((a_text(1),)),
    Scene((a_text(9),)),
    Scene((a_text(6, seed=OTHER_SEED),)),
    Scene((a_text(7, event=EVENT + 1),)),
    Scene((a_text(6), a_text(7)), light=Light(noise=4, side=210)),
]
EXPECTED = Counter(admitted=7, already_in=1, revoked=1, forged=1, wrong_event=1)


@pytest.fixture(name="rig")
def a_rig_with_a_film(tmp_path: Path) -> Iterator[Rig]:
    server = a_server(tmp_path, GUESTS)
    film = a_film(tmp_path / "film.avi", QUEUE)
    rig = Rig(a_station(tmp_path, server.url, str(film)), server, tmp_path)
    yield rig
    rig.close()


def watch(station: Station) -> threading.Thread:
    station.start()
    watching = threading.Thread(target=station.run, daemon=True)
    watching.start()
    return watching


def outcomes(station: Station) -> Counter[str]:
    return Counter(shown.verdict.outcome for shown in station.screen.history)


def test_every_phone_in_the_film_is_read_exactly_once(rig: Rig) -> None:
    reporter = Reporter(rig.station, as_json=True)
    watch(rig.station)

    assert rig.station.done.wait(60)
    deadline = time.monotonic() + 10
    while rig.station.journal.waiting() and time.monotonic() < deadline:
        time.sleep(0.05)
    reporter.tell()

    assert outcomes(rig.station) == EXPECTED
    assert rig.server.admitted() == [f"{n:016x}" for n in range(1, 8)]
    assert len(rig.server.stored) == EXPECTED.total()
    assert rig.station.journal.broken_at() is None
    assert reporter.summary()["latency_ms"]["p50"] < 500


def test_with_the_server_killed_in_mid_film_it_goes_on_and_all_is_merged(rig: Rig) -> None:
    watch(rig.station)
    while not rig.station.done.wait(0.02):
        count = len(rig.station.screen.history)
        if count == 2 and rig.server.running:
            rig.server.stop()
        if count == 8 and not rig.server.running:
            rig.server.start()
    deadline = time.monotonic() + 15
    while rig.station.journal.waiting() and time.monotonic() < deadline:
        time.sleep(0.05)

    judges = Counter(shown.verdict.judge for shown in rig.station.screen.history)
    assert outcomes(rig.station) == EXPECTED
    assert judges["station"] >= 4
    assert rig.server.admitted() == [f"{n:016x}" for n in range(1, 8)]
    assert rig.station.journal.waiting() == 0


def test_a_killed_decoder_costs_a_moment_and_no_guest(tmp_path: Path) -> None:
    server = a_server(tmp_path, GUESTS)
    scenes = [Scene((a_text(1),)), Scene((a_text(2),), seconds=6.0), Scene((a_text(3),))]
    film = a_film(tmp_path / "film.avi", scenes)
    rig = Rig(a_station(tmp_path, server.url, str(film)), server, tmp_path)
    watch(rig.station)
    while not rig.station.done.wait(0.02):
        pid = rig.station.decoder.pid
        if len(rig.station.screen.history) == 1 and rig.station.decoder.restarts == 0 and pid:
            subprocess.run(["/bin/kill", "-9", str(pid)], check=False)

    found = outcomes(rig.station)
    restarts = rig.station.decoder.restarts
    rig.close()

    assert found == Counter(admitted=3)
    assert restarts >= 1


def test_the_command_plays_a_film_to_its_end_and_sums_up(tmp_path: Path) -> None:
    server = a_server(tmp_path / "data", GUESTS)
    film = a_film(tmp_path / "film.avi", QUEUE[:3])
    station = a_station(tmp_path / "data", server.url)
    station.journal.close()
    station.gatekeeper.carried.close()

    done = run_station(
        server, "--data", str(tmp_path / "data"), "--camera", str(film), "--json", "--until-end"
    )
    server.stop()

    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.returncode == 0
    assert [line["is"] for line in lines] == ["ready", "scan", "scan", "scan", "summary"]
    assert lines[-1]["outcomes"] == {"admitted": 3}
    assert (lines[-1]["waiting"], lines[-1]["records"]) == (0, 3)
    assert done.stderr == ""


def run_station(server: LittleServer, *words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "scanner", "station", "--server", server.url, *words]
    return subprocess.run(command, capture_output=True, text=True, timeout=90, check=False)


def test_without_a_camera_a_typed_code_still_opens_the_door(tmp_path: Path) -> None:
    server = a_server(tmp_path, GUESTS)
    rig = Rig(a_station(tmp_path, server.url, camera="61"), server, tmp_path)
    watch(rig.station)

    shown = rig.station.typed(a_text(1))
    state = rig.station.camera.status().state.value
    rig.close()

    assert shown is not None
    assert shown.verdict.outcome == "admitted"
    assert state in {"opening", "offline"}

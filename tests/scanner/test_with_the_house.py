"""The station and the real server: paired by a code, in step over both kinds of line."""

import threading
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from checkin.domain.admission import Outcome
from invitations.storage.database import Database
from scanner.__main__ import main
from scanner.config import StationConfig, paired
from scanner.station import Station, assemble
from tests.checkin.factories import House
from tests.checkin.serving import Open, a_house_now, opened
from tests.scanner.films import Scene, a_film


def soon(what: Callable[[], bool], seconds: float = 15.0) -> bool:
    deadline = time.monotonic() + seconds
    while not what() and time.monotonic() < deadline:
        time.sleep(0.02)
    return what()


def a_paired_station(found: Open, folder: Path, camera: str = "61") -> Station:
    """Return a station paired with the open house by a one-time code, started but for eyes."""
    house = found.house
    code = house.pairing.offer(house.event, house.gates[0], house.officer).code
    assert main(["pair", "--server", found.address, "--code", code, "--data", str(folder)]) == 0
    place = paired(folder)
    assert place is not None
    return assemble(StationConfig(folder, camera=camera), place)


def hang_up(station: Station) -> None:
    station.uplink.stop()
    station.journal.close()
    station.gatekeeper.carried.close()


@pytest.fixture(name="house")
def a_house_of_today(sqlite_database: Database, tmp_path: Path) -> House:
    return a_house_now(sqlite_database, tmp_path)


def outcome(station: Station, text: str) -> tuple[str, str]:
    shown = station.typed(text)
    assert shown is not None
    return shown.verdict.outcome, shown.verdict.judge


def test_the_real_server_judges_tells_and_merges(house: House, tmp_path: Path) -> None:
    first, second, third, *_ = house.passes
    with opened(house, tmp_path) as found:
        station = a_paired_station(found, tmp_path / "station")
        station.uplink.start()
        assert soon(lambda: station.uplink.online)

        shown = [
            outcome(station, house.text(first)),
            outcome(station, house.text(first)),
            outcome(station, house.door_code(second)),
            outcome(station, house.text(second)),
        ]
        house.change_invitation(third, state="withdrawn")
        carried = station.gatekeeper.carried
        told = soon(lambda: getattr(carried.entry(third), "state", "") == "withdrawn")
        merged = soon(lambda: station.journal.waiting() == 0)
        counts = carried.counts()
        hang_up(station)

    assert shown == [
        ("admitted", "server"),
        ("already_in", "server"),
        ("admitted", "server"),
        ("already_in", "server"),
    ]
    assert (told, merged) == (True, True)
    assert (counts.arrived, house.attendance().arrived) == (2, 2)


def test_over_http_alone_it_is_the_same(
    house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("scanner.speech.LINE_PATH", "/nowhere")
    with opened(house, tmp_path) as found:
        station = a_paired_station(found, tmp_path / "station")
        station.uplink.start()
        online = soon(lambda: station.uplink.online)

        shown = [outcome(station, house.text(house.passes[0])) for _ in range(2)]
        merged = soon(lambda: station.journal.waiting() == 0)
        hang_up(station)

    assert (online, merged) == (True, True)
    assert shown == [("admitted", "server"), ("already_in", "server")]
    assert house.attendance().arrived == 1


def test_a_station_signed_out_still_brings_its_journal(house: House, tmp_path: Path) -> None:
    with opened(house, tmp_path) as found:
        station = a_paired_station(found, tmp_path / "station")
        station.uplink.start()
        assert soon(lambda: station.uplink.online)
        station.uplink.stop()
        again = a_restarted_station(station, tmp_path / "station")
        alone = outcome(again, house.text(house.passes[0]))
        house.pairing.revoke(again.uplink.caller.station)
        again.uplink.start()

        brought = soon(lambda: again.journal.waiting() == 0)
        refused = soon(lambda: again.uplink.trouble == "revoked")
        online = again.uplink.online
        hang_up(again)

    assert alone == ("admitted", "station")
    assert (brought, refused, online) == (True, True, False)
    assert house.attendance().arrived == 1


def a_restarted_station(station: Station, folder: Path) -> Station:
    station.journal.close()
    station.gatekeeper.carried.close()
    place = paired(folder)
    assert place is not None
    return assemble(StationConfig(folder, camera="61"), place)


def test_the_server_restarts_in_mid_film_and_nobody_is_lost_or_doubled(
    house: House, tmp_path: Path
) -> None:
    texts = [house.text(guest) for guest in house.passes]
    film = a_film(tmp_path / "film.avi", [Scene((text,)) for text in [*texts, texts[0]]])
    with opened(house, tmp_path) as found:
        port = int(found.address.rsplit(":", 1)[1])
        station = a_paired_station(found, tmp_path / "station", str(film))
        station.start()
        assert soon(lambda: station.uplink.online)
        threading.Thread(target=station.run, daemon=True).start()
        assert soon(lambda: len(station.screen.history) >= 2, 30)
    with opened(house, tmp_path, port):
        assert station.done.wait(60)
        merged = soon(lambda: station.journal.waiting() == 0, 20)
        shown = Counter(each.verdict.outcome for each in station.screen.history)
        station.stop()

    assert merged
    assert shown == Counter({Outcome.ADMITTED: len(texts), Outcome.ALREADY_IN: 1})
    attendance = house.attendance()
    assert (attendance.arrived, attendance.conflicting) == (len(texts), 0)

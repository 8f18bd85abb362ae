"""F23: a network that swallows everything, without an error: nobody waits at the door."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from checkin.storage.schema import migrate
from invitations.storage.database import Database
from scanner.__main__ import main as station_command
from scanner.config import StationConfig, paired
from scanner.station import Station, assemble
from tests.checkin.factories import House
from tests.checkin.serving import a_house_now, opened
from tests.faults.counting import tell
from tests.faults.proxies import Proxy, between

BADGE_WITHIN_S, SHARED_S = 8.0, 1.0  # and what a shared machine may add
ANSWER_MS, MARGIN_MS = 300, 300  # the budget, and what a shared machine may add to it


@dataclass(frozen=True)
class Hall:
    """An open house, a station, and the network between them."""

    house: House
    proxy: Proxy
    station: Station

    def present(self, guest: int) -> tuple[str, int]:
        """Show a pass; return outcome and milliseconds to the light."""
        shown = self.station.typed(self.house.text(self.house.passes[guest]))
        assert shown is not None
        return shown.verdict.outcome, shown.latency_ms


@contextmanager
def a_hall(folder: Path) -> Iterator[Hall]:
    database = Database(f"sqlite:///{folder}/thumoi.db")
    migrate(database)
    house = a_house_now(database, folder, many=30)
    place = folder / "station"
    with opened(house, folder) as found:
        at = urlsplit(found.address)
        with between((str(at.hostname), int(at.port or 0))) as proxy:
            code = house.pairing.offer(house.event, house.gates[0], house.officer).code
            words = ["pair", "--server", proxy.url, "--code", code, "--data", str(place)]
            assert station_command(words) == 0
            known = paired(place)
            assert known is not None
            station = assemble(StationConfig(place, camera="61"), known)
            station.uplink.start()
            assert soon(lambda: station.uplink.online)
            yield Hall(house, proxy, station)
            station.uplink.stop()
            station.journal.close()
            station.gatekeeper.carried.close()
    database.close()


def soon(ready: Callable[[], bool], seconds: float = 20.0) -> bool:
    until = time.monotonic() + seconds
    while not ready() and time.monotonic() < until:
        time.sleep(0.01)
    return ready()


def seconds_to_badge(hall: Hall, most: float) -> float:
    """Swallow everything, and wait for the badge to say so."""
    began = time.monotonic()
    hall.proxy.hole.set()
    soon(lambda: not hall.station.uplink.online, most)
    return time.monotonic() - began


def heal(hall: Hall) -> bool:
    """Let the network carry again; tell whether everything was merged."""
    hall.proxy.hole.clear()
    hall.proxy.snap()
    return soon(lambda: hall.station.uplink.online and not hall.station.journal.waiting(), 30)


def test_a_verdict_comes_in_time_while_nothing_comes_through(tmp_path: Path) -> None:
    with a_hall(tmp_path) as hall:
        online = [hall.present(guest) for guest in range(3)]
        hall.proxy.hole.set()
        swallowed = [hall.present(guest) for guest in range(3, 23)]
        offline = not hall.station.uplink.online
        again = hall.present(3)
        merged = heal(hall)
        arrived = hall.house.attendance().arrived
    slowest = max(latency for _, latency in swallowed)
    tell("black hole", 0, slowest_ms=slowest, verdicts=len(swallowed))

    assert {outcome for outcome, _ in [*online, *swallowed]} == {"admitted"}
    assert again[0] == "already_in"
    assert slowest <= ANSWER_MS + MARGIN_MS
    assert (offline, merged, arrived) == (True, True, 23)


def test_the_badge_says_offline_within_eight_seconds(tmp_path: Path) -> None:
    with a_hall(tmp_path) as hall:
        took = seconds_to_badge(hall, BADGE_WITHIN_S + 2 * SHARED_S)
        merged = heal(hall)
    tell("black hole, nobody at the door", 0, badge_s=round(took, 1))

    assert took <= BADGE_WITHIN_S + SHARED_S
    assert merged


@pytest.mark.nightly
def test_lines_with_the_usual_pings_are_found_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("scanner.speech.PING_EVERY", 25.0)
    monkeypatch.setattr("scanner.speech.PONG_WITHIN", 20.0)
    monkeypatch.setattr("scanner.uplink.STATUS_EVERY", 60.0)
    monkeypatch.setattr("scanner.uplink.POLL_EVERY", 60.0)
    with a_hall(tmp_path) as hall:
        assert soon(lambda: bool(hall.station.gatekeeper.carried.noted("clock")))  # it reported
        took = seconds_to_badge(hall, BADGE_WITHIN_S + 1)

    assert took > BADGE_WITHIN_S

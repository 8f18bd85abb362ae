"""What is measured with a real server: letters, admissions, and a station at its film."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from checkin.bench.alone import guest_list
from checkin.bench.measures import Measure, percentile
from checkin.demo.casting import showings
from checkin.demo.desk import Desk
from checkin.demo.door import station
from checkin.demo.film import shoot
from checkin.demo.house import open_house
from checkin.demo.visitor import Visitor

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from checkin.demo.house import House

GUESTS = 1_200
PHONES = 8
SENT_WITHIN_S = 120.0
OFFICE = 1


@dataclass(frozen=True)
class Bench:
    """A house with an event, an officer at her desk, and *GUESTS* guests on the list."""

    house: House
    desk: Desk
    event: int

    def send(self) -> None:
        """Send the invitations, and wait for the last of them.

        Raises:
            DemoError: they did not all arrive in time.
        """
        self.desk.send(self.event, channels=("email",))
        self.house.server.wait_until(
            lambda: len(self.house.arrived.mails) >= GUESTS, SENT_WITHIN_S, "send"
        )

    def station(self) -> Measure:
        """Measure from the camera's frame to the light at a real station."""
        queue = showings(self.house.arrived.letters[:PHONES])
        film = shoot(queue, self.house.folder / "bench.avi", seed=9)
        code = self.desk.pairing_code(self.event)
        here = self.house
        door = station(here.folder / "station", film.path, here.url, code, ["--until-end"])
        with door.program:
            door.wait_until_ready()
            until = time.monotonic() + film.seconds + 30
            while door.program.alive and time.monotonic() < until:
                time.sleep(0.1)
        spent = sorted(float(scan.latency_ms) for scan in door.scans())
        more = {
            "phones": len(queue),
            "read": len(spent),
            "ms_p95": percentile(spent, 0.95),
            "ms_max": spent[-1] if spent else 0.0,
        }
        return Measure("verdict_latency", percentile(spent, 0.5), "ms", more, 500, least=False)


def served(folder: Path) -> Iterator[Measure]:
    """Measure everything that needs a server, in a house of its own in *folder*."""
    with open_house(folder) as house:
        person = house.add_person("officer", "bench@vanphong.example", "Bench")
        with Visitor(house.url) as visitor:
            visitor.sign_in(person.email, person.password)
            desk = Desk(visitor)
            event = desk.plan("Bench", "A", datetime.now(UTC))
            path = folder / "guests.xlsx"
            guest_list(path, GUESTS)
            house.thumoi("import", str(path), "--event", str(event), seconds=120)
            bench = Bench(house, desk, event)
            bench.send()
            yield bench.station()

"""F08, F09: stations cut off for hours, their clocks hours off, come back and add up."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from checkin.storage.schema import migrate
from invitations.storage.database import Database
from tests.checkin.serving import a_house_now
from tests.faults.counting import a_fresh_seed, a_seed, dice, tell
from tests.faults.networks import PORT, in_namespaces
from tests.faults.reckoning import GREEN
from tests.faults.storm import rows

STATIONS = 3
SCANS, NIGHTLY_SCANS = 300, 5_000
HOURS_MS, HOUR_MS = 6 * 3_600_000, 3_600_000
SKEWS = [5 * HOUR_MS, -3 * HOUR_MS, 40 * 60_000]
WITHIN_S = 30
CLOSE_MS = 1_000  # two greens nearer than this may be taken for each other


def plans(texts: list[str], scans: int, seed: int) -> list[list[list[tuple[int, str]]]]:
    """Return, for each station and half of the evening, when it sees which pass."""
    rng = dice(seed)
    found: list[list[list[tuple[int, str]]]] = [[[], []] for _ in range(STATIONS)]
    for number in range(scans):
        at = number * HOURS_MS // scans
        half = 2 * number // scans
        found[rng.randrange(STATIONS)][half].append((at, rng.choice(texts)))
    return found


def an_evening(folder: Path, scans: int, seed: int) -> tuple[dict[str, Any], int]:
    """Play an evening; return what it came to, and the conflicts on the organiser's board."""
    data = folder / "office"
    data.mkdir()
    file = data / "thumoi.db"
    database = Database(f"sqlite:///{file}")
    migrate(database)
    many, hours = max(20, scans // 2), {"opens_at": 0, "closes_at": 4_000_000_000}
    house = a_house_now(database, data, many=many, **hours)
    texts = [house.text(each) for each in house.passes]
    codes = [
        house.pairing.offer(house.event, house.gates[n % 2], house.officer).code
        for n in range(STATIONS)
    ]
    database.close()
    clock = folder / "passed"
    clock.write_text("0")
    environment = {
        "THUMOI_DATA": str(data),
        "THUMOI_SERVER_HOST": "0.0.0.0",  # noqa: S104 - in a network of its own
        "THUMOI_SERVER_PORT": str(PORT),
        "THUMOI_SERVER_BASE_URL": f"http://10.9.0.1:{PORT}",
        "THUMOI_SERVER_TRUSTED_HOSTS": "127.0.0.1,10.9.0.1,10.9.1.1,10.9.2.1",
    }
    found = in_namespaces(
        {
            "folder": str(folder),
            "clock": str(clock),
            "log": str(folder / "server.log"),
            "environment": environment,
            "codes": codes,
            "skews": SKEWS,
            "plans": plans(texts, scans, seed),
            "hours_ms": HOURS_MS,
        }
    )
    database = Database(f"sqlite:///{file}")
    house.database = database
    house.__post_init__()
    conflicts = house.attendance().conflicting
    database.close()
    return found, conflicts


def lights_of(folder: Path) -> list[dict[str, Any]]:
    """Return every light that was shown at every station."""
    return [
        json.loads(line)
        for number in range(STATIONS)
        for line in (folder / f"station-{number}" / "lights").read_text().splitlines()
    ]


def out_of_time(lights: list[dict[str, Any]], book: dict[str, dict[str, Any]]) -> list[str]:
    """Return the scans whose time in the book is not, within its own error, the true one."""
    wrong = []
    for light in lights:
        row = book[light["scan_id"]]
        error = (row["offset_error_ms"] or 0) + 5
        earliest, latest = light["true_ms"]
        if not earliest - error <= row["at_ms"] <= latest + error:
            wrong.append(light["scan_id"])
    return wrong


def out_of_order(lights: list[dict[str, Any]], book: dict[str, dict[str, Any]]) -> list[str]:
    """Return the passes of which the book takes another scan for the first than was first."""
    greens: dict[str, list[dict[str, Any]]] = {}
    for light in sorted(lights, key=lambda each: each["true_ms"][0]):
        if light["outcome"] == GREEN:
            greens.setdefault(light["pass_id"], []).append(light)
    return [
        key
        for key, told in greens.items()
        if min(told, key=lambda each: book[each["scan_id"]]["at_ms"]) is not told[0]
        and told[1]["true_ms"][0] - told[0]["true_ms"][0] > CLOSE_MS
    ]


def hold(folder: Path, scans: int, seed: int) -> None:
    """Play an evening, and assert what must be true of it."""
    evening, conflicts = an_evening(folder, scans, seed)
    lights = lights_of(folder)
    stored = rows(folder / "office" / "thumoi.db", "scans")
    book = {row["scan_id"]: row for row in stored if row["judge"] == "station"}
    greens = Counter(each["pass_id"] for each in lights if each["outcome"] == GREEN)
    tell(
        "three islands",
        seed,
        scans=len(lights),
        greens=greens.total(),
        passes=len(greens),
        conflicts=conflicts,
        **evening,
    )

    assert len(lights) == scans
    assert {each["scan_id"] for each in lights} == book.keys()
    assert (evening["online"], evening["offline"], evening["merged"]) == (True, True, True)
    assert evening["waiting"] == scans
    assert evening["seconds"] < WITHIN_S
    assert max(greens.values()) <= STATIONS
    assert conflicts == greens.total() - len(greens)
    assert out_of_time(lights, book) == []
    assert out_of_order(lights, book) == []


@pytest.mark.timeout(200)
def test_three_stations_cut_for_six_hours_are_merged_in_half_a_minute(tmp_path: Path) -> None:
    hold(tmp_path, SCANS, a_seed(3))


@pytest.mark.nightly
@pytest.mark.timeout(1_200)
def test_five_thousand_scans_of_six_hours_are_merged_in_half_a_minute(tmp_path: Path) -> None:
    hold(tmp_path, NIGHTLY_SCANS, a_fresh_seed())

"""Presentations that wait together are judged together, as if one had come after the other."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from sqlalchemy import func, select

from checkin.domain.protocol import ScanReport
from checkin.services.door import AskedTwiceError, ScanTakenError
from checkin.services.judging import Presentation, Sitting
from checkin.storage.tables import scans
from invitations.storage import news
from invitations.storage.database import Database
from tests.checkin.factories import NOON, Device, House, a_house
from tests.faults.counting import dice

RULES = {"capacity": 4, "refuse_when_full": True, "reentry": True}
SHOWN = 30


@dataclass(frozen=True)
class Turn:
    """Whose pass is shown (5: nobody's), how, where, and whether it is the last scan again."""

    guest: int
    code: bool
    gate: int
    leaves: bool
    again: bool


def turns(seed: int) -> list[Turn]:
    thrown = dice(seed)
    return [
        Turn(
            guest=thrown.randrange(6),
            code=thrown.random() < 0.2,
            gate=thrown.randrange(2),
            leaves=thrown.random() < 0.2,
            again=thrown.random() < 0.1,
        )
        for _ in range(SHOWN)
    ]


def presentations(house: House, told: list[Turn]) -> list[Presentation]:
    """Return what is shown in *house*, in its order."""
    devices = [house.at_gate(gate) for gate in (0, 1)]
    shown: list[Presentation] = []
    for turn in told:
        if turn.again and shown:
            shown.append(shown[-1])
            continue
        device = devices[turn.gate]
        report = device.report(
            _text(house, turn),
            direction="exit" if turn.leaves else "entry",
            wall_ms=(NOON + len(shown)) * 1_000,
        )
        shown.append(a_presentation(house, device, report))
    return shown


def _text(house: House, turn: Turn) -> str:
    if turn.guest == len(house.passes):
        return house.text("f" * 16)
    pass_id = house.passes[turn.guest]
    return house.door_code(pass_id) if turn.code else house.text(pass_id)


def a_presentation(house: House, device: Device, report: ScanReport) -> Presentation:
    return Presentation(device.station, report, house.door.read(report))


def together(house: House, shown: list[Presentation]) -> list[str]:
    """Have *shown* judged in one go and return what was said."""
    answers = house.database.write(lambda tx: house.door.present_all(tx, shown))
    return [verdict.outcome for verdict, _ in answers]


def parts(shown: list[Presentation]) -> Iterator[list[Presentation]]:
    """Cut *shown* into parts of one, two, three and so on."""
    many = 1
    while shown:
        yield shown[:many]
        shown, many = shown[many:], many + 1


def book(house: House) -> int:
    with house.database.read() as connection:
        return int(connection.execute(select(func.count()).select_from(scans)).scalar_one())


@pytest.mark.parametrize("seed", range(8))
def test_together_they_are_told_what_they_would_be_told_alone(
    database: Database, tmp_path: Path, seed: int
) -> None:
    houses = [a_house(database, tmp_path / name, **RULES) for name in ("one", "many")]
    one_by_one, in_parts = (presentations(house, turns(seed)) for house in houses)

    alone = [said for shown in one_by_one for said in together(houses[0], [shown])]
    at_once = [said for part in parts(in_parts) for said in together(houses[1], part)]

    assert at_once == alone
    assert {"admitted", "already_in", "unknown"} <= set(alone)
    figures = [
        (found.arrived, found.refused, found.reasons) for found in map(House.attendance, houses)
    ]
    assert figures[0] == figures[1]


def test_a_bench_that_does_not_heed_its_last_verdict_is_caught(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Seeded bug: what is judged in one go rests on the book as it was at its beginning."""
    house = a_house(database, tmp_path)
    device = house.at_gate()
    twice = [
        a_presentation(house, device, device.report(house.text(house.passes[0])))
        for _ in range(2)
    ]
    monkeypatch.setattr(Sitting, "heed", lambda *_: None)

    assert together(house, twice) == ["admitted", "admitted"]


def test_each_has_its_number_among_the_news(database: Database, tmp_path: Path) -> None:
    house = a_house(database, tmp_path)
    device = house.at_gate()
    reports = [device.report(house.text(each)) for each in house.passes]

    together(house, [a_presentation(house, device, each) for each in reports])

    with database.read() as connection:
        told = news.since(connection, house.event, 0)
    assert [each.number for each in told] == [1, 2, 3, 4, 5]
    assert [each.body["scan_id"] for each in told] == [each.scan_id for each in reports]


def test_a_number_claimed_twice_sends_the_group_back_and_loses_nobody(
    database: Database, tmp_path: Path
) -> None:
    """Two devices with one journal: whoever comes together is asked again one by one."""
    house = a_house(database, tmp_path)
    device = house.at_gate()
    first, second = (device.report(house.text(each)) for each in house.passes[:2])
    copied = replace(second, n=first.n)

    with pytest.raises(AskedTwiceError):
        together(house, [a_presentation(house, device, each) for each in (first, copied)])
    waiting = [house.door.submit(device.station, each) for each in (first, copied)]
    said = [house.door.settled(device.station, each).outcome for each in waiting]

    assert said == ["admitted", "admitted"]
    assert book(house) == 2


def test_a_scan_of_another_station_spoils_nobody_elses(
    database: Database, tmp_path: Path
) -> None:
    house = a_house(database, tmp_path)
    ours, theirs = house.at_gate(0), house.at_gate(1)
    report = ours.report(house.text(house.passes[0]))
    stolen = theirs.report(house.text(house.passes[1]), scan_id=report.scan_id)
    honest = theirs.report(house.text(house.passes[2]))

    waiting = [
        house.door.submit(device.station, each)
        for device, each in ((ours, report), (theirs, stolen), (theirs, honest))
    ]

    assert house.door.settled(ours.station, waiting[0]).outcome == "admitted"
    with pytest.raises(ScanTakenError):
        house.door.settled(theirs.station, waiting[1])
    assert house.door.settled(theirs.station, waiting[2]).outcome == "admitted"

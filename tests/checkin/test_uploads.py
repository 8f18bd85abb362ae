"""Journals brought to the server: any batch, any order, any number of times."""

import random
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import select

from checkin.domain import attendance, book
from checkin.domain.book import standing
from checkin.domain.protocol import ScanRecord
from checkin.storage.tables import scans
from invitations.storage import news
from invitations.storage.database import Database
from tests.checkin.factories import Device, House, a_house


@pytest.fixture
def house(database: Database, tmp_path: Path) -> House:
    return a_house(database, tmp_path / "keys")


def journal(house: House, device: Device) -> list[ScanRecord]:
    """Return a journal with an entry, an exit, another entry, an undo, and a stranger."""
    first, second = house.passes[:2]
    told = []
    for pass_id, changes in (
        (first, {}),
        (first, {"direction": "exit"}),
        (second, {}),
        ("f" * 16, {"flags": ["not_on_list", "offline"]}),
    ):
        house.clock.pass_by(30)
        told.append(device.record(pass_id, **changes))
    house.clock.pass_by(30)
    told.append(device.record(second, undoes=told[2].scan_id, reason="Nhầm người"))
    return told


def heads(house: House) -> int:
    with house.database.read() as connection:
        return news.head(connection, house.event)


def test_a_journal_is_taken_in_once_however_often_it_comes(house: House) -> None:
    device = house.at_gate()
    records = journal(house, device)

    marks = [device.uploads(*records) for _ in range(3)]
    number = heads(house)
    device.uploads(*records[2:])

    assert (marks, heads(house)) == ([5, 5, 5], number)
    found = house.attendance()
    assert (found.arrived, found.inside, found.conflicting) == (2, 1, 1)


def in_out_and_in_elsewhere(house: House) -> int:
    """Let a guest in and out at a gate, and in again at one without a line; count conflicts."""
    at_a, cut_off = house.at_gate(0), house.at_gate(1)
    passed = house.passes[0]
    at_a.shows(passed)
    house.clock.pass_by(60)
    at_a.shows(passed, direction="exit")
    house.clock.pass_by(60)
    cut_off.uploads(cut_off.record(passed))
    return house.attendance().conflicting


def test_who_left_and_came_in_again_where_nobody_may_is_a_conflict(house: House) -> None:
    assert in_out_and_in_elsewhere(house) == 1


def test_who_left_and_came_in_again_where_all_may_is_none(house: House) -> None:
    house.change_event(reentry=True)

    assert in_out_and_in_elsewhere(house) == 0


def test_a_book_that_gives_the_place_of_who_left_away_is_caught(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Seeded bug: whoever leaves makes room, whatever the event says."""
    true = standing
    monkeypatch.setattr(
        book, "standing", lambda told: true([replace(each, once=False) for each in told])
    )
    monkeypatch.setattr(attendance, "standing", book.standing)

    assert in_out_and_in_elsewhere(house) == 0


def test_every_order_of_the_same_records_gives_the_same_view(
    tmp_path: Path, sqlite_database: Database
) -> None:
    views, order = [], random.Random(3)  # noqa: S311 - the same shuffles each time
    for turn in range(6):
        fresh = a_house(sqlite_database, tmp_path / f"keys{turn}")
        one, two = fresh.at_gate(0), fresh.at_gate(1)
        records = [(one, each) for each in journal(fresh, one)]
        records.append((two, two.record(fresh.passes[0])))
        records.append((two, two.record(fresh.passes[2], "already_in")))
        order.shuffle(records)
        for device, record in records:
            device.uploads(record)
        found = fresh.attendance()
        views.append((found.arrived, found.inside, found.refused, found.conflicting))

    assert set(views) == {(2, 2, 1, 2)}  # one came in again, and nobody may


def test_the_mark_is_where_the_first_record_is_missing(house: House) -> None:
    device = house.at_gate()
    records = journal(house, device)

    marks = [device.uploads(*part) for part in (records[1:3], records[4:], records[:1])]
    marks.append(device.uploads(records[3]))

    assert marks == [0, 0, 3, 5]
    assert house.pairing.marks(device.station.id) == {device.epoch: 5}


def test_a_second_green_elsewhere_is_told_as_a_conflict(house: House) -> None:
    at_a, at_b = house.at_gate(0), house.at_gate(1)
    at_a.shows(house.passes[0])
    house.clock.pass_by(60)

    at_b.uploads(at_b.record(house.passes[0]))

    found = house.attendance()
    assert (found.arrived, found.conflicting) == (1, 1)
    line = found.conflicts[0]
    assert (line.gate, line.first_gate) == ("Cửa B", "Cửa A")
    with house.database.read() as connection:
        told = news.since(connection, house.event, 0)[-1].body
    assert [each["gate"] for each in told["after"]["conflicts"]] == ["Cửa B"]


def test_what_the_station_showed_supersedes_our_answer(house: House) -> None:
    device = house.at_gate()
    report = device.report(house.text(house.passes[0]))
    house.door.present(device.station, report)

    device.uploads(
        device.record(house.passes[0], "already_in", scan_id=report.scan_id, n=report.n)
    )

    found = house.attendance()
    assert (found.arrived, found.refused) == (0, 1)


def test_a_record_that_says_what_we_answered_is_no_news(house: House) -> None:
    device = house.at_gate()
    report = device.report(house.text(house.passes[0]))
    house.door.present(device.station, report)
    number = heads(house)

    mark = device.uploads(
        device.record(
            house.passes[0], scan_id=report.scan_id, n=report.n, judge="server", flags=[]
        )
    )

    assert (mark, heads(house), house.attendance().arrived) == (1, number, 1)


def test_a_station_that_read_another_pass_moves_the_arrival(house: House) -> None:
    device = house.at_gate()
    report = device.report(house.text(house.passes[0]))
    house.door.present(device.station, report)

    device.uploads(device.record(house.passes[1], scan_id=report.scan_id, n=report.n))

    assert [line.pass_id for line in house.attendance().latest] == [house.passes[1]]
    assert device.shows(house.passes[0]) == "admitted"


def test_a_guest_let_in_on_a_withdrawn_pass_is_in_the_room_and_told_of(house: House) -> None:
    device = house.at_gate()
    house.change_invitation(house.passes[0], state="withdrawn")

    device.uploads(device.record(house.passes[0]))

    found = house.attendance()
    assert (found.arrived, found.inside) == (1, 1)
    assert [line.against for line in found.conflicts] == ["revoked"]


def test_an_unknown_pass_is_kept_as_it_was_told(house: House) -> None:
    device = house.at_gate()

    assert device.uploads(device.record("f" * 16)) == 1
    assert [line.against for line in house.attendance().conflicts] == ["unknown"]


def test_one_bad_record_holds_up_no_other(house: House) -> None:
    device = house.at_gate()
    good = [device.record(each) for each in house.passes[:2]]
    found = [good[0].to_json(), {"n": "x"}, good[1].to_json() | {"n": -1}, good[1].to_json()]

    answer = house.door.upload(device.station, found)

    assert answer.mark == 2
    assert [place for place, _ in answer.unreadable] == [1, 2]


def test_records_of_two_epochs_are_not_mixed(house: House) -> None:
    device = house.at_gate()
    both = [device.record(house.passes[0]), device.record(house.passes[1], epoch="other")]

    with pytest.raises(ValueError, match="epoch"):
        house.door.upload(device.station, [each.to_json() for each in both])


def told(house: House) -> dict[tuple[str, int], str]:
    """Return what the book says of the chain at each (epoch, number)."""
    with house.database.read() as connection:
        rows = connection.execute(select(scans.c.epoch, scans.c.n, scans.c.verdict))
        return {(row.epoch, row.n): row.verdict.get("chain", "") for row in rows}


def test_a_whole_chain_is_not_flagged_in_any_order(house: House) -> None:
    device = house.at_gate()
    records = journal(house, device)

    for part in ([records[3]], [records[4]], records[:3]):
        device.uploads(*part)

    assert set(told(house).values()) == {""}


def test_a_record_that_was_changed_breaks_its_chain(house: House) -> None:
    device = house.at_gate()
    records = journal(house, device)
    records[2] = replace(records[2], pass_id=house.passes[3])

    device.uploads(*records)

    broken = [n for (_, n), chain in sorted(told(house).items()) if chain]
    assert broken == [3]


def test_a_copied_journal_is_seen_and_both_records_are_kept(house: House) -> None:
    device = house.at_gate()
    clone = Device(house, device.station, device.key, device.epoch)
    device.uploads(device.record(house.passes[0]))

    clone.uploads(clone.record(house.passes[1]))

    assert house.attendance().arrived == 2
    assert house.pairing.copied(house.event) == {device.station.id}


def test_a_database_restored_from_a_copy_gets_back_what_it_lost(
    tmp_path: Path, sqlite_database: Database
) -> None:
    house = a_house(sqlite_database, tmp_path / "keys", many=60)
    device = house.at_gate()
    records = [device.record(each) for each in house.passes]
    device.uploads(*records[:20])  # the copy is made here; the rest is lost with the disk
    before = house.pairing.incarnation()

    after = house.pairing.renew()
    mark = house.pairing.marks(device.station.id)[device.epoch]
    device.uploads(*records[mark:])

    assert before != after
    assert (mark, house.attendance().arrived) == (20, 60)

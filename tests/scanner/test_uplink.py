"""The uplink: the server's answer within its budget, and nothing lost when it is gone."""

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from checkin.domain.protocol import ScanNews
from invitations.domain import roster
from tests.scanner.door_frames import EVENT, a_text
from tests.scanner.little_server import an_entry
from tests.scanner.rigs import Rig, a_server, a_station, informed

GUESTS = [an_entry(number) for number in range(1, 40)]


@pytest.fixture(name="rig")
def a_rig(tmp_path: Path) -> Iterator[Rig]:
    server = a_server(tmp_path, GUESTS)
    rig = Rig(a_station(tmp_path, server.url), server, tmp_path)
    rig.station.uplink.start()
    yield rig
    rig.server.stop()
    rig.station.uplink.stop()
    rig.station.journal.close()
    rig.station.gatekeeper.carried.close()


def soon(what: Callable[[], bool], seconds: float = 12.0) -> bool:
    deadline = time.monotonic() + seconds
    while not what() and time.monotonic() < deadline:
        time.sleep(0.02)
    return what()


def show(rig: Rig, number: int) -> tuple[str, str]:
    """Show the pass of guest *number*; return outcome and judge."""
    shown = rig.station.typed(a_text(number))
    assert shown is not None
    return shown.verdict.outcome, shown.verdict.judge


def test_the_server_judges_and_gets_the_record(rig: Rig) -> None:
    assert soon(lambda: rig.station.uplink.online)

    assert show(rig, 1) == ("admitted", "server")
    assert show(rig, 1) == ("already_in", "server")
    assert soon(lambda: rig.station.journal.waiting() == 0)
    assert [record.n for record in rig.server.stored.values()] == [1, 2]


def test_a_slow_answer_is_not_waited_for(rig: Rig) -> None:
    assert soon(lambda: rig.station.uplink.online)
    rig.server.delay = 0.8

    began = time.monotonic()
    found = show(rig, 1)
    took = time.monotonic() - began

    assert found == ("admitted", "station")
    assert 0.3 <= took < 0.7
    assert rig.station.uplink.online


def test_an_answer_later_than_1_5_s_takes_the_station_offline_and_it_returns(rig: Rig) -> None:
    assert soon(lambda: rig.station.uplink.online)
    rig.server.deaf = True
    show(rig, 1)

    gone = soon(lambda: not rig.station.uplink.online, 3)
    rig.server.deaf = False
    back = soon(lambda: rig.station.uplink.online)

    assert (gone, back) == (True, True)


def test_with_the_server_killed_the_station_goes_on_and_all_is_merged_later(rig: Rig) -> None:
    assert soon(lambda: rig.station.uplink.online)
    assert show(rig, 1) == ("admitted", "server")

    rig.server.stop()
    assert soon(lambda: not rig.station.uplink.online)
    alone = [show(rig, number) for number in (2, 3, 1, 2)]
    waiting = rig.station.journal.waiting()
    rig.server.start()
    merged = soon(lambda: rig.station.journal.waiting() == 0)

    assert alone == [
        ("admitted", "station"),
        ("admitted", "station"),
        ("already_in", "station"),
        ("already_in", "station"),
    ]
    assert waiting >= 4
    assert merged
    assert rig.server.admitted() == [f"{number:016x}" for number in (1, 2, 3)]


def test_hundreds_of_waiting_records_are_merged_in_batches(tmp_path: Path) -> None:
    server = a_server(tmp_path, [])
    station = informed(a_station(tmp_path, server.url), [])
    draft = station.door.journal.write
    first = station.typed(a_text(1))
    assert first is not None
    (record,) = station.journal.all()
    for number in range(2, 452):
        draft(replace(record, n=0, scan_id=f"scan-{number}", hash=""))
    station.uplink.start()

    merged = soon(lambda: station.journal.waiting() == 0, 30)
    server.stop()
    station.uplink.stop()

    assert merged
    assert len(server.stored) == 451


def test_one_record_the_server_refuses_does_not_hold_up_the_rest(rig: Rig) -> None:
    rig.server.refuse_n = {2}
    assert soon(lambda: rig.station.uplink.online)
    for number in (1, 2, 3, 4):
        show(rig, number)

    assert soon(lambda: len(rig.server.stored) == 3)
    assert rig.station.journal.waiting() == 3
    rig.server.refuse_n = set()
    assert soon(lambda: rig.station.journal.waiting() == 0)


def test_a_server_restored_from_an_older_copy_is_told_again(rig: Rig) -> None:
    assert soon(lambda: rig.station.uplink.online)
    for number in (1, 2, 3):
        show(rig, number)
    assert soon(lambda: rig.station.journal.waiting() == 0)
    rig.server.stop()
    for key in [key for key in rig.server.stored if key[1] > 1]:
        del rig.server.stored[key]
    rig.server.incarnation = "second"
    rig.server.start()

    assert soon(lambda: len(rig.server.stored) == 3)
    assert soon(lambda: rig.station.uplink.online)
    assert show(rig, 2) == ("already_in", "server")


def test_news_reach_the_station_and_gaps_are_asked_for(rig: Rig) -> None:
    carried = rig.station.gatekeeper.carried
    assert soon(lambda: rig.station.uplink.online)

    rig.server.announce("roster", roster.to_json(replace(GUESTS[0], state="withdrawn")))
    heard = soon(lambda: carried.head == 1)
    rig.server.news.append({"number": 2, "kind": "later-version", "body": {}})
    rig.server.announce("scan", elsewhere(2).to_json())
    caught_up = soon(lambda: carried.head == 3)
    rig.server.stop()
    soon(lambda: not rig.station.uplink.online)

    assert (heard, caught_up) == (True, True)
    assert show(rig, 1) == ("revoked", "station")
    assert show(rig, 2) == ("already_in", "station")


def elsewhere(number: int) -> ScanNews:
    return ScanNews(
        scan_id="at-gate-b",
        pass_id=f"{number:016x}",
        outcome="admitted",
        direction="entry",
        flags=[],
        judge="server",
        station="other",
        gate_id=2,
        gate="Cửa B",
        at_ms=1_700_000_000_000,
    )


def test_a_scan_taken_back_elsewhere_frees_the_pass(rig: Rig) -> None:
    carried = rig.station.gatekeeper.carried
    assert soon(lambda: rig.station.uplink.online)
    rig.server.announce("scan", elsewhere(2).to_json())
    undo = replace(elsewhere(2), scan_id="undo", undoes="at-gate-b")
    rig.server.announce("scan", undo.to_json())
    assert soon(lambda: carried.head == 2)
    rig.server.stop()
    soon(lambda: not rig.station.uplink.online)

    assert show(rig, 2) == ("admitted", "station")


def test_a_stranger_with_the_stations_name_is_not_let_in(tmp_path: Path) -> None:
    server = a_server(tmp_path / "real", [])
    impostor = a_station(tmp_path / "impostor", server.url)
    impostor.uplink.start()

    refused = soon(lambda: impostor.uplink.trouble == "unknown", 6)
    online = impostor.uplink.online
    impostor.uplink.stop()
    server.stop()

    assert (refused, online) == (True, False)


def test_the_clock_is_learnt_from_the_server(rig: Rig) -> None:
    assert soon(lambda: rig.station.uplink.online)
    show(rig, 1)

    (record,) = rig.station.journal.all()

    assert record.offset_ms is not None
    assert abs(record.offset_ms) < 500
    assert rig.station.gatekeeper.carried.rules is not None
    assert rig.station.gatekeeper.carried.rules.event == EVENT

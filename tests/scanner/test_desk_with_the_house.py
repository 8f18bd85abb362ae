"""The desk of a station and the real server: asked online, merged after a break."""

from argparse import Namespace
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import select

from checkin.commands import journals
from checkin.commands.room import Room
from checkin.config import Config
from checkin.control import Order
from checkin.domain.accounts import Account, Role
from checkin.services.accounts import Accounts, NewAccount
from checkin.services.pins import Pins
from checkin.storage.tables import scans
from checkin.web.desks import EXTENSION, Desks
from invitations.domain.model import Actor, Office
from invitations.storage.database import Database
from invitations.storage.tables import audit
from scanner.answers import Answer, SubstituteForm, WalkInForm
from scanner.station import Station
from tests.checkin.factories import House
from tests.checkin.serving import PASSWORD, Open, a_house_now, opened
from tests.scanner.test_stolen_station import CHEAP
from tests.scanner.test_with_the_house import a_paired_station, hang_up, soon

WALK_IN = WalkInForm(
    "Hoàng Thị Mai", "Tạp chí Kiến Trúc", "quên đăng ký", "Trần Vinh", phone="0901999888"
)


@dataclass
class Evening:
    """A house that is open, a station in it, and who works there: id and PIN."""

    open: Open
    station: Station
    staff: dict[Role, tuple[str, str]]

    @property
    def house(self) -> House:
        return self.open.house

    def on_duty(self, role: Role) -> None:
        assert self.station.desk.open_shift(*self.staff[role]).staff is not None

    def rows(self, outcome: str) -> list[tuple[str, str]]:
        """Return reason and actor of the journal's records with this outcome."""
        wanted = (scans.c.judge == "station", scans.c.outcome == outcome)
        with self.house.database.read() as connection:
            rows = connection.execute(select(scans.c.reason, scans.c.actor).where(*wanted))
            return [(row.reason, row.actor) for row in rows]


def hired(house: House) -> dict[Role, tuple[str, str]]:
    """Return the id and PIN of a steward and of a supervisor."""
    found = {}
    for role in (Role.STEWARD, Role.SUPERVISOR, Role.OFFICER):
        new = NewAccount(f"{role}@ubnd.example", f"Người trực {role}", role, PASSWORD)
        account = Accounts(house.database).create(house.officer, new)
        assert isinstance(account, Account)
        _, pin = Pins(house.database, cost=CHEAP).renew(house.officer, account.id)
        found[role] = str(account.id), pin
    return found


def at_work(database: Database, folder: Path, policy: str = "ask") -> Iterator[Evening]:
    house = a_house_now(database, folder, many=8, walk_ins=policy)
    staff = hired(house)
    with opened(house, folder) as found:
        station = a_paired_station(found, folder / "station")
        station.uplink.start()
        carried = station.gatekeeper.carried
        assert soon(lambda: station.uplink.online and carried.counts().expected == 8)
        yield Evening(found, station, staff)
        hang_up(station)


@pytest.fixture(name="evening")
def an_evening(sqlite_database: Database, tmp_path: Path) -> Iterator[Evening]:
    yield from at_work(sqlite_database, tmp_path)


def said(answer: Answer) -> tuple[str, str]:
    if answer.shown is None:
        return answer.problem, ""
    return answer.shown.verdict.outcome, answer.shown.verdict.judge


def test_who_is_found_by_the_server_is_admitted_by_it(evening: Evening) -> None:
    evening.on_duty(Role.STEWARD)
    guest = evening.house.passes[2]
    desk, name = evening.station.desk, evening.house.entry(guest).name

    found = desk.search(name)
    admitted = [said(desk.admit(guest)) for _ in range(2)]

    assert (guest in {hit.pass_id for hit in found.hits}, found.offline) == (True, False)
    assert admitted == [("admitted", "server"), ("already_in", "server")]
    with evening.house.database.read() as connection:
        deeds = connection.execute(select(audit.c.action, audit.c.detail)).all()
    assert [row.detail for row in deeds if row.action == "door.search"] != []


def test_the_server_lets_a_supervisor_override_and_no_steward(evening: Evening) -> None:
    house, desk = evening.house, evening.station.desk
    house.change_invitation(house.passes[0], state="withdrawn")
    refused = desk.present(house.text(house.passes[0])).shown
    assert refused is not None
    evening.on_duty(Role.STEWARD)
    steward = said(desk.override(refused.scan_id, "khách quen"))
    evening.on_duty(Role.SUPERVISOR)
    supervisor = said(desk.override(refused.scan_id, "khách quen"))

    assert refused.verdict.outcome == "revoked"
    assert (steward, supervisor) == (("rights", ""), ("admitted", "server"))
    assert soon(lambda: evening.station.journal.waiting() == 0)
    actor = evening.staff[Role.SUPERVISOR][0]
    assert evening.rows("admitted") == [("khách quen", actor)]


def test_a_rehearsal_leaves_no_trace_at_the_server(evening: Evening) -> None:
    evening.on_duty(Role.SUPERVISOR)
    desk, text = evening.station.desk, evening.house.text(evening.house.passes[1])
    desk.rehearse(on=True)
    twice = [said(desk.present(text)) for _ in range(2)]
    desk.rehearse(on=False)

    assert twice == [("admitted", "server")] * 2
    assert evening.house.attendance().arrived == 0
    assert evening.station.journal.all() == []


def test_a_walk_in_waits_for_the_organiser_and_comes_in_by_the_answer(
    evening: Evening,
) -> None:
    evening.on_duty(Role.STEWARD)
    desk, house = evening.station.desk, evening.house
    asked = desk.walk_in(WALK_IN)
    waiting = desk.walk_in_answer(asked.id)
    officer = Actor("Bích Ngọc", house.office, "officer", int(evening.staff[Role.OFFICER][0]))
    here: Desks = evening.open.app.extensions[EXTENSION]
    here.walk_ins.answer(house.event, asked.id, officer, admit=True)
    heard = evening.station.gatekeeper.carried.walk_ins
    assert soon(lambda: heard.get(asked.id, {}).get("pass_id", "") != "")
    answer = desk.walk_in_answer(asked.id)
    again = desk.walk_in_answer(asked.id)

    assert (asked.state, asked.problem, waiting.state) == ("asked", "", "asked")
    assert (answer.state, len(answer.pass_text)) == ("admitted", 202)
    assert answer.shown is not None
    assert answer.shown.verdict.outcome == "admitted"
    assert (again.state, again.shown) == ("admitted", None)
    assert soon(lambda: house.attendance().arrived == 1)


def test_signed_out_in_the_middle_of_the_evening_it_forgets_within_seconds(
    evening: Evening,
) -> None:
    evening.on_duty(Role.SUPERVISOR)
    station, house = evening.station, evening.house
    station.desk.present(house.text(house.passes[0]))

    house.pairing.revoke(station.uplink.caller.station)
    forgot = soon(lambda: station.gatekeeper.carried.counts().expected == 0)
    keyless = soon(lambda: not (station.folder / "station.key").exists())

    assert (forgot, keyless, station.desk.shift) == (True, True, None)
    assert station.desk.present(house.text(house.passes[1])).problem == "signed_out"
    assert house.attendance().arrived == 1


def test_a_substitute_takes_the_seat_and_the_old_pass_is_dead(evening: Evening) -> None:
    evening.on_duty(Role.SUPERVISOR)
    desk, house = evening.station.desk, evening.house
    guest = house.passes[3]
    answer = desk.substitute(SubstituteForm(guest, "Phan Thị Thay", honorific="Bà"))
    old = said(desk.present(house.text(guest)))
    new = said(desk.present(answer.pass_text))

    assert answer.shown is not None
    assert answer.shown.verdict.outcome == "admitted"
    assert (old[0], new[0]) in {("replaced", "already_in"), ("revoked", "already_in")}
    assert house.attendance().arrived == 1


def test_a_walk_in_let_in_alone_becomes_a_guest_when_the_line_is_back(
    sqlite_database: Database, tmp_path: Path
) -> None:
    with contextmanager(at_work)(sqlite_database, tmp_path, "allow") as evening:
        evening.on_duty(Role.SUPERVISOR)
        station, house = evening.station, evening.house
        station.uplink.stop()
        alone = station.desk.walk_in(WALK_IN)
        station.desk.search("thanh nien")
        station.uplink.start()
        assert soon(lambda: station.uplink.online and station.journal.waiting() == 0)
        with house.database.read() as connection:
            names = [each.name for each in house.guestbook.entries(connection, house.event)]
        room = Room(
            Config(data=tmp_path, database="", keys=tmp_path),
            house.database,
            Office(house.office, "Văn phòng"),
            house.officer,
            Order(()),
        )
        checked = journals.of_server(Namespace(server=house.event, json=False), room)

        assert (alone.state, alone.shown is not None) == ("admitted", True)
        assert WALK_IN.name in names
        assert house.attendance().arrived == 1
        assert (checked.code, "chuỗi nguyên vẹn" in checked.out) == (0, True)

"""The story of one press conference, from the spreadsheet to the organiser's screen."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from checkin.demo.board import BoardWatcher
from checkin.demo.cast import Kind, line_up, pass_event
from checkin.demo.casting import Cast, Parts, cast, showings
from checkin.demo.desk import Desk, Pile
from checkin.demo.door import DoorStation, station
from checkin.demo.film import Film, shoot
from checkin.demo.house import House, Person
from checkin.demo.processes import DemoError
from checkin.demo.visitor import Visitor
from checkin.words import say

SAMPLE = Path(__file__).parent / "khach-moi-hop-bao.xlsx"
OTHER_GUESTS = (
    "Họ và tên,Cơ quan,Thư điện tử\nLê Thị Thu Vân,Báo Ngày Mới,van@ngaymoi.example\n"
)
PEOPLE = (
    ("officer", "canbo@vanphong.example", "Nguyễn Thị Hoa"),
    ("supervisor", "truongcua@vanphong.example", "Lê Văn Bình"),
    ("steward", "letan@vanphong.example", "Phạm Thu Trang"),
    ("viewer", "lanhdao@vanphong.example", "Trần Văn Minh"),
)
POST_WITHIN_S = 300.0
FILM = "door-{seed}.avi"
LOOK_EVERY_S = 0.2

Tell = Callable[[str, int, int], None]


@dataclass(frozen=True)
class Plot:
    """What is to happen: how many phones of each kind, from which *seed*."""

    parts: Parts = field(default_factory=Parts)
    seed: int = 20_261_119


@dataclass
class Story:
    """The story as it goes on in *house*; *tell* hears the step, how much is done, of how much.

    The steps are called in their order; each is something an officer or a steward does.
    """

    house: House
    plot: Plot
    tell: Tell
    people: dict[str, Person] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)
    piles: list[Pile] = field(default_factory=list)
    event: int = 0
    other: int = 0
    film: Film | None = None
    _desk: Desk | None = None
    _seen: set[str] = field(default_factory=set)
    _stations: int = 0
    _stack: ExitStack = field(default_factory=ExitStack)

    def close(self) -> None:
        """Close every browser."""
        self._stack.close()

    @property
    def board_url(self) -> str:
        """Where the organiser watches the event."""
        return f"{self.house.url}/events/{self.event}/board"

    def visitor(self, role: str) -> Visitor:
        """Return a browser in which the person of *role* is signed in."""
        person = self.people[role]
        visitor = self._stack.enter_context(Visitor(self.house.url))
        visitor.sign_in(person.email, person.password)
        return visitor

    @property
    def desk(self) -> Desk:
        """The officer's desk."""
        if self._desk is None:
            self._desk = Desk(self.visitor("officer"))
        return self._desk

    def open_office(self) -> None:
        """Make accounts and two events, and take the guest lists in."""
        with ThreadPoolExecutor(len(PEOPLE)) as pool:
            made = pool.map(lambda person: self.house.add_person(*person), PEOPLE)
            self.people = {person.role: person for person in made}
        self.tell(say("Tạo tài khoản"), len(self.people), len(PEOPLE))
        now = datetime.now(UTC)
        month = f"{now:%m/%Y}"
        self.event = self.desk.plan(f"Họp báo định kỳ tháng {month}", "Cửa A", now)
        self.other = self.desk.plan(f"Giao ban báo chí tháng {month}", "Cửa B", now)
        self.counts = self._imported(SAMPLE, self.event)
        others = self.house.folder / "giao-ban.csv"
        others.write_text(OTHER_GUESTS, encoding="utf-8")
        self._imported(others, self.other)
        self.tell(say("Nhập danh sách khách"), self.counts["rows"], self.counts["rows"])

    def send_letters(self) -> None:
        """Send every invitation by mail and text message, and wait until all have arrived."""
        sendings = [self.desk.send(event) for event in (self.event, self.other)]
        until = time.monotonic() + POST_WITHIN_S
        while True:
            self.piles = [self.desk.pile(sending) for sending in sendings]
            done, every = (
                sum(getattr(pile, name) for pile in self.piles) for name in ("done", "every")
            )
            self.tell(say("Gửi thư mời"), done, every)
            if every and done == every:
                return
            if time.monotonic() > until:
                raise DemoError(
                    say("Thư chưa gửi xong"), f"{done}/{every}", self.house.server.log
                )
            time.sleep(LOOK_EVERY_S)

    def shoot_film(self) -> Film:
        """Take passes back, then draw the film with the codes of the letters that arrived.

        Another plot gives another film, with guests who were in none before.
        """
        letters = [
            each
            for each in showings(self.house.arrived.letters)
            if each.pass_id not in self._seen
        ]
        ours = [each for each in letters if pass_event(each.text) == self.event]
        others = [each for each in letters if pass_event(each.text) == self.other]
        company = cast(ours, others, self.plot.parts, seed=self.plot.seed)
        self._take_back(company)
        queue = line_up(company.guests, company.planted, seed=self.plot.seed)
        self.film = shoot(
            queue,
            self.house.folder / FILM.format(seed=self.plot.seed),
            seed=self.plot.seed,
            progress=lambda done, every: self.tell(say("Vẽ phim ở cửa"), done, every),
        )
        self._seen |= {each.pass_id for each in queue if each.kind != Kind.OTHER_EVENT}
        return self.film

    def watch(self) -> BoardWatcher:
        """Return the organiser's screen, open on the event."""
        return self._stack.enter_context(BoardWatcher(self.visitor("viewer"), self.event))

    def new_station(self, *options: str) -> DoorStation:
        """Return a station that is paired by a code from the supervisor's screen."""
        if self.film is None:
            raise DemoError("film")
        code = self.desk.pairing_code(self.event)
        self._stations += 1
        folder = self.house.folder / f"station-{self._stations}"
        return station(folder, self.film.path, self.house.url, code, options)

    def _imported(self, path: Path, event: int) -> dict[str, int]:
        found = self.house.thumoi("import", str(path), "--event", str(event))
        names = ("rows", "imported", "repaired", "questioned", "skipped")
        return {name: int(found[name]) for name in names}

    def _take_back(self, company: Cast) -> None:
        """Withdraw some guests' passes and give others a new one, on the officer's screen."""
        for each in company.withdrawn:
            invitation = self.desk.invitation(self.event, each.name)
            self.desk.withdraw(invitation, "Khách báo không dự")
        for each in company.replaced:
            self.desk.reissue(self.desk.invitation(self.event, each.name))

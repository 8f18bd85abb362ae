"""The storm: a third of the guests meet faults, and the worker is killed again and again."""

import os
import random
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import select

from invitations.storage.database import Database
from invitations.storage.tables import deliveries
from tests.invitations import relay
from tests.invitations.letterbox import ROOT
from tests.invitations.outboxes import Clock, House, a_house, address, by_mail

FAULTY = 0.35
KINDS = (relay.DROP_BEFORE, relay.DROP_AFTER, "451 4.3.0 Later", "452 4.2.2 Full")
AT_ADDRESS = "450 4.2.0 Greylisted"


@dataclass(frozen=True)
class Outcome:
    """How a storm ended: who got mail under how many ids, and how many copies came."""

    without_mail: int
    most_ids: int
    copies: int
    guests: int
    ambiguous: int
    states: dict[str, int]

    @property
    def kept_its_word(self) -> bool:
        """Tell whether nobody went without, and no copy came without a reason."""
        return (
            not self.without_mail
            and self.most_ids == 1
            and self.copies <= self.guests + self.ambiguous
        )


def faults(people: int) -> dict[str, list[str]]:
    """Return one or two faults for 35 of every hundred guests; the same on every run."""
    dice = random.Random(4)  # noqa: S311 - a plan, not a secret
    chosen = dice.sample(range(1, people + 1), round(people * FAULTY))
    return {address(number): dice.choices(KINDS, k=dice.choice([1, 2])) for number in chosen}


def unknown(url: str, here: relay.Relay) -> int:
    """Return how many guests have mail of which the outbox does not know."""
    database = Database(url)
    with database.read() as connection:
        known = connection.scalars(
            select(deliveries.c.address).where(deliveries.c.state == "accepted")
        )
        found = {to for to, _ in here.kept} - set(known)
    database.close()
    return len(found)


def killed_worker(url: str, keys: Path, here: relay.Relay, until: int) -> int:
    """Let a worker work until *until* mails are kept, kill it; return what is in doubt."""
    order = [sys.executable, "-m", "tests.invitations.worker", url, str(keys), str(here.port)]
    worker = subprocess.Popen(order, cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)})
    ends = time.monotonic() + 30
    while len(here.kept) < until and worker.poll() is None and time.monotonic() < ends:
        time.sleep(0.005)
    worker.send_signal(signal.SIGKILL)
    worker.wait(10)
    time.sleep(0.2)  # what was on the wire arrives
    return unknown(url, here)


def storm(database: Database, folder: Path, *, people: int, kills: int) -> Outcome:
    """Send to *people*, with faults and deaths, and let days pass until nothing waits."""
    keys = folder / "keys"
    clock = Clock(time.time())
    house: House = a_house(database, keys, people=people, clock=clock)
    house.send()
    url = database.url.render_as_string(hide_password=False)
    database.close()
    planted = faults(people)
    greylist = {address(number): [AT_ADDRESS] for number in range(1, people, 9)}
    with relay.Relay(data=planted, rcpt=greylist) as here:
        ambiguous = sum(answers.count(relay.DROP_AFTER) for answers in planted.values())
        for kill in range(1, kills + 1):
            step = people * kill // (2 * kills)
            ambiguous += killed_worker(url, keys, here, step)
        house.database = Database(url)
        for _ in range(6):
            assert house.postman(by_mail(here.port)).run_until_empty(give_up_s=60)
            clock.now += 86_400
        states = house.states()
        house.database.close()
    ids = here.ids()
    return Outcome(
        without_mail=people - len(ids),
        most_ids=max(len(each) for each in ids.values()),
        copies=len(here.kept),
        guests=people,
        ambiguous=ambiguous,
        states=states,
    )


def test_eighty_guests_come_through_the_storm(
    sqlite_database: Database, tmp_path: Path
) -> None:
    outcome = storm(sqlite_database, tmp_path, people=80, kills=2)

    assert outcome.kept_its_word, outcome
    assert outcome.states == {"accepted": 80}


@pytest.mark.nightly
def test_four_hundred_guests_come_through_the_storm(
    sqlite_database: Database, tmp_path: Path
) -> None:
    outcome = storm(sqlite_database, tmp_path, people=400, kills=8)

    assert outcome.kept_its_word, outcome
    assert outcome.states == {"accepted": 400}


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"without_mail": 1}, id="a guest forgotten"),
        pytest.param({"most_ids": 2}, id="a new id for a second try"),
        pytest.param({"copies": 90}, id="a copy too many"),
    ],
)
def test_a_broken_word_would_be_seen(change: dict[str, int]) -> None:
    """Seeded outcomes: each promise is one that can be broken."""
    kept = {"without_mail": 0, "most_ids": 1, "copies": 85, "guests": 80, "ambiguous": 5}

    assert Outcome(**kept, states={}).kept_its_word
    assert not Outcome(**{**kept, **change}, states={}).kept_its_word

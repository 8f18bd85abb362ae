"""The house's own wishes: pace, price, and mails in doubt."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from invitations.couriers import Courier
from invitations.couriers.gateways import Gateway
from invitations.couriers.sms import SmsCourier
from invitations.domain.manner import BURST_S, Manner, domain_wait
from invitations.services.postman import Postman
from invitations.storage.database import Database
from tests.invitations import relay
from tests.invitations.outboxes import Clock, House, a_house, address, by_mail, by_text

NOW = 1_790_000_000


@pytest.fixture
def house(sqlite_database: Database, tmp_path: Path) -> House:
    """A house of six guests whose clock stands still."""
    return a_house(sqlite_database, tmp_path / "keys", people=6, clock=Clock(NOW))


def run(house: House, manner: Manner, couriers: Mapping[str, Courier]) -> None:
    postman = Postman(
        house.database,
        house.letters,
        house.keyring,
        couriers,
        house.clock,
        pauses=lambda _: 0.01,
        manner=manner,
    )
    assert postman.run_until_empty(give_up_s=30)


def test_a_domain_gets_no_more_than_its_pace(house: House) -> None:
    house.send()
    with relay.Relay() as here:
        run(house, Manner(per_domain=12), by_mail(here.port))
        first = len(here.kept)
        assert isinstance(house.clock, Clock)
        house.clock.now += 3_600
        run(house, Manner(per_domain=120), by_mail(here.port))

    assert first == 3
    assert house.states() == {"accepted": 6}
    assert set(house.attempts().values()) == {1}


def test_a_bucket_lets_a_burst_pass_and_then_keeps_its_pace() -> None:
    due, waits = 0.0, []
    for second in range(60):
        wait, due = domain_wait(due, 6, now=float(second))
        waits.append(wait)

    assert sum(wait == 0 for wait in waits) == 6 + BURST_S // 10


def test_texts_stop_at_the_ceiling(house: House) -> None:
    house.send("sms")
    with relay.Gateway() as here:
        run(house, Manner(price=300, ceiling=2_000), by_text(here.url))

    parts = SmsCourier(Gateway("https://x.vn/", price=300)).estimate(here.taken[0]["text"])
    assert len(here.taken) == 2_000 // parts.cost
    assert house.states() == {"accepted": len(here.taken), "failed": 6 - len(here.taken)}


def test_a_text_in_doubt_counts_against_the_ceiling(house: House) -> None:
    house.send("sms")
    with relay.Gateway() as here:
        here.answers = [(500, "oops")] * 6
        run(house, Manner(price=300, ceiling=1_000), by_text(here.url))

    assert len(here.taken) == 1
    assert house.states() == {"uncertain": 1, "failed": 5}


@pytest.mark.parametrize(
    ("manner", "expected"),
    [
        (Manner(ask=True), {"accepted": 5, "uncertain": 1}),
        (Manner(), {"accepted": 5, "deferred": 1}),
    ],
)
def test_a_mail_in_doubt_waits_for_the_officer_where_the_house_asks(
    house: House, manner: Manner, expected: dict[str, int]
) -> None:
    house.send()
    with relay.Relay(data={address(2): [relay.DROP_AFTER]}) as here:
        run(house, manner, by_mail(here.port))

    assert house.states() == expected

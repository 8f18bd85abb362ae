"""The ladder: a mail, then a text, then a call; it stops at the reply."""

from pathlib import Path

import pytest
from sqlalchemy import update

from invitations.domain.errors import NotFoundError
from invitations.domain.manner import Manner
from invitations.services.ladder import Ladder
from invitations.services.postman import Postman
from invitations.storage.database import Database
from invitations.storage.tables import invitations
from tests.invitations import relay
from tests.invitations.letterbox import EVENT
from tests.invitations.outboxes import (
    CHI,
    OFFICER,
    Clock,
    House,
    a_house,
    address,
    by_mail,
    by_text,
)

MORNING = 1_790_042_400  # 09:00 in Ho Chi Minh City
REFUSED = "550 5.1.1 No such user"


@pytest.fixture
def house(database: Database, tmp_path: Path) -> House:
    """A house of four guests on each kind of database."""
    return a_house(database, tmp_path / "keys", people=4, clock=Clock(MORNING))


def climb(house: House, here: relay.Relay, there: relay.Gateway) -> None:
    couriers = {**by_mail(here.port), **by_text(there.url)}
    manner = Manner(text_after_h=2)
    postman = Postman(
        house.database, house.letters, house.keyring, couriers, house.clock, manner=manner
    )
    assert postman.run_until_empty(give_up_s=30)


def reply(house: House, guest_id: int) -> None:
    of_guest = invitations.c.guest_id == guest_id
    house.database.write(
        lambda tx: tx.execute(update(invitations).where(of_guest).values(reply="declined"))
    )


def test_a_guest_climbs_from_mail_to_text_to_call(house: House) -> None:
    assert isinstance(house.clock, Clock)
    house.send()
    ladder = Ladder(house.database, house.letters)
    refusals = {address(2): [REFUSED], address(3): [REFUSED], address(4): ["451 Later"] * 9}
    with relay.Relay(rcpt=refusals) as here, relay.Gateway() as there:
        climb(house, here, there)
        reply(house, 3)
        before = [each["to"] for each in there.taken]
        there.answers = [(400, "no such number"), (202, "ok")]
        climb(house, here, there)
        called = [each.guest_id for each in ladder.calls(EVENT.id, OFFICER)]
        house.clock.now += 3 * 3_600
        climb(house, here, there)
        climb(house, here, there)

    texts = [each["to"] for each in there.taken]
    assert before == []
    assert texts == ["+84903120002", "+84903120004"]
    assert called == [2]


def test_nobody_is_woken(house: House) -> None:
    assert isinstance(house.clock, Clock)
    house.clock.now = MORNING + 14 * 3_600  # 23:00
    house.send()
    with relay.Relay(rcpt={address(2): [REFUSED]}) as here, relay.Gateway() as there:
        climb(house, here, there)
        climb(house, here, there)
        at_night = len(there.taken)
        house.clock.now += 8 * 3_600
        climb(house, here, there)

    assert (at_night, len(there.taken)) == (0, 1)


def test_without_the_wish_nobody_gets_a_text(house: House) -> None:
    house.send()
    with relay.Relay(rcpt={address(2): [REFUSED]}) as here, relay.Gateway() as there:
        couriers = {**by_mail(here.port), **by_text(there.url)}
        for _ in range(2):
            house.postman(couriers).run_until_empty(give_up_s=30)

    assert there.taken == []


def test_another_office_has_no_list_of_our_calls(house: House) -> None:
    with pytest.raises(NotFoundError):
        Ladder(house.database, house.letters).calls(EVENT.id, CHI)

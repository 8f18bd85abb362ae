"""Which signed letter goes with which mail: known with the basket, and asked for singly."""

from pathlib import Path

import pytest

from invitations.domain import papers
from invitations.domain.model import Event
from invitations.services.enclosing import Enclosing
from invitations.storage import events, letters, rounds
from invitations.storage.database import Database
from tests.invitations.letterbox import EVENT
from tests.invitations.outboxes import House, a_house

TO_ALL, TO_TWO, OLD_TO_THREE = b"%PDF to all", b"%PDF to two", b"%PDF of old"


@pytest.fixture
def house(database: Database, tmp_path: Path) -> House:
    """A house with a letter to all, one to guest 2, and one to guest 3 that is out of date."""
    made = a_house(database, tmp_path / "keys", people=4)
    made.send()
    facts = papers.facts(event_of(made))
    sign(made, None, TO_ALL, facts)
    sign(made, 2, TO_TWO, facts)
    sign(made, 3, OLD_TO_THREE, "other facts")
    return made


def event_of(house: House) -> Event:
    with house.database.read() as connection:
        found = events.find(connection, EVENT.id)
    assert found is not None
    return found


def sign(house: House, guest_id: int | None, pdf: bytes, facts: str) -> int:
    values = {
        "event_id": EVENT.id, "guest_id": guest_id, "source": "taken-in", "pdf": pdf,
        "sha256": "", "facts": facts, "report": {"problem": "", "signatures": []},
        "signed_by": "", "signed_at": None, "by": "Anh", "at": 0,
    }  # fmt: skip
    return house.database.write(lambda tx: letters.add(tx, values))


def claimed(house: House) -> dict[int, int | None]:
    """Return the letter that a basket names for each guest."""
    now = int(house.clock())
    basket = house.database.write(lambda tx: rounds.claim(tx, "email", "w", 9, now=now))
    return {errand.guest.id: errand.letter_id for errand in basket}


def test_a_basket_names_the_letters_that_are_found_singly(house: House) -> None:
    event, enclose = event_of(house), Enclosing(house.database)

    basket = claimed(house)

    found = {guest: enclose(event, guest, letter) for guest, letter in basket.items()}
    assert found == {1: TO_ALL, 2: TO_TWO, 3: TO_ALL, 4: TO_ALL}
    assert found == {guest: enclose(event, guest) for guest in basket}


def test_a_moved_event_takes_no_letter_along(house: House) -> None:
    house.change_event(starts_at=event_of(house).starts_at + 3_600)

    assert set(claimed(house).values()) == {0}


def test_a_letter_that_was_read_is_not_read_again(house: House) -> None:
    enclose = Enclosing(house.database)
    letter_id = claimed(house)[1]
    first = enclose(event_of(house), 1, letter_id)
    house.database.close()

    assert (first, enclose(EVENT, 4, letter_id), enclose(EVENT, 4, 0)) == (TO_ALL, TO_ALL, b"")

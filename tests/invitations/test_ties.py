"""Guests whom a list changes are tied anew to the register, and back when it is taken back."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select

from invitations.domain.answers import Answer
from invitations.services.importing import Importing
from invitations.storage.register_tables import people
from invitations.storage.tables import guests
from tests.factories_lists import a_row
from tests.invitations.test_importing import ANH, EVENT
from tests.invitations.test_reimport import clock, desk, open_draft, take_in

__all__ = ["clock", "desk"]

AN = a_row(name="Nguyễn Văn An", phone="0903123450", email="an@tin.example")
BINH = a_row(name="Lê Thị Bình", phone="0903123451", email="binh@tin.example")


def ties(desk: Importing) -> dict[str, str]:
    """Return the names that the register has for the guests of the event."""
    query = select(guests.c.name, people.c.name.label("known")).join(
        people, people.c.id == guests.c.person_id
    )
    with desk.database.read() as connection:
        return {row.name: row.known for row in connection.execute(query)}


def known(desk: Importing) -> int:
    """Return how many people the register has."""
    with desk.database.read() as connection:
        return int(connection.execute(select(func.count()).select_from(people)).scalar_one())


def test_a_guest_who_becomes_somebody_else_is_tied_to_that_person(desk: Importing) -> None:
    """The desk of An is Hoa's now: same mail, another name, and the officer said so."""
    take_in(desk, [AN, BINH])
    assert ties(desk) == {"Nguyễn Văn An": "Nguyễn Văn An", "Lê Thị Bình": "Lê Thị Bình"}

    hoa = a_row(name="Trần Thị Hoa", phone="0903123450", email="an@tin.example")
    import_id = merge(desk, hoa)

    assert ties(desk)["Trần Thị Hoa"] == "Trần Thị Hoa"
    assert known(desk) == 3

    desk.undo(import_id, EVENT, ANH)
    assert ties(desk) == {"Nguyễn Văn An": "Nguyễn Văn An", "Lê Thị Bình": "Lê Thị Bình"}
    assert known(desk) == 2


@pytest.mark.parametrize(
    "changed",
    [
        pytest.param({"email": "moi@tin.example"}, id="a new mail"),
        pytest.param({"title": "Trưởng ban"}, id="a new title"),
        pytest.param({"name": "NGUYỄN VĂN AN"}, id="in capitals"),
    ],
)
def test_a_guest_with_news_stays_the_same_person(
    desk: Importing, changed: dict[str, str]
) -> None:
    take_in(desk, [AN, BINH])
    row = {"name": "Nguyễn Văn An", "phone": "0903123450", "email": "an@tin.example"}
    take_in(desk, [a_row(**(row | changed)), BINH])

    assert set(ties(desk).values()) == {"Nguyễn Văn An", "Lê Thị Bình"}
    assert known(desk) == 2


def merge(desk: Importing, row: tuple[str, ...]) -> int:
    """Import *row*, joined with the guest it repeats; return the import's id."""
    draft = open_draft(desk, [row])
    answers = {guest.row: Answer(merge=True) for guest in draft.preview.pending}
    desk.settle(draft, answers, ())
    return desk.confirm(desk.draft(draft.id, EVENT, ANH), ANH).id

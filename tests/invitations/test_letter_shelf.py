"""Official letters in the database, of both kinds."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sqlalchemy import Connection, delete, select

from invitations.domain.model import Event
from invitations.domain.papers import LetterForm
from invitations.domain.seals import LetterReport, report_json
from invitations.storage import letters
from invitations.storage.database import Database
from invitations.storage.tables import guests, official_letters
from tests.factories_events import TODAY, Office, an_office

NOW, BEFORE = "facts-now", "facts-before"


def a_letter(event: Event, guest_id: int | None = None, *, facts: str = NOW) -> dict[str, Any]:
    """Return the row of a dull letter."""
    return {
        "event_id": event.id,
        "guest_id": guest_id,
        "source": "signed",
        "pdf": b"%PDF-1.7\x00\xff",
        "sha256": "0" * 64,
        "facts": facts,
        "report": report_json(LetterReport("no-signature")),
        "signed_by": "Ánh",
        "signed_at": TODAY,
        "by": "Ánh",
        "at": TODAY,
    }


def an_event(database: Database, folder: Path) -> tuple[Office, Event, list[int]]:
    office = an_office(database, folder)
    event = office.event()
    with database.read() as connection:
        ids = connection.scalars(
            select(guests.c.id)
            .where(guests.c.event_id == event.id)
            .order_by(guests.c.sort_key, guests.c.id)
        )
        return office, event, list(ids)


def test_the_latest_letter_that_stands_counts(database: Database, tmp_path: Path) -> None:
    _, event, (first, *_) = an_event(database, tmp_path)

    def work(tx: Connection) -> list[Any]:
        nothing = letters.current(tx, event.id)
        letters.add(tx, a_letter(event, facts=BEFORE))
        second = letters.add(tx, a_letter(event))
        own = letters.add(tx, a_letter(event, first))
        found = [nothing, letters.current(tx, event.id), letters.current(tx, event.id, first)]
        assert [each and each.id for each in found] == [None, second, own]
        assert letters.pdf(tx, second) == b"%PDF-1.7\x00\xff"
        assert letters.drop(tx, event.id, at=TODAY + 1) == 3
        return [letters.current(tx, event.id), letters.current(tx, event.id, first)]

    assert database.write(work) == [None, None]


def test_who_has_a_letter_of_their_own_is_counted_for_these_facts(
    database: Database, tmp_path: Path
) -> None:
    _, event, (first, second, third) = an_event(database, tmp_path)

    def work(tx: Connection) -> None:
        letters.add(tx, a_letter(event))  # to everybody
        letters.add(tx, a_letter(event, first))
        letters.add(tx, a_letter(event, first))
        letters.add(tx, a_letter(event, second, facts=BEFORE))
        assert letters.count_own(tx, event.id, NOW) == 1
        assert letters.without_own(tx, event.id, NOW) == [second, third]
        assert letters.without_own(tx, event.id, NOW, most=1) == [second]

    database.write(work)


def test_a_guest_taken_off_the_list_takes_the_letter_along(
    database: Database, tmp_path: Path
) -> None:
    _, event, (first, *_) = an_event(database, tmp_path)
    database.write(lambda tx: letters.add(tx, a_letter(event, first)))

    database.write(lambda tx: tx.execute(delete(guests).where(guests.c.id == first)).rowcount)

    with database.read() as connection:
        assert connection.execute(select(official_letters.c.id)).all() == []


def test_the_form_is_kept_once_and_found_again(database: Database, tmp_path: Path) -> None:
    office, event, _ = an_event(database, tmp_path)
    form = LetterForm(number="7", signer="Nguyễn Thị Bích Ngọc", notes="một\nhai")

    def work(tx: Connection) -> list[LetterForm | None]:
        letters.keep_form(tx, event.id, LetterForm(number="6"), "Ánh", at=TODAY)
        letters.keep_form(tx, event.id, form, "Ánh", at=TODAY + 1)
        return [
            letters.form_of(tx, event.id),
            letters.last_form(tx, event.office_id),
            letters.last_form(tx, 2),
        ]

    assert office.database.write(work) == [form, form, None]

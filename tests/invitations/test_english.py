"""Guests who read English get the letter in English, where the officer wrote one."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import Connection, select, update

from invitations.couriers.message import build
from invitations.domain import composition, wording
from invitations.domain.composition import Composition
from invitations.domain.model import Guest
from invitations.domain.outbox import SMS
from invitations.domain.register import Person
from invitations.domain.sendings import Candidate
from invitations.domain.wording import English, Words
from invitations.services import calendars
from invitations.services.composing import Composing
from invitations.services.phrasing import honorific
from invitations.services.register import Register
from invitations.storage import enrolment, guests, register
from invitations.storage.database import Database
from invitations.storage.tables import guests as guest_table
from tests.factories_events import ANH, an_office
from tests.invitations.letterbox import EVENT, GUEST, LETTERS, OFFICE, a_pass_text, an_errand
from tests.invitations.pages import a_house, words

MARY = replace(GUEST, honorific="Bà", name="Mary O'Neil", title="Bureau chief", language="en")
ENGLISH = replace(
    LETTERS.standard_english(),
    title="Monthly press conference",
    host="City Hall",
    note="Bring ID",
)
BOTH = replace(LETTERS.standard_words(), note="Mang thẻ nhà báo", en=ENGLISH)
VIETNAMESE = "àảãáạăằẳẵắặâầẩẫấậđèẻẽéẹêềểễếệìỉĩíịòỏõóọôồổỗốộơờởỡớợùủũúụưừửữứựỳỷỹýỵ"


def of_the_form(text: str) -> str:
    """Return *text* without what the event itself says, which stays Vietnamese."""
    for own in (EVENT.chair, EVENT.place, EVENT.address, EVENT.contact, OFFICE.name):
        text = text.replace(own, "")
    return text.lower().replace(GUEST.organisation.lower(), "")


def test_a_reader_of_english_gets_mail_text_and_calendar_in_english() -> None:
    errand = an_errand(guest=MARY, words=BOTH)
    mail = LETTERS.mail(errand, a_pass_text())
    text = LETTERS.text_message(replace(errand, delivery=replace(errand.delivery, channel=SMS)))
    entry = calendars.entry_of(mail.calendar)

    assert mail.subject == "Invitation to Monthly press conference"
    assert mail.sender_name == "City Hall"
    assert "15:00 on Thursday, 19 November 2026 (doors open at 14:30)" in mail.text
    assert "To: Ms Mary O'Neil, Bureau chief" in mail.text
    assert "Bring ID" in mail.text
    assert "Mang thẻ" not in mail.text
    assert "In English:" not in mail.text
    assert '<html lang="en">' in mail.html
    assert text.text.startswith(
        "City Hall invites Ms Mary O'Neil to Monthly press conference, 15:00 Thu 19 Nov 2026."
    )
    assert entry.title == "Monthly press conference"
    assert entry.description.startswith("Entry pass: https://moi.example.vn/p/")
    assert build(mail)


@pytest.mark.parametrize("purpose", ["invitation", "change", "cancellation", "withdrawal"])
def test_no_vietnamese_word_of_the_form_stands_in_an_english_letter(purpose: str) -> None:
    said = replace(
        LETTERS.standard_words(purpose),
        en=replace(
            LETTERS.standard_english(purpose), title="Press conference", host="City Hall"
        ),
    )
    errand = an_errand(guest=replace(MARY, party=3), words=said)
    letter = replace(errand, delivery=replace(errand.delivery, purpose=purpose))
    mail = LETTERS.mail(letter, a_pass_text())

    for found in (mail.subject, mail.text, mail.html, LETTERS.text_message(letter).text):
        assert not set(of_the_form(found)) & set(VIETNAMESE)


def test_a_vietnamese_word_in_the_form_would_be_seen() -> None:
    mail = LETTERS.mail(an_errand(guest=MARY), a_pass_text())

    assert set(of_the_form(mail.text)) & set(VIETNAMESE)


@pytest.mark.parametrize(
    ("guest", "said"),
    [
        pytest.param(GUEST, BOTH, id="a guest who reads Vietnamese"),
        pytest.param(MARY, replace(BOTH, en=None), id="no English words"),
    ],
)
def test_everybody_else_gets_the_vietnamese_letter(guest: Guest, said: Words) -> None:
    mail = LETTERS.mail(an_errand(guest=guest, words=said), a_pass_text())

    assert mail.subject == "Thư mời dự Họp báo định kỳ tháng 11/2026"
    assert "Mang thẻ nhà báo" in mail.text
    assert "In English:" in mail.text
    assert '<html lang="vi">' in mail.html


def test_words_without_a_title_or_host_keep_the_vietnamese_names() -> None:
    bare = replace(BOTH, en=LETTERS.standard_english())
    mail = LETTERS.mail(an_errand(guest=MARY, words=bare), a_pass_text())

    assert mail.subject == f"Invitation to {EVENT.title}"
    assert mail.sender_name == OFFICE.name


@pytest.mark.parametrize(
    ("listed", "said"),
    [("Ông", "Mr"), ("bà", "Ms"), ("Dr", "Dr"), ("Đồng chí", ""), ("", "")],
)
def test_honorifics_have_an_english_form_or_stay(listed: str, said: str) -> None:
    assert honorific(replace(GUEST, honorific=listed), "en") == said


def test_words_in_two_languages_survive_being_kept() -> None:
    assert wording.from_json(wording.to_json(BOTH)) == BOTH
    assert wording.from_json(wording.to_json(replace(BOTH, en=None))).en is None


def test_what_is_wrong_with_the_english_letter_is_named_as_its_own() -> None:
    wrong = replace(BOTH, en=English("", "Come {nobody}", sms="no way in"))
    found = {
        each.place: each.code for each in wording.mistakes(wrong, by_mail=True, by_sms=True)
    }

    assert found == {
        "en_subject": "missing",
        "en_opening": "unknown-field",
        "en_sms": "link-missing",
    }


def test_other_english_words_have_to_be_tried_again() -> None:
    tried = composition.digests(Composition(BOTH), ("email", "sms"), EVENT)
    changed = replace(BOTH, en=replace(ENGLISH, title="Another name"))
    again = composition.digests(Composition(changed), ("email", "sms"), EVENT)

    assert set(tried.values()) & set(again.values()) == set()


def test_a_field_is_missed_only_in_the_language_that_uses_it() -> None:
    no_office = replace(GUEST, title="")
    said = replace(BOTH, opening="{chuc_vu}", en=replace(ENGLISH, opening="You"))
    people = [
        Candidate(each, None, frozenset(), {})
        for each in (no_office, replace(no_office, id=2, language="en"))
    ]

    assert [gap.guest.id for gap in composition.gaps(people, said, ("email",))] == [1]
    assert composition.english_readers(people) == 1


def test_a_guest_reads_what_the_register_says(database: Database, tmp_path: Path) -> None:
    office = an_office(database, tmp_path)
    event = office.event()
    mary = Person(0, "Mary O'Neil", email="mary@press.example", language="en")

    def known(tx: Connection) -> tuple[int, int]:
        (person_id,) = register.add_all(tx, 1, [mary], at=1)
        (guest_id,) = enrolment.invite(tx, event.id, [replace(mary, id=person_id)], at=1)
        return person_id, guest_id

    person_id, guest_id = database.write(known)
    languages = {each.id: each.language for each in listed(database, event.id)}
    assert languages[guest_id] == "en"
    assert set(languages.values()) == {"vi", "en"}

    desk = Register(database, office.clock)
    desk.edit(replace(desk.person(person_id, ANH), language="vi"), ANH)
    assert {each.language for each in listed(database, event.id)} == {"vi"}


def listed(database: Database, event_id: int) -> list[Guest]:
    """Return the guests of an event."""
    with database.read() as connection:
        return guests.find_guests(connection, event_id)


def test_the_pass_page_speaks_the_guests_language_until_told_otherwise(
    sqlite_database: Database, tmp_path: Path
) -> None:
    office = an_office(sqlite_database, tmp_path)
    event = office.event()
    office.issuing.issue(event.id, ANH)
    holder, *_ = office.issuing.holders(event.id, ANH)
    mine = update(guest_table).where(guest_table.c.id == holder.guest.id)
    sqlite_database.write(lambda tx: tx.execute(mine.values(language="en")))
    way = f"/p/{holder.invitation.link}"
    house = a_house(office, tmp_path)

    english = words(house.stranger().get(way).get_data(as_text=True))
    chosen = words(house.stranger().get(f"{way}?lang=vi").get_data(as_text=True))
    with sqlite_database.read() as connection:
        kept = connection.scalars(select(guest_table.c.language)).all()

    assert kept.count("en") == 1
    assert "Địa điểm" not in english
    assert "Địa điểm" in chosen


def test_a_plan_counts_the_readers_of_english_whom_it_reaches(
    sqlite_database: Database, tmp_path: Path
) -> None:
    office = an_office(sqlite_database, tmp_path)
    event = office.event()
    mine = update(guest_table).where(guest_table.c.id == 1)
    reached = mine.values(language="en", email="mary@press.example")
    composing = Composing(sqlite_database, LETTERS, office.clock)

    before = composing.plan(event.id, ANH, BOTH, ("email", "sms"))
    sqlite_database.write(lambda tx: tx.execute(reached))
    after = composing.plan(event.id, ANH, BOTH, ("email", "sms"))

    assert (before.english, after.english) == (0, 1)

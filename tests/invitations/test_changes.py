"""What guests hear when an event moves or ends, or their own invitation does."""

from __future__ import annotations

from dataclasses import dataclass, replace
from email import message_from_bytes
from email.message import Message
from pathlib import Path

import pytest
from icalendar import Calendar
from sqlalchemy import select, update

from invitations.couriers.message import build
from invitations.domain.model import Event, Holder
from invitations.domain.outbox import EMAIL, SMS, State
from invitations.domain.plans import plan_of
from invitations.domain.register import Person, Wanted
from invitations.services.changes import Changes
from invitations.services.notices import Notices
from invitations.services.register import Register
from invitations.services.sending import Sending
from invitations.storage import rounds
from invitations.storage.database import Database
from invitations.storage.tables import deliveries, guests
from tests.factories_events import ANH, Office, an_office
from tests.invitations.letterbox import LETTERS

DAY = 86_400
WITHDRAWN = LETTERS.standard_words("withdrawal")


@dataclass(frozen=True)
class Desk:
    """An office whose guests have their invitations."""

    office: Office
    sending: Sending
    changes: Changes
    notices: Notices
    event: Event

    def arrive(self) -> None:
        """Let every letter that waits reach its guest."""
        self.office.database.write(
            lambda tx: tx.execute(
                update(deliveries)
                .where(deliveries.c.state == State.QUEUED)
                .values(state=State.ACCEPTED)
            )
        )

    def told(self, purpose: str) -> list[tuple[str, str, str, str]]:
        """Return address, channel, state and cause of every letter of one kind."""
        query = (
            select(
                deliveries.c.address,
                deliveries.c.channel,
                deliveries.c.state,
                deliveries.c.cause,
            )
            .where(deliveries.c.purpose == purpose)
            .order_by(deliveries.c.id)
        )
        with self.office.database.read() as connection:
            return [tuple(row) for row in connection.execute(query)]

    def mail(self, purpose: str) -> Message:
        """Return the first mail of one kind as its guest gets it."""
        with self.office.database.read() as connection:
            number = connection.scalars(
                select(deliveries.c.id)
                .where(deliveries.c.purpose == purpose, deliveries.c.channel == EMAIL)
                .order_by(deliveries.c.id)
            ).first()
            assert number is not None
            (errand,) = rounds.errands(connection, [number])
        letter = LETTERS.write(errand, self.office.issuing.pass_text(errand.invitation))
        return message_from_bytes(build(letter))

    def move(self, **changes: object) -> Event:
        """Change the event."""
        plan = replace(plan_of(self.present), **changes)  # type: ignore[arg-type]  # by name
        planned = self.office.planning.edit(self.event.id, plan, ANH).event
        assert planned is not None
        return planned

    @property
    def present(self) -> Event:
        """The event as it stands."""
        return self.office.planning.event(self.event.id, ANH).event

    def holders(self) -> list[Holder]:
        """Return who holds an invitation."""
        return self.office.issuing.holders(self.event.id, ANH)


@pytest.fixture
def desk(database: Database, tmp_path: Path) -> Desk:
    """Three guests with mail and telephone, whose invitations arrived."""
    office = an_office(database, tmp_path)
    event = office.event()
    database.write(
        lambda tx: [
            tx.execute(update(guests).where(guests.c.id == n).values(email=f"k{n}@bao.example"))
            for n in (1, 2, 3)
        ]
    )
    sending = Sending(database, LETTERS, office.keyring, office.clock)
    desk = Desk(
        office,
        sending,
        Changes(database, LETTERS, office.keyring, office.clock),
        Notices(database, LETTERS),
        event,
    )
    sending.send(event.id, ANH, LETTERS.standard_words(), (EMAIL, SMS))
    desk.arrive()
    return desk


def calendar_of(mail: Message) -> tuple[Calendar, str]:
    """Return the calendar message in a mail, and the method its header names."""
    (part,) = [each for each in mail.walk() if each.get_content_type() == "text/calendar"]
    payload = part.get_payload(decode=True)
    assert isinstance(payload, bytes)
    calendar = Calendar.from_ical(payload)
    assert isinstance(calendar, Calendar)
    return calendar, str(part.get_param("method"))


def test_a_moved_event_is_told_by_the_ways_its_invitations_went(desk: Desk) -> None:
    before, _ = calendar_of(desk.mail("invitation"))
    plan = replace(plan_of(desk.event), place="Hội trường B")
    proposed = desk.notices.proposed(desk.event.id, ANH, plan)
    assert proposed is not None
    assert (proposed.purpose, proposed.heard) == ("change", 3)
    desk.move(place="Hội trường B")

    desk.changes.notify(desk.event.id, ANH, proposed.words)

    assert len(desk.told("change")) == 6
    mail = desk.mail("change")
    after, method = calendar_of(mail)
    old, new = before.walk("VEVENT")[0], after.walk("VEVENT")[0]
    assert method == "REQUEST"
    assert new["UID"] == old["UID"]
    assert int(str(new["SEQUENCE"])) == int(str(old["SEQUENCE"])) + 1
    assert str(new["LOCATION"]).startswith("Hội trường B")
    text = next(each for each in mail.walk() if each.get_content_type() == "text/plain")
    payload = text.get_payload(decode=True)
    assert isinstance(payload, bytes)
    assert (
        "Trước đây: 15 giờ 00, Thứ Năm, ngày 19/11/2026, tại Hội trường A" in payload.decode()
    )


def test_nothing_is_sent_that_was_not_asked_for(desk: Desk) -> None:
    desk.move(place="Hội trường B")
    desk.office.planning.cancel(desk.event.id, ANH)

    assert desk.told("change") == desk.told("cancellation") == []


def test_asking_twice_tells_nobody_twice(desk: Desk) -> None:
    desk.move(place="Hội trường B")
    words = LETTERS.standard_words("change")
    desk.changes.notify(desk.event.id, ANH, words)
    desk.arrive()

    assert desk.changes.notify(desk.event.id, ANH, words) is None
    assert len(desk.told("change")) == 6

    desk.move(place="Hội trường C")
    assert desk.changes.notify(desk.event.id, ANH, words) is not None
    assert len(desk.told("change")) == 12


def test_what_guests_do_not_go_by_is_not_proposed(desk: Desk) -> None:
    plan = replace(plan_of(desk.event), capacity=300, notes="Mang theo thẻ nhà báo")

    assert desk.notices.proposed(desk.event.id, ANH, plan) is None


def test_whom_no_letter_reached_hears_nothing(desk: Desk) -> None:
    desk.office.database.write(
        lambda tx: tx.execute(
            update(deliveries)
            .where(deliveries.c.address == "k1@bao.example")
            .values(state=State.FAILED)
        )
    )
    desk.move(place="Hội trường B")
    desk.changes.notify(desk.event.id, ANH, LETTERS.standard_words("change"))

    mails = [address for address, channel, _, _ in desk.told("change") if channel == EMAIL]
    assert sorted(mails) == ["k2@bao.example", "k3@bao.example"]


def test_a_pass_that_would_end_too_early_comes_anew_with_the_notice(desk: Desk) -> None:
    event = desk.event
    later = {
        name: getattr(event, name) + 3 * DAY
        for name in ("starts_at", "ends_at", "opens_at", "closes_at")
    }
    desk.move(**later)
    assert desk.office.issuing.ended(event.id, ANH) == 3

    desk.changes.notify(event.id, ANH, LETTERS.standard_words("change"))

    assert desk.office.issuing.ended(event.id, ANH) == 0
    assert {holder.invitation.generation for holder in desk.holders()} == {1}


def test_a_cancelled_event_leaves_every_calendar(desk: Desk) -> None:
    proposed = desk.notices.of_cancelling(desk.event.id, ANH)
    assert proposed is not None
    desk.office.planning.cancel(desk.event.id, ANH)
    desk.changes.notify(desk.event.id, ANH, proposed.words)

    mail = desk.mail("cancellation")
    calendar, method = calendar_of(mail)
    entry = calendar.walk("VEVENT")[0]
    assert (method, calendar["METHOD"], entry["STATUS"]) == ("CANCEL", "CANCEL", "CANCELLED")
    assert entry["SEQUENCE"] == 1
    assert "image/png" not in {each.get_content_type() for each in mail.walk()}
    assert len(desk.told("cancellation")) == 6


def test_one_guest_withdrawn_hears_it_and_the_event_takes_place(desk: Desk) -> None:
    invitation = desk.holders()[0].invitation
    desk.changes.withdraw(invitation.id, ANH, "Trùng lịch", WITHDRAWN)

    calendar, method = calendar_of(desk.mail("withdrawal"))
    entry = calendar.walk("VEVENT")[0]
    assert method == "CANCEL"
    assert "STATUS" not in entry
    assert entry["SEQUENCE"] == 1
    assert len(desk.told("withdrawal")) == 2
    with desk.office.database.read() as connection:
        line = desk.office.guestbook.entry(connection, desk.event.id, invitation.pass_id)
    assert line is not None
    assert line.state == "withdrawn"


def test_a_notice_with_a_status_for_one_guest_would_be_seen(desk: Desk) -> None:
    invitation = desk.holders()[0].invitation
    desk.changes.withdraw(invitation.id, ANH, "Trùng lịch", WITHDRAWN)
    right, _ = calendar_of(desk.mail("withdrawal"))
    desk.office.planning.cancel(desk.event.id, ANH)
    wrong, _ = calendar_of(desk.mail("withdrawal"))

    assert "STATUS" not in right.walk("VEVENT")[0]
    assert "STATUS" in wrong.walk("VEVENT")[0]


def test_a_guest_may_be_withdrawn_in_silence(desk: Desk) -> None:
    invitation = desk.holders()[0].invitation

    assert desk.changes.withdraw(invitation.id, ANH, "Nhầm") is None
    assert desk.told("withdrawal") == []


def test_a_replaced_guest_gives_way_and_the_other_gets_an_own_pass(desk: Desk) -> None:
    old = desk.holders()[0].invitation
    person = Person(0, "Đỗ Văn Bảy", phone="0912345678", email="bay@bao.example")
    done = desk.changes.replace(old.id, ANH, person, "Đi công tác", notify=True)

    new = desk.office.issuing.holder(done.invitation_id, ANH)
    gone = desk.office.issuing.holder(old.id, ANH).invitation
    assert (gone.state, new.invitation.state) == ("withdrawn", "issued")
    assert new.invitation.pass_id != old.pass_id
    assert new.invitation.door_code != old.door_code
    assert len(desk.told("withdrawal")) == 2
    fresh = [each for each in desk.told("invitation") if each[0] == "bay@bao.example"]
    assert fresh == [("bay@bao.example", EMAIL, State.QUEUED, "")]
    known = Register(desk.office.database).page(ANH, Wanted("bay"))
    assert [each.name for each in known.people] == ["Đỗ Văn Bảy"]


def test_a_replacement_that_cannot_be_read_changes_nothing(desk: Desk) -> None:
    old = desk.holders()[0].invitation
    done = desk.changes.replace(old.id, ANH, Person(0, ""), "", notify=True)

    assert [each.code for each in done.problems] == ["name-missing"]
    assert desk.office.issuing.holder(old.id, ANH).invitation.state == "issued"


def test_who_asked_not_to_be_contacted_is_never_written_to(desk: Desk) -> None:
    register = Register(desk.office.database, desk.office.clock)
    person = register.add(Person(0, "Hồ Thị Chín", email="chin@bao.example"), ANH).person
    assert person is not None
    register.bar(person.id, ANH, "Đã nghỉ hưu")
    desk.office.database.write(
        lambda tx: tx.execute(
            update(guests).where(guests.c.email == "k1@bao.example").values(person_id=person.id)
        )
    )
    desk.move(place="Hội trường B")
    desk.changes.notify(desk.event.id, ANH, LETTERS.standard_words("change"))
    words = LETTERS.standard_words()
    plan = desk.sending.composing.plan(desk.event.id, ANH, words, (EMAIL,), again=True)
    desk.sending.send(desk.event.id, ANH, words, (EMAIL,), again=True)

    assert len(plan.reached[EMAIL]) == 2
    suppressed = (State.SUPPRESSED, "do-not-contact")
    mine = [each[2:] for each in desk.told("change") if each[0] == "k1@bao.example"]
    assert mine == [suppressed]
    again = [each[2:] for each in desk.told("invitation") if each[0] == "k1@bao.example"]
    assert again == [(State.ACCEPTED, ""), suppressed]
    now = int(desk.office.clock())
    claimed = desk.office.database.write(
        lambda tx: rounds.claim(tx, EMAIL, "postman", 100, now=now)
    )
    addresses = {errand.delivery.address for errand in claimed}
    assert addresses == {"k2@bao.example", "k3@bao.example"}

"""The sending desk: who is reached, what stands in the way, and who may ask."""

from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import Connection, select, update

from invitations.domain.composition import Composition
from invitations.domain.errors import NotFoundError
from invitations.domain.sendings import working_days_before
from invitations.storage import enrolment
from invitations.storage.database import Database
from invitations.storage.register_tables import people
from invitations.storage.tables import guests
from tests.invitations.letterbox import EVENT, LETTERS, STARTS_AT
from tests.invitations.outboxes import CHI, OFFICER, Clock, House, a_house

WORDS = LETTERS.standard_words()
NOON = 1_790_053_200  # Tuesday, 22 September 2026, 12:00 in Ho Chi Minh City
NIGHT = NOON + 11 * 3_600


@pytest.fixture
def house(sqlite_database: Database, tmp_path: Path) -> House:
    """A house of four guests: 2 has no mail, 3 only a desk telephone, 4 nothing at all."""
    house = a_house(sqlite_database, tmp_path / "keys", people=4, clock=Clock(NOON))
    house.change_guest(2, email="")
    house.change_guest(3, phone="+842838296052")
    house.change_guest(4, phone="", email="")
    return house


def test_a_plan_counts_who_is_reached_and_names_who_is_not(house: House) -> None:
    plan = house.sending.composing.plan(EVENT.id, OFFICER, WORDS, ("email", "sms"))

    reached = {channel: [guest.id for guest in some] for channel, some in plan.reached.items()}
    assert reached == {"email": [1, 3], "sms": [1, 2]}
    assert [guest.id for guest in plan.unreached] == [4]
    assert (plan.already, plan.parts, plan.mistakes, plan.warnings) == (0, 4, (), ())
    assert plan.possible


def test_what_was_planned_is_what_is_sent(house: House) -> None:
    sending_id = house.send("email", "sms")

    progress = house.sending.progress(sending_id, OFFICER)
    assert progress.counts == {("email", "queued"): 2, ("sms", "queued"): 2}
    plan = house.sending.composing.plan(EVENT.id, OFFICER, WORDS, ("email", "sms"))
    assert (plan.already, plan.possible) == (3, False)


@pytest.mark.parametrize(
    ("channels", "reached"),
    [
        pytest.param(("email", "sms"), {"email": [3], "sms": [1, 2]}, id="both"),
        pytest.param(("email",), {"email": [1, 3]}, id="mail-alone"),
        pytest.param(("sms",), {"sms": [1, 2]}, id="text-alone"),
    ],
)
def test_who_prefers_a_channel_gets_one_letter_by_it_where_there_is_a_choice(
    house: House, channels: tuple[str, ...], reached: dict[str, list[int]]
) -> None:
    """Guests 1 and 3 like texts, but the third has only a desk telephone."""
    prefer(house, 1, "sms")
    prefer(house, 3, "sms")

    plan = house.sending.composing.plan(EVENT.id, OFFICER, WORDS, channels)
    sending_id = house.send(*channels)

    planned = {by: sorted(guest.id for guest in some) for by, some in plan.reached.items()}
    lines = house.sending.lines(sending_id, OFFICER)
    sent = {by: sorted(x.guest_id for x in lines if x.channel == by) for by in channels}
    assert planned == sent == reached


def test_a_plan_that_forgets_the_wish_would_be_caught(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Seeded bug: the register is not asked."""
    monkeypatch.setattr(enrolment, "preferred", lambda *_: {})
    both = {"email": [3], "sms": [1, 2]}

    with pytest.raises(AssertionError):
        test_who_prefers_a_channel_gets_one_letter_by_it_where_there_is_a_choice(
            house, ("email", "sms"), both
        )


def prefer(house: House, guest_id: int, channel: str) -> None:
    """Tie a guest to the register, where a wish is noted."""

    def work(tx: Connection) -> None:
        enrolment.enrol_guest(tx, OFFICER.office_id, guest_id, at=0)
        mine = select(guests.c.person_id).where(guests.c.id == guest_id).scalar_subquery()
        tx.execute(update(people).where(people.c.id == mine).values(channel=channel))

    house.database.write(work)


def test_again_means_everybody_again_under_a_new_number(house: House) -> None:
    house.send()

    house.sending.send(EVENT.id, OFFICER, WORDS, ("email",), again=True)

    assert house.states() == {"queued": 4}


def test_the_last_words_are_offered_again(house: House) -> None:
    words = replace(WORDS, subject="Mời họp", note="Xin mang theo thẻ nhà báo.")
    first = house.sending.composing.composition(EVENT.id, OFFICER)
    house.send(words=words)

    assert (first.words, first.channels) == (WORDS, None)
    last = house.sending.composing.composition(EVENT.id, OFFICER)
    assert (last.words, last.channels) == (words, ("email",))


def test_a_preview_is_of_a_real_guest_with_a_pass_that_opens_nothing(house: House) -> None:
    preview = house.sending.composing.preview(EVENT.id, OFFICER, Composition(WORDS, guest_id=3))

    assert preview is not None
    assert preview.guest.id == 3
    assert "Kính gửi: Ông Nguyễn Văn Khách 3" in preview.mail.text
    assert preview.message.text.startswith("VP UBND TP.HCM kinh moi Ong Nguyen Van Khach 3")
    assert preview.length.parts == 2


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"subject": ""}, ("subject", "missing", "")),
        ({"subject": "x" * 151}, ("subject", "too-long", "150")),
        ({"opening": "Kính gửi {ho_va_ten}"}, ("opening", "unknown-field", "ho_va_ten")),
        ({"sms": "Kinh moi {ho_ten}"}, ("sms", "link-missing", "")),
    ],
)
def test_words_that_cannot_be_sent_are_named(
    house: House, changes: dict[str, str], expected: tuple[str, str, str]
) -> None:
    words = replace(WORDS, **changes)  # type: ignore[arg-type]  # only texts are given
    plan = house.sending.composing.plan(EVENT.id, OFFICER, words, ("email", "sms"))

    found = [(wrong.place, wrong.code, wrong.detail) for wrong in plan.mistakes]
    assert found == [expected]
    assert not plan.possible


def test_no_text_is_planned_at_night_without_a_warning(
    sqlite_database: Database, tmp_path: Path
) -> None:
    house = a_house(sqlite_database, tmp_path / "keys", people=1, clock=Clock(NIGHT))

    composing = house.sending.composing
    assert composing.plan(EVENT.id, OFFICER, WORDS, ("sms",)).warnings == ("quiet-hours",)
    assert composing.plan(EVENT.id, OFFICER, WORDS, ("email",)).warnings == ()


@pytest.mark.parametrize(("days", "working"), [(1, 0), (4, 3), (7, 4), (10, 7)])
def test_working_days_leave_out_weekends(days: int, working: int) -> None:
    """The event is on a Thursday."""
    assert working_days_before(STARTS_AT, now=STARTS_AT - days * 86_400) == working


def test_chi_of_another_office_sees_and_stops_nothing(house: House) -> None:
    sending_id = house.send()
    desk = house.sending

    for ask in (
        lambda: desk.progress(sending_id, CHI),
        lambda: desk.lines(sending_id, CHI),
        lambda: desk.pause(sending_id, CHI),
        lambda: desk.resume(sending_id, CHI),
        lambda: desk.stop(sending_id, CHI),
        lambda: desk.retry(sending_id, CHI),
        lambda: desk.batches(EVENT.id, CHI),
        lambda: desk.composing.preview(EVENT.id, CHI, Composition(WORDS)),
        lambda: desk.composing.plan(EVENT.id, CHI, WORDS, ("email",)),
    ):
        with pytest.raises(NotFoundError):
            ask()
    assert house.states() == {"queued": 2}

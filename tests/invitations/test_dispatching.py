"""The dispatching desk on both databases: tried words, counted guests, hours and approval."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from invitations.domain import dispatch, wording
from invitations.domain.composition import Composition, from_json, gaps, to_json
from invitations.domain.dispatch import HouseRules, Terms, calm, in_quiet_hours, next_morning
from invitations.domain.model import Actor
from invitations.domain.names import clean
from invitations.domain.outbox import EMAIL, SMS
from invitations.domain.wording import FIELDS, Words
from invitations.services import sending
from invitations.services.dispatching import Dispatching, Word
from invitations.services.rehearsing import MOST_AN_HOUR, Rehearsing
from invitations.storage.database import Database
from invitations.storage.tables import deliveries
from tests.invitations import relay
from tests.invitations.letterbox import EVENT, LETTERS, an_errand
from tests.invitations.outboxes import OFFICER, Clock, House, a_house, by_mail, by_text

BINH = Actor("Bình", 1, "officer", 2)
WORDS = LETTERS.standard_words()
NOON = 1_790_053_200  # Tuesday, 22 September 2026, 12:00 in Ho Chi Minh City
NIGHT = NOON + 11 * 3_600
MORNING = NOON + 19 * 3_600
BOTH = Composition(WORDS, (EMAIL, SMS))


@pytest.fixture
def post() -> Iterator[relay.Relay]:
    with relay.Relay() as here:
        yield here


@pytest.fixture
def gateway() -> Iterator[relay.Gateway]:
    with relay.Gateway() as here:
        yield here


@pytest.fixture
def house(database: Database, tmp_path: Path) -> House:
    return a_house(database, tmp_path / "keys", people=3, clock=Clock(NOON))


@pytest.fixture
def desk(house: House, post: relay.Relay, gateway: relay.Gateway) -> Dispatching:
    return a_desk(house, post, gateway)


def a_desk(
    house: House, post: relay.Relay, gateway: relay.Gateway, rules: HouseRules | None = None
) -> Dispatching:
    """Return a desk with real ways out."""

    def couriers() -> dict[str, object]:
        return {**by_mail(post.port), **by_text(gateway.url)}

    rehearsing = Rehearsing(
        house.database,
        house.sending.composing,
        couriers,  # type: ignore[arg-type]  # a dictionary of couriers, whatever their kind
        house.clock,
    )
    return Dispatching(house.sending, rehearsing, rules or HouseRules(), house.clock)


def rehearse(desk: Dispatching, composition: Composition = BOTH) -> None:
    """Keep the letter, and send it to the officer by each of its channels."""
    desk.sending.composing.keep(EVENT.id, OFFICER, composition)
    addresses = {EMAIL: "ngoc@vp.example.vn", SMS: "+84903999888"}
    for channel in composition.channels or ():
        desk.rehearsing.send(EVENT.id, OFFICER, composition, channel, addresses[channel])


def press(desk: Dispatching, terms: Terms | None = None, **other: object) -> object:
    """Press "send" as somebody who read the page, but for *other*."""
    check = desk.check(EVENT.id, OFFICER)
    word = Word(check.seal, check.plan.people, terms or Terms())
    return desk.release(EVENT.id, OFFICER, replace(word, **other))  # type: ignore[arg-type]  # fields of a word


def leaves_at(house: House) -> dict[str, set[int]]:
    """Return by channel when its letters may leave."""
    found: dict[str, set[int]] = {}
    with house.database.read() as connection:
        for channel, at in connection.execute(
            select(deliveries.c.channel, deliveries.c.next_at)
        ):
            found.setdefault(channel, set()).add(at)
    return found


def codes(answer: object) -> list[str]:
    """Return what stands in the way."""
    return [each.code for each in answer] if isinstance(answer, tuple) else []


def test_tried_words_and_a_good_count_let_go(house: House, desk: Dispatching) -> None:
    rehearse(desk)

    assert codes(press(desk)) == []
    assert house.states() == {"queued": 6}


def untried(desk: Dispatching) -> object:
    desk.sending.composing.keep(EVENT.id, OFFICER, BOTH)
    return press(desk)


def half_tried(desk: Dispatching) -> object:
    rehearse(desk, replace(BOTH, channels=(EMAIL,)))
    desk.sending.composing.keep(EVENT.id, OFFICER, BOTH)
    return press(desk)


def changed(desk: Dispatching) -> object:
    rehearse(desk)
    words = replace(WORDS, sms=WORDS.sms + " Tran trong.")
    desk.sending.composing.keep(EVENT.id, OFFICER, replace(BOTH, words=words))
    return press(desk)


def unseen(desk: Dispatching) -> object:
    rehearse(desk)
    return press(desk, seal="of another letter")


def miscounted(desk: Dispatching) -> object:
    rehearse(desk)
    return press(desk, count=2)


def too_early(desk: Dispatching) -> object:
    rehearse(desk)
    return press(desk, Terms(NOON - 60))


@pytest.mark.parametrize(
    ("deed", "code"),
    [
        (untried, ["untested", "untested"]),
        (half_tried, ["untested"]),
        (changed, ["untested"]),
        (unseen, ["changed"]),
        (miscounted, ["count"]),
        (too_early, ["time"]),
    ],
)
def test_nothing_else_lets_a_letter_go(
    house: House, desk: Dispatching, deed: Callable[[Dispatching], object], code: list[str]
) -> None:
    assert codes(deed(desk)) == code
    assert house.states() == {}


def test_a_digest_that_forgets_the_words_would_be_caught(
    house: House, desk: Dispatching, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Seeded bug: every text has the same name."""
    monkeypatch.setattr(wording, "digest", lambda *_: "always the same")

    with pytest.raises(AssertionError):
        test_nothing_else_lets_a_letter_go(house, desk, changed, ["untested"])


def test_texts_wait_for_the_morning_and_mails_do_not(
    database: Database, tmp_path: Path, post: relay.Relay, gateway: relay.Gateway
) -> None:
    house = a_house(database, tmp_path / "keys", people=1, clock=Clock(NIGHT))
    desk = a_desk(house, post, gateway)
    rehearse(desk)

    press(desk)

    assert leaves_at(house) == {EMAIL: {NIGHT}, SMS: {MORNING}}


def test_an_officer_may_text_at_night_and_the_book_says_so(
    database: Database, tmp_path: Path, post: relay.Relay, gateway: relay.Gateway
) -> None:
    house = a_house(database, tmp_path / "keys", people=1, clock=Clock(NIGHT))
    desk = a_desk(house, post, gateway)
    rehearse(desk)

    press(desk, Terms(at_night=True))

    assert leaves_at(house) == {EMAIL: {NIGHT}, SMS: {NIGHT}}
    assert house.detail("letters.send")["at_night"] is True


def test_a_scheduled_sending_carries_nothing_before_its_hour(
    house: House, desk: Dispatching, post: relay.Relay
) -> None:
    rehearse(desk, replace(BOTH, channels=(EMAIL,)))
    press(desk, Terms(NOON + 3_600))
    postman = house.postman(by_mail(post.port))

    postman.run_until_empty(give_up_s=10)
    before = house.states()
    house.clock.now = NOON + 3_600  # type: ignore[attr-defined]  # a clock of ours
    postman.run_until_empty(give_up_s=30)

    assert (before, house.states()) == ({"queued": 3}, {"accepted": 3})


def test_what_the_house_holds_only_another_officer_lets_go(
    house: House, post: relay.Relay, gateway: relay.Gateway
) -> None:
    desk = a_desk(house, post, gateway, HouseRules(approval=True))
    rehearse(desk, replace(BOTH, channels=(EMAIL,)))
    sending_id = press(desk)
    assert isinstance(sending_id, int)
    postman = house.postman(by_mail(post.port))

    postman.run_until_empty(give_up_s=10)
    own = house.sending.approve(sending_id, OFFICER)
    house.sending.resume(sending_id, OFFICER)
    postman.run_until_empty(give_up_s=10)
    held = house.states()
    other = house.sending.approve(sending_id, BINH)
    postman.run_until_empty(give_up_s=30)

    assert (own, other) == (False, True)
    assert (held, house.states()) == ({"queued": 3}, {"accepted": 3})
    assert house.deeds()[-2:] == ["letters.send", "letters.approve"]


def test_the_price_is_that_of_every_part(
    house: House, post: relay.Relay, gateway: relay.Gateway
) -> None:
    desk = a_desk(house, post, gateway, HouseRules(sms_price=800, per_minute={SMS: 2}))
    desk.sending.composing.keep(EVENT.id, OFFICER, BOTH)

    check = desk.check(EVENT.id, OFFICER)

    assert (check.plan.parts, check.cost, check.minutes[SMS]) == (6, 4_800, 2)


def test_tests_are_no_way_round_the_outbox(desk: Dispatching, gateway: relay.Gateway) -> None:
    send = partial(desk.rehearsing.send, EVENT.id, OFFICER, replace(BOTH, channels=(SMS,)), SMS)
    tried = [send("+84903999888") for _ in range(MOST_AN_HOUR + 1)]

    assert len(gateway.taken) == MOST_AN_HOUR
    assert tried[-1] is not None
    assert tried[-1].cause == "too-many-tests"


def test_who_lacks_what_is_named(house: House) -> None:
    house.change_guest(1, title="Phóng viên", organisation="Báo Mới", email="")
    house.change_guest(2, honorific="", organisation="Báo Mới")
    house.change_guest(3, name="Sở Y tế", organisation="Sở Y tế", honorific="")
    words = replace(WORDS, opening="Mời {xung_ho} {chuc_vu} {don_vi}")
    found = house.sending.composing.candidates(EVENT.id, OFFICER)

    lacking = {
        each.guest.id: (each.fields, each.channels) for each in gaps(found, words, [EMAIL])
    }

    assert lacking == {1: ((), (EMAIL,)), 2: (("xung_ho", "chuc_vu"), ())}


@given(st.integers(0, 2**31))
def test_no_text_leaves_while_people_sleep(instant: int) -> None:
    leaves = Terms().leaves_at(SMS, now=instant)

    assert not in_quiet_hours(leaves)
    assert 0 <= leaves - instant <= 9 * 3_600
    assert Terms().leaves_at(EMAIL, now=instant) == instant
    assert 0 < next_morning(instant) - instant <= 86_400
    assert calm(leaves) == leaves


@given(
    st.builds(Words, st.text(), st.text(), st.text(), st.text(), st.booleans(), st.booleans()),
    st.sampled_from([None, (), (EMAIL,), (EMAIL, SMS)]),
)
def test_what_is_kept_comes_back_as_it_was(
    words: Words, channels: tuple[str, ...] | None
) -> None:
    kept = Composition(words, channels, again=True, guest_id=7)

    assert from_json(to_json(kept)) == kept


HOSTILE = st.lists(
    st.sampled_from(
        [*"{}<>&\"'=:/\r\n\x00 \u202eaâ", "{lien_ket}", "{{7*7}}", "<b>", "\r\nBcc: x@y"]
    )
).map("".join)


@given(HOSTILE, st.sampled_from(FIELDS))
def test_no_field_of_a_guest_is_read_as_a_field_or_as_markup(value: str, field: str) -> None:
    shown = wording.fill(f"[{{{field}}}]", {name: clean(value) for name in FIELDS})

    assert shown == f"[{clean(value)}]"


@given(HOSTILE)
def test_a_hostile_name_stays_a_name_in_every_letter(value: str) -> None:
    errand = an_errand()
    guest = replace(errand.guest, name=value, organisation=value, title=value)
    mail = LETTERS.mail(replace(errand, guest=guest), "7" * 60)
    plain = LETTERS.mail(errand, "7" * 60)

    assert mail.html.count("<") == plain.html.count("<")
    assert "\n" not in mail.subject + mail.name
    assert LETTERS.link(errand.invitation) in mail.text


def test_a_desk_that_forgets_whose_sending_it_is_would_be_caught(
    house: House,
    post: relay.Relay,
    gateway: relay.Gateway,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Seeded bug: nobody's sending is one's own."""
    monkeypatch.setattr(sending, "is_own", lambda *_: False)

    with pytest.raises(AssertionError):
        test_what_the_house_holds_only_another_officer_lets_go(house, post, gateway)


def test_a_clock_without_nights_would_be_caught(
    database: Database,
    tmp_path: Path,
    post: relay.Relay,
    gateway: relay.Gateway,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Seeded bug: people never sleep."""
    monkeypatch.setattr(dispatch, "calm", lambda instant: instant)

    with pytest.raises(AssertionError):
        test_texts_wait_for_the_morning_and_mails_do_not(database, tmp_path, post, gateway)

"""Nobody is woken: whatever text comes due at night waits for seven o'clock, save one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import update

from invitations.domain.dispatch import Terms, calm, in_quiet_hours, may_leave, next_morning
from invitations.domain.outbox import CHANNELS, SMS
from invitations.services import postman
from invitations.services.changes import Changes
from invitations.storage.database import Database
from invitations.storage.tables import events
from tests.invitations import relay
from tests.invitations.letterbox import EVENT, LETTERS, an_errand
from tests.invitations.outboxes import OFFICER, Clock, House, a_house, by_text

EVENING = 1_790_053_200 + 9 * 3_600 + 1_800  # 21:30 in Ho Chi Minh City
NIGHT = EVENING + 2 * 3_600
MORNING = next_morning(NIGHT)
AWAKE, AT_NIGHT = Terms(), Terms(at_night=True)
PURPOSES = ("invitation", "change", "cancellation", "withdrawal")


@pytest.fixture
def house(database: Database, tmp_path: Path) -> House:
    """A house of two guests in the evening."""
    return a_house(database, tmp_path / "keys", people=2, clock=Clock(EVENING))


def work(house: House, here: relay.Gateway, at: int) -> int:
    """Let the postman work at an instant; return how many texts have left by then."""
    assert isinstance(house.clock, Clock)
    house.clock.now = at
    assert house.postman(by_text(here.url)).run_until_empty(give_up_s=30)
    return len(here.taken)


def still_queued(house: House, here: relay.Gateway, terms: Terms) -> None:
    """Queue texts in the evening, and let nobody carry them before the night."""
    del here
    house.send(SMS, terms=terms)


def tried_again(house: House, here: relay.Gateway, terms: Terms) -> None:
    """Let the gateway refuse every text in the evening, and ask again at night."""
    sending_id = house.send(SMS, terms=terms)
    here.answers = [(400, "no such number")] * 2
    work(house, here, EVENING)
    here.taken.clear()
    work(house, here, NIGHT)
    assert house.sending.retry(sending_id, OFFICER) == 2


def told_of_a_change(house: House, here: relay.Gateway, terms: Terms) -> None:
    """Let the invitations arrive in the evening, and tell of a change at night."""
    house.send(SMS, terms=terms)
    work(house, here, EVENING)
    here.taken.clear()
    work(house, here, NIGHT)
    notify(house)


def notify(house: House) -> None:
    desk = Changes(house.database, house.letters, house.keyring, house.clock)
    words = replace(LETTERS.standard_words("change"), sms="Doi phong")
    assert desk.notify(EVENT.id, OFFICER, words) is not None


def call_off(house: House, starts_at: int) -> None:
    """Call the event off that would have begun at *starts_at*."""
    values = {"state": "cancelled", "starts_at": starts_at, "ends_at": starts_at + 3_600}
    house.database.write(lambda tx: tx.execute(update(events).values(values)))
    notify(house)


Deed = Callable[[House, relay.Gateway, Terms], None]


@pytest.mark.parametrize("deed", [still_queued, tried_again, told_of_a_change])
def test_a_text_that_comes_due_at_night_waits_for_seven(house: House, deed: Deed) -> None:
    with relay.Gateway() as here:
        deed(house, here, AWAKE)
        left = [work(house, here, at) for at in (NIGHT, MORNING - 1, MORNING)]

    assert left == [0, 0, 2]


@pytest.mark.parametrize("deed", [still_queued, tried_again])
def test_the_logged_word_lets_a_sending_text_at_night(house: House, deed: Deed) -> None:
    with relay.Gateway() as here:
        deed(house, here, AT_NIGHT)

        assert work(house, here, NIGHT) == 2


@pytest.mark.parametrize(
    ("starts_at", "at_night"),
    [
        pytest.param(MORNING - 3_600, 2, id="before-seven"),
        pytest.param(MORNING, 0, id="at-seven"),
        pytest.param(MORNING + 86_400, 0, id="another-day"),
    ],
)
def test_only_what_is_called_off_before_seven_is_said_at_once(
    house: House, starts_at: int, at_night: int
) -> None:
    house.send(SMS, terms=AWAKE)
    with relay.Gateway() as here:
        work(house, here, EVENING)
        here.taken.clear()
        work(house, here, NIGHT)
        call_off(house, starts_at)

        assert work(house, here, NIGHT) == at_night


def test_a_postman_who_looks_at_no_clock_would_be_caught(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Seeded bug: what is due leaves, whatever the hour."""
    monkeypatch.setattr(postman, "may_leave", lambda _errand, *, now: now)

    with pytest.raises(AssertionError):
        test_a_text_that_comes_due_at_night_waits_for_seven(house, still_queued)


@given(
    now=st.integers(EVENING - 86_400, EVENING + 86_400),
    starts_in=st.integers(-3_600, 2 * 86_400),
    channel=st.sampled_from(CHANNELS),
    purpose=st.sampled_from(PURPOSES),
    at_night=st.booleans(),
)
def test_nothing_else_leaves_at_night(
    *, now: int, starts_in: int, channel: str, purpose: str, at_night: bool
) -> None:
    errand = an_errand(channel, event=replace(EVENT, starts_at=now + starts_in))
    delivery = replace(errand.delivery, purpose=purpose)
    leaves = may_leave(replace(errand, delivery=delivery, at_night=at_night), now=now)

    urgent = purpose == "cancellation" and now + starts_in < calm(now)
    waits = channel == SMS and in_quiet_hours(now) and not at_night and not urgent
    assert leaves == (next_morning(now) if waits else now)

"""The rules of the outbox: when a letter is tried again, and when it is not."""

import pytest

from invitations.domain import outbox as rules
from invitations.domain.errors import CourierError
from invitations.domain.outbox import Delivery, State

NOW = 1_790_000_000


def test_an_ill_relay_rests_longer_and_longer() -> None:
    pauses = [rules.relay_pause(errors) for errors in range(1, 12)]

    assert pauses == [0, 0, 5, 15, 30, 60, 120, 300, 300, 300, 300]


def a_delivery(channel: str = "email", attempts: int = 0) -> Delivery:
    return Delivery(1, 1, 1, channel, "a@x.vn", "id", 0, attempts, NOW + 30 * 86_400)


def test_forty_eight_hours_of_greylisting_in_a_moment() -> None:
    """The schedule: 1, 5, 15, 30, 60, 120 minutes, and then every two hours."""
    waits, now = [], NOW
    for attempts in range(30):
        busy = CourierError("later", code="451 4.7.1")
        move = rules.after_failure(a_delivery(attempts=attempts), busy, now=now, chance=0)
        waits.append((move.next_at - now) // 60)
        now = move.next_at

    assert waits[:8] == [1, 5, 15, 30, 60, 120, 120, 120]
    assert now - NOW >= 48 * 3_600


@pytest.mark.parametrize("chance", [-1, 1])
def test_tries_scatter_by_a_fifth(chance: float) -> None:
    busy = CourierError("later", code="451")
    move = rules.after_failure(a_delivery(attempts=5), busy, now=NOW, chance=chance)

    assert move.next_at - NOW == 7_200 * (1 + 0.2 * chance)


def test_a_try_after_the_deadline_is_none() -> None:
    late = Delivery(1, 1, 1, "email", "a@x.vn", "id", 0, 0, NOW + 30)
    move = rules.after_failure(late, CourierError("later", code="451"), now=NOW, chance=0)

    assert move.state == State.EXPIRED


@pytest.mark.parametrize(
    ("trouble", "state", "attempts"),
    [
        (CourierError("no", permanent=True, code="550 5.1.1"), State.FAILED, 1),
        (CourierError("no", code="451"), State.DEFERRED, 1),
        (CourierError("ill", relay=True, code="421"), State.QUEUED, 0),
        (CourierError("?", uncertain=True, code="uncertain"), State.DEFERRED, 1),
    ],
)
def test_every_trouble_has_its_move(trouble: CourierError, state: State, attempts: int) -> None:
    move = rules.after_failure(a_delivery(), trouble, now=NOW, chance=0)

    assert (move.state, move.attempts) == (state, attempts)


def test_doubt_about_a_text_is_the_officers_to_settle() -> None:
    doubt = CourierError("?", uncertain=True, code="uncertain")

    assert rules.after_failure(a_delivery("sms"), doubt, now=NOW, chance=0).state == (
        State.UNCERTAIN
    )
    assert rules.after_crash(a_delivery("sms"), now=NOW).state == State.UNCERTAIN
    assert rules.after_crash(a_delivery(), now=NOW).state == State.QUEUED

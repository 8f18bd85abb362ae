"""Guests who hold a letter that is no longer true are counted until they are told."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import insert, update

from invitations.domain.outbox import EMAIL, SMS, State
from invitations.services.untold import Untold
from invitations.storage.tables import deliveries, delivery_events
from tests.factories_events import ANH
from tests.invitations.letterbox import LETTERS
from tests.invitations.pages import a_house, words
from tests.invitations.test_changes import DAY, Desk, desk

__all__ = ["desk"]

TIMES = ("starts_at", "ends_at", "opens_at", "closes_at")
CHANGE = LETTERS.standard_words("change")


def untold(desk: Desk) -> int:
    """Return how many guests have to be told of the desk's event."""
    return Untold(desk.office.database).count(desk.event.id, ANH)


def later(desk: Desk) -> None:
    """Let an hour pass, so that what comes next is after what was."""
    desk.office.clock.now += 3_600


def test_guests_are_untold_from_the_change_until_their_notice_is_queued(desk: Desk) -> None:
    assert untold(desk) == 0
    later(desk)
    desk.move(place="Hội trường B")
    assert untold(desk) == 3

    desk.changes.notify(desk.event.id, ANH, CHANGE)
    assert untold(desk) == 0
    desk.arrive()
    assert untold(desk) == 0

    later(desk)
    desk.move(place="Hội trường C")
    assert untold(desk) == 3


def test_who_was_invited_after_the_change_knows_of_it(desk: Desk) -> None:
    later(desk)
    desk.move(place="Hội trường B")
    later(desk)
    words = LETTERS.standard_words()
    desk.sending.send(desk.event.id, ANH, words, (EMAIL, SMS), again=True)
    desk.arrive()

    assert untold(desk) == 0


def test_a_note_or_the_capacity_is_no_change_for_guests(desk: Desk) -> None:
    later(desk)
    desk.move(notes="Mang theo thẻ nhà báo", capacity=900)

    assert untold(desk) == 0


def test_a_cancelled_event_is_untold_until_its_notice(desk: Desk) -> None:
    later(desk)
    desk.office.planning.cancel(desk.event.id, ANH)
    assert untold(desk) == 3

    desk.changes.notify(desk.event.id, ANH, LETTERS.standard_words("cancellation"))
    assert untold(desk) == 0


def test_who_never_got_a_letter_or_lost_the_invitation_need_not_be_told(desk: Desk) -> None:
    later(desk)
    desk.move(place="Hội trường B")
    first, second, _ = desk.holders()
    desk.changes.withdraw(first.invitation.id, ANH, "")
    failed = update(deliveries).where(deliveries.c.invitation_id == second.invitation.id)
    desk.office.database.write(lambda tx: tx.execute(failed.values(state=State.FAILED)))

    assert untold(desk) == 1


def test_a_report_that_comes_after_the_change_tells_nobody_of_it(desk: Desk) -> None:
    """A text was delivered late: what it said was written before, whatever `updated_at` is."""
    sent_at = int(desk.office.clock.now)

    rows = [
        {"delivery_id": number, "at": sent_at, "state": State.ACCEPTED}
        for number in range(1, 7)
    ]
    desk.office.database.write(lambda tx: tx.execute(insert(delivery_events), rows))
    later(desk)
    desk.move(place="Hội trường B")
    later(desk)
    now = int(desk.office.clock.now)
    reported = update(deliveries).values(report="delivered", reported_at=now, updated_at=now)
    desk.office.database.write(lambda tx: tx.execute(reported))

    assert untold(desk) == 3


@pytest.mark.parametrize(
    ("deed", "said", "way"),
    [
        pytest.param(
            "move",
            "3 khách chưa biết sự kiện đã thay đổi",
            "Báo thay đổi cho khách",
            id="moved",
        ),
        pytest.param(
            "cancel",
            "3 khách đã có thư mời mà chưa được báo hủy.",
            "Báo hủy cho khách",
            id="called off",
        ),
    ],
)
def test_the_events_page_says_so_and_leads_to_the_notice(
    desk: Desk, tmp_path: Path, deed: str, said: str, way: str
) -> None:
    browser = a_house(desk.office, tmp_path).browser()
    later(desk)
    if deed == "move":
        desk.move(**{name: getattr(desk.event, name) + 3_650 * DAY for name in TIMES})
    else:
        desk.office.planning.cancel(desk.event.id, ANH)

    page = browser.get(f"/events/{desk.event.id}").get_data(as_text=True)
    assert said in words(page)
    assert way in words(page)
    assert f'href="/events/{desk.event.id}/notice"' in page

    kind = "change" if deed == "move" else "cancellation"
    desk.changes.notify(desk.event.id, ANH, LETTERS.standard_words(kind))
    after = words(browser.get(f"/events/{desk.event.id}").get_data(as_text=True))
    assert said not in after
    assert way not in after

"""Issuing, on each database: one invitation a guest, and the doors hear of each change."""

from __future__ import annotations

import re
import secrets
from pathlib import Path

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.schema import DropTable

from checkin.domain.admission import (
    EventRules,
    GateRules,
    Knowledge,
    Outcome,
    decide,
)
from checkin.domain.wire import rules_from_json
from invitations.domain import doorcode, passes
from invitations.domain.errors import NotFoundError, StorageError
from invitations.domain.model import Event, Invitation
from invitations.domain.roster import Counts, rules_json, to_json
from invitations.services import issuing
from invitations.storage.database import Database
from invitations.storage.tables import audit, invitations
from tests.factories_events import ANH, CHI, NOVEMBER_19, Office, a_plan, an_office

DAY = 86_400


@pytest.fixture
def office(database: Database, tmp_path: Path) -> Office:
    return an_office(database, tmp_path)


def test_every_guest_gets_one_invitation_however_often_it_is_asked(office: Office) -> None:
    event = office.event()

    first = office.issuing.issue(event.id, ANH)
    second = office.issuing.issue(event.id, ANH)

    assert (first.count, second.count) == (3, 0)
    assert office.planning.event(event.id, ANH).counts == Counts(3, 0, 3, 0)


def test_invitations_may_be_given_to_some_and_later_to_the_rest(office: Office) -> None:
    event = office.event()
    everybody = office.issuing.issue(event.id, ANH).guest_ids
    again = office.event()

    some = office.issuing.issue(again.id, ANH, {everybody[0], everybody[0] + 3})

    assert some.guest_ids == (everybody[0] + 3,)
    assert office.issuing.issue(again.id, ANH).count == 2


def test_a_pass_opens_the_door_of_its_event_and_no_other(office: Office) -> None:
    event, other = office.event(), office.event()
    (holder, *_) = office.holders(event)

    text = office.issuing.pass_text(holder.invitation)

    assert verdict(office, event, text) is Outcome.ADMITTED
    assert verdict(office, other, text) is Outcome.WRONG_EVENT


def test_a_pass_outlives_its_doors_by_a_day_and_no_more(office: Office) -> None:
    event = office.event(a_plan(closes_at=NOVEMBER_19 + 5_401))
    (holder, *_) = office.holders(event)

    assert holder.invitation.not_after == NOVEMBER_19 + 5_460 + DAY


def test_the_doors_hear_of_each_pass_just_as_the_guestbook_has_it(office: Office) -> None:
    event = office.event()
    office.holders(event)

    with office.database.read() as connection:
        entries = office.guestbook.entries(connection, event.id)

    assert office.told(event, "roster") == [to_json(entry) for entry in entries]
    assert office.deeds()[-1] == ("pass.issue", str(event.id))


def test_a_pass_given_again_replaces_the_one_before(office: Office) -> None:
    event = office.event()
    (holder, *_) = office.holders(event)
    old = office.issuing.pass_text(holder.invitation)

    done = office.issuing.reissue(holder.invitation.id, ANH)

    assert done.invitation is not None
    assert done.invitation.generation == 1
    assert done.invitation.link == holder.invitation.link
    assert done.invitation.door_code != holder.invitation.door_code
    assert verdict(office, event, old) is Outcome.REPLACED
    new = office.issuing.pass_text(done.invitation)
    assert verdict(office, event, new) is Outcome.ADMITTED
    assert office.told(event, "roster")[-1] == entry_json(office, event, done.invitation)


def test_an_invitation_taken_back_opens_nothing_until_it_is_given_again(
    office: Office,
) -> None:
    event = office.event()
    (holder, *_) = office.holders(event)
    text = office.issuing.pass_text(holder.invitation)

    withdrawn = office.issuing.withdraw(holder.invitation.id, ANH, "Đổi người")
    office.issuing.withdraw(holder.invitation.id, ANH, "Hai lần")

    assert withdrawn.state == "withdrawn"
    assert verdict(office, event, text) is Outcome.REVOKED
    assert office.told(event, "roster")[-1] == entry_json(office, event, withdrawn)
    withdrawals = [deed for deed in office.deeds() if deed[0] == "pass.withdraw"]
    assert withdrawals == [("pass.withdraw", str(holder.invitation.id))]

    again = office.issuing.reissue(holder.invitation.id, ANH).invitation
    assert again is not None
    assert verdict(office, event, office.issuing.pass_text(again)) is Outcome.ADMITTED


def test_a_roster_that_forgot_the_generation_would_be_caught(office: Office) -> None:
    event = office.event()
    (holder, *_) = office.holders(event)
    old = office.issuing.pass_text(holder.invitation)
    office.issuing.reissue(holder.invitation.id, ANH)

    forget = invitations.update().values(generation=0)  # the seeded bug
    office.database.write(lambda tx: tx.execute(forget).rowcount)

    assert verdict(office, event, old) is not Outcome.REPLACED


def test_an_event_that_moved_far_asks_for_new_passes(office: Office) -> None:
    event = office.event()
    (holder, *_) = office.holders(event)
    week = 7 * DAY
    later = a_plan(
        starts_at=NOVEMBER_19 + week,
        ends_at=NOVEMBER_19 + week + 5_400,
        opens_at=NOVEMBER_19 + week - 2_700,
        closes_at=NOVEMBER_19 + week + 5_400,
        gates=event.gates,
    )
    assert office.issuing.ended(event.id, ANH) == 0

    office.planning.edit(event.id, later, ANH)

    assert office.issuing.ended(event.id, ANH) == 3
    assert office.issuing.reissue_ended(event.id, ANH) == 3
    assert office.issuing.ended(event.id, ANH) == 0
    after = office.issuing.holder(holder.invitation.id, ANH).invitation
    assert after.not_after == NOVEMBER_19 + week + 5_400 + DAY


def test_a_pass_is_given_at_most_255_times_again(office: Office) -> None:
    event = office.event(names=["Nguyễn Văn An"])
    (holder,) = office.holders(event)
    full = invitations.update().values(generation=issuing.LARGEST_GENERATION)
    office.database.write(lambda tx: tx.execute(full).rowcount)

    done = office.issuing.reissue(holder.invitation.id, ANH)

    assert (done.invitation, done.code) == (None, "exhausted")


def test_another_office_neither_sees_nor_gives_nor_takes(office: Office) -> None:
    event = office.event()
    (holder, *_) = office.holders(event)
    before = office.deeds()

    for deed in (
        lambda: office.issuing.issue(event.id, CHI),
        lambda: office.issuing.reissue(holder.invitation.id, CHI),
        lambda: office.issuing.reissue_ended(event.id, CHI),
        lambda: office.issuing.withdraw(holder.invitation.id, CHI, "x"),
        lambda: office.issuing.holder(holder.invitation.id, CHI),
        lambda: office.issuing.holders(event.id, CHI),
        lambda: office.issuing.ended(event.id, CHI),
    ):
        with pytest.raises(NotFoundError):
            deed()
    assert office.deeds() == before


def test_invitations_news_and_audit_stand_or_fall_together(office: Office) -> None:
    event = office.event()
    office.database.write(lambda tx: tx.execute(DropTable(audit)).rowcount)

    with pytest.raises((StorageError, DBAPIError)):
        office.issuing.issue(event.id, ANH)

    assert office.told(event, "roster") == []
    with office.database.read() as connection:
        assert connection.scalar(select(func.count()).select_from(invitations)) == 0


def test_what_leaves_the_house_is_random_plain_and_never_twice_the_same(
    office: Office,
) -> None:
    event = office.event(names=[f"Khách {number}" for number in range(200)])

    found = [holder.invitation for holder in office.holders(event)]

    for invitation in found:
        assert re.fullmatch(r"[a-z2-7]{16}", invitation.tag)
        assert re.fullmatch(r"[a-z2-7]{20}", invitation.link)
        assert re.fullmatch(r"[0-9a-f]{16}", invitation.pass_id)
        assert doorcode.check(invitation.door_code) is True
    for name in ("tag", "link", "pass_id", "door_code"):
        assert len({getattr(invitation, name) for invitation in found}) == 200


def test_two_guests_of_one_event_never_share_a_door_code(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    throws = iter([7, 7, 7, 8, 7, 8, 9])
    monkeypatch.setattr(secrets, "randbelow", lambda _limit: next(throws))

    codes = [holder.invitation.door_code for holder in office.holders(office.event())]

    assert sorted(code[:11] for code in codes) == [f"{n:011d}" for n in (7, 8, 9)]


def verdict(office: Office, event: Event, text: str) -> Outcome:
    """Return what the door of *event* says to *text* when it opens, by the guestbook."""
    trust, rules = office.keyring.trust(), rules_of(event)
    reading = passes.read(text, trust)
    with office.database.read() as connection:
        entry = office.guestbook.entry(connection, event.id, reading.pass_id)
    known = Knowledge(entry, roster_as_of=rules.opens_at)
    return decide(reading, known, rules, GateRules(1, "Cửa A"), now=rules.opens_at).outcome


def rules_of(event: Event) -> EventRules:
    return rules_from_json(rules_json(event))


def entry_json(office: Office, event: Event, invitation: Invitation) -> dict[str, object]:
    with office.database.read() as connection:
        entry = office.guestbook.entry(connection, event.id, invitation.pass_id)
    assert entry is not None
    return to_json(entry)

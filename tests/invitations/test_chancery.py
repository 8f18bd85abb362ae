"""The official letter of an event, from the empty form to the mail it goes with."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from invitations.domain import papers
from invitations.domain.errors import NotFoundError, SealError
from invitations.domain.model import Event
from invitations.domain.papers import Flaw, LetterForm
from invitations.services.chancery import Chancery
from invitations.services.enclosing import Enclosing
from invitations.services.sealing import Sealing
from invitations.services.stationery import Stationery
from invitations.storage import events
from invitations.storage.database import Database
from invitations.storage.tables import guests, official_letters
from tests.factories_events import ANH, CHI, Office, a_plan, an_office
from tests.invitations.authority import a_member, an_authority, keep_seal
from tests.invitations.papers_desk import FORM, a_desk, words

COMPLETE = replace(FORM, addressee="Quý cơ quan báo chí")


@pytest.fixture
def office(sqlite_database: Database, tmp_path: Path) -> Office:
    return an_office(sqlite_database, tmp_path)


@pytest.fixture
def chancery(office: Office, tmp_path: Path) -> Chancery:
    authority = an_authority()
    keep_seal(tmp_path / "seals/1", a_member(authority))
    (tmp_path / "roots").mkdir()
    (tmp_path / "roots/root.pem").write_bytes(authority.pem)
    sealing = Sealing(tmp_path / "seals", tmp_path / "roots")
    return Chancery(office.database, a_desk(tmp_path / "offices"), sealing, office.clock)


@pytest.fixture
def event(office: Office) -> Event:
    return office.event()


def guest_ids(office: Office, event: Event) -> list[int]:
    with office.database.read() as connection:
        query = select(guests.c.id).where(guests.c.event_id == event.id)
        return list(connection.scalars(query.order_by(guests.c.sort_key, guests.c.id)))


def moved(office: Office, event: Event) -> Event:
    """Move *event* to another hall, and return it as it stands now."""
    office.planning.edit(
        event.id, replace(a_plan(gates=event.gates), place="Hội trường B"), ANH
    )
    with office.database.read() as connection:
        found = events.find(connection, event.id)
    assert found is not None
    return found


def test_the_first_form_is_proposed_from_the_event(chancery: Chancery, event: Event) -> None:
    draft = chancery.draft(event.id, ANH)

    assert not draft.saved
    assert draft.form.attend == "Họp báo định kỳ tháng 11/2026"
    assert draft.form.subject == "Tham dự họp báo định kỳ tháng 11/2026"
    assert draft.form.dated == "2026-11-02"
    assert {each.field for each in draft.flaws} == {"number", "symbol", "position", "signer"}


def test_the_next_form_takes_over_what_stays_the_same(
    chancery: Chancery, office: Office, event: Event
) -> None:
    chancery.save(event.id, ANH, COMPLETE)
    later = office.event(a_plan(title="Họp báo định kỳ tháng 12/2026"))

    form = chancery.draft(later.id, ANH).form

    assert (form.signer, form.symbol, form.authority) == (
        COMPLETE.signer,
        COMPLETE.symbol,
        COMPLETE.authority,
    )
    assert (form.number, form.attend) == ("", "Họp báo định kỳ tháng 12/2026")


def test_a_signed_letter_goes_with_the_mail(
    chancery: Chancery, office: Office, event: Event
) -> None:
    chancery.save(event.id, ANH, COMPLETE)
    assert Enclosing(office.database)(event, guest_ids(office, event)[0]) == b""

    chancery.sign(event.id, ANH)

    enclosed = Enclosing(office.database)(event, guest_ids(office, event)[0])
    draft = chancery.draft(event.id, ANH)
    assert enclosed == chancery.signed(event.id, ANH)
    assert chancery.sealing.verify(enclosed).valid
    assert "Quý cơ quan báo chí" in words(enclosed)
    assert draft.letter is not None
    assert draft.letter.signed_by == "Văn phòng Ủy ban nhân dân Thành phố"
    assert office.deeds()[-1] == ("letter.sign", str(event.id))


def test_a_letter_that_no_longer_tells_the_truth_stays_here(
    chancery: Chancery, office: Office, event: Event
) -> None:
    chancery.save(event.id, ANH, COMPLETE)
    chancery.sign(event.id, ANH)

    now = moved(office, event)

    assert chancery.draft(event.id, ANH).stale
    assert Enclosing(office.database)(now, guest_ids(office, event)[0]) == b""
    chancery.sign(event.id, ANH)
    assert not chancery.draft(event.id, ANH).stale
    assert "Hội trường B" in words(Enclosing(office.database)(now, guest_ids(office, event)[0]))


def test_a_chancery_that_forgets_to_compare_is_seen(
    chancery: Chancery, office: Office, event: Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    chancery.save(event.id, ANH, COMPLETE)
    chancery.sign(event.id, ANH)
    now = moved(office, event)
    monkeypatch.setattr(papers, "facts", lambda _event: chancery_facts(office, event))

    assert Enclosing(office.database)(now, guest_ids(office, event)[0]) != b""


def chancery_facts(office: Office, event: Event) -> str:
    with office.database.read() as connection:
        query = select(official_letters.c.facts).where(official_letters.c.event_id == event.id)
        return str(connection.scalars(query).one())


def test_a_letter_of_ones_own_comes_before_the_general_one(
    chancery: Chancery, office: Office, event: Event
) -> None:
    chancery.save(event.id, ANH, COMPLETE)
    chancery.sign(event.id, ANH)
    first, second, third = guest_ids(office, event)

    count = chancery.sign_each(event.id, ANH, most=2)

    enclose = Enclosing(office.database)
    draft = chancery.draft(event.id, ANH)
    assert (count, draft.own, draft.without_own) == (2, 2, 1)
    assert "Nguyễn Thị Minh Ánh" in words(enclose(event, first))
    assert "Trần Văn Đức" in words(enclose(event, second))
    assert "Quý cơ quan báo chí" in words(enclose(event, third))
    assert chancery.sign_each(event.id, ANH) == 1
    assert chancery.sign_each(event.id, ANH) == 0


def test_a_letter_signed_elsewhere_is_examined_first(
    chancery: Chancery, office: Office, event: Event
) -> None:
    chancery.save(event.id, ANH, COMPLETE)
    unsigned = chancery.pdf(event.id, ANH)

    refused = chancery.take_in(event.id, ANH, unsigned)

    assert (refused.letter_id, refused.report.problem) == (None, "no-signature")
    assert chancery.draft(event.id, ANH).letter is None
    chancery.sign(event.id, ANH)
    good = chancery.signed(event.id, ANH)
    chancery.drop(event.id, ANH)
    assert Enclosing(office.database)(event, 1) == b""
    taken = chancery.take_in(event.id, ANH, good)
    letter = chancery.draft(event.id, ANH).letter
    assert taken.letter_id is not None
    assert letter is not None
    assert letter.source == "taken-in"
    assert Enclosing(office.database)(event, 1) == good
    assert [deed for deed, _ in office.deeds()][-3:] == [
        "letter.sign",
        "letter.drop",
        "letter.take-in",
    ]


@pytest.mark.parametrize(
    "form",
    [
        pytest.param(None, id="never saved"),
        pytest.param(replace(COMPLETE, number=""), id="without a number"),
        pytest.param(replace(COMPLETE, dated="31/02/2026"), id="a day that never was"),
    ],
)
def test_nothing_incomplete_is_signed(
    chancery: Chancery, office: Office, event: Event, form: LetterForm | None
) -> None:
    if form is not None:
        chancery.save(event.id, ANH, form)

    with pytest.raises(SealError) as caught:
        chancery.sign(event.id, ANH)

    assert caught.value.code == "form"
    with office.database.read() as connection:
        count = connection.execute(select(func.count()).select_from(official_letters)).scalar()
    assert count == 0


def test_an_unfinished_letter_can_be_looked_at(chancery: Chancery, event: Event) -> None:
    blank = LetterForm()

    (page,) = chancery.pictures(event.id, ANH, blank)

    assert page.startswith(b"\x89PNG")


def test_a_letter_of_another_office_does_not_exist(chancery: Chancery, event: Event) -> None:
    chancery.save(event.id, ANH, COMPLETE)
    asks: list[Any] = [
        lambda: chancery.draft(event.id, CHI),
        lambda: chancery.save(event.id, CHI, COMPLETE),
        lambda: chancery.pdf(event.id, CHI),
        lambda: chancery.sign(event.id, CHI),
        lambda: chancery.take_in(event.id, CHI, b""),
        lambda: chancery.drop(event.id, CHI),
        lambda: chancery.signed(event.id, CHI),
    ]

    for ask in asks:
        with pytest.raises(NotFoundError):
            ask()


def test_a_change_of_the_template_is_in_the_audit_book(
    chancery: Chancery, office: Office
) -> None:
    stationery = Stationery(office.database, chancery.paper, office.clock)

    stationery.accept(ANH, stationery.shown(ANH).replace("GIẤY MỜI", "GIẤY MỜI HỌP"))
    assert (stationery.has_own(ANH), stationery.has_own(CHI)) == (True, False)
    stationery.drop(ANH)

    assert [deed for deed, _ in office.deeds()] == ["letter.template", "letter.template-reset"]


def test_facts_are_the_ones_that_a_letter_tells(event: Event) -> None:
    marks = {
        papers.facts(each)
        for each in (
            event,
            replace(event, place="Hội trường B"),
            replace(event, starts_at=event.starts_at + 60),
            replace(event, title="Họp báo khác"),
            replace(event, address="Số 1"),
        )
    }

    assert len(marks) == 5
    assert papers.facts(replace(event, sequence=9, capacity=3, notes="x")) == papers.facts(
        event
    )


@pytest.mark.parametrize(
    ("change", "flaw"),
    [
        ({"number": ""}, "missing"),
        ({"number": "12/GM"}, "number"),
        ({"symbol": "vp bc"}, "symbol"),
        ({"dated": "2026-13-01"}, "date"),
        ({"signer": "TS. Nguyễn Văn A"}, "academic-title"),
        ({"signer": "PGS.TS Nguyễn Văn A"}, "academic-title"),
        ({"subject": "x" * 301}, "too-long"),
        ({"notes": "x" * 2_001}, "too-long"),
    ],
)
def test_a_form_with_a_flaw_is_told_where(change: dict[str, str], flaw: str) -> None:
    (name,) = change

    assert papers.flaws(replace(COMPLETE, **change)) == (Flaw(name, flaw),)


def test_a_good_form_has_no_flaw() -> None:
    assert papers.flaws(COMPLETE) == ()
    assert papers.flaws(replace(COMPLETE, signer="Tsering Tử Sơn", symbol="UBND-VP")) == ()


@pytest.mark.parametrize(
    ("dated", "line"),
    [
        ("2026-01-09", "TP, ngày 09 tháng 01 năm 2026"),
        ("2026-02-10", "TP, ngày 10 tháng 02 năm 2026"),
        ("2026-03-01", "TP, ngày 01 tháng 3 năm 2026"),
        ("2026-11-19", "TP, ngày 19 tháng 11 năm 2026"),
    ],
)
def test_days_and_months_are_written_as_the_decree_has_it(dated: str, line: str) -> None:
    assert papers.issued_line(LetterForm(place="TP", dated=dated)) == line

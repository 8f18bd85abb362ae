"""A changed list comes in again: changed, missing, withdrawn, and all of it taken back."""

from __future__ import annotations

import io
import resource
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from sqlalchemy import insert, select, update

from invitations.domain.answers import Answer
from invitations.domain.errors import FileRefusedError, NotFoundError, UndoRefusedError
from invitations.domain.guestrow import GuestRow
from invitations.services import listchanges
from invitations.services.drafts import Draft
from invitations.services.importing import Importing
from invitations.services.issuing import Issuing
from invitations.services.keyring import Keyring
from invitations.storage import guests as shelf
from invitations.storage import tables
from invitations.storage.database import Database
from tests.factories_lists import a_row, a_sheet, a_workbook, many_guests
from tests.invitations.test_importing import ANH, CHI, EVENT, NOW, Clock, an_event

FIRST = [
    a_row(name=f"Nguyễn Văn {name}", phone=f"090312345{n}", email=f"nguoi{n}@tin.example")
    for n, name in enumerate(["An", "Bình", "Cường", "Dũng", "Em", "Giang"])
]
# Two changed, one new, three missing (Dũng, Em and Giang).
SECOND = [
    a_row(
        name="Nguyễn Văn An", title="Trưởng ban", phone="0903123450", email="moi@bao.example"
    ),
    a_row(name="Nguyễn Văn Bình", phone="0903123451", email="", organisation="Báo Khác"),
    FIRST[2],
    a_row(name="Lê Thị Hoa", phone="0909999999", email="hoa@bao.example"),
]


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def desk(database: Database, clock: Clock) -> Importing:
    def work(connection: Any) -> None:
        for order in an_event():
            connection.execute(order)

    database.write(work)
    return Importing(database, clock)


@pytest.fixture
def issuing(desk: Importing, clock: Clock, tmp_path: Path) -> Issuing:
    return Issuing(desk.database, Keyring(desk.database, tmp_path / "keys"), clock)


def take_in(desk: Importing, rows: list[tuple[str, ...]], *, gone: tuple[str, ...] = ()) -> int:
    """Import *rows* through the wizard, dropping those named; return the import's id."""
    draft = open_draft(desk, rows)
    ids = {guest.id for guest in draft.preview.missing if guest.name.endswith(gone)}
    desk.settle(draft, {}, ids if gone else ())
    return desk.confirm(desk.draft(draft.id, EVENT, ANH), ANH).id


def open_draft(desk: Importing, rows: list[tuple[str, ...]]) -> Draft:
    """Upload *rows* and return the draft."""
    return desk.draft(desk.upload(a_workbook(a_sheet(*rows)), "a.xlsx", EVENT, ANH), EVENT, ANH)


def listed(desk: Importing) -> tuple[GuestRow, ...]:
    """Return the event's list as the database has it."""
    with desk.database.read() as connection:
        return shelf.listed(connection, EVENT)


def states(desk: Importing) -> dict[str, str]:
    """Return the state of each invitation by the guest's given name."""
    with desk.database.read() as connection:
        held = shelf.passes(connection, EVENT)
    return {
        guest.name.split()[-1]: held[guest.id][2] for guest in listed(desk) if guest.id in held
    }


def told_to_doors(desk: Importing, after: int = 0) -> Iterator[tuple[str, str, str]]:
    """Yield name, title and state from the roster news after a number."""
    with desk.database.read() as connection:
        rows = connection.execute(
            select(tables.news.c.body).where(tables.news.c.number > after)
        ).scalars()
        for body in rows.all():
            yield body["name"], body["title"], body["state"]


def a_sending(desk: Importing, guest_name: str, at: int) -> None:
    """Order a message to one guest."""

    def work(connection: Any) -> None:
        held = shelf.passes(connection, EVENT)
        guest = next(g for g in shelf.listed(connection, EVENT) if g.name.endswith(guest_name))
        sending = connection.execute(
            insert(tables.sendings)
            .values(
                event_id=EVENT, purpose="invitation", state="running", words={}, by="x", at=at
            )
            .returning(tables.sendings.c.id)
        ).scalar_one()
        delivery = {
            "event_id": EVENT, "sending_id": sending, "invitation_id": held[guest.id][0],
            "channel": "email", "purpose": "invitation", "seq": 9, "address": "a@b.vn",
            "message_id": "m", "state": "sent", "next_at": at, "not_after": at,
            "updated_at": at,
        }  # fmt: skip
        connection.execute(insert(tables.deliveries).values(delivery))

    desk.database.write(work)


def test_new_changed_and_missing_are_counted_before_anything_is_stored(desk: Importing) -> None:
    take_in(desk, FIRST)
    before = listed(desk)

    preview = open_draft(desk, SECOND).preview

    assert [guest.name for guest in preview.guests] == ["Lê Thị Hoa"]
    assert [change.after.name for change in preview.changes] == [
        "Nguyễn Văn An",
        "Nguyễn Văn Bình",
    ]
    assert [guest.name.split()[-1] for guest in preview.missing] == ["Dũng", "Em", "Giang"]
    assert listed(desk) == before


def test_known_guests_change_in_place_and_the_doors_hear_it(
    desk: Importing, issuing: Issuing
) -> None:
    take_in(desk, FIRST)
    issuing.issue(EVENT, ANH)
    ids = {guest.name: guest.id for guest in listed(desk)}

    take_in(desk, SECOND)

    found = {guest.name.split()[-1]: guest for guest in listed(desk)}
    assert found["An"].id == ids["Nguyễn Văn An"]
    assert (found["An"].title, found["An"].email) == ("Trưởng ban", "moi@bao.example")
    assert found["Bình"].organisation == "Báo Khác"
    assert len(found) == 7
    assert list(told_to_doors(desk, after=6)) == [
        ("Nguyễn Văn An", "Trưởng ban", "issued"),
        ("Nguyễn Văn Bình", "Phóng viên", "issued"),
    ]
    assert [guest.name for guest in desk.guests(EVENT, ANH, "bao khac")] == ["Nguyễn Văn Bình"]


def test_only_the_ticked_lose_their_pass_and_only_the_passless_leave(
    desk: Importing, issuing: Issuing
) -> None:
    take_in(desk, FIRST)
    with_pass = [g.id for g in listed(desk) if not g.name.endswith("Giang")]
    issuing.issue(EVENT, ANH, with_pass)

    take_in(desk, SECOND, gone=("Dũng", "Giang"))

    assert states(desk)["Dũng"] == "withdrawn"
    assert states(desk)["Em"] == "issued"
    assert "Nguyễn Văn Giang" not in {guest.name for guest in listed(desk)}
    assert ("Nguyễn Văn Dũng", "Phóng viên", "withdrawn") in set(told_to_doors(desk, after=5))
    last = desk.last(EVENT)
    assert last is not None
    assert (last.stored, last.changed, last.withdrawn, last.can_undo) == (1, 2, 1, True)


def test_undoing_brings_back_everything_as_it_was(desk: Importing, issuing: Issuing) -> None:
    take_in(desk, FIRST)
    issuing.issue(EVENT, ANH, [g.id for g in listed(desk) if not g.name.endswith("Giang")])
    before, passes = listed(desk), states(desk)
    import_id = take_in(desk, SECOND, gone=("Dũng", "Giang"))
    changed = listed(desk)

    gone = desk.undo(import_id, EVENT, ANH)

    assert gone == 1
    assert changed != before
    assert listed(desk) == before
    assert states(desk) == passes
    assert list(told_to_doors(desk))[-3:] == [
        ("Nguyễn Văn An", "Phóng viên", "issued"),
        ("Nguyễn Văn Bình", "Phóng viên", "issued"),
        ("Nguyễn Văn Dũng", "Phóng viên", "issued"),
    ]


def test_undoing_without_the_changes_would_be_caught(
    desk: Importing, monkeypatch: pytest.MonkeyPatch
) -> None:
    take_in(desk, FIRST)
    before = listed(desk)
    import_id = take_in(desk, SECOND)
    monkeypatch.setattr(listchanges, "take_back", lambda *_args, **_named: None)

    desk.undo(import_id, EVENT, ANH)

    assert listed(desk) != before  # the seeded bug: only new guests are taken back


def test_an_import_stays_when_a_changed_guest_was_written_to(
    desk: Importing, issuing: Issuing, clock: Clock
) -> None:
    take_in(desk, FIRST)
    issuing.issue(EVENT, ANH)
    a_sending(desk, "An", NOW)
    clock.at += 60
    import_id = take_in(desk, SECOND)
    earlier = desk.last(EVENT)
    a_sending(desk, "Bình", NOW + 61)

    with pytest.raises(UndoRefusedError) as refused:
        desk.undo(import_id, EVENT, ANH)

    assert earlier is not None
    assert earlier.can_undo is True  # what was sent before the import does not bind it
    assert refused.value.reason == "written"


def test_an_import_stays_when_somebody_changed_a_guest_since(desk: Importing) -> None:
    take_in(desk, FIRST)
    import_id = take_in(desk, SECOND)
    order = update(tables.guests).where(tables.guests.c.name == "Nguyễn Văn An")
    desk.database.write(lambda tx: tx.execute(order.values(title="Khác")).rowcount)

    with pytest.raises(UndoRefusedError) as refused:
        desk.undo(import_id, EVENT, ANH)

    assert refused.value.reason == "changed"


def test_an_import_stays_when_a_withdrawn_pass_was_given_again(
    desk: Importing, issuing: Issuing
) -> None:
    take_in(desk, FIRST)
    issuing.issue(EVENT, ANH)
    import_id = take_in(desk, SECOND, gone=("Dũng",))
    holder = next(h for h in issuing.holders(EVENT, ANH) if h.guest.name.endswith("Dũng"))
    issuing.reissue(holder.invitation.id, ANH)

    with pytest.raises(UndoRefusedError) as refused:
        desk.undo(import_id, EVENT, ANH)

    assert refused.value.reason == "changed"


def test_imports_are_undone_last_first(desk: Importing) -> None:
    first = take_in(desk, FIRST)
    second = take_in(desk, SECOND)

    with pytest.raises(UndoRefusedError) as refused:
        desk.undo(first, EVENT, ANH)
    desk.undo(second, EVENT, ANH)
    desk.undo(first, EVENT, ANH)

    assert refused.value.reason == "not-last"
    assert listed(desk) == ()


def test_the_audit_book_tells_what_an_import_did(desk: Importing, issuing: Issuing) -> None:
    take_in(desk, FIRST)
    issuing.issue(EVENT, ANH)
    import_id = take_in(desk, SECOND, gone=("Dũng",))

    with desk.database.read() as connection:
        deeds = connection.execute(select(tables.audit).order_by(tables.audit.c.id)).all()
    assert [deed.action for deed in deeds[-2:]] == ["pass.withdraw", "guests.import"]
    assert deeds[-1].detail == {
        "import": import_id, "guests": 1, "changed": 2, "withdrawn": 1
    }  # fmt: skip


def test_a_guest_changed_meanwhile_is_judged_again(desk: Importing) -> None:
    take_in(desk, FIRST)
    draft = open_draft(desk, SECOND)
    order = update(tables.guests).where(tables.guests.c.name == "Nguyễn Văn An")
    desk.database.write(
        lambda tx: (
            tx.execute(order.values(title="Trưởng ban", email="moi@bao.example")).rowcount
        )
    )

    imported = desk.confirm(draft, ANH)

    assert [c.after.name for c in imported.preview.changes] == ["Nguyễn Văn Bình"]


def test_columns_are_remembered_for_files_of_one_shape_in_one_office(desk: Importing) -> None:
    data = "Họ tên,Liên lạc,Email\nLê An,0903123456,an@b.vn\n".encode()
    same = "HO TEN;LIEN LAC;EMAIL\nHồ Bình;0903123457;binh@b.vn\n".encode()
    other = "Họ tên,Email,Liên lạc\nHồ Bình,binh@b.vn,0903123457\n".encode()
    draft = desk.draft(desk.upload(data, "a.csv", EVENT, ANH), EVENT, ANH)
    desk.choose_columns(draft, {1: "phone"}, ANH)

    again = desk.draft(desk.upload(same, "b.csv", EVENT, ANH), EVENT, ANH)
    strange = desk.draft(desk.upload(other, "c.csv", EVENT, ANH), EVENT, ANH)

    assert draft.said.recalled is False
    assert (again.said.recalled, again.preview.guests[0].phone) == (True, "+84903123457")
    assert (strange.said.recalled, strange.preview.guests[0].phone) == (False, "")


def test_what_one_office_remembers_no_other_office_sees(desk: Importing) -> None:
    event = {
        "id": EVENT + 1, "office_id": 2, "title": "Khác", "place": "x", "state": "open",
        "starts_at": NOW, "ends_at": NOW, "opens_at": NOW, "closes_at": NOW,
        "created_at": NOW, "updated_at": NOW,
    }  # fmt: skip
    desk.database.write(lambda tx: tx.execute(insert(tables.events).values(**event)).rowcount)
    data = "Họ tên,Liên lạc,Email\nLê An,0903123456,an@b.vn\n".encode()
    draft = desk.draft(desk.upload(data, "a.csv", EVENT, ANH), EVENT, ANH)
    desk.choose_columns(draft, {1: "phone"}, ANH)

    theirs = desk.draft(desk.upload(data, "a.csv", EVENT + 1, CHI), EVENT + 1, CHI)

    assert theirs.said.recalled is False


def test_a_repair_is_refused_and_allowed_again(desk: Importing) -> None:
    draft = open_draft(desk, [a_row(phone="0169 555 0123")])

    desk.revert(draft, 2, "phone", "phone-prefix-2018")
    refused = desk.draft(draft.id, EVENT, ANH)
    desk.repair(refused, 2, "phone")
    allowed = desk.draft(draft.id, EVENT, ANH)

    assert [p.code for p in refused.preview.problems] == ["phone-reverted"]
    assert allowed.preview == draft.preview


def test_a_row_left_out_can_be_opened_again(desk: Importing) -> None:
    draft = open_draft(desk, [a_row()])
    desk.settle(draft, {2: Answer(leave_out=True)})
    left = desk.draft(draft.id, EVENT, ANH)

    desk.reopen(left, 2)

    assert left.preview.skipped == 1
    assert desk.draft(draft.id, EVENT, ANH).preview == draft.preview


def test_another_sheet_can_be_chosen_but_not_one_without_a_list(desk: Importing) -> None:
    workbook = openpyxl.Workbook()
    for name, rows in (("A", FIRST), ("B", SECOND)):
        sheet = workbook.create_sheet(name)
        for row in a_sheet(*rows):
            sheet.append(row)
    workbook.create_sheet("C").append(["x"])
    packed = io.BytesIO()
    workbook.save(packed)
    draft = desk.draft(desk.upload(packed.getvalue(), "a.xlsx", EVENT, ANH), EVENT, ANH)

    desk.choose_sheet(draft, 1, ANH, with_hidden=False)
    with pytest.raises(FileRefusedError):
        desk.choose_sheet(draft, 2, ANH, with_hidden=False)
    with pytest.raises(NotFoundError):
        desk.choose_sheet(draft, 3, ANH, with_hidden=False)

    chosen = desk.draft(draft.id, EVENT, ANH)
    assert (draft.sheet.name, chosen.sheet.name) == ("A", "B")
    assert len(chosen.preview.guests) == 4


def test_the_list_for_the_doors_is_by_given_name_and_entered_in_the_audit_book(
    desk: Importing, issuing: Issuing
) -> None:
    take_in(desk, FIRST[::-1])
    issuing.issue(EVENT, ANH, [listed(desk)[0].id])

    found = desk.export(EVENT, ANH)

    assert [(guest.name.split()[-1], state) for guest, state in found] == [
        ("An", ""), ("Bình", ""), ("Cường", ""), ("Dũng", ""), ("Em", ""), ("Giang", "issued"),
    ]  # fmt: skip
    with desk.database.read() as connection:
        deeds = connection.execute(select(tables.audit.c.action)).scalars().all()
    assert deeds[-1] == "guests.export"
    with pytest.raises(NotFoundError):
        desk.export(EVENT, CHI)


def test_ten_thousand_guests_take_less_than_five_seconds_of_processor(
    sqlite_database: Database,
) -> None:
    def work(connection: Any) -> None:
        for order in an_event():
            connection.execute(order)

    sqlite_database.write(work)
    desk = Importing(sqlite_database, Clock())
    data = a_workbook(many_guests(10_000))
    start = _spent()

    draft = desk.draft(desk.upload(data, "a.xlsx", EVENT, ANH), EVENT, ANH)
    desk.choose_columns(draft, {}, ANH)
    desk.settle(desk.draft(draft.id, EVENT, ANH), {})
    desk.confirm(desk.draft(draft.id, EVENT, ANH), ANH)

    assert _spent() - start < 5
    assert len(listed(desk)) == draft.preview.imported + draft.preview.repaired


def _spent() -> float:
    """Return the processor seconds of this process and of the children that ended."""
    return sum(
        usage.ru_utime + usage.ru_stime
        for usage in map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    )

"""The import desk: stored once, taken back within ten minutes, nothing half-done."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import Connection, Insert, func, insert, select

from invitations.domain.answers import Answer
from invitations.domain.errors import FileRefusedError, NotFoundError, UndoRefusedError
from invitations.domain.model import Actor
from invitations.services.importing import Importing, preview_file, summary
from invitations.storage import tables
from invitations.storage.database import Database, metadata
from tests.factories_lists import SAMPLES, a_bomb, a_row, a_sheet, a_workbook

EVENT = 4_000_000_001
NOW = 1_763_800_000
PRESS_LIST = SAMPLES / "khach-moi-hop-bao.xlsx"
CHI = Actor("Chi", office_id=2, role="officer")
ANH = Actor("Ánh", office_id=1, role="officer")


@dataclass
class Clock:
    """A clock that moves when it is told to."""

    at: float = NOW

    def __call__(self) -> float:
        return self.at


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def desk(database: Database, clock: Clock) -> Importing:
    def work(connection: Connection) -> None:
        for order in an_event():
            connection.execute(order)

    database.write(work)
    return Importing(database, clock)


def an_event() -> list[Insert]:
    """Return the orders that make two offices and one event of the first."""
    offices = [{"id": n, "name": f"Office {n}", "created_at": NOW} for n in (1, 2)]
    event = {
        "id": EVENT, "office_id": 1, "title": "Họp báo", "place": "Hội trường", "state": "open",
        "starts_at": NOW, "ends_at": NOW, "opens_at": NOW, "closes_at": NOW,
        "created_at": NOW, "updated_at": NOW,
    }  # fmt: skip
    return [insert(tables.offices).values(offices), insert(tables.events).values(**event)]


def _count(desk: Importing, table: str) -> int:
    with desk.database.read() as connection:
        query = select(func.count()).select_from(metadata.tables[table])
        return int(connection.execute(query).scalar_one())


def _invite_someone(desk: Importing) -> None:
    guest = desk.guests(EVENT, ANH)[0]
    invitation = {
        "event_id": EVENT, "guest_id": guest.id, "tag": "t", "link": "l", "state": "issued",
        "pass_id": "0" * 16, "kid": 1, "not_after": NOW, "door_code": "0", "issued_at": NOW,
    }  # fmt: skip
    order = insert(tables.invitations).values(**invitation)
    desk.database.write(lambda tx: tx.execute(order).rowcount)


def test_the_press_list_is_stored_with_its_reasons_and_an_audit_line(desk: Importing) -> None:
    imported = desk.import_file(PRESS_LIST, EVENT, ANH)

    with desk.database.read() as connection:
        record = connection.execute(select(tables.imports)).one()
        deed = connection.execute(select(tables.audit)).one()
    assert len(desk.guests(EVENT, ANH)) == 211
    assert (record.rows, record.imported, record.repaired) == (219, 88, 123)
    assert (record.questioned, record.skipped) == (1, 7)
    assert len(record.problems) == len(imported.preview.problems)
    assert (deed.actor, deed.action) == ("Ánh", "guests.import")
    assert deed.detail == {"import": imported.id, "guests": 211}


def test_a_list_imported_twice_adds_nobody(desk: Importing) -> None:
    desk.import_file(PRESS_LIST, EVENT, ANH)

    again = desk.import_file(PRESS_LIST, EVENT, ANH)

    assert len(again.preview.guests) == 0
    assert len(desk.guests(EVENT, ANH)) == 211


def test_guests_come_by_given_name_and_are_found_without_marks(desk: Importing) -> None:
    desk.import_file(PRESS_LIST, EVENT, ANH)

    names = [guest.name for guest in desk.guests(EVENT, ANH)]
    found = [guest.name for guest in desk.guests(EVENT, ANH, "do thao tuoi vang")]
    by_phone = [guest.name for guest in desk.guests(EVENT, ANH, "0353522457")]

    assert names[0].endswith(" An")
    assert names[-1].endswith(" Yến")
    assert names.index("Nguyễn Mỹ Ánh") < names.index("Vũ Quốc Bình")
    assert found == ["Đỗ Thị Thảo"]
    assert by_phone == ["Lê Thanh Dung"]


@pytest.mark.parametrize("words", ["%", "_", "'; DROP TABLE guests;--", "\\"])
def test_signs_of_sql_are_only_words(desk: Importing, words: str) -> None:
    desk.import_file(PRESS_LIST, EVENT, ANH)

    assert desk.guests(EVENT, ANH, words) == []


def test_another_office_sees_and_stores_nothing(desk: Importing) -> None:
    draft_id = desk.upload(PRESS_LIST.read_bytes(), "a.xlsx", EVENT, ANH)
    stored = desk.import_file(SAMPLES / "utf8-bom.csv", EVENT, ANH)
    refused: list[Callable[[], object]] = [
        lambda: desk.import_file(PRESS_LIST, EVENT, CHI),
        lambda: desk.upload(PRESS_LIST.read_bytes(), "a.xlsx", EVENT, CHI),
        lambda: desk.draft(draft_id, EVENT, CHI),
        lambda: desk.guests(EVENT, CHI),
        lambda: desk.undo(stored.id, EVENT, CHI),
        lambda: desk.import_file(PRESS_LIST, EVENT + 1, ANH),
    ]

    for attempt in refused:
        with pytest.raises(NotFoundError):
            attempt()

    assert _count(desk, "guests") == 60


def test_the_wizard_asks_and_stores_what_was_answered(desk: Importing) -> None:
    rows = a_sheet(a_row(email="hung.bao"), a_row(name="Lê An"), a_row(name="Hồ Bình"))
    draft_id = desk.upload(a_workbook(rows), "a.xlsx", EVENT, ANH)

    first = desk.draft(draft_id, EVENT, ANH)
    desk.settle(first, {2: Answer(fields={"email": "hung.vo@bao.example"})})
    second = desk.draft(draft_id, EVENT, ANH)
    desk.settle(second, {3: Answer(keep=True), 4: Answer(leave_out=True)})
    desk.confirm(desk.draft(draft_id, EVENT, ANH), ANH)

    assert [guest.name for guest in desk.guests(EVENT, ANH)] == ["Lê An", "Võ Minh Hùng"]
    assert _count(desk, "import_drafts") == 0


def test_columns_chosen_by_the_officer_stay_chosen(desk: Importing) -> None:
    data = "Họ tên,Liên lạc,Email\nLê An,0903123456,an@b.vn\n".encode()
    draft_id = desk.upload(data, "a.csv", EVENT, ANH)

    desk.choose_columns(desk.draft(draft_id, EVENT, ANH), {1: "phone"}, ANH)

    draft = desk.draft(draft_id, EVENT, ANH)
    assert draft.preview.guests[0].phone == "+84903123456"


def test_a_double_click_on_confirm_stores_once(desk: Importing) -> None:
    draft_id = desk.upload(PRESS_LIST.read_bytes(), "a.xlsx", EVENT, ANH)
    draft = desk.draft(draft_id, EVENT, ANH)
    desk.confirm(draft, ANH)

    with pytest.raises(NotFoundError):
        desk.confirm(draft, ANH)

    assert len(desk.guests(EVENT, ANH)) == 211


def test_guests_who_came_meanwhile_are_not_stored_twice(desk: Importing) -> None:
    draft_id = desk.upload(PRESS_LIST.read_bytes(), "a.xlsx", EVENT, ANH)
    draft = desk.draft(draft_id, EVENT, ANH)
    desk.import_file(PRESS_LIST, EVENT, ANH)

    desk.confirm(draft, ANH)

    assert len(desk.guests(EVENT, ANH)) == 211


def test_an_import_is_taken_back_within_ten_minutes(desk: Importing, clock: Clock) -> None:
    desk.import_file(SAMPLES / "don-vi-duoc-moi.xlsx", EVENT, ANH)
    imported = desk.import_file(PRESS_LIST, EVENT, ANH)
    clock.at += 600
    last = desk.last(EVENT)

    gone = desk.undo(imported.id, EVENT, ANH)

    assert last is not None
    assert (last.id, last.stored, last.can_undo) == (imported.id, 211, True)
    assert gone == 211
    assert len(desk.guests(EVENT, ANH)) == 16


def test_after_ten_minutes_an_import_stays(desk: Importing, clock: Clock) -> None:
    imported = desk.import_file(PRESS_LIST, EVENT, ANH)
    clock.at += 601
    last = desk.last(EVENT)

    with pytest.raises(UndoRefusedError) as refused:
        desk.undo(imported.id, EVENT, ANH)

    assert last is not None
    assert (refused.value.reason, last.can_undo) == ("too-late", False)
    assert len(desk.guests(EVENT, ANH)) == 211


def test_an_import_with_invited_guests_stays(desk: Importing) -> None:
    imported = desk.import_file(PRESS_LIST, EVENT, ANH)
    _invite_someone(desk)

    with pytest.raises(UndoRefusedError) as refused:
        desk.undo(imported.id, EVENT, ANH)

    assert refused.value.reason == "invited"
    assert len(desk.guests(EVENT, ANH)) == 211


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "empty"),
        (b"Ho ten,Email\n", "no-rows"),
        (b"a,b\nc,d\n", "no-header"),
        (a_bomb(megabytes=60), "bomb"),
    ],
)
def test_of_a_refused_file_nothing_is_stored(
    desk: Importing, tmp_path: Path, data: bytes, code: str
) -> None:
    path = tmp_path / "list.csv"
    path.write_bytes(data)

    for attempt in (
        lambda: desk.import_file(path, EVENT, ANH),
        lambda: desk.upload(data, "list.csv", EVENT, ANH),
        lambda: preview_file(path),
    ):
        with pytest.raises(FileRefusedError) as refused:
            attempt()
        assert refused.value.code == code

    assert [_count(desk, t) for t in ("guests", "imports", "import_drafts", "audit")] == [0] * 4


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FileRefusedError) as refused:
        preview_file(tmp_path / "none.xlsx")

    assert refused.value.code == "not-found"


def test_the_summary_of_a_dry_run_adds_up() -> None:
    told = summary(preview_file(PRESS_LIST))

    assert told["rows"] == 219
    assert [told[k] for k in ("imported", "repaired", "questioned", "skipped")] == [
        88,
        123,
        1,
        7,
    ]
    assert told["problems"][0] == {
        "row": 8,
        "field": "phone",
        "code": "phone-zero",
        "kind": "repaired",
        "found": "704468285",
        "proposed": "0704468285",
        "other_row": None,
    }

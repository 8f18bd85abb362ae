"""Search for guests: what a steward hears or reads finds them, with marks or without."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import delete, text, update

from invitations.domain.guestrow import GuestRow
from invitations.domain.model import Event
from invitations.domain.names import fold
from invitations.services.guestbook import Hits
from invitations.storage import guests as guest_list
from invitations.storage import search
from invitations.storage.database import Database
from invitations.storage.tables import guests
from tests.factories_events import ANH, Office, an_office

NAMES = ("Nguyễn Thị Ánh", "Đặng Văn Đức", "Trần Nguyên Khôi", "Đặng Thị Nguyệt")


@pytest.fixture
def office(database: Database, tmp_path: Path) -> Office:
    return an_office(database, tmp_path)


def found(office: Office, event: Event, query: str, limit: int = 10) -> Hits:
    """Return what the guestbook finds at *event*."""
    with office.database.read() as connection:
        return office.guestbook.search(connection, event.id, query, limit)


def names(hits: Hits) -> list[str]:
    """Return the names of *hits* in their order."""
    return [entry.name for entry in hits.entries]


def listed(office: Office, event: Event, row: GuestRow) -> None:
    """Put *row* on the list of *event* by the office's own way, and invite."""
    office.database.write(lambda tx: guest_list.add_guests(tx, event.id, [row], None, at=1))
    office.issuing.issue(event.id, ANH)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        pytest.param("Nguyen", ["Nguyễn Thị Ánh", "Trần Nguyên Khôi"], id="unaccented"),
        pytest.param("nguyễn", ["Nguyễn Thị Ánh", "Trần Nguyên Khôi"], id="with marks"),
        pytest.param("dang", ["Đặng Văn Đức", "Đặng Thị Nguyệt"], id="d for đ"),
        pytest.param("ĐẶNG thi", ["Đặng Thị Nguyệt"], id="capitals and two words"),
        pytest.param("thi dang", ["Đặng Thị Nguyệt"], id="in any order"),
        pytest.param("dang 3456", ["Đặng Văn Đức", "Đặng Thị Nguyệt"], id="with digits"),
        pytest.param("guyen", [], id="not inside a word"),
        pytest.param("dang tran", [], id="every word"),
        pytest.param("da", [], id="two letters"),
        pytest.param("\" OR *:) ' -", [], id="signs"),
        pytest.param("event e1 NOT dang*", [], id="words of a query language"),
    ],
)
def test_a_name_is_found_as_it_is_heard(
    office: Office, query: str, expected: list[str]
) -> None:
    event = office.event(names=NAMES)
    office.holders(event)

    assert names(found(office, event, query)) == expected


def test_organisation_four_digits_and_door_code_find_their_guest(office: Office) -> None:
    event = office.event(names=NAMES[:1])
    row = GuestRow(1, name="Lê Huy", phone="+84912000777", organisation="Báo Tuổi Trẻ")
    listed(office, event, row)
    huy = next(each for each in office.holders(event) if each.guest.name == "Lê Huy")
    code = huy.invitation.door_code

    assert names(found(office, event, "0777")) == ["Lê Huy"]
    assert names(found(office, event, "tuoi tre huy")) == ["Lê Huy"]
    assert names(found(office, event, code)) == ["Lê Huy"]
    assert names(found(office, event, f"{code[:4]} {code[4:8]} {code[8:]}")) == ["Lê Huy"]


def test_the_guests_of_other_events_stay_unseen(office: Office) -> None:
    event, other = office.event(names=NAMES[:1]), office.event(names=NAMES)
    for each in (event, other):
        office.holders(each)

    assert names(found(office, event, "dang")) == []
    assert names(found(office, other, "dang")) == ["Đặng Văn Đức", "Đặng Thị Nguyệt"]


def test_at_most_so_many_are_told_and_that_there_are_more(office: Office) -> None:
    event = office.event(names=[f"Nguyễn Thị {letter}" for letter in "abcdef"])
    office.holders(event)

    few, enough = found(office, event, "nguyen", 5), found(office, event, "nguyen", 6)

    assert (len(few.entries), few.more) == (5, True)
    assert (len(enough.entries), enough.more) == (6, False)


def test_a_new_name_is_found_at_once_and_the_old_one_no_more(office: Office) -> None:
    event = office.event(names=NAMES[:1])
    (holder,) = office.holders(event)
    row = GuestRow(1, name="Hồ Bảo", phone="+84903123456", id=holder.guest.id)

    office.database.write(lambda tx: guest_list.change_guests(tx, [row]))

    assert names(found(office, event, "nguyen")) == []
    assert names(found(office, event, "ho bao")) == ["Hồ Bảo"]


def test_a_change_that_is_taken_back_changes_nothing_in_the_index(office: Office) -> None:
    event = office.event(names=NAMES[:1])
    office.holders(event)

    def spoilt(tx: object) -> None:
        tx.execute(update(guests).values(name="Hồ Bảo", folded=fold("Hồ Bảo")))  # type: ignore[attr-defined]  # a connection
        raise LookupError

    with pytest.raises(LookupError):
        office.database.write(spoilt)

    assert names(found(office, event, "nguyen")) == ["Nguyễn Thị Ánh"]
    assert names(found(office, event, "ho bao")) == []


def test_a_guest_without_an_invitation_is_no_line_of_the_roster(office: Office) -> None:
    event = office.event(names=NAMES)

    assert names(found(office, event, "dang")) == []


def test_no_word_of_an_erased_guest_stays_in_the_file(
    sqlite_database: Database, tmp_path: Path
) -> None:
    office = an_office(sqlite_database, tmp_path)
    event = office.event(names=("Zygmunt Xyloquist", *NAMES))
    mine = guests.c.folded.startswith("zygmunt")

    def erased(*, thoroughly: bool) -> bool:
        with office.database.read() as connection:
            rows = connection.execute(text("SELECT block FROM guests_sought_data"))
            return (b"xyloquist" in b"".join(row.block for row in rows)) is not thoroughly

    assert erased(thoroughly=False)
    office.database.write(lambda tx: tx.execute(delete(guests).where(mine)).rowcount)
    assert erased(thoroughly=False)  # the index alone does not forget
    office.database.write(search.forget)

    assert erased(thoroughly=True)
    office.holders(event)
    assert names(found(office, event, "dang")) == ["Đặng Văn Đức", "Đặng Thị Nguyệt"]


@pytest.mark.postgres
@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_postgresql_looks_into_the_index_and_not_at_every_guest(office: Office) -> None:
    statement = search._ON_POSTGRESQL  # noqa: SLF001 - the very words that have to match
    values = {"sought": "'#1' & 'dang':*", "limit": 10}

    with office.database.read() as connection:
        connection.execute(text("SET LOCAL enable_seqscan = off"))
        rows = connection.execute(text(f"EXPLAIN {statement.text}"), values).scalars().all()

    assert any("guests_sought" in row for row in rows)

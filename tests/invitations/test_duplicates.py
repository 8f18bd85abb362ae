"""Who is named twice: changed in place, asked about side by side, joined, or kept."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from invitations.domain.answers import Answer
from invitations.domain.duplicates import is_same_person, joined, updated
from invitations.domain.guestlist import GuestListPreview, read_guest_list
from invitations.domain.guestrow import GuestRow
from tests.factories_lists import a_row, a_sheet

HUNG = GuestRow(
    row=0,
    honorific="Ông",
    name="Võ Minh Hùng",
    title="Phóng viên",
    organisation="Báo Thử",
    phone="+84903123456",
    email="hung@bao.example",
    id=7,
)
HA = replace(HUNG, name="Phạm Thu Hà", phone="+84903123457", email="ha@bao.example", id=8)
texts = st.text("abc ;", max_size=8)
people = st.builds(
    GuestRow, row=st.just(3), name=texts, title=texts, phone=texts, email=texts, note=texts,
    vip=st.booleans(), party=st.integers(1, 9),
)  # fmt: skip


def read(*rows: tuple[str, ...], answers: dict[int, Answer] | None = None) -> GuestListPreview:
    """Return the preview of *rows* for an event that has HUNG and HA."""
    return read_guest_list(a_sheet(*rows), listed=[HUNG, HA], answers=answers)


def heaps(preview: GuestListPreview) -> tuple[int, int, int, int, int]:
    """Return new, changed, asked, skipped, missing; checked against the rows."""
    taken = len(preview.guests) + len(preview.changes)
    assert preview.imported + preview.repaired == taken
    assert taken + preview.questioned + preview.skipped == preview.rows
    return (
        len(preview.guests),
        len(preview.changes),
        preview.questioned,
        preview.skipped,
        len(preview.missing),
    )


@pytest.mark.parametrize(
    ("cells", "field", "now"),
    [
        ({"title": "Trưởng ban"}, "title", "Trưởng ban"),
        ({"phone": "0909999999"}, "phone", "+84909999999"),
        ({"email": "moi@bao.example"}, "email", "moi@bao.example"),
        ({"organisation": "Báo Khác"}, "organisation", "Báo Khác"),
        ({"name": "Vo Minh Hung"}, "name", "Vo Minh Hung"),
        ({"note": "ăn chay"}, "note", "ăn chay"),
        ({"phone": "", "email": "", "title": "Trưởng ban"}, "title", "Trưởng ban"),
    ],
)
def test_a_listed_guest_changes_in_place(cells: dict[str, str], field: str, now: str) -> None:
    preview = read(a_row(**cells))

    (change,) = preview.changes
    news: dict[str, Any] = {field: now}
    assert heaps(preview) == (0, 1, 0, 0, 1)
    assert change.before == HUNG
    assert change.after == replace(HUNG, row=2, **news)
    assert preview.missing == (HA,)


def test_a_blank_cell_takes_nothing_away() -> None:
    preview = read(a_row(title="", note="", email=""))

    assert heaps(preview) == (0, 0, 0, 1, 1)


def test_vip_and_party_are_taken_back_only_by_a_list_that_has_such_a_column() -> None:
    grand = replace(HUNG, vip=True, party=4)
    told = replace(HUNG, row=2, vip=False, party=1)

    assert updated(grand, told, {"name"}) == replace(grand, row=2)
    assert updated(grand, told, {"vip", "party"}) == told


@pytest.mark.parametrize(
    ("cells", "code"),
    [
        pytest.param({"name": "Lê An", "email": "an@b.vn"}, "duplicate-phone", id="one phone"),
        pytest.param({"name": "Lê An", "phone": "0909999999"}, "duplicate-mail", id="one mail"),
        pytest.param(
            {"phone": "0909999999", "email": "an@b.vn"}, "duplicate-name", id="only the name"
        ),
        pytest.param({"email": "ha@bao.example"}, "duplicate-phone", id="one of each"),
    ],
)
def test_who_may_be_somebody_else_is_asked_about(cells: dict[str, str], code: str) -> None:
    preview = read(a_row(**cells))

    assert heaps(preview)[:3] == (0, 0, 1)
    assert [(p.code, p.other_row) for p in preview.problems] == [(code, None)]
    assert preview.twins[2].guest == HUNG


def test_an_answer_updates_keeps_both_or_skips() -> None:
    other = a_row(name="Lê An", title="Biên tập")

    merged = read(other, answers={2: Answer(merge=True)})
    both = read(other, answers={2: Answer(keep=True)})
    left = read(other, answers={2: Answer(leave_out=True)})

    assert [c.after.name for c in merged.changes] == ["Lê An"]
    assert [guest.name for guest in both.guests] == ["Lê An"]
    assert [heaps(each)[4] for each in (merged, both, left)] == [1, 1, 1]  # only Hà is missing
    assert heaps(left)[3] == 1


def test_two_rows_of_one_list_are_joined_and_nothing_is_lost() -> None:
    first = a_row(name="Lê An", phone="0901111111", email="", title="")
    second = a_row(name="Lê An", phone="0902222222", email="an@b.vn", title="Biên tập")

    asked = read(first, second)
    preview = read(first, second, answers={3: Answer(merge=True)})

    (guest,) = preview.guests
    assert asked.twins[3].guest.row == 2
    assert (guest.phone, guest.email, guest.title) == ("+84901111111", "an@b.vn", "Biên tập")
    assert "+84902222222" in guest.note
    assert [(p.code, p.other_row) for p in preview.problems if p.kind == "skipped"] == [
        ("merged", 2)
    ]


def test_a_row_joined_to_a_changed_guest_changes_the_same_guest() -> None:
    preview = read(
        a_row(title="Trưởng ban"),
        a_row(title="Trưởng ban", note="ăn chay"),
        answers={3: Answer(merge=True)},
    )

    (change,) = preview.changes
    assert heaps(preview) == (0, 1, 0, 1, 1)
    assert (change.before, change.after.note) == (HUNG, "ăn chay")


def test_a_second_row_for_a_listed_guest_is_a_repetition_of_the_first() -> None:
    preview = read(a_row(title="Trưởng ban"), a_row(title="Phó ban"))

    assert heaps(preview) == (0, 1, 1, 0, 1)
    assert preview.twins[3].guest.row == 2


def test_whoever_is_asked_about_or_left_out_is_not_missing() -> None:
    preview = read(a_row(email="x"), answers={2: Answer(leave_out=True)})

    assert preview.missing == (HA,)


@given(people, people)
def test_joining_keeps_every_address_and_every_note(first: GuestRow, second: GuestRow) -> None:
    both = joined(first, second)

    everything = {both.phone, both.email, *both.note.split("; "), both.note}
    for told in (first.phone, second.phone, first.email, second.email):
        assert told in everything or told in both.note
    assert first.note in both.note
    assert second.note in both.note
    assert both.party == max(first.party, second.party)


def test_trusting_an_address_alone_would_be_caught() -> None:
    def wrong(_guest: GuestRow, _earlier: GuestRow, alike: str) -> bool:
        return alike != "name"  # the seeded bug: a newsroom's number makes two people one

    colleague = replace(HUNG, name="Lê An")

    assert is_same_person(colleague, HUNG, "phone") is False
    assert wrong(colleague, HUNG, "phone") is True

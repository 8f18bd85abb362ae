"""The register remembers people over all events, and forgets them when it must."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select

from invitations.domain import register as rules
from invitations.domain.errors import NotFoundError
from invitations.domain.histories import Past
from invitations.domain.register import Organisation, Person, Wanted
from invitations.services.groups import Groups
from invitations.services.histories import Histories
from invitations.services.importing import Importing
from invitations.services.organisations import Organisations
from invitations.services.register import Register
from invitations.storage import history
from invitations.storage.database import Database
from invitations.storage.tables import audit, deliveries, guests, imports
from tests.factories_events import ANH, CHI, Office, an_office
from tests.factories_lists import a_row, a_sheet, a_workbook

HUNG = Person(0, "Võ Minh Hùng", organisation="Báo Thử", phone="0903123456")


@dataclass(frozen=True)
class Desk:
    """An office with its register."""

    office: Office
    people: Register
    groups: Groups
    organisations: Organisations
    histories: Histories
    importing: Importing

    def bring(self, folder: Path, event_id: int, *rows: tuple[str, ...]) -> int:
        """Import *rows* into an event; return the number of the import."""
        path = folder / "list.xlsx"
        path.write_bytes(a_workbook(a_sheet(*rows)))
        return self.importing.import_file(path, event_id, ANH).id

    def names(self, **wanted: object) -> list[str]:
        """Return the names on the first page of the register."""
        found = self.people.page(ANH, Wanted(**wanted))  # type: ignore[arg-type]  # by name
        return [each.name for each in found.people]

    def person(self, words: str) -> Person:
        """Return the one person in whom *words* stand."""
        (found,) = self.people.page(ANH, Wanted(words)).people
        return found

    def keep(self, person: Person) -> Person:
        """Add a person."""
        kept = self.people.add(person, ANH).person
        assert kept is not None
        return kept


@pytest.fixture
def desk(database: Database, tmp_path: Path) -> Desk:
    """The register of Ánh's office, in a database of each kind."""
    office = an_office(database, tmp_path)
    clock = office.clock
    return Desk(
        office,
        Register(database, clock),
        Groups(database, clock),
        Organisations(database, clock),
        Histories(database, clock),
        Importing(database, clock),
    )


def test_an_import_adds_each_new_person_and_organisation_once(
    desk: Desk, tmp_path: Path
) -> None:
    event = desk.office.event(names=())
    rows = [
        a_row(name="Võ Minh Hùng", phone="0903123456", email="hung@bao.example"),
        a_row(name="Phạm Thu Hà", phone="0903123457", email="ha@bao.example"),
    ]
    desk.bring(tmp_path, event.id, *rows)
    later = desk.office.event(names=())
    desk.bring(tmp_path, later.id, *rows)

    assert desk.names() == ["Phạm Thu Hà", "Võ Minh Hùng"]
    assert [each.organisation.name for each in desk.organisations.tree(ANH)] == ["Báo Thử"]
    turns = desk.histories.of_person(desk.person("hung").id, ANH).turns
    assert {turn.event_id for turn, _ in turns} == {event.id, later.id}


def test_a_known_person_learns_only_what_was_not_known(desk: Desk, tmp_path: Path) -> None:
    desk.keep(replace(HUNG, title="Trưởng ban"))
    event = desk.office.event(names=())
    desk.bring(tmp_path, event.id, a_row(title="Phóng viên", email="hung@bao.example"))

    found = desk.person("hung")
    assert (found.title, found.email) == ("Trưởng ban", "hung@bao.example")


@pytest.mark.parametrize(
    ("row", "why"),
    [
        pytest.param(
            a_row(name="Lê Quang Huy", email="huy@bao.example"), "contact", id="phone"
        ),
        pytest.param(a_row(phone="0903999888", email="khac@bao.example"), "name", id="name"),
    ],
)
def test_nobody_is_merged_in_silence(
    desk: Desk, tmp_path: Path, row: tuple[str, ...], why: str
) -> None:
    known = desk.keep(HUNG)
    desk.bring(tmp_path, desk.office.event(names=()).id, row)

    (doubt,) = desk.people.doubts(ANH)
    assert (doubt.other.id, doubt.why) == (known.id, why)
    assert desk.people.page(ANH, Wanted()).total == 2

    desk.people.keep_apart(doubt.person.id, doubt.other.id, ANH)

    assert desk.people.count_doubts(ANH) == 0


def test_a_number_that_a_newsroom_shares_raises_no_question(desk: Desk, tmp_path: Path) -> None:
    for name in ("Lê Quang Huy", "Phạm Thu Hà"):
        desk.keep(Person(0, name, organisation="Báo Thử", phone="02838296052"))
    desk.bring(
        tmp_path,
        desk.office.event(names=()).id,
        a_row(name="Trần Văn Đức", phone="02838296052", email=""),
    )

    assert desk.people.count_doubts(ANH) == 0


def test_an_import_taken_back_takes_its_people_along(desk: Desk, tmp_path: Path) -> None:
    desk.keep(HUNG)
    event = desk.office.event(names=())
    number = desk.bring(
        tmp_path,
        event.id,
        a_row(),
        a_row(name="Phạm Thu Hà", phone="0903123457", email="ha@bao.example"),
    )

    desk.importing.undo(number, event.id, ANH)

    assert desk.names() == ["Võ Minh Hùng"]


def test_people_are_found_without_marks_and_sorted_by_given_name(desk: Desk) -> None:
    for name in ("Nguyễn Thị Uyên", "Đặng Văn Ánh", "Lê Thị Bình"):
        desk.keep(Person(0, name, organisation="Đài Truyền hình"))

    assert desk.names() == ["Đặng Văn Ánh", "Lê Thị Bình", "Nguyễn Thị Uyên"]
    assert desk.names(words="dang ANH") == ["Đặng Văn Ánh"]
    assert desk.names(words="dai truyen binh") == ["Lê Thị Bình"]


def test_another_office_knows_nothing_of_ours(desk: Desk) -> None:
    person = desk.keep(HUNG)

    assert desk.people.page(CHI, Wanted()).total == 0
    with pytest.raises(NotFoundError):
        desk.people.person(person.id, CHI)
    with pytest.raises(NotFoundError):
        desk.histories.erase(person.id, CHI)


def test_what_cannot_be_right_is_asked_about(desk: Desk) -> None:
    kept = desk.people.add(Person(0, "", phone="12", email="hung@gmial.com"), ANH)

    assert {(each.field, each.code) for each in kept.problems} == {
        ("name", "name-missing"),
        ("phone", "phone-unreadable"),
        ("email", "mail-look-alike"),
    }


def test_the_audit_book_says_which_details_changed_and_not_what_they_are(desk: Desk) -> None:
    person = desk.keep(HUNG)
    desk.people.edit(replace(person, phone="0903999888"), ANH)

    with desk.office.database.read() as connection:
        detail = connection.scalars(
            select(audit.c.detail).where(audit.c.action == "person.edit")
        ).one()
    assert detail == {"fields": ["phone"]}


def test_a_group_becomes_guests_once(desk: Desk) -> None:
    event = desk.office.event(names=())
    hung, ha = desk.keep(HUNG), desk.keep(Person(0, "Phạm Thu Hà"))
    assert desk.groups.make("Báo chí", ANH) == ""
    (group,) = desk.groups.all(ANH)
    assert desk.groups.join(group.id, [hung.id, ha.id], ANH) == 2

    first = desk.groups.invite(event.id, ANH, [hung.id])
    second = desk.groups.invite(event.id, ANH, [], [group.id])

    assert (first.added, first.already) == (1, 0)
    assert (second.added, second.already) == (1, 1)
    names = [each.name for each in desk.importing.guests(event.id, ANH)]
    assert names == ["Phạm Thu Hà", "Võ Minh Hùng"]


def test_who_is_resting_is_not_invited_with_the_group(desk: Desk) -> None:
    event, hung = desk.office.event(names=()), desk.keep(HUNG)
    desk.groups.make("Báo chí", ANH)
    (group,) = desk.groups.all(ANH)
    desk.groups.join(group.id, [hung.id], ANH)
    desk.people.rest(hung.id, ANH)

    assert desk.groups.invite(event.id, ANH, [], [group.id]).added == 0


def test_two_groups_cannot_have_one_name(desk: Desk) -> None:
    desk.groups.make("Báo chí", ANH)

    assert desk.groups.make("bao chi", ANH) == "group-twice"


def test_a_standing_group_is_proposed_for_every_later_event(desk: Desk) -> None:
    event, hung = desk.office.event(names=()), desk.keep(HUNG)
    desk.groups.make("Báo chí", ANH)
    (group,) = desk.groups.all(ANH)
    desk.groups.join(group.id, [hung.id], ANH)
    desk.groups.stand(group.id, event.id, ANH, always=True)

    second = desk.office.planning.duplicate(event.id, ANH)
    third = desk.office.planning.duplicate(second.id, ANH)

    found = desk.groups.standing(third.id, ANH)
    assert ([each.name for each in found.groups], found.missing) == (["Báo chí"], 1)
    desk.groups.invite(third.id, ANH, [], [each.id for each in found.groups])
    assert desk.groups.standing(third.id, ANH).missing == 0


def test_a_merged_person_keeps_both_histories(desk: Desk) -> None:
    hung, other = desk.keep(HUNG), desk.keep(Person(0, "Võ M. Hùng", email="h@bao.example"))
    november, december = desk.office.event(names=()), desk.office.event(names=())
    desk.groups.invite(november.id, ANH, [hung.id])
    desk.groups.invite(december.id, ANH, [other.id])

    kept = desk.people.merge(hung.id, other.id, ANH)

    turns = desk.histories.of_person(hung.id, ANH).turns
    assert {turn.event_id for turn, _ in turns} == {november.id, december.id}
    assert kept.email == "h@bao.example"
    with pytest.raises(NotFoundError):
        desk.people.person(other.id, ANH)


def test_a_merge_that_forgot_the_lists_would_be_seen(desk: Desk) -> None:
    hung, other = desk.keep(HUNG), desk.keep(Person(0, "Võ M. Hùng"))
    event = desk.office.event(names=())
    desk.groups.invite(event.id, ANH, [other.id])

    def wrongly_merged() -> int:
        desk.people.rest(other.id, ANH)
        return len(desk.histories.of_person(hung.id, ANH).turns)

    assert wrongly_merged() == 0
    desk.people.merge(hung.id, other.id, ANH)
    assert len(desk.histories.of_person(hung.id, ANH).turns) == 1


def test_the_door_book_says_who_came(desk: Desk) -> None:
    event, hung = desk.office.event(names=()), desk.keep(HUNG)
    desk.groups.invite(event.id, ANH, [hung.id])
    (holder,) = desk.office.holders(event)
    came = replace(
        desk.histories, came=lambda _: {event.id: frozenset({holder.invitation.pass_id})}
    )

    assert came.of_person(hung.id, ANH).past == Past(1, 0, 1)
    assert came.of_people([hung.id]) == {hung.id: Past(1, 0, 1)}
    assert hung.organisation_id is not None
    assert came.of_organisation(hung.organisation_id, ANH) == Past(1, 0, 1)


def test_an_erased_person_is_forgotten_everywhere_but_in_the_counts(
    desk: Desk, tmp_path: Path
) -> None:
    event = desk.office.event(names=())
    desk.bring(tmp_path, event.id, a_row(phone="1699123456"))
    (holder,) = desk.office.holders(event)
    desk.office.clock.now = event.ends_at + 1
    hung = desk.person("hung")
    before = desk.office.planning.event(event.id, ANH).counts

    assert desk.histories.erase(hung.id, ANH)

    assert desk.office.planning.event(event.id, ANH).counts == before
    assert desk.people.page(ANH, Wanted("hung")).total == 0
    with desk.office.database.read() as connection:
        guest = connection.execute(select(guests)).one()
        noted = connection.scalars(select(imports.c.problems)).all()
        kept = connection.execute(select(func.count()).select_from(deliveries)).scalar()
    assert (guest.name, guest.phone, guest.email, guest.folded) == (history.NOBODY, "", "", "")
    assert noted == [[]]
    assert kept == 0
    assert desk.office.told(event, "roster")[-1]["name"] == history.NOBODY
    assert ("person.erase", str(hung.id)) in desk.office.deeds()
    assert holder.guest.name == "Võ Minh Hùng"


def test_who_is_still_awaited_is_not_erased(desk: Desk) -> None:
    event, hung = desk.office.event(names=()), desk.keep(HUNG)
    desk.groups.invite(event.id, ANH, [hung.id])
    desk.office.holders(event)

    assert not desk.histories.erase(hung.id, ANH)
    assert desk.person("hung").name == "Võ Minh Hùng"


def test_an_export_tells_everything_that_is_kept(desk: Desk) -> None:
    event, hung = desk.office.event(names=()), desk.keep(HUNG)
    desk.groups.invite(event.id, ANH, [hung.id])

    found = desk.histories.export(hung.id, ANH)

    assert found["person"]["phone"] == "+84903123456"
    assert [each["title"] for each in found["events"]] == [event.title]
    assert found["guest_lists"][0]["name"] == "Võ Minh Hùng"


def test_an_organisation_cannot_stand_above_itself(desk: Desk) -> None:
    for name in ("Sở", "Phòng"):
        assert desk.organisations.save(Organisation(0, name), ANH) == ()
    by_name = {
        each.organisation.name: each.organisation for each in desk.organisations.tree(ANH)
    }
    below = replace(by_name["Phòng"], parent_id=by_name["Sở"].id)
    assert desk.organisations.save(below, ANH) == ()

    (wrong,) = desk.organisations.save(replace(by_name["Sở"], parent_id=below.id), ANH)

    assert wrong.code == "circle"
    assert [branch.depth for branch in desk.organisations.tree(ANH)] == [0, 1]


TREES = st.lists(st.tuples(st.integers(0, 9), st.one_of(st.none(), st.integers(0, 9))))


@given(TREES)
def test_no_order_of_moves_makes_a_circle(moves: list[tuple[int, int | None]]) -> None:
    parents = grown(moves, rules.makes_circle)

    assert not has_circle(parents)
    shown = rules.as_tree([Organisation(each, str(each), up) for each, up in parents.items()])
    assert sorted(each.id for _, each in shown) == sorted(parents)


def test_a_rule_that_only_looks_one_step_up_would_be_seen() -> None:
    moves: list[tuple[int, int | None]] = [(1, 0), (2, 1), (0, 2)]

    assert has_circle(grown(moves, lambda _, child, parent: parent == child))
    assert not has_circle(grown(moves, rules.makes_circle))


@given(
    st.builds(Person, st.just(1), st.text(min_size=1)), st.builds(Person, st.just(2), st.text())
)
def test_a_merged_person_loses_nothing_and_stays_barred(kept: Person, gone: Person) -> None:
    made = rules.joined(kept, gone)

    assert made.barred == (kept.barred or gone.barred)
    for name in ("phone", "email", "title", "press_card"):
        assert getattr(made, name) == (getattr(kept, name) or getattr(gone, name))


def grown(moves: list[tuple[int, int | None]], circle: object) -> dict[int, int | None]:
    """Return the tree after every move that *circle* does not forbid."""
    assert callable(circle)
    parents: dict[int, int | None] = dict.fromkeys(range(10))
    for child, parent in moves:
        if not circle(parents, child, parent):
            parents[child] = parent
    return parents


def has_circle(parents: dict[int, int | None]) -> bool:
    """Tell whether somebody, going up, comes back to themselves."""
    return any(_climbs_for_ever(parents, above) for above in parents.values())


def _climbs_for_ever(parents: dict[int, int | None], above: int | None) -> bool:
    for _ in range(len(parents) + 1):
        if above is None:
            return False
        above = parents[above]
    return True

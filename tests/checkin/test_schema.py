"""The schema: made on both databases, and its books refuse to be rewritten."""

from pathlib import Path

import pytest
from sqlalchemy import Column, Integer, insert, text
from sqlalchemy.exc import DBAPIError

from checkin.storage.schema import differences, migrate, state_of
from invitations.domain.errors import StorageError
from invitations.storage.database import Database, metadata
from invitations.storage.tables import audit

BOOKS = {"scans", "delivery_events", "audit", "news", "decisions"}
ENTRY = {"at": 1, "actor": "Ánh", "action": "event.create", "detail": {}}
GUARDS = {
    "sqlite": "SELECT tbl_name FROM sqlite_master WHERE type='trigger' AND sql LIKE '%grows%'",
    "postgresql": "SELECT event_object_table FROM information_schema.triggers",
}


def test_the_steps_lead_to_the_tables_that_are_declared(database: Database) -> None:
    with database.read() as connection:
        assert differences(connection) == []


def test_a_column_that_no_step_makes_is_seen(database: Database) -> None:
    house = metadata.tables["house"]
    house.append_column(Column("forgotten", Integer))
    try:
        with database.read() as connection:
            found = differences(connection)
    finally:
        house._columns.remove(house.c.forgotten)  # noqa: SLF001 - puts the declaration back

    assert len(found) == 1


def test_migrating_twice_changes_nothing(database: Database) -> None:
    database.write(lambda c: c.execute(insert(audit).values(ENTRY)))

    migrate(database)

    with database.read() as connection:
        assert connection.execute(text("SELECT count(*) FROM audit")).scalar() == 1


@pytest.mark.parametrize("change", ["UPDATE audit SET actor = 'me'", "DELETE FROM audit"])
def test_the_audit_book_cannot_be_rewritten(database: Database, change: str) -> None:
    database.write(lambda c: c.execute(insert(audit).values(ENTRY)))

    with pytest.raises(DBAPIError, match="audit only grows"):
        database.write(lambda c: c.execute(text(change)))


def test_every_book_that_only_grows_has_its_guards(database: Database) -> None:
    with database.read() as connection:
        guards = connection.execute(text(GUARDS[database.dialect])).scalars().all()

    assert set(guards) == BOOKS


def test_an_older_file_is_copied_before_it_is_changed(
    tmp_path: Path, sqlite_database: Database
) -> None:
    sqlite_database.write(lambda c: c.execute(insert(audit).values(ENTRY)))
    old = text("UPDATE alembic_version SET version_num = '0000'")
    sqlite_database.write(lambda c: c.execute(old))

    with pytest.raises(StorageError, match="0000"):
        migrate(sqlite_database)

    copy = Database(f"sqlite:///{tmp_path}/thumoi.db.before-0000")
    with copy.read() as connection:
        kept = connection.execute(text("SELECT count(*) FROM audit")).scalar()
    copy.close()
    assert kept == 1


def test_an_examination_finds_a_sound_database(database: Database) -> None:
    url = database.url.render_as_string(hide_password=False)

    found = state_of(url)

    assert (found.trouble, found.unsafe, found.current) == ("", "", True)


def test_an_examination_makes_no_database(tmp_path: Path) -> None:
    found = state_of(f"sqlite:///{tmp_path}/none.db")

    assert found.trouble != ""
    assert list(tmp_path.iterdir()) == []

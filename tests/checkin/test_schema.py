"""The schema: made on both databases, and its books refuse to be rewritten."""

import pytest
from sqlalchemy import insert, text
from sqlalchemy.exc import DBAPIError

from checkin.storage.schema import APPEND_ONLY, migrate
from invitations.storage.database import Database
from invitations.storage.tables import audit


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

    assert set(guards) == set(APPEND_ONLY)


ENTRY = {"at": 1, "actor": "Ánh", "action": "event.create", "detail": {}}
GUARDS = {
    "sqlite": "SELECT tbl_name FROM sqlite_master WHERE type = 'trigger'",
    "postgresql": "SELECT event_object_table FROM information_schema.triggers",
}

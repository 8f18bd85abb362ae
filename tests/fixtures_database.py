"""Databases for tests: each kind we promise to run on, empty but for its tables."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from checkin.storage.schema import migrate
from invitations.storage.database import Database
from tests.postgres import Server, running

BOTH = [
    pytest.param("sqlite", id="sqlite"),
    pytest.param("postgresql", id="postgresql", marks=pytest.mark.postgres),
]


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[Server]:
    """One PostgreSQL for the whole run, started by the first test that wants it."""
    with running() as server:
        yield server


@pytest.fixture(params=BOTH)
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of an empty database of each kind."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/thumoi.db"
        return
    server: Server = request.getfixturevalue("postgres_server")
    with server.database() as url:
        yield url


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """A database of each kind, with its tables."""
    database = Database(database_url)
    migrate(database)
    yield database
    database.close()


@pytest.fixture
def sqlite_database(tmp_path: Path) -> Iterator[Database]:
    """A SQLite database with its tables, where the kind does not matter."""
    database = Database(f"sqlite:///{tmp_path}/thumoi.db")
    migrate(database)
    yield database
    database.close()

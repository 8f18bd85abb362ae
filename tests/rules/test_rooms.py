"""Each room keeps to its work: SQL, printing and untyped libraries stand in their places.

Which package may import which is written in ``pyproject.toml`` (import-linter).
"""

import ast
import re
import sys
from collections.abc import Iterable

import pytest

from tests.rules.reading import ROOT, Module, imports, kept_files, modules

ONE_FILE_EACH = {
    "flask_socketio": "checkin/web/live.py",
    "pyzbar": "scanner/zbar.py",
    "dkim": "invitations/couriers/seals.py",
    "qrcode": "invitations/services/plainqr.py",
}
STATION_BOOKS = {
    "scanner/archive.py",
    "scanner/heard.py",
    "scanner/journal.py",
    "scanner/sealed.py",
    "scanner/storeroom.py",
}  # a station has no rooms, and two books
SPEAKERS = ("checkin/cli.py", "checkin/commands/")
IMPURE = {"asyncio", "http", "io", "logging", "os", "pathlib", "random", "shutil", "socket"}
IMPURE |= {"sqlite3", "subprocess", "tempfile", "threading", "time", "urllib"}
# Libraries that compute and do nothing else, each with the one rule that needs it.
COMPUTING = {
    "checkin/domain/sealing.py": {"cryptography"},  # docs/decisions/0008
    "invitations/domain/addresses.py": {"email_validator", "phonenumbers"},
    "invitations/domain/passes.py": {"cryptography", "itsdangerous"},
}
SUPPRESSION = re.compile(r"#\s*(noqa|type:\s*ignore|nosec|pragma:)", re.IGNORECASE)
REASONED = re.compile(
    r"#\s*(noqa: [A-Z]+\d+(, [A-Z]+\d+)*|type: ignore\[[a-z, -]+\])( -|  #) \w+"
)


def sql_outside_storage(house: Iterable[Module]) -> list[str]:
    """Return the rooms that could write SQL and should not; services may name a Connection."""
    return [
        f"{room.name}: {name}"
        for room in house
        if "/storage/" not in room.name and room.name not in STATION_BOOKS
        for name in imports(room)
        if name.partition(".")[0] in {"sqlalchemy", "alembic", "sqlite3", "psycopg"}
        if not ("/services/" in room.name and name == "sqlalchemy.Connection")
    ]


def strangers(house: Iterable[Module]) -> list[str]:
    """Return the rooms that touch an untyped library that another room owns."""
    return [
        f"{room.name}: {name}"
        for room in house
        for name in imports(room)
        if ONE_FILE_EACH.get(name.partition(".")[0], room.name) != room.name
    ]


def prints(house: Iterable[Module]) -> list[str]:
    """Return the rooms that speak to a terminal and have none."""
    return [
        f"{room.name}:{node.lineno}"
        for room in house
        if not room.name.startswith(SPEAKERS)
        for node in ast.walk(room.tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
        if node.func.id == "print"
    ]


def impurities(house: Iterable[Module]) -> list[str]:
    """Return what the domains import that could answer differently tomorrow."""
    return [
        f"{room.name}: {name}"
        for room in house
        if "/domain/" in room.name
        for name in imports(room)
        if not _is_pure(name.partition(".")[0], room.name)
    ]


def bare_suppressions(texts: Iterable[tuple[str, str]]) -> list[str]:
    """Return the places that silence a checker without saying which rule and why."""
    return [
        f"{name}:{number}"
        for name, text in texts
        for number, line in enumerate(text.splitlines(), start=1)
        if SUPPRESSION.search(line) and not REASONED.search(line)
    ]


def _is_pure(package: str, room: str) -> bool:
    if package in {"checkin", "invitations"} | COMPUTING.get(room, set()):
        return True
    return package in sys.stdlib_module_names and package not in IMPURE


def test_sql_is_written_in_storage_only() -> None:
    assert sql_outside_storage(modules()) == []


def test_an_untyped_library_is_touched_in_one_file() -> None:
    assert strangers(modules()) == []


def test_only_commands_print() -> None:
    assert prints(modules()) == []


def test_the_domain_knows_no_clock_no_file_and_no_line() -> None:
    assert impurities(modules()) == []


def test_a_silenced_checker_is_silenced_for_a_reason() -> None:
    files = [path for path in kept_files() if path.suffix == ".py" and path != ROOT / __file__]
    texts = [(str(path.relative_to(ROOT)), path.read_text(encoding="utf-8")) for path in files]

    assert bare_suppressions(texts) == []


@pytest.mark.parametrize(
    ("name", "text"),
    [
        pytest.param("checkin/web/board.py", "import sqlalchemy", id="a page that asks"),
        pytest.param("checkin/services/door.py", "from sqlalchemy import text", id="a desk"),
        pytest.param("invitations/domain/x.py", "import sqlite3", id="a rule"),
    ],
)
def test_sql_in_another_room_is_seen(name: str, text: str) -> None:
    assert len(sql_outside_storage([Module(name, text)])) == 1


def test_a_desk_may_name_the_connection_it_hands_on() -> None:
    desk = Module("checkin/services/door.py", "from sqlalchemy import Connection")

    assert sql_outside_storage([desk]) == []


def test_a_second_room_with_an_untyped_library_is_seen() -> None:
    room = Module("checkin/web/board.py", "from flask_socketio import emit")

    assert strangers([room]) == ["checkin/web/board.py: flask_socketio.emit"]


def test_a_print_in_a_page_is_seen() -> None:
    room = Module("checkin/web/board.py", "x = 1\nprint(x)")

    assert prints([room]) == ["checkin/web/board.py:2"]


@pytest.mark.parametrize(
    "text",
    [
        "import time",
        "from pathlib import Path",
        "import flask",
        "from cryptography import x509",
    ],
)
def test_an_impure_rule_is_seen(text: str) -> None:
    assert len(impurities([Module("checkin/domain/admission.py", text)])) == 1


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("x = 1  # noqa", 1),
        ("x = 1  # noqa: E501", 1),
        ("x = 1  # type: ignore[misc]", 1),
        ("x = 1  # noqa: E501 - the address is that long", 0),
        ("x = 1  # type: ignore[misc]  # the library says Any", 0),
    ],
)
def test_a_silence_without_a_reason_is_seen(line: str, found: int) -> None:
    assert len(bare_suppressions([("checkin/x.py", line)])) == found

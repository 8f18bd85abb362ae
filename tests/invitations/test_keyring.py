"""The keyring: one private file a key, and loud words when it is not as it should be."""

from __future__ import annotations

import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from invitations.domain import passes
from invitations.domain.errors import KeyFileError
from invitations.services.keyring import Keyring
from invitations.storage.database import Database
from tests.factories_events import Office, an_office


@pytest.fixture
def office(sqlite_database: Database, tmp_path: Path) -> Office:
    return an_office(sqlite_database, tmp_path)


def test_the_first_start_makes_a_key_that_only_its_owner_can_read(office: Office) -> None:
    kid = office.keyring.ensure(1)

    path = office.keyring.directory / f"{kid}.key"
    assert stat.S_IMODE(path.stat().st_mode) == 0o400
    assert stat.S_IMODE(office.keyring.directory.stat().st_mode) == 0o700
    assert len(office.keyring.seed(kid)) == 32


def test_every_later_start_finds_the_same_key(office: Office, tmp_path: Path) -> None:
    kid = office.keyring.ensure(1)
    seed = office.keyring.seed(kid)

    later = Keyring(office.database, tmp_path / "keys")

    assert later.ensure(1) == kid
    assert later.seed(kid) == seed


def test_each_office_has_its_own_key_and_all_are_trusted(office: Office) -> None:
    first, second = office.keyring.ensure(1), office.keyring.ensure(2)

    trust = office.keyring.trust()

    assert [(key.kid, key.office) for key in trust.keys] == [
        (first, "Văn phòng UBND Thành phố"),
        (second, "UBND phường Bến Nghé"),
    ]
    assert [key.public_key for key in trust.keys] == [
        passes.public_key(office.keyring.seed(kid)) for kid in (first, second)
    ]
    assert trust.number == 2


def test_many_who_ask_at_once_get_one_key(office: Office) -> None:
    with ThreadPoolExecutor(8) as pool:
        kids = list(pool.map(lambda _turn: office.keyring.ensure(1), range(16)))

    assert set(kids) == {kids[0]}
    assert len(list(office.keyring.directory.iterdir())) == 1


def test_a_file_left_by_a_start_cut_off_is_never_overwritten(office: Office) -> None:
    office.keyring.directory.mkdir(mode=0o700)
    orphan = office.keyring.directory / "1.key"
    orphan.write_text("00" * 32, encoding="ascii")

    assert office.keyring.ensure(1) == 2
    assert orphan.read_text(encoding="ascii") == "00" * 32


@pytest.mark.parametrize(
    ("spoil", "code"),
    [
        pytest.param(lambda path: path.unlink(), "missing", id="gone"),
        pytest.param(lambda path: path.chmod(0o644), "open", id="readable by others"),
        pytest.param(lambda path: rewrite(path, "not a key"), "damaged", id="no key in it"),
        pytest.param(lambda path: rewrite(path, "00" * 31), "damaged", id="cut short"),
        pytest.param(lambda path: rewrite(path, "11" * 32), "foreign", id="of somebody else"),
    ],
)
def test_a_key_that_is_not_as_it_was_left_stops_the_start(
    office: Office, spoil: object, code: str
) -> None:
    assert callable(spoil)
    kid = office.keyring.ensure(1)

    spoil(office.keyring.directory / f"{kid}.key")

    with pytest.raises(KeyFileError) as caught:
        office.keyring.ensure(1)
    assert caught.value.code == code


def test_the_database_knows_no_private_key(office: Office, tmp_path: Path) -> None:
    kid = office.keyring.ensure(1)
    seed = office.keyring.seed(kid)
    office.database.close()

    stored = b"".join(path.read_bytes() for path in tmp_path.glob("thumoi.db*"))

    assert passes.public_key(seed) in stored  # the search finds what is there
    assert seed not in stored
    assert seed.hex().encode() not in stored


def rewrite(path: Path, text: str) -> None:
    path.chmod(0o600)
    path.write_text(text, encoding="ascii")
    path.chmod(0o400)

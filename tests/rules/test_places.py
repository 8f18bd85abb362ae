"""The tree names no machine it was written on, and the map names every room."""

import re
from collections.abc import Iterable

import pytest

from tests.rules.reading import ROOT, Module, kept_files, modules

HOMES = re.compile(r"(?<![\w.<])/(?:home|Users|root|work)/[\w.]")
REGISTRIES = re.compile(r"registry\.npmjs|pypi\.org/simple|pythonhosted|file:///")
MAP = ROOT / "docs/map.md"


def machine_places(texts: Iterable[tuple[str, str]]) -> list[str]:
    """Return the lines that would mean nothing on another machine."""
    return [
        f"{name}:{number}: {line.strip()[:80]}"
        for name, text in texts
        for number, line in enumerate(text.splitlines(), start=1)
        if HOMES.search(line) or REGISTRIES.search(line) or f"{ROOT}/" in line
    ]


def off_the_map(house: Iterable[Module], drawn: str) -> list[str]:
    """Return the modules that *drawn*, the text of the map, does not name."""
    return [
        room.name
        for room in house
        if not room.name.endswith("__init__.py") and "/migrations/" not in room.name
        if f"`{room.name}`" not in drawn
    ]


def ghosts(house: Iterable[Module], drawn: str) -> list[str]:
    """Return the modules that *drawn* names and that are not there."""
    there = {room.name for room in house}
    named = re.findall(r"`((?:checkin|invitations|scanner)/[\w/]+\.py)`", drawn)
    return [name for name in named if name not in there]


def test_no_file_names_this_machine() -> None:
    own = ROOT / "tests/rules/test_places.py"
    files = [path for path in kept_files() if path != own]
    texts = [
        (str(path.relative_to(ROOT)), path.read_text("utf-8", "replace")) for path in files
    ]

    assert machine_places(texts) == []


def test_every_room_is_on_the_map() -> None:
    assert off_the_map(modules(), MAP.read_text(encoding="utf-8")) == []


def test_the_map_shows_no_room_that_is_not_there() -> None:
    assert ghosts(modules(), MAP.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    "line",
    [
        pytest.param("see /home/an/thumoi", id="somebody's home"),
        pytest.param("PATH = '/root/.cache'", id="root's home"),
        pytest.param("https://registry.npmjs.org/x", id="a registry"),
        pytest.param(f"open('{ROOT}/x')", id="this very tree"),
    ],
)
def test_a_place_on_this_machine_is_seen(line: str) -> None:
    assert len(machine_places([("docs/x.md", line)])) == 1


def test_a_room_off_the_map_is_seen() -> None:
    house = [Module("checkin/attic.py", ""), Module("checkin/hall.py", "")]

    assert off_the_map(house, "| `checkin/hall.py` | the hall |") == ["checkin/attic.py"]


def test_a_ghost_on_the_map_is_seen() -> None:
    assert ghosts([], "| `checkin/hall.py` | the hall |") == ["checkin/hall.py"]

"""Whoever opens the documents finds the house that is there."""

import importlib.util
import re
from collections.abc import Iterable
from pathlib import Path
from types import ModuleType

from tests.rules.reading import ROOT, Module, kept_files, modules

LINK = re.compile(r"\]\((?!https?:|mailto:|#)([^)#\s]+)[^)]*\)")
ROOM = re.compile(r"`((?:checkin|invitations|scanner)/[\w/]+\.py)`")


def dead_links(document: Path) -> list[str]:
    """Return the links of *document* that lead nowhere in the tree."""
    links = LINK.findall(document.read_text(encoding="utf-8"))
    return [link for link in links if not (document.parent / link).exists()]


def ghosts(house: Iterable[Module], text: str) -> list[str]:
    """Return the modules that *text* names and that are not in the *house*."""
    there = {room.name for room in house}
    return [name for name in ROOM.findall(text) if name not in there]


def test_the_map_shows_the_rooms_as_they_are() -> None:
    drawn = (ROOT / "docs/map.md").read_text(encoding="utf-8")

    assert _draughtsman().rooms() in drawn, "redraw it: .venv/bin/python .make/map.py"


def test_no_document_names_a_room_that_is_not_there() -> None:
    house = modules()
    found = {
        str(path.relative_to(ROOT)): ghosts(house, path.read_text(encoding="utf-8"))
        for path in kept_files()
        if path.suffix == ".md"
    }

    assert {name: names for name, names in found.items() if names} == {}


def test_no_link_of_a_document_is_dead() -> None:
    found = {
        str(path.relative_to(ROOT)): dead_links(path)
        for path in kept_files()
        if path.suffix == ".md"
    }

    assert {name: links for name, links in found.items() if links} == {}


def test_a_new_room_changes_the_map(tmp_path: Path) -> None:
    (tmp_path / "checkin").mkdir()
    (tmp_path / "checkin/__init__.py").write_text('"""The door."""')
    before = _draughtsman().rooms(tmp_path)
    (tmp_path / "checkin/attic.py").write_text('"""Where old things lie.\n\nMore."""')

    after = _draughtsman().rooms(tmp_path)

    assert before == "**`checkin/`** The door."
    assert after == f"{before}\n\n- `checkin/attic.py` Where old things lie."


def test_a_ghost_in_a_document_is_seen() -> None:
    assert ghosts([], "see `checkin/hall.py`") == ["checkin/hall.py"]


def test_a_dead_link_is_seen(tmp_path: Path) -> None:
    document = tmp_path / "a.md"
    document.write_text("[a](a.md) [b](b.md#part) [c](https://example.vn/)")

    assert dead_links(document) == ["b.md"]


def _draughtsman() -> ModuleType:
    spec = importlib.util.spec_from_file_location("map", ROOT / ".make/map.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module

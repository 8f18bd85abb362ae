"""The tree names no machine it was written on."""

import re
from collections.abc import Iterable

import pytest

from tests.rules.reading import ROOT, kept_files

HOMES = re.compile(r"(?<![\w.<])/(?:home|Users|root|work)/[\w.]")
REGISTRIES = re.compile(r"registry\.npmjs|pypi\.org/simple|pythonhosted|file:///")


def machine_places(texts: Iterable[tuple[str, str]]) -> list[str]:
    """Return the lines that would mean nothing on another machine."""
    return [
        f"{name}:{number}: {line.strip()[:80]}"
        for name, text in texts
        for number, line in enumerate(text.splitlines(), start=1)
        if HOMES.search(line) or REGISTRIES.search(line) or f"{ROOT}/" in line
    ]


def test_no_file_names_this_machine() -> None:
    own = ROOT / "tests/rules/test_places.py"
    files = [path for path in kept_files() if path != own]
    texts = [
        (str(path.relative_to(ROOT)), path.read_text("utf-8", "replace")) for path in files
    ]

    assert machine_places(texts) == []


@pytest.mark.parametrize(
    "line",
    [
        pytest.param("see /home/an/thumoi", id="somebody's home"),
        pytest.param("PATH = '{}root/.cache'".format("/"), id="root's home"),
        pytest.param("https://registry.npmjs.org/x", id="a registry"),
        pytest.param(f"open('{ROOT}/x')", id="this very tree"),
    ],
)
def test_a_place_on_this_machine_is_seen(line: str) -> None:
    assert len(machine_places([("docs/x.md", line)])) == 1

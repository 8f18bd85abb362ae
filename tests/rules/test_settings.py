"""Every setting stands in the operator's guide, and the guide's own example is accepted."""

import re
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pytest

from checkin.config import read_config
from checkin.settings import ConfigError
from tests.rules.reading import ROOT

GUIDES = ("docs/guides/operator.md", "docs/guides/papers.md")
SECTIONS = ("", "server", "office", "mail", "sms", "sending", "letter", "wallet")
TOML = re.compile(r"^```toml\n(.*?)^```", re.MULTILINE | re.DOTALL)


def settings(folder: Path) -> set[str]:
    """Return each setting as ``section.name``: whoever writes a strange one is told them."""
    found = set()
    for section in SECTIONS:
        slip = folder / f"{section or 'top'}.toml"
        slip.write_text(f"[{section}]\nstrange = 1\n" if section else "strange = 1\n")
        with pytest.raises(ConfigError) as told:
            read_config(slip, {})
        names = told.value.allowed.partition(":")[2].split(",")
        found |= {f"{section}.{name.strip()}" if section else name.strip() for name in names}
    return found


def documented(guides: Iterable[str]) -> set[str]:
    """Return each setting that an example of the guides shows."""
    found: set[str] = set()
    for guide in guides:
        for example in TOML.findall((ROOT / guide).read_text(encoding="utf-8")):
            found |= _names(tomllib.loads(example))
    return found


def test_every_setting_is_in_the_guides_and_nothing_else_is(tmp_path: Path) -> None:
    known = settings(tmp_path)

    assert _plain(documented(GUIDES), known) == _plain(known, known)


def test_the_example_of_the_guide_is_taken_as_it_is(tmp_path: Path) -> None:
    (example,) = TOML.findall((ROOT / GUIDES[0]).read_text(encoding="utf-8"))
    written = tmp_path / "thumoi.toml"
    written.write_text(example, encoding="utf-8")

    config = read_config(written, {})

    assert config.base_url == "https://moi.vanphong.example"
    assert config.channels == ("email", "sms")


def test_a_setting_left_out_of_the_guides_is_seen(tmp_path: Path) -> None:
    known = settings(tmp_path)

    assert _plain(documented(GUIDES[1:]), known) != _plain(known, known)


def _names(document: Mapping[str, Any]) -> set[str]:
    found = set()
    for name, value in document.items():
        found |= {f"{name}.{each}" for each in value} if isinstance(value, dict) else {name}
    return found


def _plain(names: Iterable[str], known: set[str]) -> set[str]:
    """Return *names* with a secret's ``_file`` variant under the secret's own name."""
    cut = ((name, name.removesuffix("_file")) for name in names)
    return {short if short in known else name for name, short in cut}

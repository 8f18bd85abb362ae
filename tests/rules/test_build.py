"""The package carries what a user needs, and set-up asks before it changes a machine."""

import importlib.util
import json
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path
from types import ModuleType

import pytest

from tests.rules.reading import ROOT

LOCK = ROOT / "package-lock.json"
STUBS = {
    "dpkg-query": "exit 1",
    "id": "echo 1000",
    "sudo": "exit 1",
    "apt-get": 'echo "$*" >> "$ASKED"',
}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    """Return the names of the files in a wheel built from this tree."""
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    with zipfile.ZipFile(next(folder.glob("*.whl"))) as archive:
        return set(archive.namelist())


def test_a_wheel_carries_every_template(wheel: set[str]) -> None:
    kept = [path for path in (ROOT / "templates").rglob("*") if path.is_file()]
    expected = {f"checkin/_templates/{path.relative_to(ROOT / 'templates')}" for path in kept}

    assert {name for name in wheel if name.startswith("checkin/_templates/")} == expected


def test_a_wheel_carries_every_screen_and_whose_work_is_in_it(wheel: set[str]) -> None:
    sources = (ROOT / "checkin/frontend/src").glob("*.[tc]s*")
    built = {path.with_suffix({".ts": ".js"}.get(path.suffix, path.suffix)) for path in sources}
    places = {"kiosk": "scanner/static/dist"}
    expected = {f"{places.get(p.stem, 'checkin/static/dist')}/{p.name}" for p in built}

    assert expected - wheel == set()
    assert "checkin/static/dist/THIRD-PARTY.txt" in wheel


def test_a_wheel_carries_the_words_compiled(wheel: set[str]) -> None:
    catalogues = (ROOT / "checkin/translations").rglob("*.po")
    expected = {path.relative_to(ROOT).with_suffix(".mo").as_posix() for path in catalogues}

    assert {name for name in wheel if name.endswith(".mo")} == expected


def test_a_wheel_carries_no_workshop(wheel: set[str]) -> None:
    workshop = ("checkin/frontend/", "tests/", ".make/", "node_modules/")

    assert [name for name in wheel if name.startswith(workshop)] == []


def test_the_lock_file_names_no_host_and_trusts_no_host() -> None:
    packages = json.loads(LOCK.read_text())["packages"]
    fetched = {name: about for name, about in packages.items() if name}

    assert [name for name, about in fetched.items() if "integrity" not in about] == []
    assert [name for name, about in fetched.items() if "resolved" in about] == []


def test_a_changed_source_is_built_again(tmp_path: Path) -> None:
    for name in ("package.json", "package-lock.json", "checkin/frontend"):
        _copy(ROOT / name, tmp_path / name)
    screens = _screens()
    stamp = screens._digest(tmp_path)  # noqa: SLF001 - the stamp is what is tested
    for room in (screens.DIST, screens.KIOSK_DIST):
        (tmp_path / room).mkdir(parents=True)
        (tmp_path / room / screens.STAMP).write_text(stamp)
    fresh = screens.is_fresh(tmp_path)

    (tmp_path / "checkin/frontend/src/board.ts").write_text("export const changed = 1;")

    assert (fresh, screens.is_fresh(tmp_path)) == (True, False)


def test_without_the_right_to_install_nothing_is_changed(tmp_path: Path) -> None:
    done, asked = _ask_debian(tmp_path, STUBS)

    assert done.returncode == 1
    assert "    apt-get install --no-install-recommends libzbar0 chromium\n" in done.stderr
    assert asked == ""


def test_an_administrator_gets_what_is_missing_and_no_more(tmp_path: Path) -> None:
    stubs = STUBS | {
        "sudo": 'shift; if [ "$1" != true ]; then exec "$@"; fi',
        "dpkg-query": 'for last; do :; done; [ "$last" != libzbar0 ] || echo installed',
    }

    done, asked = _ask_debian(tmp_path, stubs)

    assert (done.returncode, done.stderr) == (0, "· Installing Debian packages: chromium\n")
    assert asked.splitlines()[-1].endswith(" install --no-install-recommends chromium")


def _ask_debian(
    folder: Path, stubs: dict[str, str]
) -> tuple[subprocess.CompletedProcess[str], str]:
    """Run the set-up with a Debian of cardboard; return it, and what apt-get was asked."""
    tools = folder / "bin"
    tools.mkdir()
    for name, does in stubs.items():
        (tools / name).write_text(f"#!/bin/sh\n{does}\n")
        (tools / name).chmod(0o755)
    asked = folder / "asked"
    asked.touch()
    done = subprocess.run(
        ["/bin/sh", str(ROOT / ".make/debian"), "libzbar0", "chromium"],
        env={"PATH": f"{tools}{os.pathsep}{os.defpath}", "ASKED": str(asked)},
        check=False,
        capture_output=True,
        text=True,
        encoding="utf-8",
    )
    return done, asked.read_text()


def _copy(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    if source.is_dir():
        shutil.copytree(source, target)
    else:
        shutil.copyfile(source, target)


def _screens() -> ModuleType:
    spec = importlib.util.spec_from_file_location("screens", ROOT / "checkin/frontend/build.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module

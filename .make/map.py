"""Draws the rooms into ``docs/map.md`` from what each module says of itself."""

import ast
import sys
from itertools import groupby
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
MAP = Path("docs/map.md")
PLACES = ("invitations", "checkin", "scanner")
FENCE = "<!-- rooms: drawn by `.make/map.py` from the first line of each module -->"


def rooms(root: Path = ROOT) -> str:
    """Return the rooms of *root* as Markdown: a heading per folder, a line per module."""
    modules = [path.relative_to(root) for place in PLACES for path in _modules(root / place)]
    folders = groupby(modules, key=lambda path: path.parent)
    return "\n\n".join(_folder(root, folder, list(paths)) for folder, paths in folders)


def redraw(root: Path = ROOT) -> bool:
    """Replace the drawn part of the map; return whether it changed."""
    before = (root / MAP).read_text(encoding="utf-8")
    written = before.partition(FENCE)[0]
    after = f"{written}{FENCE}\n\n{rooms(root)}\n"
    (root / MAP).write_text(after, encoding="utf-8")
    return before != after


def _modules(place: Path) -> list[Path]:
    found = [path for path in place.rglob("*.py") if "versions" not in path.parts]
    return sorted(found, key=lambda path: (path.parent, path.name))


def _folder(root: Path, folder: Path, modules: list[Path]) -> str:
    lines = [f"- `{path}` {_says(root / path)}" for path in modules if not _is_door(path)]
    doors = [_says(root / path) for path in modules if _is_door(path)]
    heading = " ".join([f"**`{folder}/`**", *doors])
    return "\n".join([heading, "", *lines]).rstrip()


def _is_door(path: Path) -> bool:
    return path.name == "__init__.py"


def _says(path: Path) -> str:
    docstring = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
    return docstring.partition("\n")[0]


if __name__ == "__main__":
    sys.stderr.write("· docs/map.md is redrawn\n" if redraw() else "· docs/map.md is true\n")

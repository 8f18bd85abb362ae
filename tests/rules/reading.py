"""How the rules read the tree: its modules, its functions, and what it imports."""

import ast
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("checkin", "invitations", "scanner")


@dataclass(frozen=True)
class Module:
    """One Python file of ours: its *name*, a path from the root, and its *text*."""

    name: str
    text: str

    @property
    def tree(self) -> ast.Module:
        """The syntax of the module."""
        return ast.parse(self.text)

    @property
    def lines(self) -> int:
        """How many lines the module has."""
        return len(self.text.splitlines())

    @property
    def room(self) -> str:
        """The dotted name of the module, as it is imported."""
        return self.name.removesuffix(".py").replace("/", ".").removesuffix(".__init__")


def modules(root: Path = ROOT) -> list[Module]:
    """Return every module of the three packages, without migrations and generated code."""
    found = sorted(path for package in PACKAGES for path in (root / package).rglob("*.py"))
    return [
        Module(path.relative_to(root).as_posix(), path.read_text(encoding="utf-8"))
        for path in found
        if "node_modules" not in path.parts
    ]


def functions(module: Module) -> Iterator[tuple[str, int]]:
    """Yield the name and length in lines of each function, its docstring not counted."""
    for node in ast.walk(module.tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node.name, _length(node)


def imports(module: Module) -> Iterator[str]:
    """Yield what *module* imports, with dots: ``sqlalchemy.Connection``."""
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield from (f"{node.module}.{name.name}" for name in node.names)


def kept_files(root: Path = ROOT) -> list[Path]:
    """Return the text files that are under version control, lock files left out."""
    listing = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=root,
        capture_output=True,
        check=True,
        text=True,
    ).stdout
    paths = [root / name for name in listing.split("\0") if name]
    return [path for path in paths if path.is_file() and not _is_lock(path) and _is_text(path)]


def _length(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    words = node.body[0]
    documented = ast.get_docstring(node) is not None
    docstring = (words.end_lineno or 0) - words.lineno + 1 if documented else 0
    return (node.end_lineno or 0) - node.lineno + 1 - docstring


def _is_lock(path: Path) -> bool:
    return path.name in {"uv.lock", "package-lock.json"}


def _is_text(path: Path) -> bool:
    return b"\0" not in path.read_bytes()[:4096]

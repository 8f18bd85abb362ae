"""How the rules read the tree: its modules, its functions, and what it imports."""

import ast
import io
import subprocess
import tokenize
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("checkin", "invitations", "scanner")
SILENT = {
    tokenize.COMMENT,
    tokenize.DEDENT,
    tokenize.ENDMARKER,
    tokenize.INDENT,
    tokenize.NEWLINE,
    tokenize.NL,
}


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
    def working_lines(self) -> int:
        """How many lines do something: no docstring, no comment, not blank."""
        words = tokenize.generate_tokens(io.StringIO(self.text).readline)
        busy = {
            line
            for word in words
            if word.type not in SILENT
            for line in range(word.start[0], word.end[0] + 1)
        }
        return len(busy - _docstring_lines(self.tree))


def modules(root: Path = ROOT) -> list[Module]:
    """Return every module of the three packages below *root*, without the schema's steps."""
    found = sorted(path for package in PACKAGES for path in (root / package).rglob("*.py"))
    return [
        Module(path.relative_to(root).as_posix(), path.read_text(encoding="utf-8"))
        for path in found
        if path.parent.name != "versions"
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
    ours = ["git", "-c", "safe.directory=*", "ls-files", "-z"]  # even in somebody else's tree
    listing = subprocess.run(
        [*ours, "--cached", "--others", "--exclude-standard"],
        cwd=root,
        capture_output=True,
        check=True,
        text=True,
    ).stdout
    paths = [root / name for name in listing.split("\0") if name]
    return [path for path in paths if path.is_file() and not _is_lock(path) and _is_text(path)]


def _docstring_lines(tree: ast.Module) -> set[int]:
    documented = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    docstrings = [
        node.body[0]
        for node in ast.walk(tree)
        if isinstance(node, documented) and ast.get_docstring(node) is not None
    ]
    return {n for words in docstrings for n in range(words.lineno, (words.end_lineno or 0) + 1)}


def _length(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    words = node.body[0]
    documented = ast.get_docstring(node) is not None
    docstring = (words.end_lineno or 0) - words.lineno + 1 if documented else 0
    return (node.end_lineno or 0) - node.lineno + 1 - docstring


def _is_lock(path: Path) -> bool:
    return path.name in {"uv.lock", "package-lock.json"}


def _is_text(path: Path) -> bool:
    return b"\0" not in path.read_bytes()[:4096]

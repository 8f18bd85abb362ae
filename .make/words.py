"""The translations: taken from the rooms with ``--extract``, compiled for whoever reads them.

Texts are written in Vietnamese where they are said; ``messages.po`` brings the English. Kept
is ``messages.po``; made from it, and not kept, is ``messages.mo``.
"""

import ast
import io
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from babel.messages.catalog import Catalog

ROOT = Path(__file__).resolve().parents[1]
CATALOGUES = "checkin/translations/*/LC_MESSAGES/*.po"
ENGLISH = "checkin/translations/en/LC_MESSAGES/messages.po"
PACKAGES = ("checkin", "invitations", "scanner")
Forms = str | tuple[str, ...] | list[str] | None
SAID = frozenset({"_", "gettext", "say"})
COUNTED = "counted"  # the same words for every number; English has two
HEAD = r"""# The English words of the house. Take new ones from the rooms with: make words
msgid ""
msgstr ""
"Language: en\n"
"MIME-Version: 1.0\n"
"Content-Type: text/plain; charset=utf-8\n"
"Content-Transfer-Encoding: 8bit\n"
"Plural-Forms: nplurals=2; plural=(n != 1);\n"
"""


class Found(NamedTuple):
    """A text to be translated, the file it is said in, and whether it counts something."""

    text: str
    file: str
    counts: bool


def extract(root: Path = ROOT) -> list[Found]:
    """Return every text of the rooms below *root*, by file, each in the order it is said."""
    rooms = [path for name in PACKAGES for path in (root / name).rglob("*.py")]
    found: list[Found] = []
    for path in sorted(rooms):
        name = path.relative_to(root).as_posix()
        found += _in_python(path.read_text(encoding="utf-8"), name)
    for path in sorted(each for each in (root / "templates").rglob("*") if each.is_file()):
        name = path.relative_to(root).as_posix()
        found += _in_template(path.read_bytes(), name)
    return found


def update(root: Path = ROOT) -> list[str]:
    """Bring the English catalogue of *root* up to date; return the texts without English."""
    from babel.messages.catalog import Catalog  # noqa: PLC0415 - slow, and seldom needed

    source = root / ENGLISH
    known = _read(source) if source.exists() else Catalog(locale="en")
    fresh = Catalog(locale="en")
    for each in extract(root):
        old = known.get(each.text)
        fresh.add(
            (each.text, each.text) if each.counts else each.text,
            _kept(old.string if old else None, counts=each.counts),
            locations=[(each.file, 0)],
        )
    _write(fresh, source)
    return [_single(each.id) for each in fresh if each.id and not _complete(each.string)]


def compile_stale(root: Path = ROOT) -> list[Path]:
    """Compile the catalogues of *root* that changed; return what was written."""
    return [_compile(source) for source in sorted(root.glob(CATALOGUES)) if _stale(source)]


def _in_python(code: str, name: str) -> list[Found]:
    calls = [node for node in ast.walk(ast.parse(code)) if isinstance(node, ast.Call)]
    calls.sort(key=lambda call: (call.lineno, call.col_offset))
    return [
        Found(call.args[0].value, name, call.func.id == COUNTED)
        for call in calls
        if isinstance(call.func, ast.Name)
        and call.func.id in SAID | {COUNTED}
        and call.args
        and isinstance(call.args[0], ast.Constant)
        and isinstance(call.args[0].value, str)
    ]


def _in_template(code: bytes, name: str) -> Iterator[Found]:
    from jinja2.ext import babel_extract  # noqa: PLC0415 - slow, and seldom needed

    options = {"silent": "false"}
    for _line, function, words, _comments in babel_extract(
        io.BytesIO(code), [*SAID, COUNTED], (), options
    ):
        text = words if isinstance(words, str) else next(iter(words or ()), None)
        if text is not None:
            yield Found(text, name, function == COUNTED)


def _kept(string: Forms, *, counts: bool) -> str | tuple[str, str]:
    """Return the English that is there already, in as many forms as are needed now."""
    forms = (string,) if isinstance(string, str) else tuple(string or ("",))
    return (forms[0], forms[-1]) if counts else forms[-1]


def _complete(string: Forms) -> bool:
    return bool(string) if isinstance(string, str) or string is None else all(string)


def _single(text: Forms) -> str:
    return text if isinstance(text, str) else (text or ("",))[0]


def _write(catalogue: "Catalog", target: Path) -> None:
    from babel.messages.pofile import write_po  # noqa: PLC0415 - slow, and seldom needed

    written = io.BytesIO()
    write_po(
        written, catalogue, width=96, sort_by_file=True, omit_header=True, include_lineno=False
    )
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(f"{HEAD}\n{written.getvalue().decode().strip()}\n", encoding="utf-8")


def _read(source: Path) -> "Catalog":
    from babel.messages.pofile import read_po  # noqa: PLC0415 - slow, and seldom needed

    with source.open("rb") as words:
        return read_po(words, locale="en")


def _stale(source: Path) -> bool:
    target = source.with_suffix(".mo")
    return not target.exists() or target.stat().st_mtime_ns < source.stat().st_mtime_ns


def _compile(source: Path) -> Path:
    from babel.messages.mofile import write_mo  # noqa: PLC0415 - slow, and seldom needed
    from babel.messages.pofile import read_po  # noqa: PLC0415 - slow, and seldom needed

    with source.open("rb") as words:
        catalogue = read_po(words)
    target = source.with_suffix(".mo")
    with target.open("wb") as compiled:
        write_mo(compiled, catalogue)
    return target


def main(words: list[str]) -> int:
    """Take the words first if *words* ask for it; return 1 if some have no English yet."""
    missing = update() if "--extract" in words else []
    for text in missing:
        sys.stderr.write(f"· No English yet: {text!r}\n")
    for written in compile_stale():
        sys.stderr.write(f"· Compiled {written.relative_to(ROOT)}\n")
    return int(bool(missing))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""Compiles the translations: ``messages.po``, kept, becomes ``messages.mo``, not kept."""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
CATALOGUES = "checkin/translations/*/LC_MESSAGES/*.po"


def compile_stale(root: Path = ROOT) -> list[Path]:
    """Compile the catalogues of *root* that changed; return what was written."""
    return [_compile(source) for source in sorted(root.glob(CATALOGUES)) if _stale(source)]


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


if __name__ == "__main__":
    for written in compile_stale():
        sys.stderr.write(f"· Compiled {written.relative_to(ROOT)}\n")

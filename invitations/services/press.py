"""The press: Typst sets a paper from a template and from data that is never code.

A compiler serves one thread at a time, so each thread borrows one; Typst itself lets other
threads run while it works. Compilers see one font folder, one folder of templates, and
nothing else of this machine.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from queue import Empty, LifoQueue
from typing import Any, Literal

import typst

from invitations.domain.errors import TypesettingError
from invitations.domain.papers import Spot
from invitations.services import fonts

STANDARDS: tuple[typst.PDFStandard, ...] = ("a-2a", "ua-1")
INPUT = "paper"
OFFICIAL = "letters/official"  # among the templates of the house
SIGN_HERE = "<sign-here>"
LONGEST_TEMPLATE = 60_000
# A template could reach for packages on the network or run programs through these.
FORBIDDEN = re.compile(r"\b(import|include|read|eval|plugin|image\s*\(\s*\")")


@dataclass(frozen=True)
class Press:
    """Sets papers; templates may reach for files in *root* only.

    Raises:
        TypesettingError: at first use, when the font is missing.
    """

    root: Path
    places: tuple[Path, ...] = fonts.PLACES
    _idle: LifoQueue[typst.Compiler] = field(
        default_factory=LifoQueue, init=False, repr=False, compare=False
    )

    def pdf(self, template: str, data: Mapping[str, Any]) -> bytes:
        """Return *template* with *data* as a tagged PDF/A-2a, the same bytes every time.

        Raises:
            TypesettingError: the font is missing, or the template has a mistake.
        """
        (made,) = self._set(template, data, "pdf", 0)
        return made

    def pictures(self, template: str, data: Mapping[str, Any], ppi: float) -> list[bytes]:
        """Return a PNG of each page, at *ppi* pixels an inch.

        Raises:
            TypesettingError: the font is missing, or the template has a mistake.
        """
        return self._set(template, data, "png", ppi)

    def sign_here(self, template: str, data: Mapping[str, Any]) -> Spot | None:
        """Return where the signature goes, or nothing where the template does not say."""
        compiler = typst.Compiler(
            template.encode(),
            root=self.root,
            font_paths=self._fonts,
            ignore_system_fonts=True,
            sys_inputs=self._inputs(data),
        )
        try:
            found = json.loads(compiler.query(SIGN_HERE, field="value"))
            sides = [float(found[0][side]) for side in ("x", "y", "width", "height")]
            page = int(found[0]["page"])
        except (RuntimeError, LookupError, TypeError, ValueError):
            return None
        return Spot(page, *sides)

    def check(self, template: str) -> None:
        """Let *template* pass if it is of a fair length and reaches for nothing outside.

        Raises:
            TypesettingError: it is too large (``too-large``) or names a forbidden word.
        """
        if len(template) > LONGEST_TEMPLATE:
            raise TypesettingError("too-large")
        if found := FORBIDDEN.search(re.sub(r"//[^\n]*", "", template)):
            raise TypesettingError("forbidden", found[1])

    def fit(self, data: Mapping[str, Any]) -> dict[str, Any]:
        """Return *data* with every text in signs that the font has."""
        return {name: self._fitted(value) for name, value in data.items()}

    @cached_property
    def _folder(self) -> Path:
        return fonts.folder(self.places)

    @cached_property
    def _fonts(self) -> typst.Fonts:
        return typst.Fonts(
            include_system_fonts=False,
            include_embedded_fonts=False,
            font_paths=[str(self._folder)],
        )

    def _set(
        self,
        template: str,
        data: Mapping[str, Any],
        form: Literal["pdf", "png"],
        ppi: float,
    ) -> list[bytes]:
        standards = list(STANDARDS) if form == "pdf" else []
        with self._borrowed() as compiler:
            try:
                made = compiler.compile(
                    template.encode(),
                    format=form,
                    ppi=ppi or None,
                    sys_inputs=self._inputs(data),
                    pdf_standards=standards,
                )
            except RuntimeError as error:
                raise TypesettingError("template", _plain(error)) from error
        return [made] if isinstance(made, bytes) else list(made or [])

    def _inputs(self, data: Mapping[str, Any]) -> dict[str, str]:
        return {INPUT: json.dumps(self.fit(data), ensure_ascii=False)}

    @contextmanager
    def _borrowed(self) -> Iterator[typst.Compiler]:
        """Lend a compiler to this thread; one that met an error is not lent again."""
        try:
            compiler = self._idle.get_nowait()
        except Empty:
            compiler = self._new()
        yield compiler
        if self._idle.qsize() < (os.cpu_count() or 1):
            self._idle.put(compiler)

    def _new(self) -> typst.Compiler:
        return typst.Compiler(
            root=self.root,
            font_paths=self._fonts,
            ignore_system_fonts=True,
            package_path=self.root,
            package_cache_path=self.root,
        )

    def _fitted(self, value: Any) -> Any:  # noqa: ANN401 - JSON holds anything
        if isinstance(value, str):
            return fonts.fit(value, fonts.signs(self._folder))
        if isinstance(value, Mapping):
            return {name: self._fitted(each) for name, each in value.items()}
        if isinstance(value, list | tuple):
            return [self._fitted(each) for each in value]
        return value


def _plain(error: RuntimeError) -> str:
    """Return what Typst said: line and column, the message, its advice."""
    said = str(getattr(error, "message", error))
    place = re.search(r":(\d+):(\d+)\n", str(getattr(error, "diagnostic", "")))
    hints = "; ".join(getattr(error, "hints", []))
    where = f"{place[1]}:{place[2]}: " if place else ""
    return f"{where}{said}" + (f" ({hints})" if hints else "")

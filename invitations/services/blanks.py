"""The printed forms: a page of letters is rendered once, with gaps for what differs in each.

The template engine renders a page with signs in the gaps, which nobody can write; whoever is
invited is put into the gaps. A form is used only if it gives what the engine itself renders
for a specimen full of signs that mean something to a browser. A template may ask whether a
gap says anything, and nothing else of it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import groupby
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from markupsafe import escape

from invitations.couriers import Sheet

Pairs = tuple[tuple[str, Any], ...]
Shape = tuple[tuple[bool, ...], ...]  # of each gap: which of its texts say anything
Line = tuple[int, str, tuple[int, ...]]  # which stretch, how it is filled, by which gaps

# What a page says of one guest: texts, and lists of paragraphs.
_GAPS = (
    "subject", "honorific", "addressee", "opening", "note", "link", "door_code",
    "opening_paragraphs", "note_paragraphs",
)  # fmt: skip
_VARYING = frozenset(_GAPS)
_LISTS = frozenset({"opening_paragraphs", "note_paragraphs"})
_FIRST, _SIGNS = 0xE000, 0x1900  # a private use area of Unicode, which cleaning takes away
_SIGN = re.compile("[\ue000-\uf8ff]")
_ESCAPED = ".html"
_SPECIMEN = "<i a='{number}'>&amp; \"{number}\" Ánh"


@dataclass(frozen=True)
class Form:
    """A page in *stretches* of whole lines; some of them are *lines* with gaps."""

    stretches: tuple[str, ...]
    lines: tuple[Line, ...]

    def filled(self, texts: list[str]) -> Sheet:
        """Return the page with *texts* in its gaps, ready for this kind of page."""
        stretches = list(self.stretches)
        for at, line, gaps in self.lines:
            stretches[at] = line % tuple([texts[gap] for gap in gaps])
        return Sheet(stretches)


def pages(templates: Path, names: tuple[str, ...], place: Mapping[str, Any]) -> list[str]:
    """Return the templates *names* with *place* in each, as `rendered` gives them, sooner."""
    gaps = [place[gap] for gap in _GAPS if gap in place]
    shape = tuple([(bool(x),) if isinstance(x, str) else tuple(map(bool, x)) for x in gaps])
    fixed = tuple([pair for pair in place.items() if pair[0] not in _VARYING])
    texts = _texts(gaps)
    made = []
    for name in names:
        form = _form(templates, name, fixed, tuple(filter(place.__contains__, _GAPS)), shape)
        if form is None:
            made.append(rendered(templates, name, place))
        else:
            made.append(form.filled(_ready(name, texts)))
    return made


def rendered(templates: Path, name: str, place: Mapping[str, Any]) -> str:
    """Return the template *name* with *place* in it, by the engine alone."""
    return _desk(templates).get_template(name).render(place)


@lru_cache(maxsize=64)
def _form(
    templates: Path, name: str, fixed: Pairs, names: tuple[str, ...], shape: Shape
) -> Form | None:
    """Return the form of a page, or nothing where a form would not be the page."""
    count = sum(map(sum, shape))
    if count > _SIGNS:
        return None
    signs = [chr(_FIRST + number) for number in range(count)]
    made = rendered(templates, name, dict(fixed) | _placed(names, shape, signs))
    form = _cut(made)
    specimen = [_SPECIMEN.format(number=number) for number in range(count)]
    meant = rendered(templates, name, dict(fixed) | _placed(names, shape, specimen))
    try:
        same = form.filled(_ready(name, specimen)) == meant
    except IndexError:  # the words themselves have one of the signs
        same = False
    return form if same else None


def _texts(gaps: Iterable[str | list[str]]) -> list[str]:
    """Return what says anything in *gaps*, one after the other."""
    found: list[str] = []
    for gap in gaps:
        found += [gap] if isinstance(gap, str) else gap
    return list(filter(None, found))


def _ready(name: str, texts: list[str]) -> list[str]:
    """Return *texts* as they stand in the page *name*."""
    return [str(escape(text)) for text in texts] if name.endswith(_ESCAPED) else texts


def _placed(names: Iterable[str], shape: Shape, texts: Iterable[str]) -> dict[str, Any]:
    """Return *texts* in the gaps that say anything; the others stay empty."""
    rest = iter(texts)
    placed = [[next(rest) if says else "" for says in gap] for gap in shape]
    return {
        name: gap if name in _LISTS else gap[0] for name, gap in zip(names, placed, strict=True)
    }


def _cut(made: str) -> Form:
    """Cut a page into plain stretches of lines, and lines with gaps."""
    stretches: list[str] = []
    lines: list[Line] = []
    for has_gaps, group in groupby(made.splitlines(keepends=True), _has_gaps):
        if not has_gaps:
            stretches.append("".join(group))
            continue
        for line in group:
            gaps = tuple(ord(sign) - _FIRST for sign in _SIGN.findall(line))
            lines.append((len(stretches), _SIGN.sub("%s", line.replace("%", "%%")), gaps))
            stretches.append("")
    return Form(tuple(stretches), tuple(lines))


def _has_gaps(line: str) -> bool:
    return _SIGN.search(line) is not None


@cache
def _desk(templates: Path) -> Environment:
    """Return the environment of *templates*: ``.html`` is escaped, ``.txt`` never."""
    return Environment(
        loader=FileSystemLoader(templates),
        autoescape=select_autoescape(enabled_extensions=("html",), default=False),
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
        auto_reload=False,  # it would look at the files again for every letter
    )

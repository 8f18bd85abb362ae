"""The papers of an event: what an official letter says, and what is wrong with it.

The form is that of Decree 30/2020/ND-CP, Appendix III, sample 1.7 (abbreviation GM).
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from datetime import date
from typing import Any

from invitations.domain.model import Event, Office
from invitations.domain.names import clean

LINE_LIMIT = 300
TEXT_LIMIT = 2_000

_NEEDED = ("issuer", "number", "symbol", "place", "dated", "subject", "addressee")
_SIGNED = ("position", "signer")
_KEPT = (
    "superior",
    "issuer",
    "symbol",
    "place",
    "inviter",
    "addressee",
    "recipients",
    "authority",
    *_SIGNED,
)
_TEXTS = ("content", "notes", "recipients")
_NUMBER = re.compile(r"[0-9]{1,6}[A-Za-zĐđ]?", re.ASCII)
_SYMBOL = re.compile(r"[A-ZĐƯƠÂĂÊÔ0-9][A-ZĐƯƠÂĂÊÔa-zđ0-9.&-]{0,40}")
# Decree 30/2020, appendix I, II.7: no titles of science or honour before the signer's name.
_TITLES = re.compile(
    r"^(gs|pgs|ts|ths|tskh|bs|ks|cn|nsnd|nsưt|nhà giáo\b.*|tiến sĩ|thạc sĩ|giáo sư|phó giáo sư)"
    r"\b[. ]",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class LetterForm:
    """What an officer fills in for the official letter of one event.

    Time and place are never typed here: they are the event's. *dated* is an ISO date;
    *content*, *notes* and *recipients* are lines.
    """

    superior: str = ""
    issuer: str = ""
    number: str = ""
    symbol: str = ""
    place: str = ""
    dated: str = ""
    subject: str = ""
    inviter: str = ""
    addressee: str = ""
    attend: str = ""
    chair: str = ""
    content: str = ""
    notes: str = ""
    recipients: str = ""
    authority: str = ""
    position: str = ""
    signer: str = ""


@dataclass(frozen=True)
class Flaw:
    """What stands against a letter: the *field* of the form, and a code.

    Codes: ``missing``, ``too-long``, ``number``, ``symbol``, ``date``, ``academic-title``.
    """

    field: str
    code: str


@dataclass(frozen=True)
class Spot:
    """Where on a page something is put: millimetres from the left and the top edge."""

    page: int
    x: float
    y: float
    width: float
    height: float


FIELDS = tuple(each.name for each in fields(LetterForm))


def read_form(values: Mapping[str, Any]) -> LetterForm:
    """Return the form that *values* hold, cleaned; names that are no fields are ignored."""
    found = {name: str(values.get(name) or "") for name in FIELDS}
    lines = {name: _clean_lines(found[name]) for name in _TEXTS}
    return LetterForm(**{name: clean(text) for name, text in found.items()} | lines)


def proposed(office: Office, event: Event, today: date) -> LetterForm:
    """Return the form as the house proposes it, for the officer to complete."""
    return LetterForm(
        issuer=office.name,
        place="Thành phố Hồ Chí Minh",
        dated=today.isoformat(),
        subject=f"Tham dự {event.title[:1].lower()}{event.title[1:]}",
        inviter=office.name,
        addressee="Quý cơ quan báo chí",
        attend=event.title,
        chair=event.chair,
        notes=event.notes,
        recipients="- Như trên;\n- Lưu: VT.",
    )


def carried_over(last: LetterForm, fresh: LetterForm) -> LetterForm:
    """Return *fresh* with what stays the same from letter to letter taken from *last*."""
    return replace(fresh, **{name: getattr(last, name) for name in _KEPT})


def presentable(form: LetterForm, today: date) -> LetterForm:
    """Return *form* fit to be shown while it is not complete yet: dots, and today's date."""
    dots = {name: "…" for name in _NEEDED + _SIGNED if not getattr(form, name)}
    dated = form.dated if _is_date(form.dated) else today.isoformat()
    return replace(form, **dots | {"dated": dated})


def flaws(form: LetterForm) -> tuple[Flaw, ...]:
    """Return everything that stands against *form*, in the order of its fields."""
    return tuple(
        Flaw(name, code) for name in FIELDS if (code := _flaw(name, getattr(form, name)))
    )


def facts(event: Event) -> str:
    """Return a mark of what a letter tells of *event*; it changes when one of them does."""
    told = (event.title, event.place, event.address, str(event.starts_at))
    return hashlib.sha256("\x00".join(told).encode()).hexdigest()


def issued_line(form: LetterForm) -> str:
    """Return place and date: days below 10 and months below 3 have a zero before them."""
    day = date.fromisoformat(form.dated)
    month = f"{day.month:02d}" if day.month < 3 else str(day.month)  # noqa: PLR2004 - the decree
    return f"{form.place}, ngày {day.day:02d} tháng {month} năm {day.year}"


def _flaw(name: str, text: str) -> str:
    if not text:
        return "missing" if name in _NEEDED + _SIGNED else ""
    if len(text) > (TEXT_LIMIT if name in _TEXTS else LINE_LIMIT):
        return "too-long"
    match name:
        case "number":
            return "" if _NUMBER.fullmatch(text) else "number"
        case "symbol":
            return "" if _SYMBOL.fullmatch(text) else "symbol"
        case "dated":
            return "" if _is_date(text) else "date"
        case "signer":
            return "academic-title" if _TITLES.match(text) else ""
        case _:
            return ""


def _is_date(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def _clean_lines(text: str) -> str:
    return "\n".join(line for line in map(clean, text.splitlines()) if line)

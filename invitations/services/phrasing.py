"""Phrasing: how people and times are written in letters, in the two languages of guests."""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache

from invitations.domain.model import Guest
from invitations.domain.names import clean, fold
from invitations.services.calendars import ZONE

VIETNAMESE, ENGLISH = "vi", "en"

_WEEKDAYS = ("Thứ Hai", "Thứ Ba", "Thứ Tư", "Thứ Năm", "Thứ Sáu", "Thứ Bảy", "Chủ Nhật")
_WEEKDAYS_EN = (
    "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday",
)  # fmt: skip
_MONTHS_EN = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September",
    "October", "November", "December",
)  # fmt: skip
# Vietnamese words of address that have an English one; any other stands as the list has it.
_ENGLISH_ADDRESS = {
    "ong": "Mr", "anh": "Mr", "ba": "Ms", "chi": "Ms", "co": "Ms", "dong chi": "",
    "ong/ba": "", "quy ong": "Mr", "quy ba": "Ms",
}  # fmt: skip


def honorific(guest: Guest, language: str = VIETNAMESE) -> str:
    """Return how *guest* is addressed; an office on the list is addressed as one.

    English has no word for somebody of whom the list says nothing: it is empty then.
    """
    if language == ENGLISH:
        return _ENGLISH_ADDRESS.get(fold(guest.honorific), guest.honorific)
    if guest.honorific:
        return guest.honorific
    return "Quý đơn vị" if guest.name == guest.organisation else "Ông/Bà"


def addressee(guest: Guest, language: str = VIETNAMESE) -> str:
    """Return the line after "Kính gửi": honorific and name, office held, organisation."""
    if guest.name == guest.organisation:
        return clean(guest.name)
    called = f"{honorific(guest, language)} {guest.name}".strip()
    return joined(called, guest.title, guest.organisation)


@lru_cache(maxsize=64)  # a sending tells the same times to all
def clock(instant: int, language: str = VIETNAMESE) -> str:
    """Return the time of day as letters write it: ``14 giờ 30``, or ``14:30``."""
    if language == ENGLISH:
        return f"{_local(instant):%H:%M}"
    return f"{_local(instant):%H giờ %M}"


@lru_cache(maxsize=64)
def long_form(instant: int, language: str = VIETNAMESE) -> str:
    """Return ``15 giờ 00, Thứ Năm, ngày 19/11/2026``, or the same as English has it."""
    if language == ENGLISH:
        return english_form(instant)
    local = _local(instant)
    return f"{clock(instant)}, {_WEEKDAYS[local.weekday()]}, ngày {local:%d/%m/%Y}"


def short_form(instant: int, language: str = VIETNAMESE) -> str:
    """Return ``15h00 Thứ Năm 19/11/2026``, or ``15:00 Thu 19 Nov 2026``."""
    local = _local(instant)
    if language == ENGLISH:
        weekday, month = _WEEKDAYS_EN[local.weekday()][:3], _MONTHS_EN[local.month - 1][:3]
        return f"{local:%H:%M} {weekday} {local.day} {month} {local.year}"
    return f"{local:%Hh%M} {_WEEKDAYS[local.weekday()]} {local:%d/%m/%Y}"


@lru_cache(maxsize=64)
def english_form(instant: int) -> str:
    """Return ``15:00 on Thursday, 19 November 2026``, whatever the server's language."""
    local = _local(instant)
    weekday, month = _WEEKDAYS_EN[local.weekday()], _MONTHS_EN[local.month - 1]
    return f"{local:%H:%M} on {weekday}, {local.day} {month} {local.year}"


def joined(*parts: str) -> str:
    """Return the *parts* that say something, with commas between them."""
    return clean(", ".join(part for part in parts if part))


def _local(instant: int) -> datetime:
    return datetime.fromtimestamp(instant, ZONE)

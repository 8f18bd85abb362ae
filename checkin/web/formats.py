"""Times as people here read them: weekday first, day before month, 24 hours."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from flask_babel import get_locale

if TYPE_CHECKING:
    from flask import Flask

HERE = ZoneInfo("Asia/Ho_Chi_Minh")
WEEKDAYS = {
    "vi": ("Thứ Hai", "Thứ Ba", "Thứ Tư", "Thứ Năm", "Thứ Sáu", "Thứ Bảy", "Chủ Nhật"),
    "en": ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
}


def register(app: Flask) -> None:
    """Give the templates their filters: ``weekday_date``, ``clock``, ``date_time``."""
    app.jinja_env.filters.update(
        weekday_date=weekday_date, clock=clock, date_time=date_time, day=day
    )


def weekday_date(at: int) -> str:
    """Return the day of *at* (Unix seconds): ``Thứ Năm, 19/11/2026``."""
    here = _here(at)
    return f"{WEEKDAYS[_language()][here.weekday()]}, {here:%d/%m/%Y}"


def day(at: int) -> str:
    """Return the day of *at* (Unix seconds) without its weekday: ``19/11/2026``."""
    return f"{_here(at):%d/%m/%Y}"


def clock(at: int) -> str:
    """Return the time of day of *at* (Unix seconds): ``08:41``."""
    return f"{_here(at):%H:%M}"


def date_time(at: int) -> str:
    """Return day and time of *at* (Unix seconds): ``08:41 Thứ Năm, 19/11/2026``."""
    return f"{clock(at)} {weekday_date(at)}"


def _here(at: int) -> datetime:
    return datetime.fromtimestamp(at, HERE)


def _language() -> str:
    locale = get_locale()
    return locale.language if locale and locale.language in WEEKDAYS else "vi"

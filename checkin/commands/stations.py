"""``thumoi fleet``: every station at the doors, on one page of the terminal."""

from __future__ import annotations

import time
from argparse import Namespace
from dataclasses import asdict
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING

from checkin.commands.room import Room, done
from checkin.services.fleet import Ship, fleet
from checkin.words import say

if TYPE_CHECKING:
    from checkin.control import Answer

HO_CHI_MINH = timezone(timedelta(hours=7))
SKEW_SHOWN_MS = 1000
NOTHING = "–"


def show(wish: Namespace, room: Room) -> Answer:
    """List the stations of the events that are on, each with its health."""
    ships = fleet(room.database, room.office.id, now=int(time.time()), every=wish.all)
    rows = [_heads(), *(_row(each) for each in ships)]
    text = _table(rows) if ships else say("Chưa có trạm nào ở các sự kiện đang mở.")
    return done(text, [asdict(each) for each in ships], as_json=wish.json)


def _heads() -> list[str]:
    return [
        say("Cửa"),
        say("Trạm"),
        say("Tình trạng"),
        say("Trực"),
        say("Chờ gửi"),
        say("Danh sách"),
        say("Camera"),
        say("Pin"),
        say("Lệch giờ"),
        say("Trung vị"),
        say("Lượt cuối"),
        say("Phiên bản"),
    ]


def _row(each: Ship) -> list[str]:
    return [
        each.gate,
        each.name,
        _state(each),
        each.operator or NOTHING,
        str(each.waiting),
        _age(each.list_age_s),
        _camera(each.camera),
        NOTHING if each.battery is None else f"{each.battery} %",
        _skew(each.skew_ms),
        NOTHING if each.median_ms is None else f"{each.median_ms} ms",
        _clock(each.last_scan_ms),
        each.version or NOTHING,
    ]


def _state(each: Ship) -> str:
    words = {
        "online": say("trực tuyến"),
        "offline": say("ngoại tuyến"),
        "new": say("chưa liên lạc"),
        "signed_out": say("đã ngắt"),
        "silent": say("mất liên lạc %(age)s", age=_age(each.seen_s)),
    }
    return words[each.state]


def _camera(state: str) -> str:
    words = {"online": say("tốt"), "stalled": say("đứng hình"), "offline": say("không có")}
    return words.get(state, NOTHING)


def _age(seconds: int | None) -> str:
    """Return an age as people say it: seconds, then minutes, then hours."""
    if seconds is None:
        return NOTHING
    if seconds < 2 * 60:
        return say("%(n)s giây", n=seconds)
    if seconds < 2 * 3600:
        return say("%(n)s phút", n=seconds // 60)
    return say("%(n)s giờ", n=seconds // 3600)


def _skew(milliseconds: int | None) -> str:
    if milliseconds is None:
        return NOTHING
    if abs(milliseconds) < SKEW_SHOWN_MS:
        return f"{milliseconds:+d} ms"
    return f"{milliseconds / 1000:+.0f} s"


def _clock(milliseconds: int | None) -> str:
    if milliseconds is None:
        return NOTHING
    return datetime.fromtimestamp(milliseconds / 1000, HO_CHI_MINH).strftime("%H:%M:%S")


def _table(rows: list[list[str]]) -> str:
    wide = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, wide, strict=True)).rstrip()
        for row in rows
    )

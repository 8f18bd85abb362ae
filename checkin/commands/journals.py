"""``thumoi verify-journal``: was a record of the doors changed, lost, or put in afterwards?"""

from __future__ import annotations

from argparse import Namespace
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

from checkin.commands.room import REFUSED, Room, done, refused, to_json, wrong_use
from checkin.control import Answer
from checkin.domain.chains import MISSING
from checkin.services.auditing import Audited, audited, audited_event
from checkin.words import say
from scanner.archive import read_archive
from scanner.errors import JournalError

if TYPE_CHECKING:
    from collections.abc import Sequence

HO_CHI_MINH = timezone(timedelta(hours=7))


def examine(wish: Namespace) -> Answer:
    """Say whether the journal file of a station is as it was written."""
    if not wish.file.is_file():
        return wrong_use(say("Không có tệp %(file)s.", file=wish.file))
    try:
        archive = read_archive(wish.file)
    except JournalError as error:
        text = say("Không đọc được sổ trạm: %(what)s", what=error)
        return refused(text, {"error": "unreadable"}, as_json=wish.json)
    found = audited(archive.station, archive.records)
    more = say("%(n)s bản ghi máy chủ chưa nhận.", n=archive.waiting)
    return _told(found, wish, [more] if archive.waiting else [])


def of_server(wish: Namespace, room: Room) -> Answer:
    """Say whether the journals that the server holds of one event are as they were written."""
    return _told(audited_event(room.database, wish.server), wish, [])


def _told(found: Sequence[Audited], wish: Namespace, more: list[str]) -> Answer:
    sound = all(each.damage is None for each in found)
    if wish.json:
        body = {"sound": sound, "journals": [_json(each) for each in found]}
        return Answer(0 if sound else REFUSED, f"{to_json(body)}\n")
    lines = [_line(each) for each in found] or [say("Chưa có bản ghi nào.")]
    text = "\n".join([*lines, *more])
    return done(text) if sound else Answer(REFUSED, f"{text}\n")


def _line(each: Audited) -> str:
    about = {"station": each.station, "epoch": each.epoch, "records": each.records}
    if each.damage is None:
        return say(
            "✓ Trạm %(station)s, kỳ %(epoch)s: %(records)s bản ghi, chuỗi nguyên vẹn.", **about
        )
    record = each.damage.record
    about |= {"n": record.n, "scan": record.scan_id, "at": _when(record.wall_ms)}
    if each.damage.kind == MISSING:
        return say(
            "✕ Trạm %(station)s, kỳ %(epoch)s: thiếu bản ghi ngay trước số %(n)s"
            " (lượt %(scan)s, %(at)s).",
            **about,
        )
    return say(
        "✕ Trạm %(station)s, kỳ %(epoch)s: bản ghi số %(n)s (lượt %(scan)s, %(at)s) không"
        " khớp: bản ghi này hoặc bản ghi ngay trước nó không còn như lúc được viết.",
        **about,
    )


def _json(each: Audited) -> dict[str, Any]:
    damage = each.damage
    return {
        "station": each.station,
        "epoch": each.epoch,
        "records": each.records,
        "damage": damage
        and {"n": damage.record.n, "scan_id": damage.record.scan_id, "kind": damage.kind},
    }


def _when(wall_ms: int) -> str:
    return datetime.fromtimestamp(wall_ms / 1000, HO_CHI_MINH).strftime("%d/%m/%Y %H:%M:%S")

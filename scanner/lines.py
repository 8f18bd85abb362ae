"""What a verdict says beside its word: the cause, what to do next, who came before."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

from flask_babel import gettext as _

from checkin.domain.admission import Direction, Flag, Outcome

if TYPE_CHECKING:
    from scanner.door import Shown

HO_CHI_MINH = timezone(timedelta(hours=7))  # no summer time since 1975
MINUTES_SAID = 120


def clock_time(seconds: int, form: str = "%H:%M") -> str:
    """Return Unix *seconds* as the time of day in Ho Chi Minh City."""
    return datetime.fromtimestamp(seconds, HO_CHI_MINH).strftime(form)


def lines_of(shown: Shown, *, names: bool = True) -> tuple[str, ...]:
    """Return what else to say of *shown*, the most important first.

    Without *names* the organiser's notes are left out: they may name the guest.
    """
    entry = shown.verdict.entry or {}
    note = str(entry.get("note", "")) if names else ""
    return tuple(str(line) for line in _lines(shown, entry, note) if line)


def _lines(shown: Shown, entry: dict[str, Any], note: str) -> list[str]:
    if shown.outcome is Outcome.ADMITTED:
        return _admitted_lines(shown, entry, note)
    if shown.outcome is Outcome.ALREADY_IN:
        return _already_lines(shown)
    return [*_refusal_lines(shown), note]


def _admitted_lines(shown: Shown, entry: dict[str, Any], note: str) -> list[str]:
    flags = set(shown.verdict.flags)
    return [
        note,
        _party_line(shown, entry),
        _("Chưa có trong danh sách của trạm") if Flag.NOT_ON_LIST in flags else "",
        _("Ngoại tuyến: sẽ báo máy chủ khi có mạng") if Flag.OFFLINE in flags else "",
        _("Trưởng ca đã cho vào") if Flag.OVERRIDDEN in flags else "",
        _("Khách vãng lai") if Flag.WALK_IN in flags else "",
        _("Đi thay khách được mời") if Flag.SUBSTITUTE in flags else "",
        _("Có câu hỏi dành cho khách") if Flag.QUESTIONS in flags else "",
        _("Lượt ra") if shown.direction is Direction.EXIT else "",
    ]


def _party_line(shown: Shown, entry: dict[str, Any]) -> str:
    """Say how many of a party are in: those before, and those who come now."""
    party = party_of(entry)
    if party <= 1 or shown.direction is Direction.EXIT:
        return ""
    here = shown.verdict.party_inside + heads_of(shown)
    return str(_("%(here)d/%(party)d đã vào", here=here, party=party))


def party_of(entry: dict[str, Any]) -> int:
    """Return how many people the roster's line *entry* invites."""
    return int(entry.get("party", 1))


def heads_of(shown: Shown) -> int:
    """Return how many people *shown* let in: as said, else all who were left."""
    left = party_of(shown.verdict.entry or {}) - shown.verdict.party_inside
    return shown.verdict.heads or max(left, 1)


def _already_lines(shown: Shown) -> list[str]:
    before = shown.verdict.before
    if not before:
        return [_("Thẻ này đã được dùng.")]
    first = _(
        "Lần đầu %(time)s, %(gate)s",
        time=clock_time(int(before["at_ms"]) // 1000),
        gate=before.get("gate") or _("cửa khác"),
    )
    return [
        f"{first} ({_ago(shown.at_ms - int(before['at_ms']))})",
        _("Nếu là người khác: mời qua bàn hỗ trợ."),
    ]


def _ago(milliseconds: int) -> str:
    """Return in words how long ago something was, as a steward would say it."""
    minutes = milliseconds // 60_000
    if minutes < 1:
        return str(_("vừa xong"))
    if minutes < MINUTES_SAID:
        return str(_("%(n)d phút trước", n=minutes))
    return str(_("%(n)d giờ trước", n=minutes // 60))


def _refusal_lines(shown: Shown) -> list[str]:
    verdict = shown.verdict
    until = clock_time(verdict.until) if verdict.until else ""
    desk = _("Mời khách qua bàn hỗ trợ.")
    said = {
        Outcome.FORGED: [_("Mã không do đơn vị này cấp"), desk],
        Outcome.WRONG_EVENT: [_("Thẻ của sự kiện khác"), _other(verdict.event), desk],
        Outcome.UNKNOWN: [_("Không có trong danh sách"), desk],
        Outcome.REPLACED: [_("Thẻ cũ, đã được cấp lại"), _("Mời khách mở thư mới nhất.")],
        Outcome.REVOKED: [_("Thư mời đã thu hồi"), desk],
        Outcome.BLOCKED: [_("Ban tổ chức đã chặn thẻ này"), _("Gọi trưởng ca.")],
        Outcome.NOT_CONFIRMED: [_("Khách chưa xác nhận tham dự"), desk],
        Outcome.TOO_EARLY: [
            _("Chưa đến giờ mở cửa: %(time)s", time=until),
            _("Mời khách chờ."),
        ],
        Outcome.TOO_LATE: [_("Đã hết giờ vào cửa: %(time)s", time=until), desk],
        Outcome.WRONG_GATE: [
            _("Mời khách sang %(gate)s", gate=verdict.gate or _("cửa khác")),
            "",
        ],
        Outcome.FULL: [_("Phòng đã đủ chỗ"), _("Gọi trưởng ca.")],
        Outcome.NO_LINE: [
            _("Đang mất kết nối: mời khách sang %(gate)s", gate=verdict.gate)
            if verdict.gate
            else _("Đang mất kết nối, chưa được cho vào"),
            _("Gọi trưởng ca."),
        ],
    }
    return said.get(shown.outcome, [desk])


def _other(event: dict[str, Any] | None) -> str:
    """Name the event that a pass is for, and when it begins, if the server knew."""
    if event is None:
        return ""
    return f"{event['title']}, {clock_time(int(event['starts_at']), '%H:%M %d/%m/%Y')}"

"""How a verdict looks: kind, word, lines and seconds, in the language of the page."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Any

from flask_babel import gettext as _

from checkin.domain.admission import Flag, Outcome
from scanner.door import Shown

HO_CHI_MINH = timezone(timedelta(hours=7))  # no summer time since 1975
MINUTES_SAID = 120
HOLD_MS = {"ok": 1200, "offline": 1500, "vip": 5000, "already": 0, "stop": 0}


@dataclass(frozen=True)
class VerdictView:
    """One verdict for the page.

    *kind* is ``ok``, ``vip``, ``offline``, ``already`` or ``stop``; *hold_ms* 0 stays until
    touched; *lines* say what the steward should know or do next.
    """

    number: int
    scan_id: str
    outcome: str
    kind: str
    word: str
    name: str
    post: str
    lines: tuple[str, ...]
    hold_ms: int
    offline: bool
    by: str
    time: str
    undone: bool
    can_undo: bool


def view(shown: Shown) -> VerdictView:
    """Return how *shown* looks; needs the language of a request."""
    kind = _kind(shown)
    entry = shown.verdict.entry or {}
    flags = shown.verdict.flags
    return VerdictView(
        number=shown.number,
        scan_id=shown.scan_id,
        outcome=shown.verdict.outcome,
        kind=kind,
        word=_word(kind),
        name=" ".join(part for part in (entry.get("honorific"), entry.get("name")) if part),
        post=" – ".join(p for p in (entry.get("title"), entry.get("organisation")) if p),
        lines=tuple(line for line in _lines(shown, entry) if line),
        hold_ms=HOLD_MS[kind],
        offline=Flag.OFFLINE in flags,
        by=_("máy chủ xác nhận") if shown.verdict.judge == "server" else _("trạm tự xác nhận"),
        time=clock_time(shown.at_ms // 1000, "%H:%M:%S"),
        undone=shown.undone,
        can_undo=shown.outcome is Outcome.ADMITTED and not shown.undone,
    )


def clock_time(seconds: int, form: str = "%H:%M") -> str:
    """Return Unix *seconds* as the time of day in Ho Chi Minh City."""
    return datetime.fromtimestamp(seconds, HO_CHI_MINH).strftime(form)


def _kind(shown: Shown) -> str:
    if shown.outcome is Outcome.ALREADY_IN:
        return "already"
    if shown.outcome is not Outcome.ADMITTED:
        return "stop"
    flags = set(shown.verdict.flags)
    if flags & {Flag.VIP, Flag.NOTE}:
        return "vip"
    return "offline" if Flag.OFFLINE in flags else "ok"


def _word(kind: str) -> str:
    words = {
        "ok": _("MỜI VÀO"),
        "offline": _("MỜI VÀO"),
        "vip": _("KHÁCH VIP"),
        "already": _("ĐÃ QUÉT"),
        "stop": _("DỪNG LẠI"),
    }
    return str(words[kind])


def _lines(shown: Shown, entry: dict[str, Any]) -> list[str]:
    """Return what else to say, the most important first."""
    if shown.outcome is Outcome.ADMITTED:
        return _admitted_lines(shown, entry)
    if shown.outcome is Outcome.ALREADY_IN:
        return _already_lines(shown)
    return [*_refusal_lines(shown), entry.get("note", "")]


def _admitted_lines(shown: Shown, entry: dict[str, Any]) -> list[str]:
    flags = set(shown.verdict.flags)
    party = int(entry.get("party", 1))
    return [
        entry.get("note", ""),
        _("Đoàn %(n)d người", n=party) if party > 1 else "",
        _("Chưa có trong danh sách của trạm") if Flag.NOT_ON_LIST in flags else "",
        _("Ngoại tuyến: sẽ báo máy chủ khi có mạng") if Flag.OFFLINE in flags else "",
        _("Trưởng ca đã cho vào") if Flag.OVERRIDDEN in flags else "",
        _("Khách không hẹn") if Flag.WALK_IN in flags else "",
        _("Đi thay khách được mời") if Flag.SUBSTITUTE in flags else "",
        _("Có câu hỏi dành cho khách") if Flag.QUESTIONS in flags else "",
        _("Lượt ra") if shown.direction.value == "exit" else "",
    ]


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
        Outcome.WRONG_EVENT: [_("Thẻ của sự kiện khác"), desk],
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

"""The words of the board, said once for the page and for its script."""

from __future__ import annotations

from flask_babel import gettext as _


def words() -> dict[str, dict[str, str]]:
    """Return the words in the reader's language; ``{n}`` and the like are put in later."""
    return {
        "outcomes": outcomes(),
        "against": _against(),
        "stations": _stations(),
        "say": _say(),
    }


def outcomes() -> dict[str, str]:
    """Return, for each outcome but the good one, why the light was not green."""
    return {
        "not_a_pass": _("Không phải mã thư mời"),
        "forged": _("Mã giả, chữ ký không đúng"),
        "wrong_event": _("Thẻ của sự kiện khác"),
        "unknown": _("Không có trong danh sách"),
        "replaced": _("Thẻ cũ, đã cấp thẻ mới"),
        "revoked": _("Thư mời đã thu hồi"),
        "blocked": _("Bị ban tổ chức chặn"),
        "not_confirmed": _("Chưa xác nhận tham dự"),
        "too_early": _("Chưa đến giờ mở cửa"),
        "too_late": _("Đã hết giờ vào cửa"),
        "wrong_gate": _("Sai cửa"),
        "full": _("Phòng đã đủ chỗ"),
        "already_in": _("Thẻ đã dùng"),
        "no_line": _("Mất kết nối, chưa được cho vào"),
    }


def _against() -> dict[str, str]:
    return {
        "": _("Vào hai lần bằng một thẻ"),
        "unknown": _("Đã vào, nhưng không có trong danh sách"),
        "replaced": _("Đã vào bằng thẻ cũ"),
        "revoked": _("Đã vào, nhưng thư mời đã thu hồi"),
        "blocked": _("Đã vào, nhưng bị ban tổ chức chặn"),
        "not_confirmed": _("Đã vào, nhưng chưa xác nhận tham dự"),
        "override": _("Đã vào theo quyết định của người không có quyền"),
    }


def _stations() -> dict[str, str]:
    return {
        "online": _("Trực tuyến"),
        "offline": _("Ngoại tuyến, vẫn quét"),
        "silent": _("Mất liên lạc"),
        "none": _("Chưa có trạm"),
        "new": _("Vừa ghép, chưa báo về"),
        "camera_stalled": _("Camera đứng hình"),
        "camera_offline": _("Camera mất tín hiệu"),
        "waiting": _("{n} lượt chờ gửi"),
        "list_age": _("danh sách cách đây {age}"),
        "median": _("{n} giây mỗi lượt"),
        "battery": _("pin {n} %"),
        "last_scan": _("lượt cuối {age} trước"),
        "heard": _("liên lạc lần cuối {age} trước"),
        "arrivals": _("{n} lượt vào"),
    }


def _say() -> dict[str, str]:
    return _deeds() | {
        "live": _("Trực tiếp"),
        "connecting": _("Đang nối"),
        "cut": _("Mất kết nối"),
        "signed_out": _("Hết phiên đăng nhập"),
        "updated": _("cập nhật {age} trước"),
        "warm": _("chậm: cập nhật {age} trước"),
        "stale": _("số liệu cũ: cập nhật {age} trước, đang nối lại"),
        "seconds": _("{n} giây"),
        "minutes": _("{n} phút"),
        "hours": _("{n} giờ"),
        "of_accepted": _("/ {n} đã nhận lời · {percent} %"),
        "of_invited": _("{n} khách được mời"),
        "capacity": _("sức chứa {n} · còn {left} chỗ"),
        "over": _("sức chứa {n} · vượt {left} người"),
        "no_capacity": _("không đặt sức chứa"),
        "per_minute": _("/phút"),
        "complete_at": _("dự kiến đủ lúc {at}"),
        "quiet": _("không ai vào trong 5 phút"),
        "all_here": _("khách nhận lời đã đến đủ"),
        "to_handle": _("{walk_ins} chờ trả lời · {conflicts} cần xem · {refused} từ chối"),
        "first": _("lần đầu {at}, {gate}"),
        "first_unknown": _("lần đầu không rõ"),
        "nobody": _("Không rõ khách"),
        "party": _("{n} người"),
        "vip": _("VIP"),
        "no_organisation": _("Khách mời riêng"),
        "offline": _("ngoại tuyến"),
        "refused": _("Từ chối"),
        "used": _("Đã dùng"),
        "conflict": _("Cần xem"),
        "minute": _("Phút"),
        "came": _("Đến"),
        "total": _("Cộng dồn"),
        "bar": _("{at}: {n} khách, cộng dồn {total}"),
    }


def _deeds() -> dict[str, str]:
    """Return the words of what a person does, and is warned of, at the board."""
    return {
        "asks": _("Xin vào"),
        "vouched": _("người bảo lãnh: {name}"),
        "let_in": _("Mời vào"),
        "turn_away": _("Không mời"),
        "decide_same_person": _("Cùng một người"),
        "decide_another_person": _("Người khác"),
        "decide_unresolved": _("Chưa rõ"),
        "decided_same_person": _("Đã xác minh: cùng một người"),
        "decided_another_person": _("Đã xác minh: người khác, tính thêm một người"),
        "decided_unresolved": _("Đã xem, chưa rõ"),
        "greet": _("Tôi đón"),
        "greeted_by": _("{name} đã đón"),
        "not_greeted": _("chưa ai đón"),
        "room_fills": _("Phòng gần đầy: {inside} trên {capacity} chỗ."),
        "room_full": _("Phòng đã đủ chỗ: {inside} trên {capacity}."),
        "burst": _("{n} lượt bị từ chối trong 2 phút qua. Hãy kiểm tra tình hình ở cửa."),
        "gate_silent": _("{gate} mất liên lạc đã {age} ({name}). Hãy gọi người ở cửa."),
        "deed_failed": _("Chưa gửi được. Hãy kiểm tra mạng rồi bấm lại."),
    }

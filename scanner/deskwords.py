"""What the desk's codes mean to a steward: the trouble, and what to do next."""

from __future__ import annotations

from flask_babel import gettext as _


def problem_words(problem: str, wait_s: int = 0) -> str:
    """Return *problem* (see `scanner.answers`) in words; *wait_s* seconds for ``wait``."""
    said = {
        "closed": _("Chưa mở ca: vào “Thêm”, bấm “Mở ca bằng mã PIN”."),
        "rights": _("Việc này cần trưởng ca: chọn tên trưởng ca và nhập mã PIN."),
        "reason": _("Chọn một lý do."),
        "short": _("Gõ ít nhất ba ký tự."),
        "too_many": _("Đã tìm quá nhiều lần trong một phút. Chờ một chút rồi tìm lại."),
        "not_found": _("Không còn tìm thấy lượt quét hoặc khách này."),
        "too_late": _("Đã quá 30 giây: nhờ trưởng ca hoàn tác ở “Lịch sử”."),
        "line": _("Việc này cần kết nối với máy chủ. Mời khách chờ, hoặc qua bàn hỗ trợ."),
        "already_in": _("Khách này đã vào rồi: không đổi người được nữa."),
        "policy": _("Quy định của sự kiện không cho làm việc này."),
        "invalid": _("Có ô còn trống hoặc quá dài. Xem lại rồi gửi lần nữa."),
        "not_a_pass": _("Đây không phải mã thư mời."),
        "wrong": _("Mã PIN không đúng. Thử lại."),
        "wait": _("Sai nhiều lần: chờ %(n)d giây rồi thử lại.", n=wait_s),
        "opening": _("Đang mở danh sách, chờ vài giây rồi tìm lại."),
        "journal": _("Không ghi được sổ trạm. Gọi người phụ trách máy."),
        "signed_out": _("Máy chủ đã ngắt trạm này. Gọi trưởng ca."),
        "lamp": _("Camera này không có đèn."),
        "last_pin": _("Chưa có ai có mã PIN: không ai thoát được màn hình tự quét."),
    }
    return str(said.get(problem) or _("Không làm được việc này."))


def reasons_to_override() -> list[tuple[str, str]]:
    """Return why a supervisor lets somebody in who was refused: codes and words."""
    return [
        ("identity", str(_("Đã xem giấy tờ, đúng người"))),
        ("organiser", str(_("Ban tổ chức đồng ý"))),
        ("delegate", str(_("Đi thay, có giấy giới thiệu"))),
        ("scan_error", str(_("Quét nhầm lượt trước"))),
        ("other", str(_("Lý do khác"))),
    ]

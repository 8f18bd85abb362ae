"""Troubles of the post in the officer's words: what happened, and what to do next."""

from __future__ import annotations

from flask_babel import gettext as _

Said = tuple[str, str]


def said(cause: str) -> Said:
    """Return what happened and what to do, for a cause as the outbox codes it."""
    known = _of_the_guest() | _of_the_relay() | _of_ours()
    what, then = known.get(cause, (_("Lỗi khác"), _("Xem lời máy chủ rồi gửi lại.")))
    return str(what), str(then)


def _of_the_guest() -> dict[str, Said]:
    return {
        "address": (_("Địa chỉ không có thật"), _("Sửa địa chỉ của khách rồi gửi lại.")),
        "mailbox": (_("Hộp thư không nhận"), _("Hỏi khách một địa chỉ khác rồi gửi lại.")),
        "full": (
            _("Hộp thư của khách đã đầy"),
            _("Hệ thống tự thử lại; có thể nhắn tin thay."),
        ),
        "size": (_("Thư quá lớn với nơi nhận"), _("Gửi bằng tin nhắn.")),
        "policy": (
            _("Nơi nhận từ chối theo chính sách"),
            _("Báo bộ phận kỹ thuật kiểm tra SPF, DKIM và tên miền gửi."),
        ),
        "refused": (_("Nơi nhận từ chối"), _("Xem lời máy chủ rồi gửi lại.")),
        "busy": (_("Máy chủ nơi nhận đang bận"), _("Hệ thống tự thử lại.")),
        "uncertain": (
            _("Mất liên lạc đúng lúc giao"),
            _("Có thể khách đã nhận. Hãy hỏi khách trước khi gửi lại."),
        ),
        "worker-died": (
            _("Máy gửi ngừng đột ngột"),
            _("Có thể khách đã nhận. Hãy hỏi khách trước khi gửi lại."),
        ),
    }


def _of_the_relay() -> dict[str, Said]:
    return {
        "relay": (_("Máy chủ gửi đang bận"), _("Hệ thống chờ rồi tự gửi tiếp.")),
        "unreachable": (
            _("Không nối được máy chủ gửi"),
            _("Kiểm tra mạng và cấu hình máy chủ; hệ thống tự gửi tiếp khi nối được."),
        ),
        "auth": (
            _("Máy chủ gửi không nhận mật khẩu"),
            _("Kiểm tra tài khoản trong cấu hình; thư đang chờ, không mất."),
        ),
        "tls": (
            _("Chứng thư của máy chủ gửi không hợp lệ"),
            _("Báo bộ phận kỹ thuật; thư không đi khi đường truyền chưa an toàn."),
        ),
        "sender": (
            _("Máy chủ gửi không nhận địa chỉ người gửi"),
            _("Kiểm tra địa chỉ người gửi trong cấu hình."),
        ),
        "undelivered": (
            _("Mạng di động không giao được tin"),
            _("Kiểm tra số điện thoại của khách, hoặc gọi cho khách."),
        ),
        "gateway": (_("Cổng tin nhắn từ chối"), _("Xem lời của cổng, sửa số rồi gửi lại.")),
    }


def _of_ours() -> dict[str, Said]:
    return {
        "header": (
            _("Tên khách có ký tự nguy hiểm"),
            _("Sửa tên khách rồi gửi lại; thư chưa rời khỏi đây."),
        ),
        "seal": (
            _("Không ký được thư điện tử"),
            _("Chạy thumoi doctor để xem khóa DKIM, S/MIME; thư đang chờ, không mất."),
        ),
        "internal": (_("Không viết được thư"), _("Báo bộ phận kỹ thuật xem nhật ký máy chủ.")),
        "too-many-tests": (
            _("Đã gửi thử quá nhiều"),
            _("Mỗi sự kiện thử được 30 lần một giờ. Hãy chờ rồi thử lại."),
        ),
        "alphabet": (
            _("Tin nhắn có chữ mà cổng không nhận"),
            _("Bỏ dấu hoặc bỏ ký tự lạ trong tin, rồi gửi đợt mới."),
        ),
        "ceiling": (
            _("Đã hết mức chi cho tin nhắn"),
            _("Nâng mức chi trong cấu hình, hoặc báo khách bằng cách khác."),
        ),
        "quiet-hours": (
            _("Đợi hết giờ nghỉ đêm"),
            _("Tin đi lúc 7 giờ sáng; không cần làm gì."),
        ),
        "too-late": (_("Đã quá giờ sự kiện"), _("Không cần làm gì.")),
        "do-not-contact": (
            _("Khách không muốn được liên hệ"),
            _("Không gửi gì; có thể đổi trong danh bạ."),
        ),
        "withdrawn": (_("Thư mời đã thu hồi"), _("Không cần làm gì.")),
        "event-cancelled": (_("Sự kiện đã hủy"), _("Không cần làm gì.")),
    }

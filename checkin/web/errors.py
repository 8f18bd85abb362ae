"""The pages nobody hopes to see, in the reader's words: what happened, what to do next."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from flask import jsonify, render_template, request
from flask_babel import gettext as _
from werkzeug.exceptions import HTTPException, InternalServerError, SecurityError

from checkin.domain.accounts import Right
from checkin.domain.errors import HashBusyError
from checkin.web.access import needed
from invitations.domain.errors import NotFoundError, StorageError, WriterBusyError

if TYPE_CHECKING:
    from flask import Flask
    from flask.typing import ResponseReturnValue

log = logging.getLogger(__name__)

SAID = (400, 401, 403, 404, 405, 410, 413, 415, 429, 500, 503)


def register(app: Flask) -> None:
    """Answer every refusal and every fault with a page, machines with JSON."""
    app.register_error_handler(HTTPException, _refused)
    app.register_error_handler(NotFoundError, lambda _error: _answer(404))
    app.register_error_handler(HashBusyError, lambda _error: _answer(503))
    app.register_error_handler(WriterBusyError, lambda _error: _answer(503))
    app.register_error_handler(StorageError, _storage_failed)


def _refused(error: HTTPException) -> ResponseReturnValue:
    if error.code is None or error.response is not None:
        return error
    if isinstance(error, SecurityError):
        return _strange_host()
    if isinstance(error, InternalServerError) and error.original_exception:
        log.error("a page failed: %s", request.endpoint)
    return _answer(error.code, retry_after=getattr(error, "retry_after", None))


def _strange_host() -> ResponseReturnValue:
    """Answer in plain text: under a strange name not even our style sheet has an address."""
    text = _("Máy chủ không phục vụ tên miền này. Người quản trị: xem server.trusted_hosts.")
    return f"{text}\n", 400, {"Content-Type": "text/plain; charset=utf-8"}


def _storage_failed(error: StorageError) -> ResponseReturnValue:
    log.error("the database failed: %s: %s", request.endpoint, error)
    return _answer(503)


def _answer(code: int, *, retry_after: object = None) -> ResponseReturnValue:
    headers = {"Retry-After": str(retry_after)} if isinstance(retry_after, int) else {}
    if needed() is Right.MACHINE or request.accept_mimetypes.best == "application/json":
        return jsonify(error=code), code, headers
    title, text = _words().get(code) or _words()[400 if code < 500 else 500]  # noqa: PLR2004 - the first of the server's own
    page = render_template("errors/error.html", code=code, title=title, text=text)
    return page, code, headers


def _words() -> dict[int, tuple[str, str]]:
    return _asked_wrongly() | _not_here_or_not_now()


def _asked_wrongly() -> dict[int, tuple[str, str]]:
    return {
        400: (
            _("Yêu cầu không hợp lệ"),
            _("Trình duyệt gửi điều máy chủ không hiểu. Hãy quay lại trang trước và thử lại."),
        ),
        401: (
            _("Cần đăng nhập"),
            _("Phiên làm việc đã kết thúc. Hãy đăng nhập rồi thử lại."),
        ),
        403: (
            _("Không được phép"),
            _(
                "Tài khoản này không có quyền làm việc đó, hoặc trang đã mở quá lâu. Hãy mở "
                "lại trang; nếu cần quyền, hãy hỏi cán bộ phụ trách của đơn vị."
            ),
        ),
        404: (
            _("Không tìm thấy trang"),
            _(
                "Đường dẫn này không có hoặc không còn dùng. Nếu bấm từ thư mời, hãy kiểm "
                "tra đường dẫn đã được chép đủ chưa, hoặc gọi đơn vị mời."
            ),
        ),
        405: (
            _("Không làm được như vậy"),
            _("Trang này không nhận thao tác đó. Hãy quay lại và dùng nút trên trang."),
        ),
    }


def _not_here_or_not_now() -> dict[int, tuple[str, str]]:
    return {
        410: (
            _("Đã hết hạn"),
            _("Điều được hỏi không còn nữa. Hãy quay lại và bắt đầu lại."),
        ),
        413: (
            _("Tệp quá lớn"),
            _("Máy chủ nhận tệp đến 10 MB. Hãy bỏ hình ảnh hoặc trang tính thừa rồi gửi lại."),
        ),
        415: (
            _("Không nhận loại dữ liệu này"),
            _("Hãy quay lại trang trước và gửi bằng nút trên trang."),
        ),
        429: (
            _("Quá nhiều lần thử"),
            _(
                "Hãy đợi năm phút rồi thử lại. Nếu quên mật khẩu, hãy nhờ cán bộ phụ trách "
                "đặt lại."
            ),
        ),
        500: (
            _("Máy chủ gặp lỗi"),
            _("Lỗi đã được ghi lại. Hãy thử lại; nếu vẫn lỗi, hãy báo người quản trị."),
        ),
        503: (
            _("Máy chủ đang bận"),
            _("Chưa có gì được ghi. Hãy đợi một phút rồi thử lại."),
        ),
    }

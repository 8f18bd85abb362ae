"""What the codes of a guest list mean, in words that say what to do next.

Every function takes the translator as *_*: the pages give gettext, the command line its own.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from invitations.domain.errors import FileRefusedError
    from invitations.domain.guestrow import RowProblem

Translator = Callable[..., str]


def refusal(error: FileRefusedError, _: Translator) -> str:
    """Return why a file was refused and what to do about it."""
    words = _about_lists(_) | _about_files(_)
    unknown = _("Không nhận ra loại tệp này. Hãy gửi tệp .xlsx, .xls, .ods hoặc .csv.")
    return words.get(error.code, unknown)


def question(problem: RowProblem, _: Translator) -> str:
    """Return what the officer is asked about a row."""
    found = problem.found
    twin = _("dòng %(row)s", row=problem.other_row)
    if problem.other_row is None:
        twin = _("một khách đã có trong danh sách")
    words = {
        "name-missing": _("Thiếu họ tên."),
        "name-hostile": _("Họ tên chứa mã hoặc ký tự ẩn nguy hiểm: “%(found)s”.", found=found),
        "name-too-long": _("Họ tên quá dài."),
        "name-unusual": _("Họ tên có ký tự lạ: “%(found)s”.", found=found),
        "phone-unreadable": _("“%(found)s” không phải số điện thoại.", found=found),
        "phone-two": _("Ô có hai số: “%(found)s”. Dùng số nào?", found=found),
        "mail-invalid": _("“%(found)s” không phải địa chỉ thư điện tử.", found=found),
        "mail-two": _("Ô có hai địa chỉ: “%(found)s”. Dùng địa chỉ nào?", found=found),
        "mail-look-alike": _("“%(found)s” có vẻ gõ nhầm tên miền.", found=found),
        "contact-missing": _("Chưa có thư điện tử hay số di động nào để gửi thư mời."),
        "party-unreadable": _("“%(found)s” không phải số người.", found=found),
        "text-hostile": _("Ô chứa mã hoặc ký tự ẩn nguy hiểm: “%(found)s”.", found=found),
        "text-too-long": _("Ô có quá nhiều chữ."),
        "duplicate-phone": _("Trùng số điện thoại với %(twin)s.", twin=twin),
        "duplicate-mail": _("Trùng thư điện tử với %(twin)s.", twin=twin),
        "duplicate-name": _("Trùng họ tên và cơ quan với %(twin)s.", twin=twin),
        "phone-reverted": _("Không dùng số tự sửa. Số đúng là gì?"),
        "mail-reverted": _("Không dùng địa chỉ tự sửa. Địa chỉ đúng là gì?"),
    }
    return words.get(problem.code, problem.code)


def repair(code: str, _: Translator) -> str:
    """Return what was mended, for a group of rows."""
    words = {
        "text-hidden": _("Bỏ ký tự ẩn"),
        "text-composed": _("Đưa chữ về bảng mã Unicode dựng sẵn"),
        "text-blanks": _("Bỏ dấu cách thừa"),
        "encoding-tcvn3": _("Chuyển bảng mã TCVN3 (.VnTime) sang Unicode"),
        "encoding-vni": _("Chuyển bảng mã VNI sang Unicode"),
        "honorific-split": _("Tách danh xưng khỏi họ tên"),
        "phone-zero": _("Thêm lại số 0 đầu mà Excel đã bỏ"),
        "phone-form": _("Viết lại số điện thoại cho thống nhất"),
        "phone-prefix-2018": _("Đổi đầu số 11 chữ số cũ (2018)"),
        "phone-taken-from-text": _("Lấy số di động, phần còn lại đưa vào ghi chú"),
        "mail-form": _("Viết lại địa chỉ thư điện tử"),
        "mail-at": _("Thay chữ “at” bằng @"),
        "answered": _("Theo câu trả lời của anh/chị"),
        "kept": _("Giữ theo quyết định của anh/chị"),
        "reverted": _("Giữ như trong tệp"),
    }
    return words.get(code, code)


def skipped(problem: RowProblem, _: Translator) -> str:
    """Return why a row was skipped."""
    row = problem.other_row
    words = {
        "blank-row": _("Dòng trống"),
        "invisible-row": _("Dòng chỉ có ký tự ẩn"),
        "total-row": _("Dòng tổng cộng"),
        "header-repeated": _("Tiêu đề lặp lại"),
        "header-numbers": _("Dòng số thứ tự cột"),
        "number-only": _("Chỉ có số thứ tự"),
        "section-row": _("Tên nhóm"),
        "hidden-row": _("Dòng ẩn trong bảng tính"),
        "merged": _("Đã gộp vào dòng %(row)s", row=row),
        "duplicate-exact": _("Lặp lại dòng %(row)s", row=row),
        "already-listed": _("Đã có trong danh sách khách"),
        "left-out": _("Bỏ theo quyết định của anh/chị"),
    }
    return words.get(problem.code, problem.code)


def proposal(problem: RowProblem, _: Translator) -> str:
    """Return what might be written better in a row that was taken as it was."""
    if problem.code == "name-all-lower":
        return _("Họ tên viết toàn chữ thường")
    return _("Họ tên viết toàn chữ hoa")


def undo_refusal(reason: str, _: Translator) -> str:
    """Return why an import stays as it is."""
    words = {
        "invited": _(
            "Không hoàn tác được: đã có khách trong danh sách này được gửi thư mời. "
            "Có thể thu hồi thư mời của từng khách."
        ),
        "written": _(
            "Không hoàn tác được: sau lần nhập này đã gửi thư cho khách được cập nhật. "
            "Có thể sửa từng khách, hoặc nhập lại danh sách cũ."
        ),
        "changed": _(
            "Không hoàn tác được: sau lần nhập này đã có người sửa khách hoặc cấp lại thẻ."
        ),
        "not-last": _(
            "Không hoàn tác được: sau đó đã có lần nhập khác. Hãy hoàn tác lần mới hơn trước."
        ),
    }
    late = _("Không hoàn tác được: đã quá mười phút, hoặc đã hoàn tác trước đó.")
    return words.get(reason, late)


def invitation_state(state: str, _: Translator) -> str:
    """Return how the invitation of a guest stands."""
    words = {"issued": _("Đã cấp"), "withdrawn": _("Đã thu hồi")}
    return words.get(state, _("Chưa cấp"))


def field_name(field: str, _: Translator) -> str:
    """Return what a field of a guest is called."""
    words = {
        "number": _("Số thứ tự"),
        "honorific": _("Xưng hô"),
        "family": _("Họ và tên đệm"),
        "name": _("Họ và tên"),
        "title": _("Chức vụ"),
        "organisation": _("Cơ quan"),
        "phone": _("Điện thoại"),
        "email": _("Thư điện tử"),
        "note": _("Ghi chú"),
        "vip": _("Khách VIP"),
        "party": _("Số người"),
        "press_card": _("Thẻ nhà báo"),
        "category": _("Nhóm khách"),
    }
    return words[field]


def _about_lists(_: Translator) -> dict[str, str]:
    return {
        "empty": _("Tệp này trống. Hãy mở tệp, kiểm tra có danh sách bên trong rồi lưu lại."),
        "no-rows": _(
            "Tệp có dòng tiêu đề nhưng chưa có khách nào. Hãy điền khách bên dưới dòng tiêu đề."
        ),
        "no-header": _(
            "Không tìm thấy dòng tiêu đề trong 20 dòng đầu. Hãy thêm một dòng có tên các cột, "
            "ví dụ: Họ và tên, Cơ quan, Điện thoại, Thư điện tử."
        ),
        "too-many-rows": _("Danh sách dài hơn 20.000 dòng. Hãy chia thành nhiều tệp."),
        "picture": _(
            "Đây là hình ảnh, không phải bảng tính. Hãy gửi tệp Excel hoặc CSV của danh sách."
        ),
        "renamed": _(
            "Tệp mang đuôi bảng tính nhưng bên trong là văn bản. Hãy đổi đuôi thành .csv, hoặc "
            "mở bằng Excel rồi lưu thành .xlsx."
        ),
    }


def _about_files(_: Translator) -> dict[str, str]:
    return {
        "too-large": _(
            "Tệp quá lớn (tối đa 10 MB). Hãy bỏ hình ảnh và trang tính thừa rồi lưu lại."
        ),
        "bomb": _(
            "Tệp nén quá nhiều dữ liệu nên không được mở, để bảo vệ máy chủ. Hãy chép danh "
            "sách sang một sổ tính mới rồi lưu lại."
        ),
        "locked": _(
            "Tệp được đặt mật khẩu. Hãy mở bằng Excel, bỏ mật khẩu (Tệp – Thông tin – Bảo vệ "
            "sổ làm việc) rồi lưu lại."
        ),
        "macros": _("Tệp có macro nên không được nhận. Hãy lưu lại thành .xlsx (không macro)."),
        "broken": _("Tệp bị hỏng. Hãy mở bằng Excel, lưu thành tệp mới rồi thử lại."),
        "too-slow": _(
            "Tệp mất quá nhiều thời gian để đọc. Hãy chép danh sách sang một sổ tính mới."
        ),
        "not-found": _("Không mở được tệp. Hãy kiểm tra tên tệp và quyền đọc."),
    }

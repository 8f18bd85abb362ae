"""What an examination of a signed letter found, and what stopped a seal, in plain words."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from typing import Any

from invitations.domain.errors import SealError, TypesettingError
from invitations.domain.seals import LetterReport, SignatureReport
from invitations.services.calendars import ZONE

Say = Callable[..., Any]  # gettext: a text and the values in it
_PLACE = re.compile(r"(\d+):(\d+): (.*)", re.DOTALL)


def verdict(report: LetterReport, say: Say) -> str:
    """Return the one sentence that matters."""
    if report.valid:
        return str(say("Chữ ký hợp lệ: %(names)s.", names=report.signers))
    known = {
        "not-a-pdf": say("Tệp này không phải PDF."),
        "locked": say("PDF có mật khẩu nên không kiểm tra được. Hãy bỏ mật khẩu."),
        "broken": say("PDF hỏng, không đọc được. Hãy xuất lại từ phần mềm ký."),
        "no-signature": say("PDF chưa được ký số."),
    }
    said = known.get(report.problem) or say("Chữ ký không dùng được. Xem từng điểm bên dưới.")
    return str(said)


def points(signature: SignatureReport, say: Say) -> list[tuple[bool, str]]:
    """Return what is known of a signature, each with whether it is as it should be."""
    return [
        (True, str(say("Người ký: %(name)s", name=_signer(signature)))),
        (True, _when(signature, say)),
        (
            signature.intact,
            str(
                say("Nội dung đúng như lúc ký.")
                if signature.intact
                else say("Nội dung đã bị sửa sau khi ký.")
            ),
        ),
        (signature.changes != "forbidden", _coverage(signature, say)),
        (signature.trust == "trusted", _trust(signature, say)),
    ]


def lines(report: LetterReport, say: Say) -> list[str]:
    """Return a report as lines for a terminal."""
    found = [verdict(report, say)]
    for number, signature in enumerate(report.signatures, start=1):
        found.append(str(say("Chữ ký %(number)s", number=number)))
        found += [f"  {'✓' if good else '✗'} {text}" for good, text in points(signature, say)]
    return found


def refusal(error: SealError | TypesettingError, say: Say) -> str:
    """Return why a letter was not made or not signed, and what to do."""
    known = _setting(error, say) | _sealing(error, say)
    said = known.get(error.code)
    return str(said or say("Không làm được: %(what)s", what=error))


def _setting(error: SealError | TypesettingError, say: Say) -> dict[str, Any]:
    return {
        "no-font": say("Máy chủ thiếu phông chữ Tinos. Hãy cài gói fonts-croscore."),
        "template": _slip(error.detail, say),
        "forbidden": say(
            "Mẫu không được dùng “%(what)s”: mẫu chỉ sắp chữ, không đọc tệp khác.",
            what=error.detail,
        ),
        "pages": say("Mẫu cho %(what)s trang; giấy mời từ 1 đến 3 trang.", what=error.detail),
        "too-large": say("Tệp quá lớn. PDF tối đa 8 MB, mẫu tối đa 60.000 ký tự."),
        "too-slow": say("Quá lâu nên đã dừng. Không có gì được ghi."),
        "form": say("Giấy mời còn thiếu mục. Hãy điền đủ và lưu lại trước khi ký."),
    }


def _slip(detail: str, say: Say) -> str:
    """Return what is wrong with a template: where, and what Typst's words most likely mean."""
    place = _PLACE.match(detail)
    if place is None:
        return str(say("Mẫu giấy mời có lỗi: %(what)s", what=detail))
    line, column, said = place.groups()
    known = {
        "unknown variable": say("không có tên này, hãy xem lại chính tả"),
        "unclosed": say("thiếu dấu đóng ngoặc"),
        "expected": say("thiếu hoặc sai một ký hiệu"),
        "unexpected": say("thừa hoặc sai một ký hiệu"),
        "dictionary does not contain": say("giấy mời không có mục này"),
        "PDF/A": say("PDF lưu trữ không nhận điều này"),
    }
    meant = next((words for start, words in known.items() if said.startswith(start)), "")
    told = f"{meant} ({said})" if meant else said
    where = say(
        "Mẫu giấy mời có lỗi ở dòng %(line)s, cột %(column)s: %(what)s",
        line=line,
        column=column,
        what=told,
    )
    return str(where)


def _sealing(error: SealError | TypesettingError, say: Say) -> dict[str, Any]:
    return {
        "no-key": say("Chưa có con dấu số: không thấy %(what)s", what=error.detail),
        "open": say(
            "Người khác đọc được tệp con dấu. Chạy: chmod 600 %(what)s", what=error.detail
        ),
        "password": say("Mật khẩu của con dấu số không đúng. Hãy xem lại tệp password."),
        "damaged": say("Tệp con dấu số hỏng hoặc không phải PKCS#12 (.p12, .pfx)."),
        "token-file": say(
            "Tệp %(what)s cần có library, token và certificate, mỗi thứ một chuỗi.",
            what=error.detail,
        ),
        "token": say("Không dùng được thẻ ký số hoặc HSM: %(what)s", what=error.detail),
        "pin": say(
            "Mã PIN của thẻ ký số %(what)s không đúng. Hãy xem lại tệp pin trước khi thử tiếp: "
            "sai nhiều lần thì thẻ bị khóa.",
            what=error.detail,
        ),
        "pin-locked": say(
            "Thẻ ký số %(what)s đã bị khóa vì nhập sai mã PIN. Hãy nhờ nơi cấp mở khóa.",
            what=error.detail,
        ),
        "expired": say(
            "Chứng thư số đã hết hạn ngày %(what)s. Hãy xin cấp mới.", what=error.detail
        ),
        "not-yet": say("Chứng thư số có hiệu lực từ %(what)s.", what=error.detail),
        "not-for-signing": say("Chứng thư này không được cấp để ký văn bản."),
        "seal-picture": say("Hình con dấu không đọc được. Hãy dùng PNG nền trong suốt."),
        "timestamp": say("Máy chủ cấp dấu thời gian không trả lời. Hãy thử lại sau."),
        "not-a-pdf": say("Tệp này không phải PDF."),
    }


def _signer(signature: SignatureReport) -> str:
    if signature.organisation and signature.organisation != signature.signer:
        return f"{signature.signer} ({signature.organisation})"
    return signature.signer


def _when(signature: SignatureReport, say: Say) -> str:
    if signature.signed_at is None:
        return str(say("Không ghi thời điểm ký."))
    moment = f"{datetime.fromtimestamp(signature.signed_at, ZONE):%H:%M:%S %d/%m/%Y %z}"
    if signature.timestamped:
        return str(say("Ký lúc %(moment)s, có dấu thời gian.", moment=moment))
    return str(say("Ký lúc %(moment)s, theo đồng hồ của người ký.", moment=moment))


def _coverage(signature: SignatureReport, say: Say) -> str:
    if signature.changes == "forbidden":
        return str(say("Sau khi ký, tệp có thêm phần không được phép."))
    if signature.whole:
        return str(say("Chữ ký bao trọn tệp."))
    return str(say("Sau chữ ký này chỉ có thêm chữ ký khác."))


def _trust(signature: SignatureReport, say: Say) -> str:
    issuer = signature.issuer
    known = {
        "trusted": say("Chứng thư do %(issuer)s cấp, là nơi được tin.", issuer=issuer),
        "unknown-root": say(
            "Chưa tin nơi cấp chứng thư (%(issuer)s). Nếu đúng là nơi tin cậy, hãy nhờ bộ "
            "phận kỹ thuật thêm chứng thư gốc.",
            issuer=issuer,
        ),
        "expired": say("Chứng thư của người ký đã hết hạn."),
        "not-yet": say("Chứng thư của người ký chưa có hiệu lực."),
        "revoked": say("Chứng thư của người ký đã bị thu hồi."),
    }
    said = known.get(signature.trust) or say(
        "Không tin được chứng thư của người ký (%(issuer)s).", issuer=issuer
    )
    return str(said)

"""The register's forms: what was typed, and what to say beside a field."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from flask_babel import gettext as _

from invitations.domain.names import clean
from invitations.domain.register import Organisation, Person
from invitations.web.forms import clean_text

if TYPE_CHECKING:
    from werkzeug.datastructures import MultiDict

    from invitations.domain.plans import Problem


def typed_person(values: MultiDict[str, str], person_id: int = 0) -> Person:
    """Return the person as the form was sent."""
    lines = ("name", "honorific", "title", "organisation", "phone", "email", "press_card")
    told = {name: clean(values.get(name, "")) for name in lines}
    return Person(
        person_id,
        told["name"],
        honorific=told["honorific"],
        title=told["title"],
        organisation=told["organisation"],
        phone=told["phone"],
        email=told["email"],
        press_card=told["press_card"],
        language=values.get("language", "vi"),
        channel=values.get("channel", ""),
        note=clean_text(values.get("note", "")),
    )


def typed_organisation(values: MultiDict[str, str], organisation_id: int = 0) -> Organisation:
    """Return the organisation as the form was sent."""
    return Organisation(
        organisation_id,
        clean(values.get("name", "")),
        parent_id=values.get("parent_id", type=int),
        kind=values.get("kind", ""),
        contact=clean(values.get("contact", "")),
        phone=clean(values.get("phone", "")),
        email=clean(values.get("email", "")),
        valid_from=values.get("valid_from", ""),
        valid_until=values.get("valid_until", ""),
    )


def errors(problems: Iterable[Problem]) -> dict[str, str]:
    """Return what to say beside each control, the first problem of each."""
    said: dict[str, str] = {}
    for problem in problems:
        said.setdefault(problem.field, wrong(problem.code))
    return said


def wrong(code: str) -> str:
    """Return what to do about one problem of the register's forms."""
    known = {
        "missing": _("Hãy điền mục này."),
        "name-missing": _("Hãy điền họ và tên."),
        "name-hostile": _("Tên có ký tự không an toàn. Hãy gõ lại tên."),
        "name-too-long": _("Mục này quá dài. Hãy viết ngắn lại."),
        "name-unusual": _("Tên có chữ số hoặc dấu lạ. Hãy gõ lại tên."),
        "too-long": _("Mục này quá dài. Hãy viết ngắn lại."),
        "phone-unreadable": _("Chưa hiểu số này. Hãy viết như 0903 123 456."),
        "phone-two": _("Ô này có hai số. Hãy để lại một số."),
        "mail-invalid": _("Địa chỉ này chưa đúng. Hãy viết như ten@baochi.vn."),
        "mail-two": _("Ô này có hai địa chỉ. Hãy để lại một địa chỉ."),
        "mail-look-alike": _("Tên miền có vẻ gõ nhầm. Hãy kiểm tra lại."),
        "date-unreadable": _("Chưa hiểu ngày này. Hãy viết như 19/11/2026."),
        "ends-before-start": _("Ngày kết thúc phải sau ngày bắt đầu."),
        "circle": _("Cơ quan này đang ở bên dưới. Hãy chọn cơ quan khác."),
        "group-twice": _("Đã có nhóm tên này. Hãy đặt tên khác."),
    }
    return str(known[code])


def kinds() -> dict[str, str]:
    """Return the kinds of organisations in the reader's words."""
    return {
        "": str(_("Chưa rõ")),
        "newsroom": str(_("Cơ quan báo chí")),
        "agency": str(_("Sở, ban, ngành")),
        "ward": str(_("Phường, xã")),
        "company": str(_("Doanh nghiệp")),
        "association": str(_("Hội, đoàn thể")),
        "other": str(_("Khác")),
    }


def languages() -> dict[str, str]:
    """Return the languages of letters."""
    return {"vi": "Tiếng Việt", "en": "English"}


def channels() -> dict[str, str]:
    """Return the ways by which somebody would rather hear."""
    return {
        "": str(_("Cách nào cũng được")),
        "email": str(_("Thư điện tử")),
        "sms": str(_("Tin nhắn")),
    }


def reasons() -> dict[str, str]:
    """Return why two entries may be one person."""
    return {
        "contact": str(_("Cùng điện thoại hoặc thư điện tử, khác tên")),
        "name": str(_("Cùng tên và cơ quan, khác địa chỉ")),
    }

"""The form of a letter: what the officer typed, what it means, and what to say beside it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from dataclasses import fields as dataclass_fields
from typing import TYPE_CHECKING

from flask_babel import gettext as _

from invitations.domain.composition import Composition
from invitations.domain.dispatch import Terms, read_instant
from invitations.domain.outbox import CHANNELS
from invitations.domain.wording import FIELDS, English, Words, Wrong, tidy

if TYPE_CHECKING:
    from collections.abc import Iterable

    from werkzeug.datastructures import MultiDict


@dataclass(frozen=True)
class LetterForm:
    """The controls of the form as they stand."""

    words: Words
    channels: tuple[str, ...]
    again: bool = False
    guest_id: int | None = None


def typed(values: MultiDict[str, str]) -> LetterForm:
    """Return the form as it was sent, cleaned."""
    words = Words(
        subject=values.get("subject", ""),
        opening=values.get("opening", ""),
        note=values.get("note", ""),
        sms=values.get("sms", ""),
        accented=values.get("accented") == "1",
        english=values.get("english") == "1",
        en=english(values) if values.get("in_english") == "1" else None,
    )
    channels = tuple(each for each in CHANNELS if values.get(f"by_{each}") == "1")
    again = values.get("again") == "1"
    return LetterForm(tidy(words), channels, again, values.get("guest", type=int))


def english(values: MultiDict[str, str]) -> English:
    """Return the English letter as it was sent; its controls begin with ``en_``."""
    return English(
        **{each.name: values.get(f"en_{each.name}", "") for each in dataclass_fields(English)}
    )


def of(found: Composition, channels: tuple[str, ...]) -> LetterForm:
    """Return the form of a letter as it was kept; *channels* are ticked before a choice."""
    chosen = channels if found.channels is None else found.channels
    return LetterForm(found.words, chosen, found.again, found.guest_id)


def composed(form: LetterForm) -> Composition:
    """Return the letter that *form* tells, to be kept."""
    return Composition(form.words, form.channels, form.again, form.guest_id)


def terms(values: MultiDict[str, str]) -> Terms:
    """Return when the letters may leave; an hour that cannot be read lies in the past."""
    begins_at = 0
    if values.get("when") == "later":
        begins_at = read_instant(values.get("begins_at", "")) or 1
    return Terms(begins_at, values.get("at_night") == "1", values.get("hold") == "1")


def kept(form: LetterForm, channels: tuple[str, ...]) -> LetterForm:
    """Return *form* with only those of its channels that this house has."""
    return replace(form, channels=tuple(each for each in form.channels if each in channels))


def fields() -> dict[str, str]:
    """Return what each field that an officer may insert is called."""
    names = {
        "xung_ho": _("xưng hô"),
        "ho_ten": _("họ tên"),
        "chuc_vu": _("chức vụ"),
        "don_vi": _("cơ quan của khách"),
        "noi_moi": _("đơn vị mời"),
        "su_kien": _("sự kiện"),
        "thoi_gian": _("thời gian"),
        "dia_diem": _("địa điểm"),
        "lien_ket": _("liên kết thẻ"),
        "ma_cua": _("mã cửa"),
    }
    return {name: str(names[name]) for name in FIELDS}


def errors(mistakes: Iterable[Wrong]) -> dict[str, str]:
    """Return what to say beside each control, the first mistake of each."""
    said: dict[str, str] = {}
    for wrong in mistakes:
        said.setdefault(wrong.place, _words(wrong))
    return said


def warning(code: str) -> str:
    """Return what to say before sending, about what is allowed but unusual."""
    known = {
        "short-notice": _(
            "Từ nay đến sự kiện còn chưa đủ ba ngày làm việc. Quyết định 45/2018/QĐ-TTg yêu"
            " cầu gửi giấy mời họp trước ít nhất ba ngày làm việc, trừ trường hợp đột xuất."
        ),
        "quiet-hours": _(
            "Đang là giờ nghỉ (22 giờ đến 7 giờ). Thư điện tử đi ngay, tin nhắn đợi đến 7 giờ"
            " sáng, trừ khi chọn nhắn cả trong giờ nghỉ."
        ),
    }
    return str(known[code])


def _words(wrong: Wrong) -> str:
    known = {
        "missing": _("Hãy điền mục này."),
        "too-long": _(
            "Mục này dài quá %(limit)s ký tự. Hãy viết ngắn lại.", limit=wrong.detail
        ),
        "unknown-field": _(
            "Không có trường {%(name)s}. Hãy dùng các trường có sẵn dưới ô này.",
            name=wrong.detail,
        ),
        "link-missing": _(
            "Tin nhắn cần có {lien_ket} hoặc {ma_cua}, nếu không khách không có gì để vào cửa."
        ),
        "cancelled": _("Sự kiện đã hủy, không gửi thư mời được nữa."),
        "over": _("Sự kiện đã kết thúc, không gửi thư mời được nữa."),
        "untested": _("Hãy gửi thử cho chính mình trước; lời đã thử mới là lời được gửi."),
        "changed": _("Lời thư vừa được sửa ở nơi khác. Hãy xem lại rồi gửi."),
        "count": _("Để chắc chắn, hãy gõ đúng số khách: %(count)s.", count=wrong.detail),
        "time": _("Hãy chọn một lúc từ bây giờ đến trước giờ bắt đầu sự kiện."),
    }
    if wrong.place == "channels":
        return str(_("Hãy chọn ít nhất một cách gửi."))
    return str(known[wrong.code])

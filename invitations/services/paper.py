"""The paper desk: official letters and pass pages, as PDF and as pictures of their pages."""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from invitations.domain import doorcode, papers
from invitations.domain.errors import TypesettingError
from invitations.services import barcodes, cards, drawing, trial
from invitations.services.calendars import ZONE
from invitations.services.phrasing import long_form

if TYPE_CHECKING:
    from invitations.domain.model import Event, Guest, Holder, Office
    from invitations.domain.papers import LetterForm, Spot
    from invitations.services.press import Press

LETTER, PASS = "giay_moi.typ", "the_vao_cua.typ"
BAR_MM = 0.8467  # two pixels of a picture at 60 to the inch
SCREEN_PPI = 96.0
MOST_PAGES = 3


@dataclass(frozen=True)
class Sheet:
    """What one official letter is made of: the template's text and the data in it."""

    template: str
    data: dict[str, Any]


@dataclass(frozen=True)
class Paper:
    """Sets the papers of an office; a file in *offices*/<id>/ stands for the shipped one."""

    press: Press
    offices: Path

    def letter(
        self, form: LetterForm, office: Office, event: Event, guest: Guest | None = None
    ) -> bytes:
        """Return the official letter as PDF, to *guest* or to the general addressee.

        Raises:
            TypesettingError: the font is missing, or the office's template has a mistake.
        """
        sheet = self.sheet(form, office, event, guest)
        return self.press.pdf(sheet.template, sheet.data)

    def sheet(
        self, form: LetterForm, office: Office, event: Event, guest: Guest | None = None
    ) -> Sheet:
        """Return what the official letter is made of."""
        data = _letter_data(form, office, event, guest)
        return Sheet(self.template(office.id), data)

    def pictures(
        self, form: LetterForm, office: Office, event: Event, guest: Guest | None = None
    ) -> list[bytes]:
        """Return the pages of the official letter as PNG, for a screen.

        Raises:
            TypesettingError: the font is missing, or the office's template has a mistake.
        """
        sheet = self.sheet(form, office, event, guest)
        return self.press.pictures(sheet.template, sheet.data, SCREEN_PPI)

    def sign_here(self, sheet: Sheet) -> Spot | None:
        """Return where the signature stands in the letter of *sheet*, if it says."""
        return self.press.sign_here(sheet.template, sheet.data)

    def pass_page(self, holder: Holder, office: Office, event: Event, text: str) -> bytes:
        """Return the pass of *holder* as PDF, one page A6; its QR code says *text*.

        Raises:
            TypesettingError: the font is missing.
        """
        return self.press.pdf(self._shipped(PASS), pass_data(holder, office, event, text))

    def pass_picture(
        self, holder: Holder, office: Office, event: Event, text: str, ppi: float
    ) -> bytes:
        """Return the pass page as one PNG at *ppi* pixels an inch.

        Raises:
            TypesettingError: the font is missing.
        """
        data = pass_data(holder, office, event, text)
        (page,) = self.press.pictures(self._shipped(PASS), data, ppi)
        return page

    def template(self, office_id: int) -> str:
        """Return the template of the office's official letters: its own, or the shipped one."""
        own = self._own(office_id)
        return own.read_text(encoding="utf-8") if own.is_file() else self._shipped(LETTER)

    def has_own_template(self, office_id: int) -> bool:
        """Tell whether the office uses a template of its own."""
        return self._own(office_id).is_file()

    def accept_template(self, office: Office, template: str) -> None:
        """Make *template* the office's own, after a trial in a process of its own.

        Raises:
            TypesettingError: the trial failed; the template in use stays.
        """
        self.press.check(template)
        trial.run(self.press, template, self.press.fit(trial_data(office)), MOST_PAGES)
        own = self._own(office.id)
        own.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        fresh = own.with_suffix(".new")
        fresh.write_text(template, encoding="utf-8")
        fresh.replace(own)

    def drop_template(self, office_id: int) -> None:
        """Go back to the shipped template."""
        self._own(office_id).unlink(missing_ok=True)

    def _own(self, office_id: int) -> Path:
        return self.offices / str(office_id) / LETTER

    def _shipped(self, name: str) -> str:
        try:
            return (self.press.root / name).read_text(encoding="utf-8")
        except OSError as error:
            raise TypesettingError("template", os.fspath(self.press.root / name)) from error


def pass_data(holder: Holder, office: Office, event: Event, text: str) -> dict[str, Any]:
    """Return what stands on the pass page of *holder*."""
    guest, invitation = holder.guest, holder.invitation
    code = doorcode.grouped(invitation.door_code)
    return {
        "title": f"Thẻ vào cửa: {guest.name}",
        "date": _day(event.starts_at),
        "office": office.name,
        "event": event.title,
        "name": cards.addressed(guest),
        "role": cards.role(guest),
        "picture": str(drawing.svg(text)),
        "picture_alt": "Mã QR để vào cửa",
        "bars": str(barcodes.svg(invitation.door_code)),
        "bars_alt": f"Mã vạch của mã cửa {code}",
        "bars_width": round(barcodes.width(invitation.door_code) * BAR_MM, 3),
        "door_code": code,
        "facts": cards.facts(event, guest),
        "advice": "Xin đưa mã này ở cửa. Thẻ ghi tên riêng, xin không chuyển cho người khác.",
    }


def trial_data(office: Office) -> dict[str, Any]:
    """Return a letter with something in every place, on which a template is tried."""
    form = papers.LetterForm(
        superior="Ủy ban nhân dân Thành phố",
        issuer=office.name,
        number="12",
        symbol="VP",
        place="Thành phố Hồ Chí Minh",
        dated="2026-02-05",
        subject="Tham dự họp báo định kỳ",
        inviter=office.name,
        addressee="Quý cơ quan báo chí",
        attend="Họp báo định kỳ",
        chair="Ông Nguyễn Văn A",
        content="Một dòng nội dung.",
        notes="Một dòng lưu ý.\nMột dòng nữa.",
        recipients="- Như trên;\n- Lưu: VT.",
        authority="KT. Chánh Văn phòng",
        position="Phó Chánh Văn phòng",
        signer="Nguyễn Thị Bích Ngọc",
    )
    return _letter_words(form, "15 giờ 00", "Hội trường A", "Xin trả lời.", _to(form, None))


def _letter_data(
    form: LetterForm, office: Office, event: Event, guest: Guest | None
) -> dict[str, Any]:
    reply = ""
    if event.reply_by:
        reply = f"Đề nghị xác nhận tham dự trước {long_form(event.reply_by)}"
        contact = event.contact or office.phone
        reply += f"; liên hệ: {contact}." if contact else "."
    return _letter_words(
        form, long_form(event.starts_at), cards.place_of(event), reply, _to(form, guest)
    )


def _letter_words(
    form: LetterForm, time: str, place: str, reply: str, guest: dict[str, Any]
) -> dict[str, Any]:
    day = date.fromisoformat(form.dated)
    return {
        "title": f"Giấy mời số {form.number}/GM-{form.symbol}: {form.subject}",
        "date": {"year": day.year, "month": day.month, "day": day.day},
        "superior": form.superior,
        "issuer": form.issuer,
        "number": _two_digits(form.number),
        "symbol": form.symbol,
        "issued": papers.issued_line(form),
        "subject": form.subject,
        "inviter": form.inviter or form.issuer,
        "guest": guest,
        "attend": form.attend,
        "chair": form.chair,
        "time": time,
        "place": place,
        "content": form.content.splitlines(),
        "notes": form.notes.splitlines(),
        "reply": reply,
        "recipients": form.recipients.splitlines(),
        "authority": form.authority,
        "position": form.position,
        "signer": form.signer,
    }


def _to(form: LetterForm, guest: Guest | None) -> dict[str, Any]:
    if guest is None:
        return {"name": form.addressee, "lines": []}
    role = cards.role(guest)
    return {"name": cards.addressed(guest), "lines": [role] if role else []}


def _two_digits(number: str) -> str:
    """Return *number* with a zero before a single digit (Decree 30/2020, appendix I)."""
    return f"0{number}" if len(number) == 1 else number


def _day(instant: int) -> dict[str, int]:
    local = datetime.fromtimestamp(instant, ZONE)
    return {"year": local.year, "month": local.month, "day": local.day}

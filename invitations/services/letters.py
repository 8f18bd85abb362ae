"""The writing desk: the words for one guest, as a mail and as a text message."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from invitations.couriers import Attachment, Letter
from invitations.couriers.message import PICTURE_ID
from invitations.domain import doorcode, wording
from invitations.domain.model import Event, Invitation, Office
from invitations.domain.names import clean
from invitations.domain.outbox import EMAIL, SMS, Errand
from invitations.domain.wording import English, Words
from invitations.services import blanks, calendars, drawing
from invitations.services.calendars import Booking, Person
from invitations.services.enclosing import FILE, Enclose, nothing
from invitations.services.phrasing import (
    ENGLISH,
    VIETNAMESE,
    addressee,
    clock,
    english_form,
    honorific,
    joined,
    long_form,
    short_form,
)

PURPOSE = "invitation"
CHANGE, CANCELLATION, WITHDRAWAL = "change", "cancellation", "withdrawal"
WITH_PASS = frozenset({PURPOSE, CHANGE})
PICTURE_MODULE_PX = 8


@dataclass(frozen=True)
class Letters:
    """Writes letters from *templates*, with links under *base_url*, sent by *sender*.

    *base_url* is what guests type, without a slash at its end; *sender* the mail address
    from which letters come, whose domain also takes replies and returned letters. *enclose*
    gives the signed letter that goes with a mail.
    """

    templates: Path
    base_url: str
    sender: str
    enclose: Enclose = nothing

    def write(self, errand: Errand, pass_text: str) -> Letter:
        """Return the letter of *errand*; the QR code in it says *pass_text*."""
        if errand.delivery.channel == SMS:
            return self.text_message(errand)
        return self.mail(errand, pass_text)

    def mail(self, errand: Errand, pass_text: str) -> Letter:
        """Return the mail of *errand* with its picture and its calendar request."""
        guest, language = (
            errand.guest,
            wording.language_for(errand.words, errand.guest.language),
        )
        words = wording.spoken(errand.words, language)
        values = self._values(errand, long_form(errand.event.starts_at, language))
        place = self._place(errand, words, values)
        attendee = Person(guest.name, errand.delivery.address)
        purpose = errand.delivery.purpose
        bodies = (f"{folder(purpose)}/body.txt", f"{folder(purpose)}/body.html")
        text, html = blanks.pages(self.templates, bodies, place)
        with_pass = purpose in WITH_PASS
        calendar = calendars.request if with_pass else calendars.cancel
        return Letter(
            reference=errand.delivery.message_id,
            address=errand.delivery.address,
            name=clean(guest.name),
            sender_name=clean(_host(errand)),
            sender=self.sender,
            reply_to=self._reply_to(errand.invitation),
            tag=errand.invitation.tag,
            subject=clean(wording.fill(words.subject, values)),
            text=text,
            html=html,
            picture=drawing.png(pass_text, PICTURE_MODULE_PX) if with_pass else b"",
            calendar=calendar(self._booking(errand), attendee),
            date=errand.written_at,
            method="REQUEST" if with_pass else "CANCEL",
            attachments=self._enclosed(errand) if purpose == PURPOSE else (),
        )

    def text_message(self, errand: Errand) -> Letter:
        """Return the text message of *errand*, unaccented unless the officer wants marks."""
        language = wording.language_for(errand.words, errand.guest.language)
        words = wording.spoken(errand.words, language)
        values = self._values(errand, short_form(errand.event.starts_at, language))
        if _host(errand) == errand.office.name:
            values["noi_moi"] = errand.office.short_name or errand.office.name
        text = clean(wording.fill(words.sms, values))
        return Letter(
            reference=errand.delivery.message_id,
            address=errand.delivery.address,
            text=text if words.accented else wording.unaccented(text),
            fields=tuple(values.items()),
            date=errand.written_at,
        )

    def standard_words(self, purpose: str = PURPOSE) -> Words:
        """Return the words the house proposes for *purpose*, for the officer to change."""
        return Words(
            subject=self._proposed(f"{folder(purpose)}/subject.txt"),
            opening=self._proposed(f"{folder(purpose)}/opening.txt"),
            sms=self._proposed(f"{folder(purpose)}/sms.txt"),
        )

    def standard_english(self, purpose: str = PURPOSE) -> English:
        """Return the English words the house proposes for *purpose*."""
        return English(
            subject=self._proposed(f"{folder(purpose)}/subject.en.txt"),
            opening=self._proposed(f"{folder(purpose)}/opening.en.txt"),
            sms=self._proposed(f"{folder(purpose)}/sms.en.txt"),
        )

    def link(self, invitation: Invitation) -> str:
        """Return the address of a guest's pass page."""
        return f"{self.base_url}/p/{invitation.link}"

    def message_id(
        self, tag: str, seq: int, channel: str = EMAIL, purpose: str = PURPOSE
    ) -> str:
        """Return the one Message-ID of a delivery, without brackets."""
        kind = "inv" if channel == EMAIL else channel
        if purpose != PURPOSE:
            kind = f"{purpose}-{channel}"
        return f"{kind}.{tag}.{seq}@{self._domain}"

    def calendar_file(
        self,
        office: Office,
        event: Event,
        invitation: Invitation,
        written_at: int,
        language: str = VIETNAMESE,
    ) -> bytes:
        """Return the event as a file that a guest may put into any calendar."""
        booking = Booking(
            event=event,
            uid=self._uid(invitation),
            organiser=Person(office.name, self._reply_to(invitation)),
            url=self.link(invitation),
            description=self._description(invitation, language),
            written_at=written_at,
            sequence=invitation.sequence,
        )
        return calendars.publish(booking)

    def _enclosed(self, errand: Errand) -> tuple[Attachment, ...]:
        pdf = self.enclose(errand.event, errand.guest.id, errand.letter_id)
        return (Attachment(FILE, "application/pdf", pdf),) if pdf else ()

    def _booking(self, errand: Errand) -> Booking:
        language = wording.language_for(errand.words, errand.guest.language)
        return Booking(
            event=_entitled(errand),
            uid=self._uid(errand.invitation),
            organiser=Person(_host(errand), self._reply_to(errand.invitation)),
            url=self.link(errand.invitation),
            description=self._description(errand.invitation, language),
            written_at=errand.written_at,
            sequence=errand.invitation.sequence,
        )

    def _values(self, errand: Errand, time: str) -> dict[str, str]:
        """Return what the officer's fields stand for, each in one clean line."""
        guest, event = errand.guest, errand.event
        language = wording.language_for(errand.words, guest.language)
        values = {
            "xung_ho": honorific(guest, language),
            "ho_ten": guest.name,
            "chuc_vu": guest.title,
            "don_vi": guest.organisation,
            "noi_moi": _host(errand),
            "su_kien": _title(errand),
            "thoi_gian": time,
            "dia_diem": joined(event.place, event.address),
            "lien_ket": self.link(errand.invitation),
            "ma_cua": doorcode.grouped(errand.invitation.door_code),
        }
        return {name: clean(value) for name, value in values.items()}

    def _place(self, errand: Errand, words: Words, values: dict[str, str]) -> dict[str, Any]:
        """Return what stands in the two bodies of a mail."""
        event, guest = errand.event, errand.guest
        language = wording.language_for(errand.words, guest.language)
        opening = wording.fill(words.opening, values)
        note = wording.fill(words.note, values)
        reply_by = event.reply_by
        return {
            "lang": language,
            "office": errand.office,
            "host": _host(errand),
            "event": event,
            "title": _title(errand),
            "subject": clean(wording.fill(words.subject, values)),
            "honorific": values["xung_ho"],
            "addressee": addressee(guest, language),
            "opening": opening,
            "opening_paragraphs": _paragraphs(opening),
            "note": note,
            "note_paragraphs": _paragraphs(note),
            "time": values["thoi_gian"],
            "time_en": english_form(event.starts_at),
            "opens": clock(event.opens_at, language)
            if event.opens_at < event.starts_at
            else "",
            "opens_en": clock(event.opens_at, ENGLISH),
            "place": values["dia_diem"],
            "link": values["lien_ket"],
            "door_code": values["ma_cua"],
            "party": guest.party,
            "reply_by": long_form(reply_by, language) if reply_by else "",
            "reply_by_en": english_form(reply_by) if reply_by else "",
            "contact": event.contact or errand.office.phone,
            "english": words.english,
            "picture_id": PICTURE_ID,
        }

    def _description(self, invitation: Invitation, language: str) -> str:
        code = doorcode.grouped(invitation.door_code)
        if language == ENGLISH:
            return f"Entry pass: {self.link(invitation)}\nDoor code: {code}"
        return f"Thẻ vào cửa: {self.link(invitation)}\nMã cửa: {code}"

    def _proposed(self, name: str) -> str:
        return (self.templates / name).read_text(encoding="utf-8").strip()

    def _reply_to(self, invitation: Invitation) -> str:
        return f"rsvp+{invitation.tag}@{self._domain}"

    def _uid(self, invitation: Invitation) -> str:
        return f"{invitation.tag}@{self._domain}"

    @property
    def _domain(self) -> str:
        return self.sender.rpartition("@")[2]


def folder(purpose: str) -> str:
    """Return where the templates of one kind of letter stand."""
    return f"letters/{purpose}"


def _english(errand: Errand) -> English | None:
    """Return the English words of *errand* if its guest reads those."""
    language = wording.language_for(errand.words, errand.guest.language)
    return errand.words.en if language == ENGLISH else None


def _host(errand: Errand) -> str:
    english = _english(errand)
    return (english and english.host) or errand.office.name


def _entitled(errand: Errand) -> Event:
    title = _title(errand)
    return errand.event if title == errand.event.title else replace(errand.event, title=title)


def _title(errand: Errand) -> str:
    english = _english(errand)
    return (english and english.title) or errand.event.title


def _paragraphs(text: str) -> list[str]:
    return [line for line in text.splitlines() if line]

"""The bytes of a mail: its shape, its words, and that nobody can add to its headers."""

import random
import re
from collections.abc import Callable
from dataclasses import replace
from email import message_from_bytes, policy
from email.headerregistry import Address
from email.message import EmailMessage, Message
from email.parser import BytesHeaderParser
from io import BytesIO
from typing import Any

import numpy as np
import pytest
import zxingcpp
from hypothesis import given
from hypothesis import strategies as st
from icalendar import Calendar
from PIL import Image

from invitations.couriers import Letter, headers, message
from invitations.domain import passes
from invitations.domain.errors import CourierError
from tests.invitations.letterbox import (
    EVENT,
    GUEST,
    LETTERS,
    OFFICE,
    STARTS_AT,
    TAG,
    TRUST,
    a_pass_text,
    an_errand,
)

HEADERS = [
    "From", "To", "Reply-To", "Subject", "Date", "Message-ID", "Auto-Submitted",
    "X-Auto-Response-Suppress", "Content-Language", "MIME-Version", "Content-Type",
]  # fmt: skip
SHAPE = [
    "multipart/mixed",
    "multipart/alternative",
    "text/plain",
    "multipart/related",
    "text/html",
    "image/png",
    "text/calendar",
    "application/ics",
]
BCC_NAME = "=?utf-8?q?a=0D=0ABcc:_evil=40x.y?="


LETTER = LETTERS.mail(an_errand(), a_pass_text())


def a_letter(**changes: str) -> Letter:
    given: dict[str, Any] = {**changes}
    return replace(LETTER, **given)


def read(made: bytes) -> EmailMessage:
    found = message_from_bytes(made, policy=policy.default)
    assert isinstance(found, EmailMessage)
    return found


def headers_of(made: bytes) -> Message:
    return BytesHeaderParser(policy=policy.default).parsebytes(made)


def part(made: bytes, kind: str) -> EmailMessage:
    found = [each for each in parts(made) if each.get_content_type() == kind]
    assert len(found) == 1
    return found[0]


def parts(made: bytes) -> list[EmailMessage]:
    return list(read(made).walk())


def test_a_mail_has_the_shape_that_mail_programs_expect() -> None:
    mail: Any = read(message.build(a_letter()))

    assert [each.get_content_type() for each in mail.walk()] == SHAPE
    assert mail.keys() == HEADERS
    assert [each.defects for each in mail.walk()] == [[]] * len(SHAPE)


def test_a_mail_names_everybody_it_should() -> None:
    mail: Any = read(message.build(a_letter()))

    sender = mail["From"].addresses[0]
    assert (" ".join(sender.display_name.split()), sender.addr_spec) == (
        OFFICE.name,
        "thumoi@vp.example.vn",
    )
    assert mail["To"].addresses == (Address(GUEST.name, addr_spec=GUEST.email),)
    assert mail["Reply-To"] == f"rsvp+{TAG}@vp.example.vn"
    assert mail["Subject"] == "Thư mời dự Họp báo định kỳ tháng 11/2026"
    assert mail["Message-ID"] == f"<inv.{TAG}.0@vp.example.vn>"
    assert mail["Date"] == "Mon, 09 Nov 2026 08:00:00 +0000"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["Content-Language"] == "vi"


def test_every_try_gives_the_same_bytes() -> None:
    assert message.build(a_letter()) == message.build(a_letter())


def test_both_bodies_say_all_that_a_guest_needs() -> None:
    made = message.build(a_letter())

    for kind in ("text/plain", "text/html"):
        words = " ".join(re.sub(r"<[^>]*>", " ", part(made, kind).get_content()).split())
        for needed in (
            "Kính gửi: Bà Nguyễn Thị Minh Ánh, Trưởng ban Chính trị, Báo Sài Gòn Giải Phóng",
            "Thành phố Hồ Chí Minh trân trọng kính mời Bà tới dự:",
            "15 giờ 00, Thứ Năm, ngày 19/11/2026",
            "Hội trường A",
            "4711 0832 9956",
            "https://moi.example.vn/p/k5xw6zdfmztwq2lknrws",
            "15:00 on Thursday, 19 November 2026",
        ):
            assert needed in words


def test_the_picture_in_the_mail_opens_the_door() -> None:
    picture = part(message.build(a_letter()), "image/png")
    with Image.open(BytesIO(picture.get_content())) as image:
        found = zxingcpp.read_barcodes(np.asarray(image.convert("L")))

    texts = [each.text for each in found]
    assert texts == [a_pass_text()]
    judged = passes.judge(texts[0], TRUST, event=EVENT.id, now=STARTS_AT)
    assert judged.pass_id == "00112233445566aa"
    assert picture["Content-ID"] == "<the-vao-cua>"


def test_the_picture_stands_on_white_and_has_its_code_for_a_name() -> None:
    page = part(message.build(a_letter()), "text/html").get_content()

    assert 'alt="4711 0832 9956"' in page
    assert 'src="cid:the-vao-cua"' in page
    assert '<meta name="color-scheme" content="light dark">' in page
    assert len(page.encode()) < 100_000


def test_the_calendar_request_can_be_answered() -> None:
    made = message.build(a_letter())
    request = part(made, "text/calendar")
    found = Calendar.from_ical(request.get_content())
    entry: Any = found.walk("VEVENT")[0]

    assert request.get_param("method") == "REQUEST"
    assert request["Content-Disposition"] is None
    assert found["METHOD"] == "REQUEST"
    assert entry["UID"] == f"{TAG}@vp.example.vn"
    assert entry["SEQUENCE"] == 0
    assert entry["ORGANIZER"] == f"mailto:rsvp+{TAG}@vp.example.vn"
    assert entry["ATTENDEE"] == f"mailto:{GUEST.email}"
    assert entry["ATTENDEE"].params["RSVP"] == "TRUE"
    assert entry["ATTENDEE"].params["PARTSTAT"] == "NEEDS-ACTION"
    assert entry["DTSTART"].dt.timestamp() == STARTS_AT
    assert str(entry["DTSTART"].dt.tzinfo) == "Asia/Ho_Chi_Minh"
    assert [zone["TZID"] for zone in found.walk("VTIMEZONE")] == ["Asia/Ho_Chi_Minh"]
    file = part(made, "application/ics")
    assert file.get_content() == request.get_content().encode()


def test_the_standard_library_would_build_the_same_tree() -> None:
    """Written by hand here; the library's way is the reference."""
    letter = a_letter()
    reference = EmailMessage(policy=policy.SMTP)
    reference.set_content(letter.text)
    reference.add_alternative(letter.html, subtype="html")
    alternatives = reference.get_payload()
    assert isinstance(alternatives, list)
    html = alternatives[1]
    assert isinstance(html, EmailMessage)
    html.add_related(letter.picture, "image", "png", cid=f"<{message.PICTURE_ID}>")
    reference.add_alternative(
        letter.calendar.decode(), subtype="calendar", params={"method": "REQUEST"}
    )
    reference.add_attachment(letter.calendar, "application", "ics", filename="invite.ics")

    assert contents(message.build(letter)) == contents(reference.as_bytes())


def contents(made: bytes) -> list[tuple[str, object]]:
    return [
        (each.get_content_type(), _plain(each.get_content()))
        for each in parts(made)
        if not each.is_multipart()
    ]


def _plain(content: str | bytes) -> object:
    text = content if isinstance(content, str) else content.decode("latin-1")
    return text.replace("\r\n", "\n").rstrip("\n")


def hostile_names() -> list[str]:
    """Return 300 names that try to be something else than a name."""
    dice = random.Random(2026)  # noqa: S311 - the same names on every run
    starts = [
        BCC_NAME, "=?utf-8?q?a=0D=0A=0D=0Abody?=", "=?utf-8?b?DQpCY2M6IGV2aWxAeC55?=",
        "a\r\nBcc: evil@x.y", "a\nBcc: evil@x.y", "a\rBcc: evil@x.y", "a\u2028Bcc: e@x.y",
        "a\x85Bcc: e@x.y", "a\x00b", '" <evil@x.y>, "', "evil@x.y", "<evil@x.y>", "a, evil@x.y",
        "a; b:", "group: evil@x.y;", "(comment)", "a\\", '"', "'", "=?", "?=", "=?utf-8?q?",
        "=?us-ascii?q?=22=20=3Cevil=40x=2Ey=3E?=", "\u202eevil", "x" * 500, "Ánh" * 80, ".",
        "🎫" * 30, "a\u0301" * 60, "{lien_ket}", "%0d%0aBcc:", "&#13;&#10;Bcc:", "\ufeffBcc:",
    ]  # fmt: skip
    names = list(starts)
    while len(names) < 300:
        names.append(dice.choice(starts) + dice.choice([" ", "", ", "]) + dice.choice(starts))
    return names


@pytest.mark.parametrize("place", ["name", "sender_name", "subject"])
def test_no_name_writes_a_header(place: str) -> None:
    for name in hostile_names():
        try:
            made = message.build(a_letter(**{place: name}))
        except CourierError as error:
            assert (error.permanent, error.code) == (True, "header")  # noqa: PT017 - either
            continue
        mail: Any = headers_of(made)

        assert mail.keys() == HEADERS
        assert [each.addr_spec for each in mail["To"].addresses] == [GUEST.email]
        assert [each.addr_spec for each in mail["From"].addresses] == ["thumoi@vp.example.vn"]
        assert b"\nbcc:" not in made.lower().partition(b"\r\n\r\n")[0]


def test_a_hostile_guest_is_invited_by_a_mere_name() -> None:
    errands = [an_errand(guest=replace(GUEST, name=name)) for name in hostile_names()[:50]]

    built = [message.build(LETTERS.mail(errand, a_pass_text())) for errand in errands]

    assert [headers_of(made).keys() for made in built] == [HEADERS] * 50


@given(st.text(max_size=200))
def test_any_name_comes_back_or_the_mail_stays_here(name: str) -> None:
    try:
        made = message.build(a_letter(name=name))
    except CourierError as error:
        assert error.code == "header"  # noqa: PT017 - either
        return

    assert read(made).keys() == HEADERS


@given(st.text(max_size=300), st.text(max_size=300))
def test_any_body_comes_back(text: str, html: str) -> None:
    letter = a_letter(text=text, html=html)

    made = message.build(letter)

    assert read(made).keys() == HEADERS
    expected = "\n".join(text.splitlines()).rstrip("\n")
    assert _plain(part(made, "text/plain").get_content()) == expected


@pytest.mark.parametrize(
    "address",
    [
        "",
        "anh",
        "a@x.y\r\nRCPT TO:<b@x.y>",
        "a@x.y, b@x.y",
        "a b@x.y",
        "<a@x.y>",
        "ánh@x.y",
        "a@x..y",
        "a" * 65 + "@x.y",
        "a@" + "x" * 260 + ".vn",
    ],
)
def test_what_is_no_address_stays_here(address: str) -> None:
    with pytest.raises(CourierError) as caught:
        message.build(a_letter(address=address))

    assert (caught.value.permanent, caught.value.code) == (True, "address")


def naive_headers(letter: Letter) -> list[tuple[str, str]]:
    """Return headers as somebody in a hurry would write them: names put in as they are."""
    return [
        (name, f'"{letter.name}" <{letter.address}>' if name == "To" else value)
        for name, value in headers.headers(letter)
    ]


def without_the_name(letter: Letter) -> list[tuple[str, str]]:
    return [pair for pair in headers.headers(letter) if pair[0] != "Auto-Submitted"]


@pytest.mark.parametrize(
    ("seeded", "name"),
    [
        pytest.param(naive_headers, "a\r\nBcc: evil@x.y", id="a line of its own"),
        pytest.param(naive_headers, '" <evil@x.y>, "b', id="a second recipient"),
        pytest.param(without_the_name, "Ánh", id="a header forgotten"),
    ],
)
def test_the_guard_catches_a_careless_builder(
    seeded: Callable[[Letter], list[tuple[str, str]]], name: str
) -> None:
    """Seeded bugs: the guard reads what was built, not what was meant."""
    letter = a_letter(name=name)
    made = message.assemble(letter, seeded(letter))

    with pytest.raises(CourierError) as caught:
        headers.inspect(made, letter)

    assert caught.value.code == "header"


def test_the_guard_catches_what_this_librarys_generator_writes() -> None:
    """Before Python 3.13 this display name made the generator write a real Bcc line."""
    letter = a_letter(name=BCC_NAME)
    mail = EmailMessage(policy=policy.SMTP)
    for name, value in headers.headers(letter)[:-1]:
        if name not in {"To", "From", "Subject"}:
            mail[name] = value
    mail["From"] = Address(letter.sender_name, addr_spec=letter.sender)
    mail["To"] = Address(letter.name, addr_spec=letter.address)
    mail["Subject"] = letter.subject
    mail.set_content(letter.text)

    with pytest.raises(CourierError):
        headers.inspect(mail.as_bytes(), letter)

"""The post room: a letter becomes the bytes of one mail, which are read again before it goes.

multipart/mixed holds the alternatives (plain text; HTML with its picture; the calendar
request, last, as RFC 6047 clients expect) and the same request as a file for the others.
Every line and every file is encoded once, however many mails of a sending carry it.
"""

from __future__ import annotations

import binascii
import hashlib
import re
from collections.abc import Iterable
from functools import lru_cache

from invitations.couriers import Attachment, Letter
from invitations.couriers.headers import Header, headers, inspect, written
from invitations.domain.errors import CourierError

PICTURE_ID = "the-vao-cua"
CALENDAR_FILE = "invite.ics"
# One mailbox of the kind RFC 5321 calls a Dot-string, at a domain name or address literal.
MAILBOX = re.compile(
    r"[a-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[a-z0-9!#$%&'*+/=?^_`{|}~-]+)*@"
    r"[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*",
    re.ASCII | re.IGNORECASE,
)
LONGEST_MAILBOX = 254
LONGEST_LOCAL_PART = 64

_CRLF = b"\r\n"
_BASE64_LINE = 57


def build(letter: Letter) -> bytes:
    """Return *letter* as the bytes of one mail, the same for every try.

    Raises:
        CourierError: an address is none (cause ``address``), or the bytes read back are not
            the mail that was meant (cause ``header``); nothing may leave then.
    """
    for address in (letter.address, letter.sender, letter.reply_to, letter.bounce_to):
        check_mailbox(address)
    made = assemble(letter, headers(letter))
    inspect(made, letter)
    return made


def check_mailbox(address: str) -> None:
    """Let *address* pass if it is one plain ASCII address.

    Raises:
        CourierError: it is not (cause ``address``).
    """
    fits = len(address) <= LONGEST_MAILBOX and MAILBOX.fullmatch(address)
    if not fits or address.index("@") > LONGEST_LOCAL_PART:
        raise CourierError("address", permanent=True, code="address")


def assemble(letter: Letter, head: Iterable[Header]) -> bytes:
    """Return the whole mail: *head*, and the parts of *letter* in their boxes."""
    edge = hashlib.sha256(letter.reference.encode()).hexdigest()[:24]
    related = _page(letter, edge)
    calendar = _lines(letter.calendar)
    request = _part(
        [
            ("Content-Type", f"text/calendar; charset=utf-8; method={letter.method}"),
            ("Content-Transfer-Encoding", "base64"),
        ],
        calendar,
    )
    file = _part(
        [
            ("Content-Type", f'application/ics; name="{CALENDAR_FILE}"'),
            ("Content-Transfer-Encoding", "base64"),
            ("Content-Disposition", f'attachment; filename="{CALENDAR_FILE}"'),
        ],
        calendar,
    )
    enclosed = [_attached(each) for each in letter.attachments]
    text = _text_part("plain", letter.text)
    alternatives = _multipart("alternative", f"a-{edge}", [text, related, request])
    return written(head) + _multipart("mixed", f"m-{edge}", [alternatives, *enclosed, file])


def _page(letter: Letter, edge: str) -> bytes:
    """Return the HTML part of *letter* with its picture, if it has one."""
    page = _text_part("html", letter.html)
    if not letter.picture:
        return page
    picture = [
        ("Content-Type", 'image/png; name="qr.png"'),
        ("Content-Transfer-Encoding", "base64"),
        ("Content-ID", f"<{PICTURE_ID}>"),
        ("Content-Disposition", 'inline; filename="qr.png"'),
    ]
    return _multipart("related", f"r-{edge}", [page, _part(picture, _lines(letter.picture))])


def _part(head: Iterable[Header], body: bytes) -> bytes:
    return written(head) + _CRLF + body


def _text_part(subtype: str, text: str) -> bytes:
    """Return *text* as quoted-printable, which no server has a reason to encode again."""
    printable = b"".join(map(_printable, text.splitlines() or [""]))
    head = [
        ("Content-Type", f"text/{subtype}; charset=utf-8"),
        ("Content-Transfer-Encoding", "quoted-printable"),
    ]
    return _part(head, printable)


@lru_cache(maxsize=4096)  # all but a handful of lines are the same for every guest
def _printable(line: str) -> bytes:
    return binascii.b2a_qp(line.encode() + b"\n", istext=True).replace(b"\n", _CRLF)


@lru_cache(maxsize=4)  # a thousand mails in a row carry the same letter
def _attached(attachment: Attachment) -> bytes:
    head = [
        ("Content-Type", f'{attachment.kind}; name="{attachment.name}"'),
        ("Content-Transfer-Encoding", "base64"),
        ("Content-Disposition", f'attachment; filename="{attachment.name}"'),
    ]
    return _part(head, _lines(attachment.data))


def _lines(data: bytes) -> bytes:
    """Return *data* as base64 in lines of 76 characters."""
    pieces = (data[at : at + _BASE64_LINE] for at in range(0, len(data), _BASE64_LINE))
    return b"".join(binascii.b2a_base64(piece, newline=False) + _CRLF for piece in pieces)


def _multipart(subtype: str, edge: str, parts: Iterable[bytes]) -> bytes:
    """Return *parts* in one box; no line of quoted-printable or base64 is like its edge."""
    line = f"--{edge}".encode("ascii")
    inner = b"".join(line + _CRLF + part + _CRLF for part in parts)
    head = written([("Content-Type", f'multipart/{subtype}; boundary="{edge}"')])
    return head + _CRLF + inner + line + b"--" + _CRLF

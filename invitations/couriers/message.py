"""The post room: a letter becomes the bytes of one mail, which are read again before it goes.

multipart/mixed holds the alternatives (plain text; HTML with its picture; the calendar
request, last, as RFC 6047 clients expect) and the same request as a file for the others.
The parts are written here, because the standard library's generator before Python 3.13 can
be led by a display name into writing header lines of the guest's own; the standard
library's parser then has to find exactly the headers that were meant.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from collections.abc import Iterable
from email import policy
from email.errors import MessageError
from email.parser import BytesHeaderParser
from email.utils import formatdate
from functools import lru_cache
from typing import Any

from invitations.couriers import Attachment, Letter
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
_PLAIN_PHRASE = re.compile(r"[A-Za-z0-9 ]{1,60}", re.ASCII)
_WORD_BYTES = 42  # of UTF-8 in one encoded word: 56 characters of base64, 68 with its frame
_WORD = re.compile(r"\S*\s*")
_BASE64_LINE = 57
_STRUCTURED = policy.default
_ADDRESSES = ("From", "To", "Reply-To")

Header = tuple[str, str]


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


def headers(letter: Letter) -> list[Header]:
    """Return the headers of *letter*, encoded, in their order."""
    return [
        ("From", mailbox(letter.sender_name, letter.sender)),
        ("To", mailbox(letter.name, letter.address)),
        ("Reply-To", f"<{letter.reply_to}>"),
        ("Subject", unstructured(letter.subject)),
        ("Date", formatdate(letter.date, usegmt=True)),
        ("Message-ID", f"<{letter.reference}>"),
        ("Auto-Submitted", "auto-generated"),
        ("X-Auto-Response-Suppress", "OOF, AutoReply"),
        ("Content-Language", letter.language),
        ("MIME-Version", "1.0"),
    ]


def mailbox(name: str, address: str) -> str:
    """Return a name with its address (RFC 5322); nothing of the name is read as syntax."""
    if not name:
        return f"<{address}>"
    phrase = f'"{name}"' if _PLAIN_PHRASE.fullmatch(name) else unstructured(name)
    return f"{phrase} <{address}>"


def unstructured(text: str) -> str:
    """Return *text* as encoded words (RFC 2047), folded, or itself when it is plain."""
    if _PLAIN_PHRASE.fullmatch(text):
        return text
    return "\r\n ".join(f"=?utf-8?b?{_base64(piece)}?=" for piece in _pieces(text))


def assemble(letter: Letter, head: Iterable[Header]) -> bytes:
    """Return the whole mail: *head*, and the parts of *letter* in their boxes."""
    edge = hashlib.sha256(letter.reference.encode()).hexdigest()[:24]
    related = _multipart(
        "related",
        f"r-{edge}",
        [
            _text_part("html", letter.html),
            _part(
                [
                    ("Content-Type", 'image/png; name="qr.png"'),
                    ("Content-Transfer-Encoding", "base64"),
                    ("Content-ID", f"<{PICTURE_ID}>"),
                    ("Content-Disposition", 'inline; filename="qr.png"'),
                ],
                _lines(letter.picture),
            ),
        ],
    )
    request = _part(
        [
            ("Content-Type", "text/calendar; charset=utf-8; method=REQUEST"),
            ("Content-Transfer-Encoding", "base64"),
        ],
        _lines(letter.calendar),
    )
    file = _part(
        [
            ("Content-Type", f'application/ics; name="{CALENDAR_FILE}"'),
            ("Content-Transfer-Encoding", "base64"),
            ("Content-Disposition", f'attachment; filename="{CALENDAR_FILE}"'),
        ],
        _lines(letter.calendar),
    )
    enclosed = [_attached(each) for each in letter.attachments]
    text = _text_part("plain", letter.text)
    alternatives = _multipart("alternative", f"a-{edge}", [text, related, request])
    return _head(head) + _multipart("mixed", f"m-{edge}", [alternatives, *enclosed, file])


def inspect(made: bytes, letter: Letter) -> None:
    """Read the headers of *made* back and compare them with what was meant.

    Raises:
        CourierError: there is a header too many or too few, or another address (``header``).
    """
    try:
        found = BytesHeaderParser(policy=policy.compat32).parsebytes(made)
        names, raw = tuple(found.keys()), dict(found.items())
        mailboxes = [_mailboxes(name, str(raw[name])) for name in _ADDRESSES]
        subject, reference = _words(str(raw["Subject"])), str(raw["Message-ID"])
    except (MessageError, ValueError, AttributeError, LookupError) as error:
        raise CourierError("header", permanent=True, code="header") from error
    meant = [(letter.sender,), (letter.address,), (letter.reply_to,)]
    expected = tuple(name for name, _ in headers(letter))
    if (names[:-1], names[-1:]) != (expected, ("Content-Type",)) or mailboxes != meant:
        raise CourierError("header", permanent=True, code="header")
    if subject != letter.subject.split() or reference != f"<{letter.reference}>":
        raise CourierError("header", permanent=True, code="header")


@lru_cache(maxsize=512)  # most headers of one sending are the same in every mail
def _mailboxes(name: str, raw: str) -> tuple[str, ...]:
    """Return the addresses that a mail program finds in the header *name*."""
    header: Any = _STRUCTURED.header_factory(name, _one_line(raw))
    if header.defects:
        raise ValueError(name)
    return tuple(address.addr_spec for address in header.addresses)


@lru_cache(maxsize=64)
def _words(raw: str) -> list[str]:
    """Return the words of a subject as a mail program shows it."""
    return str(_STRUCTURED.header_factory("Subject", _one_line(raw))).split()


def _one_line(raw: str) -> str:
    """Unfold a header as RFC 5322, section 2.2.3, has it."""
    return raw.replace("\r\n", "").replace("\n", "")


def _base64(text: str) -> str:
    return base64.b64encode(text.encode()).decode("ascii")


def _pieces(text: str) -> Iterable[str]:
    """Cut *text* so that every piece fits one encoded word, after blanks where it can be.

    Some readers, the standard library's among them, put a blank between encoded words.
    """
    piece = ""
    for word in _WORD.findall(text):
        if piece and len((piece + word).encode()) > _WORD_BYTES:
            yield piece
            piece = ""
        for char in word:
            if len((piece + char).encode()) > _WORD_BYTES:
                yield piece
                piece = ""
            piece += char
    yield piece


def _head(pairs: Iterable[Header]) -> bytes:
    return b"".join(f"{name}: {value}\r\n".encode("ascii") for name, value in pairs)


def _part(head: Iterable[Header], body: bytes) -> bytes:
    return _head(head) + _CRLF + body


def _text_part(subtype: str, text: str) -> bytes:
    """Return *text* as quoted-printable, which no server has a reason to encode again."""
    plain = "\n".join(text.splitlines()) + "\n"
    printable = binascii.b2a_qp(plain.encode(), istext=True).replace(b"\n", _CRLF)
    head = [
        ("Content-Type", f"text/{subtype}; charset=utf-8"),
        ("Content-Transfer-Encoding", "quoted-printable"),
    ]
    return _part(head, printable)


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
    head = _head([("Content-Type", f'multipart/{subtype}; boundary="{edge}"')])
    return head + _CRLF + inner + line + b"--" + _CRLF

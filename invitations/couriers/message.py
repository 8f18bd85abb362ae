"""The post room: a letter becomes the bytes of one mail, which are read again before it goes.

multipart/mixed holds the alternatives (plain text; HTML with its picture; the calendar
request, last, as RFC 6047 clients expect) and the same request as a file for the others.
Every line and every file is encoded once, however many mails of a sending carry it.
"""

from __future__ import annotations

import binascii
import hashlib
import re
from collections.abc import Iterable, Iterator, Sequence
from functools import cache, lru_cache

from invitations.couriers import Attachment, Letter, Sheet
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
_BASE64_LINE = 76
_PRINTABLE_LINE = 76
_IS_CALM = re.compile("[A-Za-z0-9]", re.ASCII).fullmatch

Pieces = Sequence[bytes]


def build(letter: Letter) -> bytes:
    """Return *letter* as the bytes of one mail, the same for every try.

    No line of it begins with a dot, so that it can go over the wire as it is.

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


def check_lines(made: bytes) -> None:
    """Let *made* pass if a server reads in it the lines that are meant, and no others.

    Every line ends with CRLF, and none begins with a dot (RFC 5321, section 4.5.2).

    Raises:
        CourierError: it is not so (cause ``header``).
    """
    whole = made.count(b"\n") == made.count(b"\r\n") == made.count(b"\r")
    if not whole or b"\n." in made or made[:1] == b"." or made[-2:] != _CRLF:
        raise CourierError("header", permanent=True, code="header")


def assemble(letter: Letter, head: Iterable[Header]) -> bytes:
    """Return the whole mail: *head*, and the parts of *letter* in their boxes."""
    edge = hashlib.sha256(letter.reference.encode()).hexdigest()[:24]
    calendar = _lines(letter.calendar)
    boxes = _multipart(
        "alternative",
        f"a-{edge}",
        [
            _text_part("plain", letter.text),
            _page(letter, edge),
            (_request(letter.method), calendar),
        ],
    )
    line = f"--m-{edge}\r\n".encode("ascii")
    end = f"--m-{edge}--\r\n".encode("ascii")
    box = _head(("Content-Type", f'multipart/mixed; boundary="m-{edge}"'))
    pieces = [written(head), box, line, *boxes, _CRLF]
    for each in letter.attachments:
        pieces += (line, _attached(each), _CRLF)
    return b"".join([*pieces, line, _FILE, calendar, _CRLF, end])


def _page(letter: Letter, edge: str) -> Pieces:
    """Return the HTML part of *letter* with its picture, if it has one."""
    page = _text_part("html", letter.html)
    if not letter.picture:
        return page
    return _multipart("related", f"r-{edge}", [page, (_PICTURE, _lines(letter.picture))])


def _text_part(subtype: str, text: str) -> Pieces:
    """Return *text* as quoted-printable, which no server has a reason to encode again."""
    stretches = text.stretches if isinstance(text, Sheet) else (text,)
    return [_TEXT[subtype], *(map(_stretch, stretches) if text else [_printable("")])]


@lru_cache(maxsize=512)  # a letter has a dozen of its own, the rest are in all of them
def _stretch(text: str) -> bytes:
    made = b"".join(map(_printable, text.splitlines()))
    check_lines(made)
    return made


@lru_cache(maxsize=4096)  # all but a handful of lines are the same for every guest
def _printable(line: str) -> bytes:
    """Return *line* as lines of which none begins with a dot, which would mean something."""
    made = binascii.b2a_qp(line.encode() + b"\n", istext=True)
    if made.startswith(b".") or b"\n." in made:
        made = b"=\n".join(_printable_pieces(line.encode())) + b"\n"
    return made.replace(b"\n", _CRLF)


def _printable_pieces(line: bytes) -> Iterator[bytes]:
    """Cut *line* as the library would, with every sign but letters and digits encoded."""
    codes = [bytes((sign,)) if _IS_CALM(chr(sign)) else b"=%02X" % sign for sign in line]
    piece = b""
    for code in codes:
        if len(piece) + len(code) >= _PRINTABLE_LINE:
            yield piece
            piece = b""
        piece += code
    yield piece


@lru_cache(maxsize=4)  # a thousand mails in a row carry the same letter
def _attached(attachment: Attachment) -> bytes:
    head = _head(
        ("Content-Type", f'{attachment.kind}; name="{attachment.name}"'),
        ("Content-Transfer-Encoding", "base64"),
        ("Content-Disposition", f'attachment; filename="{attachment.name}"'),
    )
    made = head + _lines(attachment.data)
    check_lines(made)
    return made


@cache
def _request(method: str) -> bytes:
    return _head(
        ("Content-Type", f"text/calendar; charset=utf-8; method={method}"),
        ("Content-Transfer-Encoding", "base64"),
    )


def _lines(data: bytes) -> bytes:
    """Return *data* as base64 in lines of 76 characters."""
    whole = binascii.b2a_base64(data, newline=False)
    starts = range(0, len(whole), _BASE64_LINE)
    return b"".join([whole[at : at + _BASE64_LINE] + _CRLF for at in starts])


def _multipart(subtype: str, edge: str, parts: Iterable[Pieces]) -> Pieces:
    """Return *parts* in one box; no line of quoted-printable or base64 is like its edge."""
    line = f"--{edge}\r\n".encode("ascii")
    pieces = [_head(("Content-Type", f'multipart/{subtype}; boundary="{edge}"'))]
    for part in parts:
        pieces.append(line)
        pieces += part
        pieces.append(_CRLF)
    pieces.append(f"--{edge}--\r\n".encode("ascii"))
    return pieces


def _head(*pairs: Header) -> bytes:
    """Return the header of a part, with the empty line that ends it."""
    return written(pairs) + _CRLF


_TEXT = {
    subtype: _head(
        ("Content-Type", f"text/{subtype}; charset=utf-8"),
        ("Content-Transfer-Encoding", "quoted-printable"),
    )
    for subtype in ("plain", "html")
}
_PICTURE = _head(
    ("Content-Type", 'image/png; name="qr.png"'),
    ("Content-Transfer-Encoding", "base64"),
    ("Content-ID", f"<{PICTURE_ID}>"),
    ("Content-Disposition", 'inline; filename="qr.png"'),
)
_FILE = _head(
    ("Content-Type", f'application/ics; name="{CALENDAR_FILE}"'),
    ("Content-Transfer-Encoding", "base64"),
    ("Content-Disposition", f'attachment; filename="{CALENDAR_FILE}"'),
)

"""The address desk: the headers of a mail are written here, and read again before it goes.

The standard library's generator before Python 3.13 can be led by a display name into writing
header lines of the guest's own, so headers are written by hand. What was written is then
read by rules narrower than any mail program's. A name with signs that could mean something
to a mail program is read by the standard library's parser too.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterable, Iterator
from email import policy
from email.errors import MessageError
from email.utils import formatdate
from functools import lru_cache
from typing import Any

from invitations.couriers import Letter
from invitations.domain.errors import CourierError

Header = tuple[str, str]

_PLAIN_PHRASE = re.compile(r"[A-Za-z0-9 ]{1,60}", re.ASCII)
_WORD_BYTES = 42  # of UTF-8 in one encoded word: 56 characters of base64, 68 with its frame
_WORD = re.compile(r"\S*\s*")
_STRUCTURED = policy.default
_ADDRESSES = ("From", "To", "Reply-To")
_ENCODED = r"=\?utf-8\?b\?[A-Za-z0-9+/]*={0,2}\?="
_ENCODED_WORD = re.compile(r"=\?utf-8\?b\?([A-Za-z0-9+/]*={0,2})\?=", re.ASCII)
_PHRASE = rf'("[A-Za-z0-9 ]{{1,60}}"|[A-Za-z0-9 ]{{1,60}}|{_ENCODED}(?: {_ENCODED})*)'
_MAILBOX = re.compile(rf'(?:{_PHRASE} )?<([^\s<>@",;:()]+@[A-Za-z0-9.-]+)>', re.ASCII)
_SUBJECT = re.compile(_PHRASE, re.ASCII)
_CALM = re.compile(r"[\w .’'/–-]*")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


def headers(letter: Letter) -> list[Header]:
    """Return the headers of *letter*, encoded, in their order."""
    return [
        ("From", mailbox(letter.sender_name, letter.sender)),
        ("To", mailbox(letter.name, letter.address)),
        ("Reply-To", f"<{letter.reply_to}>"),
        ("Subject", unstructured(letter.subject)),
        ("Date", _date(letter.date)),
        ("Message-ID", f"<{letter.reference}>"),
        ("Auto-Submitted", "auto-generated"),
        ("X-Auto-Response-Suppress", "OOF, AutoReply"),
        ("Content-Language", letter.language),
        ("MIME-Version", "1.0"),
    ]


MEANT = (
    "From", "To", "Reply-To", "Subject", "Date", "Message-ID", "Auto-Submitted",
    "X-Auto-Response-Suppress", "Content-Language", "MIME-Version", "Content-Type",
)  # fmt: skip


def mailbox(name: str, address: str) -> str:
    """Return a name with its address (RFC 5322); nothing of the name is read as syntax."""
    if not name:
        return f"<{address}>"
    phrase = f'"{name}"' if _PLAIN_PHRASE.fullmatch(name) else unstructured(name)
    return f"{phrase} <{address}>"


@lru_cache(maxsize=64)  # the office and the subject are the same in every mail of a sending
def unstructured(text: str) -> str:
    """Return *text* as encoded words (RFC 2047), folded, or itself when it is plain."""
    if _PLAIN_PHRASE.fullmatch(text):
        return text
    return "\r\n ".join(f"=?utf-8?b?{_base64(piece)}?=" for piece in _pieces(text))


def written(pairs: Iterable[Header]) -> bytes:
    """Return *pairs* as the lines of a header, without the empty line that ends it."""
    return "".join(f"{name}: {value}\r\n" for name, value in pairs).encode("ascii")


def inspect(made: bytes, letter: Letter, added: tuple[str, ...] = ()) -> None:
    """Read the headers of *made* back and compare them with what was meant.

    *added* are the names of headers that stand before those of every letter: its seals.

    Raises:
        CourierError: there is a header too many or too few, or another address (``header``).
    """
    try:
        found = _fields(made, added)
        mailboxes = [_mailboxes(name, found[name]) for name in _ADDRESSES]
        same_subject = _words(found["Subject"]) == letter.subject.split()
        same_reference = found["Message-ID"] == f"<{letter.reference}>"
    except (MessageError, ValueError, AttributeError, LookupError) as error:
        raise CourierError("header", permanent=True, code="header") from error
    meant = [(letter.sender,), (letter.address,), (letter.reply_to,)]
    if mailboxes != meant or not same_subject or not same_reference:
        raise CourierError("header", permanent=True, code="header")


def _fields(made: bytes, added: tuple[str, ...]) -> dict[str, str]:
    """Return the unfolded headers of *made* (RFC 5322, section 2.2.3).

    Raises:
        ValueError: they are not *added* and those that every letter has, each once and in
            their order, or a control character stands among them.
    """
    head, end, _ = made.partition(b"\r\n\r\n")
    lines = head.decode("ascii").replace("\r\n ", " ").split("\r\n")
    pairs = [line.partition(": ") for line in lines]
    if not end or tuple(name for name, _, _ in pairs) != added + MEANT:
        msg = "other headers than were meant"
        raise ValueError(msg)
    if any(map(_CONTROL.search, lines)):
        msg = "a control character in the header"
        raise ValueError(msg)
    return {name: value for name, _, value in pairs}


def _mailboxes(name: str, raw: str) -> tuple[str, ...]:
    """Return the addresses that a mail program finds in the header *name*."""
    found = _MAILBOX.fullmatch(raw)
    if found and _CALM.fullmatch(_decoded(found[1] or "")):
        return (found[2],)
    return _library_mailboxes(name, raw)


@lru_cache(maxsize=512)
def _library_mailboxes(name: str, raw: str) -> tuple[str, ...]:
    header: Any = _STRUCTURED.header_factory(name, raw)
    if header.defects:
        raise ValueError(name)
    return tuple(address.addr_spec for address in header.addresses)


@lru_cache(maxsize=64)
def _words(raw: str) -> list[str]:
    """Return the words of a subject as a mail program shows it."""
    if _SUBJECT.fullmatch(raw) and _CALM.fullmatch(found := _decoded(raw)):
        return found.split()
    return str(_STRUCTURED.header_factory("Subject", raw)).split()


def _decoded(phrase: str) -> str:
    """Return what a quoted phrase or a row of encoded words says.

    Raises:
        ValueError: it is not base64 of UTF-8.
    """
    if not phrase.startswith("=?"):
        return phrase.strip('"')
    pieces = (binascii.a2b_base64(word, strict_mode=True) for word in _codes(phrase))
    return "".join(piece.decode() for piece in pieces)


def _codes(phrase: str) -> list[str]:
    return _ENCODED_WORD.findall(phrase)


@lru_cache(maxsize=8)
def _date(instant: int) -> str:
    return formatdate(instant, usegmt=True)


def _base64(text: str) -> str:
    return base64.b64encode(text.encode()).decode("ascii")


def _pieces(text: str) -> Iterator[str]:
    """Cut *text* so that every piece fits one encoded word, after blanks where it can be.

    Some readers, the standard library's among them, put a blank between encoded words.
    """
    if len(text.encode()) <= _WORD_BYTES:
        yield text
        return
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

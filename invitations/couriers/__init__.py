"""The couriers: the only rooms whose work leaves the building.

A courier carries one `Letter` and returns the id its carrier gave it, or raises a
`CourierError` that says what kind of trouble there was.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol, Self


@dataclass(frozen=True)
class Attachment:
    """A file that goes with a mail; *name* and *kind* (a media type) are ours, plain ASCII."""

    name: str
    kind: str
    data: bytes


class Sheet(str):
    """A text that knows the *stretches* it was joined from, each of whole lines.

    Most stretches are the same in every letter of a sending, and so are encoded once.
    """

    __slots__ = ("stretches",)
    stretches: tuple[str, ...]

    def __new__(cls, stretches: Iterable[str]) -> Self:
        """Join *stretches*; each but the last ends with the end of a line."""
        kept = tuple(stretches)
        sheet = super().__new__(cls, "".join(kept))
        sheet.stretches = kept
        return sheet


@dataclass(frozen=True)
class Letter:
    """One letter to one address, ready to be carried.

    *reference* is the same for every try (a Message-ID without its brackets, or the client
    reference of a text message). A text message uses *address*, *text*, *reference* and
    *fields*, the values for a gateway that has the text already. *date* is in Unix seconds.
    """

    reference: str
    address: str
    text: str
    tag: str = ""
    name: str = ""
    sender_name: str = ""
    sender: str = ""
    reply_to: str = ""
    subject: str = ""
    html: str = ""
    picture: bytes = b""
    calendar: bytes = b""
    date: int = 0
    method: str = "REQUEST"  # of the calendar's message (RFC 5546)
    language: str = "vi"
    attachments: tuple[Attachment, ...] = ()
    fields: tuple[tuple[str, str], ...] = ()

    @property
    def bounce_to(self) -> str:
        """The address to which a mail server returns this letter, and no other (VERP)."""
        return f"bounce+{self.tag}@{self.sender.rpartition('@')[2]}"

    @property
    def envelope_id(self) -> str:
        """The key of this letter in a report of its delivery (RFC 3461, ENVID)."""
        return self.reference.partition("@")[0]


class Courier(Protocol):
    """Carries letters of one kind."""

    @property
    def at_once(self) -> int:
        """How many letters may be under way at the same time."""

    @property
    def per_minute(self) -> int:
        """How many letters may leave in a minute; 0 for as many as possible."""

    async def carry(self, letter: Letter) -> str:
        """Hand *letter* over; return the carrier's id for it, which may be empty.

        Raises:
            CourierError: it was not taken, or nobody knows whether it was.
        """

    async def rest(self) -> None:
        """Let go of every open line; a later letter opens them again."""

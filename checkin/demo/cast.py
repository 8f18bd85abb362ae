"""Who comes to the door in the film, with which pass, and what the door has to say to it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

import numpy as np

from checkin.domain.admission import Outcome
from invitations.domain.passes import PATTERN, TEXT_BYTES

if TYPE_CHECKING:
    from collections.abc import Sequence

EVENT_ID = slice(3, 7)
PASS_ID = slice(7, 15)
FIRST_OF_SIGNATURE = 19
APART = 3  # phones between a pass and its second showing: more than three seconds


class Kind(StrEnum):
    """What a guest in the film holds up."""

    GUEST = "guest"
    USED = "used"
    FORGED = "forged"
    WITHDRAWN = "withdrawn"
    REPLACED = "replaced"
    OTHER_EVENT = "other_event"


EXPECTED = {
    Kind.GUEST: Outcome.ADMITTED,
    Kind.USED: Outcome.ALREADY_IN,
    Kind.FORGED: Outcome.FORGED,
    Kind.WITHDRAWN: Outcome.REVOKED,
    Kind.REPLACED: Outcome.REPLACED,
    Kind.OTHER_EVENT: Outcome.WRONG_EVENT,
}


@dataclass(frozen=True)
class Showing:
    """One phone held up: *text* is in its QR code, *picture* the PNG as it was delivered."""

    kind: Kind
    text: str
    picture: bytes
    name: str
    title: str
    door_code: str = ""

    @property
    def pass_id(self) -> str:
        """The 16 hexadecimal digits of the pass in the code."""
        return pass_id(self.text)

    @property
    def expected(self) -> Outcome:
        """What the door has to answer."""
        return EXPECTED[self.kind]


def pass_id(text: str) -> str:
    """Return which pass *text* names; its signature is not looked at.

    Raises:
        ValueError: it has not the form of a pass text.
    """
    if not PATTERN.fullmatch(text):
        msg = "not a pass text"
        raise ValueError(msg)
    return _raw(text)[PASS_ID].hex()


def pass_event(text: str) -> int:
    """Return which event *text* is for; its signature is not looked at."""
    return int.from_bytes(_raw(text)[EVENT_ID], "big")


def forged(text: str, *, seed: int) -> str:
    """Return *text* with a signature nobody made: its last 64 bytes are random."""
    body = _raw(text)[:FIRST_OF_SIGNATURE]
    signature = np.random.default_rng(seed).bytes(TEXT_BYTES - FIRST_OF_SIGNATURE)
    return f"71{int.from_bytes(body + signature, 'big'):0200d}"


def line_up(
    guests: Sequence[Showing], planted: Sequence[Showing], *, seed: int
) -> list[Showing]:
    """Return the queue at the door: *guests* in their order, the *planted* ones among them.

    A used pass stands well behind its first showing; the others stand anywhere.
    """
    random = np.random.default_rng(seed)
    queue = list(guests)
    for each in planted:
        queue.insert(_place(each, queue, random), each)
    return queue


def _place(each: Showing, queue: Sequence[Showing], random: np.random.Generator) -> int:
    """Return where *each* may stand so that the door's answer to it is known."""
    if each.kind is not Kind.USED:
        return int(random.integers(1, len(queue) + 1))
    first = next(at for at, other in enumerate(queue) if other.text == each.text)
    return int(random.integers(min(first + 1 + APART, len(queue)), len(queue) + 1))


def _raw(text: str) -> bytes:
    return int(text[2:]).to_bytes(TEXT_BYTES, "big")

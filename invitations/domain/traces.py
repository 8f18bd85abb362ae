"""Traces: by what a report or an answer names the delivery that it is about.

No key is certain: some relays write a Message-ID of their own, some systems lower-case an
address or cut its tag off, and an answer may come from somebody else. So there are five.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_TAGGED = re.compile(r"(?:bounce|rsvp)\+([a-z2-7]{8,26})@", re.ASCII | re.IGNORECASE)
_OURS = re.compile(r"([a-z2-7]{8,26})@", re.ASCII | re.IGNORECASE)
_BRACKETS = "<> \t\r\n"


@dataclass(frozen=True)
class Trace:
    """The keys that a mail bears; whatever it does not bear is empty.

    *addresses* are those it came to, *references* the Message-IDs it answers or returns (with
    or without brackets), *envelope_id* the ENVID of a report (RFC 3461), *uid* that of a
    calendar entry, *relay_id* the number under which our relay took the letter.
    """

    addresses: tuple[str, ...] = ()
    references: tuple[str, ...] = ()
    envelope_id: str = ""
    uid: str = ""
    relay_id: str = ""

    @property
    def message_ids(self) -> tuple[str, ...]:
        """The references without their brackets."""
        return tuple(filter(None, (each.strip(_BRACKETS) for each in self.references)))

    @property
    def tags(self) -> tuple[str, ...]:
        """The tags of invitations, the most trusted first: a calendar's before an address's."""
        entry = _OURS.match(self.uid.strip())
        tagged = (_TAGGED.match(each.strip(_BRACKETS)) for each in self.addresses)
        found = [each[1].lower() for each in (entry, *tagged) if each]
        return tuple(dict.fromkeys(found))


@dataclass(frozen=True)
class Traced:
    """The delivery that a trace leads to; *agreed* unless another key leads elsewhere."""

    delivery_id: int
    invitation_id: int
    agreed: bool

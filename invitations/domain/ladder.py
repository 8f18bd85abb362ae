"""The ladder: a mail, then a text message, then a call by the office; a reply ends it."""

from __future__ import annotations

from dataclasses import dataclass

from invitations.domain.wording import Words


@dataclass(frozen=True)
class Rung:
    """A guest who waits for a text because the mail did not get through."""

    event_id: int
    sending_id: int
    invitation_id: int
    tag: str
    phone: str
    not_after: int
    words: Words


@dataclass(frozen=True)
class Call:
    """A guest whom the office has to call."""

    guest_id: int
    honorific: str
    name: str
    organisation: str
    phone: str
    email: str
    door_code: str

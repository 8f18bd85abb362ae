"""The desks of the office, as the shell laid them out for the views."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from flask import current_app

if TYPE_CHECKING:
    from invitations.domain.model import Actor
    from invitations.services.chancery import Chancery
    from invitations.services.changes import Changes
    from invitations.services.dispatching import Dispatching
    from invitations.services.doorplans import DoorPlans
    from invitations.services.groups import Groups
    from invitations.services.guestbook import Guestbook
    from invitations.services.histories import Histories
    from invitations.services.importing import Importing
    from invitations.services.issuing import Issuing
    from invitations.services.keyring import Keyring
    from invitations.services.ladder import Ladder
    from invitations.services.letters import Letters
    from invitations.services.mending import Mending
    from invitations.services.notices import Notices
    from invitations.services.organisations import Organisations
    from invitations.services.planning import Planning
    from invitations.services.receipts import Receipts
    from invitations.services.register import Register
    from invitations.services.sending import Sending
    from invitations.services.stationery import Stationery
    from invitations.services.untold import Untold
    from invitations.services.wallet import Wallet

EXTENSION = "thumoi.invitations"


def nobody_yet(event_ids: Sequence[int]) -> Mapping[int, int]:
    """Return 0 arrivals for each of *event_ids*: the answer of a house without doors."""
    return dict.fromkeys(event_ids, 0)


def no_mail(_actor: Actor) -> str:
    """Return no address: the answer of a house without accounts."""
    return ""


@dataclass(frozen=True)
class Desks:
    """Every desk of the office.

    *arrived* asks the door book who came, per event; *mail_of* the accounts for somebody's
    own address.
    """

    planning: Planning
    doorplans: DoorPlans
    importing: Importing
    issuing: Issuing
    sending: Sending
    dispatching: Dispatching
    mending: Mending
    guestbook: Guestbook
    keyring: Keyring
    letters: Letters
    chancery: Chancery
    stationery: Stationery
    wallet: Wallet
    receipts: Receipts
    ladder: Ladder
    register: Register
    organisations: Organisations
    groups: Groups
    histories: Histories
    changes: Changes
    notices: Notices
    untold: Untold
    arrived: Callable[[Sequence[int]], Mapping[int, int]] = nobody_yet
    mail_of: Callable[[Actor], str] = no_mail


def desks() -> Desks:
    """Return the desks of the application that serves this request."""
    found = current_app.extensions[EXTENSION]
    if not isinstance(found, Desks):
        message = "the office's desks are missing"
        raise TypeError(message)
    return found

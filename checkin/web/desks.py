"""The desks of the door book, as the shell laid them out for the views."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from flask import current_app

if TYPE_CHECKING:
    from checkin.services.accounts import Accounts
    from checkin.services.door import Door
    from checkin.services.handling import Handling
    from checkin.services.pairing import Pairing
    from checkin.services.pins import Pins
    from checkin.services.rosters import Rosters
    from checkin.services.searching import Searching
    from checkin.services.substituting import Substituting
    from checkin.services.walkins import WalkIns

EXTENSION = "thumoi.checkin"


@dataclass(frozen=True)
class Desks:
    """Every desk of the door book."""

    accounts: Accounts
    door: Door
    rosters: Rosters
    pairing: Pairing
    pins: Pins
    searching: Searching
    walk_ins: WalkIns
    substituting: Substituting
    handling: Handling


def desks() -> Desks:
    """Return the desks of the application that serves this request."""
    found = current_app.extensions[EXTENSION]
    if not isinstance(found, Desks):
        message = "the door book's desks are missing"
        raise TypeError(message)
    return found

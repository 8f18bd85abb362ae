"""The errors of the door book.

DoorBookError
├── EmailTakenError  an account with this address exists already
├── HashBusyError    too many passwords are being checked at once
└── UnguardedRouteError  a page was built without a declared right
"""

from __future__ import annotations


class DoorBookError(Exception):
    """Something the door book was asked for could not be done."""


class EmailTakenError(DoorBookError):
    """Somebody has this e-mail address already."""


class HashBusyError(DoorBookError):
    """Too many passwords are being checked at this moment."""


class UnguardedRouteError(DoorBookError):
    """A page was built without saying who may see it."""

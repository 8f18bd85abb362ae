"""The errors of the door book.

DoorBookError
├── EmailTakenError  an account with this address exists already
├── HashBusyError    too many passwords are being checked at once
├── NoRightError     who acts may not do this
├── PairingError     a device was not taken in; says why
└── UnguardedRouteError  a page was built without a declared right
"""

from __future__ import annotations


class DoorBookError(Exception):
    """Something the door book was asked for could not be done."""


class EmailTakenError(DoorBookError):
    """Somebody has this e-mail address already."""


class HashBusyError(DoorBookError):
    """Too many passwords are being checked at this moment."""


class NoRightError(DoorBookError):
    """Who acts at a station or a board may not do this."""


class UnguardedRouteError(DoorBookError):
    """A page was built without saying who may see it."""


class PairingError(DoorBookError):
    """A device was not taken in.

    *code* is ``code_unknown``, ``code_expired``, ``too_many`` or ``bad_key``.
    """

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code

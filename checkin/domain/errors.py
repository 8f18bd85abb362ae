"""The errors of the door book.

DoorBookError
├── EmailTakenError  an account with this address exists already
├── HashBusyError    too many passwords are being checked at once
├── DeniedError      what a station or a board asked for may not be; says why
│   ├── NoRightError     who acts may not do this
│   └── SeatError        a seat cannot change hands
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


class DeniedError(DoorBookError):
    """What somebody at a station or a board asked for may not be; *code* says why."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class NoRightError(DeniedError):
    """Who acts may not do this (``no_right``)."""

    def __init__(self) -> None:
        super().__init__("no_right")


class SeatError(DeniedError):
    """A seat cannot change hands.

    *code* is ``unknown_pass`` (no such invitation, or it was withdrawn), ``already_in`` (the
    guest is in the room) or ``invalid`` (what was typed of the newcomer).
    """


class UnguardedRouteError(DoorBookError):
    """A page was built without saying who may see it."""


class PairingError(DoorBookError):
    """A device was not taken in.

    *code* is ``code_unknown``, ``code_expired``, ``too_many`` or ``bad_key``.
    """

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code

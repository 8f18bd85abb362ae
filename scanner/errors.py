"""What can go wrong at the station.

StationError
├── JournalError     the journal cannot promise what it must; nothing may be shown green
├── LineError        the server did not answer as it should; the station goes on alone
│   └── RefusedError    it did answer, and said no; *code* says why
└── PairingError     the server did not take this station in; *code* says why
"""

from __future__ import annotations

from typing import Any


class StationError(Exception):
    """The station could not do what was asked."""


class JournalError(StationError):
    """The journal file is damaged, of another station, or does not sync to the disk."""


class LineError(StationError):
    """The line to the server is down, late, or spoke nonsense.

    *said* is what the server gave with its refusal, such as the marks of a journal that a
    station signed out may still bring.
    """

    def __init__(self, why: str, said: dict[str, Any] | None = None) -> None:
        self.said = said or {}
        super().__init__(why)


class RefusedError(LineError):
    """The server answered a request with a refusal; *code* is its word for it."""

    def __init__(self, code: str) -> None:
        self.code = code
        super().__init__(code)


class PairingError(StationError):
    """The server refused to pair; *code* is its reason (``code_expired``, ``code_unknown``)."""

    def __init__(self, code: str) -> None:
        self.code = code
        super().__init__(code)

"""Accounts: who works in an office, in which role, and what a role may do."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

SHORTEST_PASSWORD = 12
LONGEST_PASSWORD = 128
FEWEST_SIGNS = 5
IDLE_S = 8 * 3600
LONGEST_SESSION_S = 24 * 3600


class Role(StrEnum):
    """What somebody is in an office."""

    OFFICER = "officer"
    SUPERVISOR = "supervisor"
    STEWARD = "steward"
    VIEWER = "viewer"


class Right(StrEnum):
    """What a page asks of its reader.

    ``open`` asks nothing, ``machine`` asks no account because the caller proves itself in
    another way (a station's key, a gateway's secret), ``signed_in`` any account.
    """

    OPEN = "open"
    MACHINE = "machine"
    SIGNED_IN = "signed_in"
    WATCH = "watch"  # the live board
    DOOR = "door"  # the door's lists and searches
    SUPERVISE = "supervise"  # overrides, pairing
    ORGANISE = "organise"  # events, guests, letters
    ACCOUNTS = "accounts"  # who works here


class PasswordProblem(StrEnum):
    """Why a new password is not taken."""

    TOO_SHORT = "too_short"
    TOO_LONG = "too_long"
    GUESSABLE = "guessable"


@dataclass(frozen=True)
class Account:
    """Somebody who may sign in; *email* is folded to lower case."""

    id: int
    office_id: int
    email: str
    name: str
    role: Role
    language: str
    disabled: bool
    created_at: int


@dataclass(frozen=True)
class Session:
    """One signed-in browser; times in Unix seconds."""

    account: Account
    created_at: int
    seen_at: int
    expires_at: int

    def good_at(self, now: int) -> bool:
        """Tell whether the session still holds at *now*: neither idle, nor old, nor shut."""
        return (
            not self.account.disabled
            and now < self.expires_at
            and now - self.seen_at < IDLE_S
            and self.created_at <= now + 60
        )


_FOR_EVERYBODY = frozenset({Right.OPEN, Right.MACHINE})
_FOR_EVERY_ACCOUNT = _FOR_EVERYBODY | {Right.SIGNED_IN}
_RIGHTS: dict[Role, frozenset[Right]] = {
    Role.VIEWER: _FOR_EVERY_ACCOUNT | {Right.WATCH},
    Role.STEWARD: _FOR_EVERY_ACCOUNT | {Right.DOOR},
    Role.SUPERVISOR: _FOR_EVERY_ACCOUNT | {Right.WATCH, Right.DOOR, Right.SUPERVISE},
    Role.OFFICER: frozenset(Right),
}


def may(role: Role | None, right: Right) -> bool:
    """Tell whether *role* (None: nobody signed in) has *right*."""
    return right in (_FOR_EVERYBODY if role is None else _RIGHTS[role])


def folded(email: str) -> str:
    """Return *email* as accounts are known by it."""
    return email.strip().lower()


def password_problem(password: str, *, email: str, name: str) -> PasswordProblem | None:
    """Return why *password* is not taken for the account of *email* and *name*, or None.

    Length is what counts (NIST SP 800-63B); no mixture of signs is asked for.
    """
    if len(password) < SHORTEST_PASSWORD:
        return PasswordProblem.TOO_SHORT
    if len(password) > LONGEST_PASSWORD:
        return PasswordProblem.TOO_LONG
    plain = password.lower()
    own = {
        part for part in (folded(email), folded(email).partition("@")[0], name.lower()) if part
    }
    if (
        len(set(plain)) < FEWEST_SIGNS
        or plain in own
        or plain.strip("0123456789") in {"", *own}
    ):
        return PasswordProblem.GUESSABLE
    return None

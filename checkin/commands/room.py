"""What every command works with, and what it says."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from checkin.control import Answer
from checkin.words import say

if TYPE_CHECKING:
    from argparse import Namespace

    from checkin.config import Config
    from checkin.control import Order
    from invitations.domain.model import Actor, Office
    from invitations.storage.database import Database

DONE, REFUSED, WRONG_USE = 0, 1, 2


@dataclass(frozen=True)
class Room:
    """The database, the office at work in it, and the order that was given."""

    config: Config
    database: Database
    office: Office
    actor: Actor
    order: Order

    def file(self, name: str) -> bytes:
        """Return what the order's file *name* holds."""
        return self.order.files[name]


Work = Callable[["Namespace", Room], Answer]


def done(text: str, found: Any = None, *, as_json: bool = False) -> Answer:  # noqa: ANN401 - any JSON
    """Say *text*, or *found* as JSON where a program asked."""
    return Answer(DONE, f"{to_json(found) if as_json else text}\n")


def refused(text: str, found: Any = None, *, as_json: bool = False) -> Answer:  # noqa: ANN401 - any JSON
    """Say why nothing was done; a program gets *found* as JSON."""
    return Answer(REFUSED, f"{to_json(found)}\n" if as_json else "", f"{text}\n")


def to_json(found: Any) -> str:  # noqa: ANN401 - any JSON
    """Return *found* as JSON that people can read too."""
    return json.dumps(found, ensure_ascii=False, indent=2)


def wrong_use(text: str) -> Answer:
    """Say how the command is meant."""
    return Answer(WRONG_USE, "", f"{text} {say('Xem --help.')}\n")

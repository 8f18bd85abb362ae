"""The receipts desk: it hears what became of the text messages."""

from __future__ import annotations

import hmac
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from invitations.couriers import callbacks
from invitations.storage import receipts

if TYPE_CHECKING:
    from invitations.couriers.callbacks import Callback
    from invitations.couriers.gateways import Gateway
    from invitations.storage.database import Database


@dataclass(frozen=True)
class Receipts:
    """Takes the reports of *gateway*, which knows *secret*; without either it hears nobody."""

    database: Database
    gateway: Gateway | None = None
    secret: str = field(default="", repr=False)
    clock: Callable[[], float] = time.time

    def take(self, secret: str, call: Callback) -> bool:
        """Write down what *call* reports; tell whether it came from the gateway.

        The same report may come many times, and an old one after a newer.
        """
        known = bool(self.secret) and hmac.compare_digest(secret.encode(), self.secret.encode())
        if self.gateway is None or not known or not callbacks.genuine(self.gateway, call):
            return False
        receipt = callbacks.read(self.gateway, call)
        if receipt is not None:
            at = int(self.clock())
            self.database.write(lambda tx: receipts.apply(tx, receipt, at=at))
        return True

"""The purse: what the texts of each sending have cost, those just leaving too."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from invitations.domain.errors import CourierError

if TYPE_CHECKING:
    from invitations.domain.manner import Manner


@dataclass(frozen=True)
class Purse:
    """Holds each sending to the ceiling of *manner*; *spent* looks up what was spent before.

    One worker has one purse. Several workers on one database may together pass the ceiling
    by what they have in hand.
    """

    manner: Manner
    spent: Callable[[int], Awaitable[int]]
    _spent: dict[int, int] = field(default_factory=dict, init=False)

    async def pay(self, sending_id: int, channel: str, text: str) -> int:
        """Set aside what *text* costs, and return it.

        Raises:
            CourierError: the sending has no money left for it (cause ``ceiling``).
        """
        cost = self.manner.cost(channel, text)
        if not cost or not self.manner.ceiling:
            return cost
        if sending_id not in self._spent:
            before = await self.spent(sending_id)
            self._spent.setdefault(sending_id, before)
        if not self.manner.affords(self._spent[sending_id], cost):
            raise CourierError("ceiling", permanent=True, code="ceiling")
        self._spent[sending_id] += cost
        return cost

    def take_back(self, sending_id: int, cost: int) -> None:
        """Put back what a message cost that surely did not leave."""
        if sending_id in self._spent:
            self._spent[sending_id] -= cost

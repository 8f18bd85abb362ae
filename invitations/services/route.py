"""A route of the postman: one courier, its pace, and its rest when the carrier is ill."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from invitations.domain.errors import CourierError
from invitations.domain.manner import USUAL, Manner, domain_wait
from invitations.domain.outbox import EMAIL, HARMLESS_TWICE

if TYPE_CHECKING:
    from invitations.couriers import Courier, Letter

HANDFUL = 32  # to each that may be under way at once


class Route:
    """Letters of one channel on their way by one courier.

    *pauses* gives the seconds of rest after so many errors of the carrier in a row, *manner*
    the house's own wishes.
    """

    def __init__(
        self,
        channel: str,
        courier: Courier,
        pauses: Callable[[int], float],
        manner: Manner = USUAL,
    ) -> None:
        self.channel = channel
        self.courier = courier
        self.manner = manner
        self._pauses = pauses
        self._errors = 0
        self._not_before = 0.0  # by the monotonic clock
        self._next_slot = 0.0
        self._due: dict[str, float] = {}  # by recipient domain

    @property
    def at_once(self) -> int:
        """How many letters may be under way."""
        return self.courier.at_once

    @property
    def handful(self) -> int:
        """How many letters may be claimed together.

        One where the pace is slow, and one where a claim that outlives its worker is in
        doubt for good, as it is for text messages.
        """
        harmless = self.channel in HARMLESS_TWICE and not self.manner.ask
        plenty = harmless and not self.courier.per_minute
        return HANDFUL * self.at_once if plenty else 1

    def wait(self) -> float:
        """Return in how many seconds the next letter may leave; 0 for now."""
        return max(0.0, max(self._not_before, self._next_slot) - time.monotonic())

    def wait_for(self, address: str) -> float:
        """Return in how many seconds *address*'s domain takes one more; 0 takes it now."""
        domain = address.rpartition("@")[2].lower()
        if self.channel != EMAIL or not self.manner.per_domain:
            return 0.0
        now = time.monotonic()
        wait, due = domain_wait(self._due.get(domain, now), self.manner.per_domain, now=now)
        self._due[domain] = due
        return wait

    async def carry(self, letter: Letter) -> str:
        """Hand *letter* to the courier, and learn from it how the carrier is.

        Raises:
            CourierError: it was not taken, or nobody knows whether it was.
        """
        self._take_slot()
        try:
            receipt = await self.courier.carry(letter)
        except CourierError as error:
            if error.relay:
                self._errors += 1
                self._not_before = time.monotonic() + self._pauses(self._errors)
            elif not error.uncertain:
                self._errors = 0  # a refusal of one guest is a carrier in good health
            raise
        self._errors = 0
        return receipt

    def _take_slot(self) -> None:
        if self.courier.per_minute:
            now = time.monotonic()
            self._next_slot = max(now, self._next_slot) + 60 / self.courier.per_minute

"""The postman's ledger and basket: what is to be carried, and what became of it.

Letters are claimed by the basketful and settled by the page, so that the database is asked
a few times for many letters; no carrier gets more than a few letters ahead of the ledger.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from invitations.domain.outbox import Errand, Move

FRESH_S = 0.5  # for so long a claimed letter is carried without asking again

Entry = tuple[int, "Move"]


class Ledger:
    """Writes down moves, all that come within *pause_s* seconds on one page.

    A page costs as much as fifty lines on it, and nobody reads before the page is full.
    """

    def __init__(
        self, write: Callable[[Sequence[Entry]], Awaitable[object]], pause_s: float = 0
    ) -> None:
        self._write = write
        self._pause_s = pause_s
        self._waiting: list[tuple[Entry, asyncio.Future[None]]] = []
        self._writer: asyncio.Task[None] | None = None

    def enter(self, delivery_id: int, move: Move) -> asyncio.Future[None]:
        """Write *move* down soon; the future is set when it is on disk, or raises."""
        written = asyncio.get_running_loop().create_future()
        self._waiting.append(((delivery_id, move), written))
        if self._writer is None or self._writer.done():
            self._writer = asyncio.create_task(self._work())
        return written

    async def _work(self) -> None:
        while self._waiting:
            await asyncio.sleep(self._pause_s)
            page, self._waiting = self._waiting, []
            try:
                await self._write([entry for entry, _ in page])
            except Exception as error:  # noqa: BLE001 - it belongs to the carriers
                for _, written in page:
                    written.set_exception(error)
            else:
                for _, written in page:
                    written.set_result(None)


class Basket:
    """Claimed letters of one route; *claim* fills it, *still_wanted* looks again."""

    def __init__(
        self,
        claim: Callable[[], Awaitable[list[Errand]]],
        still_wanted: Callable[[Sequence[int]], Awaitable[set[int]]],
        give_back: Callable[[Sequence[int]], Awaitable[object]],
    ) -> None:
        self._claim = claim
        self._still_wanted = still_wanted
        self._give_back = give_back
        self._errands: deque[Errand] = deque()
        self._looked = 0.0
        self._hand = asyncio.Lock()

    async def take(self) -> Errand | None:
        """Return the next letter to carry, or nothing when none is due."""
        async with self._hand:
            if not self._errands:
                self._errands.extend(await self._claim())
                self._looked = time.monotonic()
            elif time.monotonic() - self._looked > FRESH_S:
                await self._look_again()
            return self._errands.popleft() if self._errands else None

    async def empty(self) -> None:
        """Give back whatever nobody carries any more."""
        async with self._hand:
            left = [errand.delivery.id for errand in self._errands]
            self._errands.clear()
            if left:
                await self._give_back(left)

    async def _look_again(self) -> None:
        ids = [errand.delivery.id for errand in self._errands]
        wanted = await self._still_wanted(ids)
        self._looked = time.monotonic()
        self._errands = deque(each for each in self._errands if each.delivery.id in wanted)
        if unwanted := [each for each in ids if each not in wanted]:
            await self._give_back(unwanted)

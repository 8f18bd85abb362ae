"""The postman: one worker that empties the outbox, as the couriers can.

Letters are claimed by the basketful, carried one by one and settled together as they are
done; what a worker held when it died is found by its next life. A relay that is ill is left
alone for a while, and no guest is charged for it.
"""

from __future__ import annotations

import asyncio
import logging
import math
import random
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, TypeVar

from invitations.domain.dispatch import may_leave
from invitations.domain.errors import CourierError, OfficeError
from invitations.domain.manner import USUAL, Manner
from invitations.domain.outbox import (
    OF_NO_EVENT,
    OF_NO_INVITATION,
    SMS,
    Errand,
    Move,
    State,
    after_crash,
    after_failure,
    after_success,
    relay_pause,
    too_late,
)
from invitations.services.ladder import Ladder
from invitations.services.ledger import Basket, Entry, Ledger
from invitations.services.purse import Purse
from invitations.services.route import Route
from invitations.services.scribe import Scribe, Seeds
from invitations.storage import progress, rounds, waiting

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from invitations.couriers import Courier
    from invitations.services.letters import Letters
    from invitations.storage.database import Database

T = TypeVar("T")

IDLE_S = 0.5
BEAT_S = 10
AHEAD = 8  # letters that a carrier may be ahead of the ledger
PAGE_S = 0.02  # for so long the moves of such letters are gathered on a page
TROUBLE_S = 2
PATIENCE_S = 20  # how long `stop` waits for letters that are under way

_log = logging.getLogger(__name__)


class Postman:
    """Carries what waits in the outbox; *couriers* by channel, *name* stays over restarts.

    Two postmen with one name never work at the same time: the second would take the first
    for dead. *pauses* gives the seconds a relay rests after so many errors in a row.
    """

    def __init__(  # noqa: PLR0913 - a worker stands between all rooms
        self,
        database: Database,
        letters: Letters,
        keyring: Seeds,
        couriers: Mapping[str, Courier],
        clock: Callable[[], float] = time.time,
        *,
        name: str = "postman",
        pauses: Callable[[int], float] = relay_pause,
        manner: Manner = USUAL,
    ) -> None:
        self._database = database
        self._scribe = Scribe(letters, keyring)
        self._clock = clock
        self._name = name
        self._manner = manner
        self._ladder = Ladder(database, letters)
        self._purse = Purse(manner, self._spent)
        self._routes = [Route(each, couriers[each], pauses, manner) for each in couriers]
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Begin to work in a thread of its own."""
        if self._thread is None:
            self._stopping.clear()
            self._thread = threading.Thread(target=self._live, name=self._name, daemon=True)
            self._thread.start()

    def stop(self) -> None:
        """Finish the letters that are under way, claim no more, and end the thread."""
        self._stopping.set()
        if self._thread is not None:
            self._thread.join(PATIENCE_S)
            self._thread = None

    def run_until_empty(self, *, give_up_s: float = 600) -> bool:
        """Work until nothing may be carried now; tell whether that came in time."""
        self._stopping.clear()
        return asyncio.run(self._until_empty(give_up_s))

    def _live(self) -> None:
        asyncio.run(self._work())

    async def _until_empty(self, give_up_s: float) -> bool:
        work = asyncio.create_task(self._work())
        ends = time.monotonic() + give_up_s
        open_letters = True
        while open_letters and time.monotonic() < ends and not work.done():
            await asyncio.sleep(IDLE_S / 5)
            open_letters = await self._read(partial(waiting.unfinished, now=self._now()))
        self._stopping.set()
        await work
        return not open_letters

    async def _work(self) -> None:
        """Take over what an earlier life left, then let every route run until the end."""
        await self._tend(self._name)  # before the first claim: it takes that name's letters
        try:
            await asyncio.gather(self._watch(), *map(self._serve, self._routes))
        finally:
            for route in self._routes:
                await route.courier.rest()

    async def _watch(self) -> None:
        """Tend the outbox every few seconds until the end of work."""
        while not await self._nap(BEAT_S):
            await self._tend("")

    async def _tend(self, earlier: str) -> None:
        """Say that the worker lives; queue again what *earlier* held or held too long."""

        def work(connection: Connection) -> None:
            now = self._now()
            progress.beat(connection, self._name, at=now)
            ask = self._manner.ask
            left = rounds.left_behind(connection, earlier, now=now)
            moves = [(each.id, after_crash(each, now=now, ask=ask)) for each in left]
            rounds.take_over(connection, moves, now=now)
            if self._manner.text_after_h and any(x.channel == SMS for x in self._routes):
                self._ladder.climb(connection, self._manner.text_after_h, now=now)

        try:
            await self._write(work)
        except OfficeError:
            _log.exception("the postman could not tend the outbox")

    async def _serve(self, route: Route) -> None:
        """Let the carriers of one channel share a basket and a ledger until the end of work."""
        ledger = Ledger(self._settle, PAGE_S if route.handful > 1 else 0)
        basket = Basket(
            partial(self._claim, route),
            lambda ids: self._read(partial(self._wanted, ids)),
            self._give_back,
        )
        carriers = [self._run(route, basket, ledger) for _ in range(route.at_once)]
        await asyncio.gather(*carriers)
        await basket.empty()

    async def _run(self, route: Route, basket: Basket, ledger: Ledger) -> None:
        """Carry letters of one channel until the end of work."""
        while not self._stopping.is_set():
            try:
                await self._round(route, basket, ledger)
            except Exception:  # noqa: BLE001 - the loop must not die
                _log.exception("a round of %s failed", route.channel)
                await self._nap(TROUBLE_S)

    async def _round(self, route: Route, basket: Basket, ledger: Ledger) -> None:
        """Carry letters until none is due or the carrier needs a rest.

        A carrier goes on while its last letters are being settled, but only `AHEAD` of them,
        and none where a second copy would cost: so many may come twice after a death.
        """
        unsettled: deque[asyncio.Future[None]] = deque()
        while not self._stopping.is_set() and not route.wait():
            errand = await basket.take()
            if errand is None:
                break
            move = self._unfit(route, errand) or await self._try(route, errand)
            unsettled.append(ledger.enter(errand.delivery.id, move))
            if len(unsettled) > (AHEAD if route.handful > 1 else 0):
                await unsettled.popleft()
        if unsettled:
            await asyncio.gather(*unsettled)
            return
        if wait := route.wait():
            await basket.empty()
            await self._nap(min(wait, IDLE_S))
        else:
            await self._nap(IDLE_S)

    async def _claim(self, route: Route) -> list[Errand]:
        """Claim as many letters of *route* as may be held at a time."""
        if not await self._read(partial(waiting.due, channel=route.channel, now=self._now())):
            return []
        return await self._write(partial(self._claim_in, route))

    def _claim_in(self, route: Route, tx: Connection) -> list[Errand]:
        now = self._now()
        claimed = rounds.claim(tx, route.channel, self._name, route.handful, now=now)
        gone = [each.delivery.id for each in claimed if _withdrawn(each)]
        if gone:
            rounds.give_back(tx, gone, self._name, now=now)
        return [each for each in claimed if each.delivery.id not in gone]

    async def _settle(self, entries: Sequence[Entry]) -> object:
        return await self._write(
            lambda tx: rounds.settle(tx, entries, self._name, now=self._now())
        )

    async def _give_back(self, ids: Sequence[int]) -> None:
        await self._write(lambda tx: rounds.give_back(tx, ids, self._name, now=self._now()))

    def _wanted(self, ids: Sequence[int], connection: Connection) -> set[int]:
        return rounds.wanted(connection, ids, self._name, now=self._now())

    def _unfit(self, route: Route, errand: Errand) -> Move | None:
        """Return the move of a letter that would be wrong to send at all."""
        now, attempts = self._now(), errand.delivery.attempts
        called_off = errand.event.state != "open"
        if called_off and errand.delivery.purpose not in OF_NO_EVENT:
            return Move(State.CANCELLED, attempts, now, "event-cancelled")
        if too_late(errand.delivery, now=now):
            return Move(State.EXPIRED, attempts, now, "too-late")
        if (morning := may_leave(errand, now=now)) > now:
            return Move(State.QUEUED, attempts, morning, "quiet-hours")
        if wait := route.wait_for(errand.delivery.address):
            return Move(State.QUEUED, attempts, now + math.ceil(wait))
        return None

    async def _try(self, route: Route, errand: Errand) -> Move:
        delivery, ask = errand.delivery, self._manner.ask
        chance = random.uniform(-1, 1)  # noqa: S311 - spreads retries, guards nothing
        cost = 0
        try:
            letter = self._scribe.write(errand)
            cost = await self._purse.pay(delivery.sending_id, delivery.channel, letter.text)
            relay_id = await route.carry(letter)
        except CourierError as error:
            _log.info("delivery %d: %s", delivery.id, error.code)
            move = after_failure(delivery, error, now=self._now(), chance=chance, ask=ask)
            if error.uncertain:
                return replace(move, cost=cost)
            self._purse.take_back(delivery.sending_id, cost)
            return move
        except Exception as error:  # noqa: BLE001 - one letter must not stop the others
            _log.exception("delivery %d could not be written", delivery.id)
            trouble = CourierError(type(error).__name__, code="internal")
            return after_failure(delivery, trouble, now=self._now(), chance=chance)
        move = after_success(delivery, relay_id, now=self._now())
        return replace(move, cost=cost) if cost else move

    async def _spent(self, sending_id: int) -> int:
        return await self._read(partial(waiting.spent, sending_id=sending_id))

    async def _nap(self, seconds: float) -> bool:
        """Rest so long, or until the end of work; tell whether that came."""
        ends = time.monotonic() + seconds
        while not self._stopping.is_set():
            left = ends - time.monotonic()
            if left <= 0:
                break
            await asyncio.sleep(min(left, IDLE_S / 5))
        return self._stopping.is_set()

    async def _read(self, look: Callable[[Connection], T]) -> T:
        return await asyncio.to_thread(self._look, look)

    def _look(self, look: Callable[[Connection], T]) -> T:
        with self._database.read() as connection:
            return look(connection)

    async def _write(self, work: Callable[[Connection], T]) -> T:
        return await asyncio.wrap_future(self._database.submit(work))

    def _now(self) -> int:
        return int(self._clock())


def _withdrawn(errand: Errand) -> bool:
    """Tell whether the pass of *errand* is gone, and its letter with it."""
    gone = errand.invitation.state != "issued"
    return gone and errand.delivery.purpose not in OF_NO_INVITATION

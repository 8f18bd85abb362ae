"""The postman: one worker that empties the outbox, letter by letter, as the couriers can.

Every letter is claimed, carried and settled on its own; what a worker held when it died is
found by its next life. A relay that is ill is left alone for a while, and no guest is
charged for it.
"""

from __future__ import annotations

import asyncio
import logging
import random
import threading
import time
from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Protocol, TypeVar

from invitations.domain.errors import CourierError, OfficeError
from invitations.domain.outbox import (
    Errand,
    Move,
    State,
    after_crash,
    after_failure,
    after_success,
    relay_pause,
    too_late,
)
from invitations.domain.passes import DoorPass, mint
from invitations.services.route import Route
from invitations.storage import outbox, progress

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from invitations.couriers import Courier, Letter
    from invitations.domain.model import Invitation
    from invitations.services.letters import Letters
    from invitations.storage.database import Database

T = TypeVar("T")

IDLE_S = 0.5
BEAT_S = 10
TROUBLE_S = 2
PATIENCE_S = 20  # how long `stop` waits for letters that are under way

_log = logging.getLogger(__name__)


class Seeds(Protocol):
    """Whoever lends the private seeds that sign passes."""

    def seed(self, kid: int) -> bytes:
        """Return the 32-byte seed of *kid*."""


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
    ) -> None:
        self._database = database
        self._letters = letters
        self._keyring = keyring
        self._clock = clock
        self._name = name
        self._routes = [Route(channel, couriers[channel], pauses) for channel in couriers]
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
            await asyncio.sleep(IDLE_S / 10)
            open_letters = await self._read(partial(outbox.unfinished, now=self._now()))
        self._stopping.set()
        await work
        return not open_letters

    async def _work(self) -> None:
        """Take over what an earlier life left, then let every route run until the end."""
        await self._tend(self._name)  # before the first claim: it takes that name's letters
        runners = [self._run(route) for route in self._routes for _ in range(route.at_once)]
        try:
            await asyncio.gather(self._watch(), *runners)
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
            for left in outbox.left_behind(connection, earlier, now=now):
                move = after_crash(left, now=now)
                outbox.take_over(connection, left.id, move, now=now)

        try:
            await self._write(work)
        except OfficeError:
            _log.exception("the postman could not tend the outbox")

    async def _run(self, route: Route) -> None:
        """Claim and carry letters of one channel until the end of work."""
        while not self._stopping.is_set():
            try:
                await self._round(route)
            except Exception:  # noqa: BLE001 - the loop must not die
                _log.exception("a round of %s failed", route.channel)
                await self._nap(TROUBLE_S)

    async def _round(self, route: Route) -> None:
        if wait := route.wait():
            await self._nap(min(wait, IDLE_S))
            return
        if not await self._read(partial(outbox.due, channel=route.channel, now=self._now())):
            await self._nap(IDLE_S)
            return
        claimed = await self._write(
            lambda tx: outbox.claim(
                tx, route.channel, self._name, route.handful, now=self._now()
            )
        )
        left = list(claimed)
        try:
            while left and not self._stopping.is_set() and not route.wait():
                await self._carry(route, left.pop(0))
        finally:
            if left:
                ids = [errand.delivery.id for errand in left]
                await self._write(
                    lambda tx: outbox.give_back(tx, ids, self._name, now=self._now())
                )

    async def _carry(self, route: Route, errand: Errand) -> None:
        """Carry one letter if it is still wanted, and settle what became of it."""
        delivery = errand.delivery
        if not await self._wanted(delivery.id):
            await self._write(
                lambda tx: outbox.give_back(tx, [delivery.id], self._name, now=self._now())
            )
            return
        move = self._unfit(errand) or await self._try(route, errand)
        await self._write(
            lambda tx: outbox.settle(tx, delivery.id, move, self._name, now=self._now())
        )

    def _unfit(self, errand: Errand) -> Move | None:
        """Return the move of a letter that would be wrong to send at all."""
        now, attempts = self._now(), errand.delivery.attempts
        if errand.event.state != "open":
            return Move(State.CANCELLED, attempts, now, "event-cancelled")
        if too_late(errand.delivery, now=now):
            return Move(State.EXPIRED, attempts, now, "too-late")
        return None

    async def _try(self, route: Route, errand: Errand) -> Move:
        delivery = errand.delivery
        chance = random.uniform(-1, 1)  # noqa: S311 - spreads retries, guards nothing
        try:
            relay_id = await route.carry(self._write_letter(errand))
        except CourierError as error:
            _log.info("delivery %d: %s", delivery.id, error.code)
            return after_failure(delivery, error, now=self._now(), chance=chance)
        except Exception as error:  # noqa: BLE001 - one letter must not stop the others
            _log.exception("delivery %d could not be written", delivery.id)
            trouble = CourierError(type(error).__name__, code="internal")
            return after_failure(delivery, trouble, now=self._now(), chance=chance)
        return after_success(delivery, relay_id, now=self._now())

    def _write_letter(self, errand: Errand) -> Letter:
        return self._letters.write(errand, self._pass_text(errand.invitation))

    def _pass_text(self, invitation: Invitation) -> str:
        door_pass = DoorPass(
            kid=invitation.kid,
            event=invitation.event_id,
            pass_id=invitation.pass_id,
            generation=invitation.generation,
            not_after=invitation.not_after,
        )
        return mint(door_pass, self._keyring.seed(invitation.kid))

    async def _wanted(self, delivery_id: int) -> bool:
        return await self._read(
            lambda connection: outbox.wanted(
                connection, delivery_id, self._name, now=self._now()
            )
        )

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

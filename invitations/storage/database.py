"""The one database of the house: many readers, and one writer that commits in groups.

Every durable write is a function of a connection. It waits in one queue for the one writer
thread, which takes whatever is waiting, runs each function, commits once (SQLite: WAL,
synchronous=FULL), and only then answers everybody. So an answer always follows the fsync, and
the throughput hardly depends on the disk. When one function of a group raises, the group is
taken back and run again, each function in a savepoint of its own.
"""

from __future__ import annotations

import queue
import threading
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, TypeVar

from sqlalchemy import (
    BigInteger,
    Connection,
    Integer,
    MetaData,
)
from sqlalchemy.exc import DBAPIError, OperationalError, SQLAlchemyError

from invitations.domain.errors import StorageError, WriterBusyError
from invitations.storage.checkpoints import Checkpointer
from invitations.storage.engines import engine_of, with_driver
from invitations.storage.orders import Done, Gathering, Order, alone, each_alone, together
from invitations.storage.writerlock import WriterLock

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

S = TypeVar("S")
T = TypeVar("T")

LARGEST_GROUP = 128
TRIES = 5

# SQLite counts up only in a column that is exactly INTEGER PRIMARY KEY.
SERIAL = BigInteger().with_variant(Integer, "sqlite")

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(column_0_label)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)


class _SpoiltError(Exception):
    """A work raised, and its group has to be run again, each with a savepoint."""


class Database:
    """Readers and the one writer of one database, SQLite or PostgreSQL.

    *url* is a SQLAlchemy URL, such as ``sqlite:////var/lib/thumoi/thumoi.db`` or
    ``postgresql://user@host/name``. On SQLite the writing process holds a lock file beside
    the database, so two writers never meet.
    """

    def __init__(self, url: str) -> None:
        self.url = with_driver(url)
        self.dialect = self.url.get_backend_name()
        self.readers = engine_of(self.url, writes=False)
        self.writer = engine_of(self.url, writes=True)
        self._lock = WriterLock(self.url.database if self.dialect == "sqlite" else None)
        self._orders: queue.SimpleQueue[Order | None] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None
        self._door = threading.Lock()
        self._closed = False
        self._own: Connection | None = None
        self._rueful: list[Callable[[], None]] = []
        self._checkpoints: Checkpointer | None = None

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """Lend a connection that sees one consistent state and writes nothing."""
        with self.readers.begin() as connection:
            yield connection

    def write(self, work: Callable[[Connection], T]) -> T:
        """Run *work* on the writer; return its result after the commit.

        *work* may be run again when the commit has to be repeated, so it does nothing but
        read and write through its connection.

        Raises:
            StorageError: the commit failed or the database is closed; nothing was written.
            Exception: whatever *work* raised; of its writes nothing remains.
        """
        return self.submit(work).result()

    def submit(self, work: Callable[[Connection], T]) -> Future[T]:
        """Queue *work* for the writer; the future is set after the commit.

        Raises:
            WriterBusyError: another process is the writer of this database.
            StorageError: the database is closed.
        """
        return self.submit_to(each_alone, work)

    def submit_to(self, gathering: Gathering[S, T], item: S) -> Future[T]:
        """Queue *item* for *gathering*; the future is set after the commit.

        Neighbours in the queue that are for one gathering are handed to it together, so that
        it can ask once for all of them. When it raises, it is called again for each alone.

        Raises:
            WriterBusyError: another process is the writer of this database.
            StorageError: the database is closed.
        """
        order = Order(gathering, item, Future())
        with self._door:
            if self._closed:
                msg = "the database is closed"
                raise StorageError(msg)
            self._hire()
            self._orders.put(order)
        return order.answer

    def when_undone(self, forget: Callable[[], None]) -> None:
        """Call *forget* whenever writes were taken back that somebody may have counted on."""
        self._rueful.append(forget)

    def start(self) -> None:
        """Take the writer's lock and start the writer.

        Raises:
            WriterBusyError: another process is the writer of this database.
        """
        with self._door:
            self._hire()

    def close(self) -> None:
        """Finish every queued write, stop the writer, and let the files go."""
        with self._door:
            if self._closed:
                return
            self._closed = True
            self._orders.put(None)
        if self._thread is not None:
            self._thread.join()
        if self._checkpoints is not None:
            self._checkpoints.stop()
        if self._own is not None:
            self._own.close()
        self.readers.dispose()
        self.writer.dispose()
        self._lock.release()

    def _hire(self) -> None:
        if self._thread is not None:
            return
        if not self._lock.take():
            raise WriterBusyError(str(self.url.database))
        self._thread = threading.Thread(target=self._serve, name="writer", daemon=True)
        self._thread.start()
        if self.dialect == "sqlite":
            self._checkpoints = Checkpointer(str(self.url.database))
            self._checkpoints.start()

    def _serve(self) -> None:
        while (first := self._orders.get()) is not None:
            self._commit(self._waiting(first))

    def _waiting(self, first: Order) -> list[Order]:
        """Return *first*, and whatever waits behind it."""
        group = [first]
        while len(group) < LARGEST_GROUP and not self._orders.empty():
            order = self._orders.get()
            if order is None:
                self._orders.put(None)
                break
            group.append(order)
        return group

    def _commit(self, group: list[Order]) -> None:
        """Commit *group*, then answer everybody in it; if it fails, nothing was written."""
        attempt = self._together
        for turn in range(TRIES + 1):
            try:
                done = attempt(group)
            except _SpoiltError:
                self._regret()
                attempt = self._apart
                continue
            except DBAPIError as error:
                self._regret()
                self._hang_up()
                if turn < TRIES and _passing(error):
                    continue
                done = [Done(order, trouble=_storage_error(error)) for order in group]
            except Exception as error:  # noqa: BLE001 - without its writer the house stands still
                self._regret()
                self._hang_up()
                done = [Done(order, trouble=StorageError(str(error))) for order in group]
            for each in done:
                each.tell()
            return

    def _together(self, group: list[Order]) -> list[Done]:
        """Run *group* without savepoints, since hardly any work ever raises."""
        connection = self._line()
        with connection.begin():
            try:
                done = list(together(connection, group))
            except Exception as error:
                raise _SpoiltError from error
            self._settle(connection)
            return done

    def _apart(self, group: list[Order]) -> list[Done]:
        """Run each of *group* in a savepoint, so that one that raises spoils no other."""
        connection = self._line()
        with connection.begin():
            done = [_run(connection, order) for order in group]
            if any(each.trouble for each in done):
                self._regret()
            self._settle(connection)
            return done

    def _line(self) -> Connection:
        """Return the writer's own connection, which it keeps as long as nothing goes wrong."""
        if self._own is None:
            self._own = self.writer.connect()
        return self._own

    def _hang_up(self) -> None:
        """Give the writer's connection up; after a failed commit it may be of no more use."""
        own, self._own = self._own, None
        if own is not None:
            with suppress(SQLAlchemyError):
                own.invalidate()
            own.close()

    def _settle(self, connection: Connection) -> None:
        """Make durable what was written; nobody is answered before."""
        connection.commit()
        if self._checkpoints is not None:
            self._checkpoints.note()

    def _regret(self) -> None:
        for forget in self._rueful:
            forget()


def _run(connection: Connection, order: Order) -> Done:
    try:
        with connection.begin_nested():
            return alone(connection, order)
    except OperationalError as error:
        if _passing(error):
            raise
        return Done(order, trouble=_storage_error(error))
    except Exception as error:  # noqa: BLE001 - it belongs to whoever asked for the work
        return Done(order, trouble=error)


def _storage_error(error: DBAPIError) -> StorageError:
    trouble = StorageError(str(error.orig))
    trouble.__cause__ = error
    return trouble


def _passing(error: DBAPIError) -> bool:
    """Tell whether the same work may succeed a moment later (lock, deadlock, lost line)."""
    state = getattr(error.orig, "sqlstate", None)
    return (
        error.connection_invalidated
        or state in {"40001", "40P01", "55P03"}
        or "locked" in str(error.orig)
    )

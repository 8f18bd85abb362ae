"""Orders to the writer: what is to be written, and who waits for it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from itertools import groupby
from typing import Any, TypeVar

from sqlalchemy import Connection

S = TypeVar("S")
T = TypeVar("T")

Gathering = Callable[[Connection, Sequence[S]], Sequence[T]]
"""Does what several items ask for, in their order, and returns a result for each."""


@dataclass(frozen=True)
class Order:
    """An *item* for a *gathering*, and the future that is set after the commit."""

    gathering: Gathering[Any, Any]
    item: Any
    answer: Future[Any]


@dataclass(frozen=True)
class Done:
    """What came of an order: a result, or trouble."""

    order: Order
    result: Any = None
    trouble: Exception | None = None

    def tell(self) -> None:
        """Answer whoever waits, unless nobody does any more."""
        answer = self.order.answer
        if not answer.set_running_or_notify_cancel():
            return
        if self.trouble is None:
            answer.set_result(self.result)
        else:
            answer.set_exception(self.trouble)


def each_alone(
    connection: Connection, works: Sequence[Callable[[Connection], T]]
) -> Sequence[T]:
    """Run *works* one after the other: the gathering of those that share nothing."""
    return [work(connection) for work in works]


def alone(connection: Connection, order: Order) -> Done:
    """Do *order* by itself."""
    return Done(order, order.gathering(connection, [order.item])[0])


def together(connection: Connection, group: Sequence[Order]) -> Iterator[Done]:
    """Do the orders of *group* in their turn; neighbours for one gathering go at once."""
    for gathering, neighbours in groupby(group, key=lambda order: order.gathering):
        orders = list(neighbours)
        results = gathering(connection, [order.item for order in orders])
        for order, result in zip(orders, results, strict=True):
            yield Done(order, result)

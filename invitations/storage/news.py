"""The numbered news of an event: told in the transaction of the fact, read since a number."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, insert, select
from sqlalchemy.dialects import postgresql, sqlite

from invitations.storage.prepared import Prepared
from invitations.storage.tables import news, news_heads

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection
    from sqlalchemy.sql.dml import ReturningInsert


@dataclass(frozen=True)
class News:
    """One numbered piece of news of one event; *body* is plain JSON."""

    number: int
    at: int
    kind: str
    body: dict[str, Any]


def tell(
    connection: Connection, event_id: int, kind: str, body: dict[str, Any], *, at: int
) -> int:
    """Append one piece of news of *event_id* and return its number, which counts from 1.

    Taking the number locks the event's head until the commit, so numbers become visible in
    order on every database.
    """
    number = take_numbers(connection, event_id)
    write_all(connection, event_id, [News(number, at, kind, body)])
    return number


def write_all(connection: Connection, event_id: int, told: Sequence[News]) -> None:
    """Write news of *event_id* under numbers taken before in the same transaction."""
    rows = [
        {
            "event_id": event_id,
            "number": each.number,
            "at": each.at,
            "kind": each.kind,
            "body": each.body,
        }
        for each in told
    ]
    _WRITE.run_many(connection, rows)


def tell_all(
    connection: Connection, event_id: int, kind: str, bodies: list[dict[str, Any]], *, at: int
) -> None:
    """Append one piece of news of *event_id* for each of *bodies*, in their order."""
    if not bodies:
        return
    first = take_numbers(connection, event_id, len(bodies))
    told = [News(number, at, kind, body) for number, body in enumerate(bodies, first)]
    write_all(connection, event_id, told)


def take_numbers(connection: Connection, event_id: int, many: int = 1) -> int:
    """Take the next numbers of *event_id*, and hold the event's head until the commit.

    Return the first of them.
    """
    return _raise_head(connection, event_id, many) - many + 1


def hold(connection: Connection, event_id: int) -> int:
    """Return the number of the latest news, and hold the event's head until the commit."""
    return _raise_head(connection, event_id, 0)


def head(connection: Connection, event_id: int) -> int:
    """Return the number of the latest news of *event_id*; 0 when there is none."""
    found = connection.execute(
        select(news_heads.c.number).where(news_heads.c.event_id == event_id)
    ).scalar()
    return int(found or 0)


def since(
    connection: Connection, event_id: int, number: int, *, limit: int = 5_000
) -> list[News]:
    """Return the news of *event_id* after *number*, oldest first, at most *limit*."""
    wanted = {"event_id": event_id, "after": number, "most": limit}
    return [
        News(row[0], row[1], row[2], json.loads(row[3]) if isinstance(row[3], str) else row[3])
        for row in _SINCE.run(connection, wanted).fetchall()
    ]


def _raise_head(connection: Connection, event_id: int, by: int) -> int:
    """Raise the head's number in one statement, so that two first news cannot collide."""
    found = _RAISE.run(connection, {"event_id": event_id, "number": by})
    row = found.fetchone()
    return int(row[0]) if row else 0


def _raising(dialect: str) -> ReturningInsert[int]:
    build = sqlite.insert if dialect == "sqlite" else postgresql.insert
    statement = build(news_heads)
    raised = news_heads.c.number + statement.excluded.number
    return statement.on_conflict_do_update(
        index_elements=["event_id"], set_={"number": raised}
    ).returning(news_heads.c.number)


_SINCE = Prepared(
    lambda _: (
        select(news.c.number, news.c.at, news.c.kind, news.c.body)
        .where(news.c.event_id == bindparam("event_id"), news.c.number > bindparam("after"))
        .order_by(news.c.number)
        .limit(bindparam("most"))
    )
)
_RAISE = Prepared(_raising, ("event_id", "number"))
_WRITE = Prepared(lambda _: insert(news), ("event_id", "number", "at", "kind", "body"))

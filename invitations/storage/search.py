"""Search among the guests of an event by whole beginnings of words, without any marks.

What is sought in is `guests.folded`, made in Python because SQLite never folds đ to d. On
SQLite triggers keep a full-text index (FTS5) beside it, in the transaction that changes the
guest; PostgreSQL keeps an index over the same words. Each guest has a word of her event, so
that a search reads nothing of the other events.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sqlalchemy import select, text

from invitations.domain.names import fold
from invitations.storage.tables import invitations

if TYPE_CHECKING:
    from sqlalchemy import Connection

SHORTEST = 3  # characters; fewer find half the list
SHORTEST_CODE = 6  # digits of a door code
MOST_WORDS = 8

_WORD = re.compile(r"[^\W_]+")
_DIGITS = re.compile(r"[0-9]+", re.ASCII)
_ON_SQLITE = text(
    "SELECT guests_sought.rowid FROM guests_sought"
    " JOIN invitations ON invitations.guest_id = guests_sought.rowid"
    " WHERE guests_sought MATCH :sought LIMIT :limit"
)
# The words exactly as the index on PostgreSQL has them, or it would not be used.
_ON_POSTGRESQL = text(
    "SELECT guests.id FROM guests JOIN invitations ON invitations.guest_id = guests.id"
    " WHERE array_to_tsvector(array_append(array_remove(regexp_split_to_array("
    "guests.folded || ' ' || right(guests.phone, 4), '[ -/:-@[-`{-~]+'), ''),"
    " '#' || CAST(guests.event_id AS TEXT)))"
    " @@ CAST(:sought AS tsquery) LIMIT :limit"
)


def guests_found(connection: Connection, event_id: int, query: str, limit: int) -> list[int]:
    """Return at most *limit* invited guests of an event in whom each word of *query* begins.

    Words are sought in name and organisation; digits in the last four of the telephone too,
    or, if there are at least six and nothing else, at the head of the door code.
    """
    words = _WORD.findall(fold(query))[:MOST_WORDS]
    if sum(map(len, words)) < SHORTEST:
        return []
    digits = "".join(words)
    if len(digits) >= SHORTEST_CODE and _DIGITS.fullmatch(digits):
        return _with_code(connection, event_id, digits, limit)
    if connection.dialect.name == "sqlite":
        statement = _ON_SQLITE
        sought = " AND ".join([f'event : "e{event_id}"', *(f'"{word}" *' for word in words)])
    else:
        statement = _ON_POSTGRESQL
        sought = " & ".join([f"'#{event_id}'", *(f"'{word}':*" for word in words)])
    return list(connection.scalars(statement, {"sought": sought, "limit": limit}))


def forget(connection: Connection) -> None:
    """Leave no word in the index of any guest who is gone; needed where people are erased.

    SQLite's index keeps the words of removed lines until it is written anew, as here.
    """
    if connection.dialect.name == "sqlite":
        connection.execute(text("INSERT INTO guests_sought(guests_sought) VALUES ('optimize')"))


def _with_code(connection: Connection, event_id: int, digits: str, limit: int) -> list[int]:
    """Return the guests whose door code begins with *digits*; one look into its index."""
    rows = connection.scalars(
        select(invitations.c.guest_id)
        .where(
            invitations.c.event_id == event_id,
            invitations.c.door_code >= digits,
            invitations.c.door_code < f"{digits}:",  # the character after 9
        )
        .limit(limit)
    )
    return list(rows)

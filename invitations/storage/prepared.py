"""Hot statements: compiled once for each kind of database, then handed to the driver."""

from __future__ import annotations

import json
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from sqlalchemy import ARRAY, JSON, Text, any_, bindparam, func, select
from sqlalchemy.exc import DBAPIError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from sqlalchemy import ColumnElement, Connection


class Json(str):
    """A value of a JSON column that is written out already."""

    __slots__ = ()


def written(value: object) -> str:
    """Return *value* as JSON, as short as it goes: news go out to every line as they stand."""
    if isinstance(value, Json):
        return value
    if value is None:
        return "null"
    return "[]" if value in ([], ()) else _encode(value)


# What is written is made for it: no part of it holds itself.
_encode = json.JSONEncoder(
    ensure_ascii=False, separators=(",", ":"), check_circular=False
).encode


def among(dialect: str, column: ColumnElement[str], name: str) -> ColumnElement[bool]:
    """Return that *column* is one of the texts that are bound as the list *name*."""
    if dialect == "sqlite":
        listed = func.json_each(bindparam(name, type_=JSON)).table_valued("value")
        return column.in_(select(listed.c.value))
    return column == any_(bindparam(name, type_=ARRAY(Text)))


class Rows(Protocol):
    """What a driver gives back (PEP 249)."""

    rowcount: int

    def fetchone(self) -> Sequence[Any] | None:
        """Return the next row, or nothing."""

    def fetchall(self) -> Sequence[Sequence[Any]]:
        """Return the rows that are left."""


@dataclass(frozen=True)
class _Ready:
    text: str
    writers: tuple[tuple[str, Callable[[Any], Any] | None], ...]
    positional: bool
    fixed: Mapping[str, Any]  # what the statement brings itself

    def values(self, found: Mapping[str, Any]) -> Any:  # noqa: ANN401 - what the driver takes
        """Return the values in the form in which the driver takes them."""
        if self.fixed:
            found = {**self.fixed, **found}
        if self.positional:
            return [
                found[name] if write is None else write(found[name])
                for name, write in self.writers
            ]
        return {
            name: found[name] if write is None else write(found[name])
            for name, write in self.writers
        }


@dataclass(frozen=True)
class Prepared:
    """A statement that *build* makes for a dialect, with a value for each of *columns*.

    It costs a tenth of the ordinary way, because nothing is looked up again and nothing
    stands between us and the driver. Values are written as their types ask; what comes back
    is as the driver gives it, so only numbers and text should.
    """

    build: Callable[[str], Any]
    columns: tuple[str, ...] = ()
    _ready: dict[str, _Ready] = field(default_factory=dict)

    def run(self, connection: Connection, values: Mapping[str, Any]) -> Rows:
        """Run the statement with *values* and return what the driver gives back.

        Raises:
            DBAPIError: the database refused.
        """
        ready = self._for(connection)
        driver = connection.connection.dbapi_connection
        with _refusals(connection, ready.text):
            found: Rows = driver.execute(ready.text, ready.values(values))  # type: ignore[union-attr]  # both drivers have it
        return found

    def run_many(self, connection: Connection, rows: Sequence[Mapping[str, Any]]) -> int:
        """Run the statement once for each of *rows*; return how many rows it changed.

        Raises:
            DBAPIError: the database refused.
        """
        if len(rows) == 1:  # a driver's way for many is dearer for one
            return int(self.run(connection, rows[0]).rowcount)
        ready = self._for(connection)
        cursor = connection.connection.cursor()
        with _refusals(connection, ready.text), closing(cursor):
            cursor.executemany(ready.text, [ready.values(row) for row in rows])
            return int(cursor.rowcount)

    def _for(self, connection: Connection) -> _Ready:
        return self._ready.get(connection.dialect.name) or self._prepare(connection)

    def _prepare(self, connection: Connection) -> _Ready:
        dialect = connection.dialect
        statement = self.build(dialect.name)
        compiled = statement.compile(dialect=dialect, column_keys=self.columns or None)
        writers = {
            name: written
            if dialect.name == "sqlite" and isinstance(bind.type, JSON)
            else bind.type.dialect_impl(dialect).bind_processor(dialect)
            for name, bind in compiled.binds.items()
        }
        names = compiled.positiontup or compiled.binds
        ready = _Ready(
            str(compiled),
            tuple((name, writers[name]) for name in names),
            positional=bool(compiled.positiontup),
            fixed={
                name: bind.value for name, bind in compiled.binds.items() if not bind.required
            },
        )
        self._ready[dialect.name] = ready
        return ready


@contextmanager
def _refusals(connection: Connection, text: str) -> Iterator[None]:
    """Put the driver's errors as SQLAlchemy does."""
    dialect = connection.dialect
    try:
        yield
    except dialect.loaded_dbapi.Error as error:
        raise DBAPIError.instance(
            text, None, error, dialect.loaded_dbapi.Error, dialect=dialect
        ) from error

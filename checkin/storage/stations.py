"""The devices at the doors, their one-time codes, and the facts about this database itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from checkin.domain.stations import Station
from checkin.storage.tables import house, pairings, stations

if TYPE_CHECKING:
    from sqlalchemy import Connection, Row


def find(connection: Connection, station: str) -> Station | None:
    """Return one station, or nothing."""
    row = connection.execute(select(stations).where(stations.c.id == station)).first()
    return _station(row) if row else None


def of_event(connection: Connection, event_id: int) -> list[Station]:
    """Return the stations of an event, those signed out last."""
    rows = connection.execute(
        select(stations)
        .where(stations.c.event_id == event_id)
        .order_by(stations.c.revoked_at.isnot(None), stations.c.gate_id, stations.c.paired_at)
    )
    return [_station(row) for row in rows]


def add(connection: Connection, station: Station) -> None:
    """Add a station."""
    connection.execute(
        insert(stations).values(
            id=station.id,
            event_id=station.event_id,
            gate_id=station.gate_id,
            name=station.name,
            public_key=station.public_key,
            paired_at=station.paired_at,
            seen_at=station.seen_at,
            status=station.status,
        )
    )


def heard(connection: Connection, station: str, status: dict[str, Any], *, at: int) -> None:
    """Keep what *station* said of itself at *at* (Unix seconds)."""
    connection.execute(
        update(stations).where(stations.c.id == station).values(status=status, seen_at=at)
    )


def revoke(connection: Connection, station: str, *, at: int) -> bool:
    """Sign *station* out; tell whether it was signed in."""
    changed = connection.execute(
        update(stations)
        .where(stations.c.id == station, stations.c.revoked_at.is_(None))
        .values(revoked_at=at)
    )
    return changed.rowcount == 1


def offer(connection: Connection, code_hash: bytes, found: dict[str, Any]) -> None:
    """Keep a one-time code, of which only the hash is known here."""
    connection.execute(insert(pairings).values(code_hash=code_hash, **found))


def offered(connection: Connection, code_hash: bytes) -> Row[*tuple[Any, ...]] | None:
    """Return the offer with the hash *code_hash*, or nothing."""
    return connection.execute(select(pairings).where(pairings.c.code_hash == code_hash)).first()


def use(connection: Connection, code_hash: bytes, *, at: int) -> bool:
    """Use an offer up; tell whether nobody was faster."""
    changed = connection.execute(
        update(pairings)
        .where(pairings.c.code_hash == code_hash, pairings.c.used_at.is_(None))
        .values(used_at=at)
    )
    return changed.rowcount == 1


def fact(connection: Connection, name: str) -> str | None:
    """Return a fact about this database, or nothing."""
    found = connection.execute(select(house.c.value).where(house.c.name == name)).scalar()
    return None if found is None else str(found)


def state(connection: Connection, name: str, value: str, *, again: bool = False) -> str:
    """Write down a fact, or keep the one that is there unless *again*; return what holds."""
    build = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
    statement = build(house).values(name=name, value=value)
    if again:
        changed = {"value": statement.excluded.value}
        connection.execute(
            statement.on_conflict_do_update(index_elements=["name"], set_=changed)
        )
    else:
        connection.execute(statement.on_conflict_do_nothing())
    return str(
        connection.execute(select(house.c.value).where(house.c.name == name)).scalar_one()
    )


def _station(row: Row[*tuple[Any, ...]]) -> Station:
    return Station(**row._mapping)  # noqa: SLF001 - SQLAlchemy's public name for it

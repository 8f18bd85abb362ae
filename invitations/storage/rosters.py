"""The roster: the lines of a guest list that the doors go by."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from invitations.domain.roster import RosterEntry
from invitations.storage.prepared import Prepared, among
from invitations.storage.tables import guests, invitations

if TYPE_CHECKING:
    from sqlalchemy import Connection, Row, Select

MOST_ASKED_FOR = 100  # by name; of more the whole roster is read

_ROSTER: Select[Any] = select(
    invitations.c.pass_id,
    invitations.c.generation,
    invitations.c.state,
    invitations.c.reply,
    invitations.c.door_code,
    guests.c.name,
    guests.c.honorific,
    guests.c.title,
    guests.c.organisation,
    guests.c.vip,
    guests.c.note,
    guests.c.party,
    guests.c.phone,
    guests.c.category,
).join_from(invitations, guests, invitations.c.guest_id == guests.c.id)
_ROSTER_NAMES = tuple(_ROSTER.selected_columns.keys())
_BY_PASS = Prepared(
    lambda dialect: _ROSTER.add_columns(invitations.c.event_id).where(
        among(dialect, invitations.c.pass_id, "wanted")
    )
)


def entry(connection: Connection, event_id: int, pass_id: str) -> RosterEntry | None:
    """Return the line of the roster for one pass, or nothing."""
    return by_pass(connection, event_id, [pass_id]).get(pass_id)


def by_pass(
    connection: Connection, event_id: int, pass_ids: Collection[str]
) -> dict[str, RosterEntry]:
    """Return the lines of the roster for some passes, by the pass.

    A pass is sought by itself, and its event compared afterwards: a database that may choose
    would rather read the event from one end to the other.
    """
    found = {}
    for *told, event in _BY_PASS.run(connection, {"wanted": list(pass_ids)}).fetchall():
        if event != event_id:
            continue
        said = dict(zip(_ROSTER_NAMES, told, strict=True))
        said["vip"] = bool(said["vip"])
        said["phone_tail"] = said.pop("phone")[-4:]
        found[said["pass_id"]] = RosterEntry(**said)
    return found


def by_door_code(connection: Connection, event_id: int, code: str) -> tuple[RosterEntry, ...]:
    """Return the lines of the roster with this door code: none or one."""
    rows = connection.execute(
        _ROSTER.where(invitations.c.event_id == event_id, invitations.c.door_code == code)
    )
    return tuple(_entry(row) for row in rows)


def of_event(connection: Connection, event_id: int) -> list[RosterEntry]:
    """Return the roster of an event by the guests' given names."""
    rows = connection.execute(
        _ROSTER.where(invitations.c.event_id == event_id).order_by(
            guests.c.sort_key, guests.c.id
        )
    )
    return [_entry(row) for row in rows]


def of_guests(connection: Connection, guest_ids: Collection[int]) -> tuple[RosterEntry, ...]:
    """Return the lines of the roster of some guests, by their given names."""
    if not guest_ids:
        return ()
    rows = connection.execute(
        _ROSTER.where(guests.c.id.in_(guest_ids)).order_by(guests.c.sort_key, guests.c.id)
    )
    return tuple(_entry(row) for row in rows)


def of_passes(
    connection: Connection, event_id: int, pass_ids: Sequence[str]
) -> list[RosterEntry]:
    """Return the lines of the roster for *pass_ids*, by the guests' given names."""
    wanted = set(pass_ids)
    if len(wanted) > MOST_ASKED_FOR:
        return [line for line in of_event(connection, event_id) if line.pass_id in wanted]
    rows = connection.execute(
        _ROSTER.where(
            invitations.c.event_id == event_id, invitations.c.pass_id.in_(wanted)
        ).order_by(guests.c.sort_key, guests.c.id)
    )
    return [_entry(row) for row in rows]


def _entry(row: Row[Any]) -> RosterEntry:
    return RosterEntry(
        pass_id=row.pass_id,
        generation=row.generation,
        state=row.state,
        name=row.name,
        honorific=row.honorific,
        title=row.title,
        organisation=row.organisation,
        vip=row.vip,
        note=row.note,
        party=row.party,
        reply=row.reply,
        category=row.category,
        door_code=row.door_code,
        phone_tail=row.phone[-4:],
    )

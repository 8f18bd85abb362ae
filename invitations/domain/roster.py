"""The roster: who may come with which pass, as the office tells the doors."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from typing import Any

from invitations.domain.model import Event


@dataclass(frozen=True)
class RosterEntry:
    """One line of the roster: who may come with which pass.

    *state* is ``issued``, ``withdrawn`` or ``blocked``; *generation* the latest one;
    *reply* an RFC 5545 PARTSTAT in lower case; *category* names the gates that serve it,
    empty for every gate.
    """

    pass_id: str
    generation: int
    state: str
    name: str
    honorific: str = ""
    title: str = ""
    organisation: str = ""
    vip: bool = False
    note: str = ""
    party: int = 1
    reply: str = "needs-action"
    category: str = ""
    door_code: str = ""
    phone_tail: str = ""  # the last four digits


@dataclass(frozen=True)
class Counts:
    """How many hold a good invitation, how many of them accepted, how many are listed.

    *waiting* counts those on the list who were never given one.
    """

    invited: int
    accepted: int
    listed: int = 0
    waiting: int = 0


def to_json(entry: RosterEntry) -> dict[str, Any]:
    """Return a roster entry as plain JSON."""
    return dict(vars(entry))


def from_json(found: dict[str, Any]) -> RosterEntry:
    """Read a roster entry; keys of a newer version are ignored."""
    return RosterEntry(**{key: found[key] for key in found if key in _KEYS})


def rules_json(event: Event) -> dict[str, Any]:
    """Return what the doors of *event* go by, as its news and every station carry it."""
    return {
        "event": event.id,
        "opens_at": event.opens_at,
        "closes_at": event.closes_at,
        "cancelled": event.state == "cancelled",
        "reentry": event.reentry,
        "many_entries": event.many_entries,
        "reply_needed": event.reply_needed,
        "capacity": event.capacity,
        "refuse_when_full": event.refuse_when_full,
        "offline": event.offline,
        "walk_ins": event.walk_ins,
        "questions": [
            asdict(each) | {"choices": list(each.choices)} for each in event.questions
        ],
        "paper": event.paper,
        "badges": event.badges,
    }


def gates_json(event: Event) -> list[dict[str, Any]]:
    """Return the gates of *event* and whom they serve, as its news carry them."""
    return [
        {"id": gate.id, "name": gate.name, "categories": list(gate.categories)}
        for gate in event.gates
    ]


_KEYS = frozenset(each.name for each in fields(RosterEntry))

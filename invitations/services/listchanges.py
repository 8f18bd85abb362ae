"""What an import does to guests who are on the list already, and how that is taken back."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from invitations.domain.guestrow import GuestRow
from invitations.domain.roster import to_json
from invitations.services.issuing import restore_in, withdraw_in
from invitations.storage import enrolment, news, rosters
from invitations.storage import guests as shelf
from invitations.storage import imports as book

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from invitations.domain.guestlist import Change
    from invitations.domain.model import Actor

# In the words of whoever reads the audit book later; the pages never show it.
REASON = "no longer on the guest list"


@dataclass(frozen=True)
class Deeds:
    """What was done to listed guests: enough to undo it.

    *changed* pairs what the list said before and after, *removed* are whole lines,
    *withdrawn* invitations, and *ties* name the people of the register whom changed guests
    were before. Plain JSON keeps them.
    """

    changed: Sequence[tuple[dict[str, Any], dict[str, Any]]] = ()
    removed: Sequence[dict[str, Any]] = ()
    withdrawn: Sequence[int] = ()
    ties: Sequence[tuple[int, int | None]] = ()


def carry_out(
    connection: Connection,
    event_id: int,
    changes: Sequence[Change],
    dropped: Collection[int],
    actor: Actor,
    *,
    at: int,
) -> Deeds:
    """Change listed guests and drop others, and tell the doors.

    Of the *dropped*, who holds an invitation stays on the list and loses the pass; the
    others leave the list.
    """
    held = shelf.passes(connection, event_id) if changes or dropped else {}
    shelf.change_guests(connection, [change.after for change in changes])
    _tell_doors(connection, event_id, [change.after.id for change in changes], held, at=at)
    withdrawn = [held[each][0] for each in dropped if each in held and _stands(held[each])]
    for invitation_id in withdrawn:
        withdraw_in(connection, invitation_id, actor, REASON, at=at)
    unheld = [each for each in dropped if each not in held]
    removed = shelf.remove_guests(connection, unheld) if unheld else []
    changed = [(asdict(change.before), asdict(change.after)) for change in changes]
    return Deeds(changed, removed, withdrawn)


def reason_to_stay(connection: Connection, row: book.ImportRecord) -> str:
    """Return why the import *row* is not undone: more than its own deeds would be; or "".

    ``not-last``: there is a later import. ``invited``: a new guest has an invitation.
    ``written``: a changed guest was written to since. ``changed``: somebody changed a guest,
    or gave a withdrawn pass again, since.
    """
    last = book.last_import(connection, row.event_id)
    if last is not None and last.id != row.id:
        return "not-last"
    if book.count_invited(connection, row.id):
        return "invited"
    deeds = Deeds(**row.deeds)
    held = shelf.passes(connection, row.event_id) if deeds.withdrawn else {}
    lost = {found[0]: (guest, found[2]) for guest, found in held.items()}
    touched = [after["id"] for _, after in deeds.changed]
    touched += [lost[each][0] for each in deeds.withdrawn if each in lost]
    if touched and book.count_written_to(connection, touched, row.at):
        return "written"
    gone = all(each in lost and lost[each][1] == "withdrawn" for each in deeds.withdrawn)
    return "" if gone and _are_as_left(connection, row.event_id, deeds) else "changed"


def take_back(
    connection: Connection, event_id: int, deeds: Mapping[str, Any], actor: Actor, *, at: int
) -> None:
    """Put back what the *deeds* of an import did to listed guests, and tell the doors."""
    done = Deeds(**deeds)
    before = [_row(told) for told, _ in done.changed]
    shelf.change_guests(connection, before)
    enrolment.tie_back(connection, done.ties)
    shelf.put_back(connection, done.removed)
    held = shelf.passes(connection, event_id) if before else {}
    _tell_doors(connection, event_id, [guest.id for guest in before], held, at=at)
    for invitation_id in done.withdrawn:
        restore_in(connection, invitation_id, actor, at=at)


def _are_as_left(connection: Connection, event_id: int, deeds: Deeds) -> bool:
    """Tell whether every changed guest is still as the import left that guest."""
    if not deeds.changed:
        return True
    now = {guest.id: guest for guest in shelf.listed(connection, event_id)}
    left = (_row({**after, "row": 0}) for _, after in deeds.changed)
    return all(now.get(each.id) == each for each in left)


def _tell_doors(
    connection: Connection,
    event_id: int,
    guest_ids: Sequence[int],
    held: Mapping[int, tuple[int, str, str]],
    *,
    at: int,
) -> None:
    """Tell the doors what the roster now says of these guests."""
    wanted = {held[each][1] for each in guest_ids if each in held}
    if wanted:
        lines = rosters.of_event(connection, event_id)
        bodies = [to_json(line) for line in lines if line.pass_id in wanted]
        news.tell_all(connection, event_id, "roster", bodies, at=at)


def _stands(held: tuple[int, str, str]) -> bool:
    return held[2] == "issued"


def _row(told: Mapping[str, Any]) -> GuestRow:
    return GuestRow(**told)

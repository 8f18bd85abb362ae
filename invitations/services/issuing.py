"""Issuing: invitations and their passes are given, given again, and taken back."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from invitations.domain import doorcode
from invitations.domain.errors import KeyFileError, NotFoundError
from invitations.domain.passes import DoorPass, mint, whole_minute
from invitations.domain.roster import to_json
from invitations.services.secretnames import new_link, new_tag
from invitations.storage import audit, events, keys, news, records, rosters

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from invitations.domain.model import Actor, Event, Holder, Invitation
    from invitations.services.keyring import Keyring
    from invitations.storage.database import Database

# A pass outlives the closing of its doors by a day, so that an event which slips to the next
# morning needs no new passes; on the day the doors go by the event's admission window.
MARGIN_S = 86_400
LARGEST_GENERATION = 255


@dataclass(frozen=True)
class Issued:
    """How many invitations were given, and to which guests."""

    count: int
    guest_ids: tuple[int, ...] = ()


@dataclass(frozen=True)
class Reissued:
    """Whether a pass was given again; if not, *code* says why (``exhausted``)."""

    invitation: Invitation | None
    code: str = ""


@dataclass(frozen=True)
class Issuing:
    """Gives every guest one invitation with one pass; the doors hear of each at once."""

    database: Database
    keyring: Keyring
    clock: Callable[[], float] = time.time

    def issue(
        self, event_id: int, actor: Actor, guest_ids: Collection[int] | None = None
    ) -> Issued:
        """Give an invitation to each guest who has none; to all, or to those named.

        Raises:
            NotFoundError: the office has no such event.
        """
        self.keyring.ensure(actor.office_id)
        at = int(self.clock())
        return self.database.write(lambda tx: issue_in(tx, event_id, actor, guest_ids, at=at))

    def reissue(self, invitation_id: int, actor: Actor) -> Reissued:
        """Give a new pass on the same page; the earlier one is refused as replaced.

        A withdrawn invitation stands again by this.

        Raises:
            NotFoundError: the office has no such invitation.
        """
        self.keyring.ensure(actor.office_id)
        at = int(self.clock())
        return self.database.write(lambda tx: reissue_in(tx, invitation_id, actor, at=at))

    def reissue_ended(self, event_id: int, actor: Actor) -> int:
        """Give new passes to all whose pass ends before the doors close; return how many.

        Raises:
            NotFoundError: the office has no such event.
        """
        self.keyring.ensure(actor.office_id)
        at = int(self.clock())

        def work(tx: Connection) -> int:
            event = _event(tx, event_id, actor)
            ended = records.ending_before(tx, event_id, event.closes_at)
            done = [reissue_in(tx, each, actor, at=at) for each in ended]
            return sum(each.invitation is not None for each in done)

        return self.database.write(work)

    def withdraw(self, invitation_id: int, actor: Actor, reason: str) -> Invitation:
        """Take an invitation back; from now on its pass is refused as revoked.

        Raises:
            NotFoundError: the office has no such invitation.
        """
        at = int(self.clock())
        return self.database.write(
            lambda tx: withdraw_in(tx, invitation_id, actor, reason, at=at)
        )

    def ended(self, event_id: int, actor: Actor) -> int:
        """Return how many passes end before the doors of their event close.

        Raises:
            NotFoundError: the office has no such event.
        """
        with self.database.read() as connection:
            event = _event(connection, event_id, actor)
            return len(records.ending_before(connection, event_id, event.closes_at))

    def holders(self, event_id: int, actor: Actor) -> list[Holder]:
        """Return all who hold an invitation, by their given names.

        Raises:
            NotFoundError: the office has no such event.
        """
        with self.database.read() as connection:
            _event(connection, event_id, actor)
            return records.of_event(connection, event_id)

    def holder(self, invitation_id: int, actor: Actor) -> Holder:
        """Return one invitation with its guest.

        Raises:
            NotFoundError: the office has no such invitation.
        """
        with self.database.read() as connection:
            return _holder(connection, invitation_id, actor)

    def pass_text(self, invitation: Invitation) -> str:
        """Return the 202 digits that stand in the QR code of *invitation*.

        Raises:
            KeyFileError: the key that signs it cannot be read.
        """
        return mint(
            DoorPass(
                kid=invitation.kid,
                event=invitation.event_id,
                pass_id=invitation.pass_id,
                generation=invitation.generation,
                not_after=invitation.not_after,
            ),
            self.keyring.seed(invitation.kid),
        )


def issue_in(
    connection: Connection,
    event_id: int,
    actor: Actor,
    guest_ids: Collection[int] | None = None,
    *,
    at: int,
    pass_ids: Mapping[int, str] | None = None,
) -> Issued:
    """Give an invitation to each guest who has none, inside the caller's transaction.

    The office has a key already (`Keyring.ensure`); *at* is now, in Unix seconds. *pass_ids*
    names passes that some of the guests have been given already, at a door without a line.

    Raises:
        NotFoundError: the office has no such event.
        KeyFileError: the office has no key yet.
    """
    event = _event(connection, event_id, actor)
    kid = _active_kid(connection, actor)
    missing = records.guests_without(connection, event_id, guest_ids)
    if not missing:
        return Issued(0)
    taken = records.door_codes(connection, event_id)
    rows = [
        {
            "event_id": event_id,
            "guest_id": guest_id,
            "tag": new_tag(),
            "link": new_link(),
            "state": "issued",
            "pass_id": (pass_ids or {}).get(guest_id) or secrets.token_hex(8),
            "generation": 0,
            "kid": kid,
            "not_after": _not_after(event),
            "door_code": _door_code(taken),
            "reply": "needs-action",
            "issued_at": at,
        }
        for guest_id in missing
    ]
    records.add(connection, rows)
    lines = rosters.of_passes(connection, event_id, [str(row["pass_id"]) for row in rows])
    news.tell_all(connection, event_id, "roster", [to_json(line) for line in lines], at=at)
    detail = {"count": len(rows), "guests": missing}
    audit.enter(connection, actor, "pass.issue", str(event_id), detail, at=at)
    return Issued(len(rows), tuple(missing))


def withdraw_in(
    connection: Connection, invitation_id: int, actor: Actor, reason: str, *, at: int
) -> Invitation:
    """Take an invitation back inside the caller's transaction.

    Raises:
        NotFoundError: the office has no such invitation.
    """
    holder = _holder(connection, invitation_id, actor)
    if holder.invitation.state != "withdrawn":
        change = {"state": "withdrawn", "withdrawn_at": at, "reason": reason}
        _change(connection, holder, change, at=at)
        subject = str(invitation_id)
        audit.enter(connection, actor, "pass.withdraw", subject, {"reason": reason}, at=at)
    return _holder(connection, invitation_id, actor).invitation


def restore_in(connection: Connection, invitation_id: int, actor: Actor, *, at: int) -> None:
    """Let a withdrawn invitation stand again with the pass it had.

    Raises:
        NotFoundError: the office has no such invitation.
    """
    holder = _holder(connection, invitation_id, actor)
    if holder.invitation.state == "withdrawn":
        change = {"state": "issued", "withdrawn_at": None, "reason": ""}
        _change(connection, holder, change, at=at)
        audit.enter(connection, actor, "pass.restore", str(invitation_id), at=at)


def reissue_in(
    connection: Connection, invitation_id: int, actor: Actor, *, at: int
) -> Reissued:
    """Give a new pass inside the caller's transaction, as `Issuing.reissue` does."""
    holder = _holder(connection, invitation_id, actor)
    old = holder.invitation
    if old.generation >= LARGEST_GENERATION:
        return Reissued(None, "exhausted")
    event = _event(connection, old.event_id, actor)
    change = {
        "state": "issued",
        "generation": old.generation + 1,
        "kid": _active_kid(connection, actor),
        "not_after": _not_after(event),
        # The old code may be on the paper that was lost, and knows no generation.
        "door_code": _door_code(records.door_codes(connection, event.id)),
        "issued_at": at,
        "withdrawn_at": None,
        "reason": "",
    }
    _change(connection, holder, change, at=at)
    detail = {"generation": old.generation + 1}
    audit.enter(connection, actor, "pass.reissue", str(invitation_id), detail, at=at)
    return Reissued(_holder(connection, invitation_id, actor).invitation)


def _change(connection: Connection, holder: Holder, values: dict[str, Any], *, at: int) -> None:
    """Overwrite an invitation, and tell the doors what the roster now says of its pass."""
    invitation = holder.invitation
    records.change(connection, invitation.id, values | {"sequence": invitation.sequence + 1})
    line = rosters.entry(connection, invitation.event_id, invitation.pass_id)
    if line is not None:
        news.tell(connection, invitation.event_id, "roster", to_json(line), at=at)


def _event(connection: Connection, event_id: int, actor: Actor) -> Event:
    event = events.find(connection, event_id)
    if event is None or event.office_id != actor.office_id:
        raise NotFoundError("event")
    return event


def _holder(connection: Connection, invitation_id: int, actor: Actor) -> Holder:
    holder = records.find(connection, invitation_id)
    if holder is None:
        raise NotFoundError("invitation")
    _event(connection, holder.invitation.event_id, actor)
    return holder


def _active_kid(connection: Connection, actor: Actor) -> int:
    kid = keys.active(connection, actor.office_id)
    if kid is None:
        raise KeyFileError("missing")
    return kid


def _not_after(event: Event) -> int:
    return whole_minute(event.closes_at + MARGIN_S)


def _door_code(taken: set[str]) -> str:
    """Return a door code that the event has not given away, and note it in *taken*."""
    code = doorcode.new(secrets.randbelow)
    while code in taken:
        code = doorcode.new(secrets.randbelow)
    taken.add(code)
    return code

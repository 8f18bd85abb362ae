"""The desk where the board's people settle things: conflicts, mistakes, VIPs to welcome."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from checkin.domain.accounts import Right, Role, may
from checkin.domain.book import SERVER, Scan, counted, effective, people
from checkin.domain.decisions import CONFLICT, CONFLICT_CHOICES, GREETED, Decision
from checkin.domain.errors import NoRightError
from checkin.services import merging
from checkin.storage import decisions, scans
from invitations.domain.errors import NotFoundError
from invitations.services.offices import enter_deed
from invitations.storage import news

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Connection

    from checkin.services.door import Door
    from checkin.services.hall import View
    from invitations.domain.model import Actor

DECISION = "decision"
BOARD = "board"  # what stands where a journal has its epoch


@dataclass(frozen=True)
class Handling:
    """Settles what the doors left open; every deed is a row of its own and numbered news."""

    door: Door

    def decide(
        self, event_id: int, scan_id: str, actor: Actor, choice: str, note: str = ""
    ) -> None:
        """Say what a conflict was: the same person, another one, or still unresolved.

        The latest decision holds; another person is one more in the room.

        Raises:
            ValueError: *choice* is none of `CONFLICT_CHOICES`.
            NotFoundError: the scan is no conflict of the actor's event.
            NoRightError: the actor may not decide.
        """
        if choice not in CONFLICT_CHOICES:
            raise ValueError(choice)
        made = self._made(CONFLICT, scan_id, choice, actor, note)
        self._write(event_id, actor, lambda tx, view: self._settle(tx, view, made))

    def undo(self, event_id: int, scan_id: str, actor: Actor, reason: str) -> None:
        """Take an admission back, at any time, for a *reason*; done twice it is done once.

        Raises:
            ValueError: there is no reason.
            NotFoundError: there is no such admission at the actor's event.
            NoRightError: the actor may not undo.
        """
        if not reason.strip():
            msg = "reason"
            raise ValueError(msg)
        self._write(
            event_id,
            actor,
            lambda tx, view: self._take_back(tx, view, scan_id, actor, reason.strip()),
        )

    def greet(self, event_id: int, pass_id: str, actor: Actor) -> None:
        """Say that *actor* welcomes the holder of a pass; the latest to say so does.

        Raises:
            NotFoundError: there is no such guest at the actor's event.
            NoRightError: the actor may not see the board.
        """
        made = self._made(GREETED, pass_id, GREETED, actor, "")

        def work(tx: Connection, view: View) -> None:
            if self.door.guestbook.entry(tx, event_id, pass_id) is None:
                raise NotFoundError(pass_id)
            held = decisions.latest(tx, event_id, GREETED, pass_id)
            if held is not None and held.by == made.by:
                return
            decisions.add(tx, event_id, made)
            body = {"pass_id": pass_id, "by": made.by, "at_ms": made.at * 1000}
            news.tell(tx, view.event.id, GREETED, body, at=made.at)

        self._write(event_id, actor, work, Right.WATCH)

    def _write(
        self,
        event_id: int,
        actor: Actor,
        work: Callable[[Connection, View], None],
        right: Right = Right.SUPERVISE,
    ) -> None:
        """Do *work* in one transaction, holding the event's news, if *actor* may."""
        if not may(Role(actor.role), right):
            raise NoRightError

        def held(tx: Connection) -> None:
            event = self.door.guestbook.event(tx, event_id)
            if event is None or event.office_id != actor.office_id:
                raise NotFoundError(str(event_id))
            head = news.hold(tx, event_id)
            work(tx, self.door.hall.view(tx, event_id, head))

        self.door.database.write(held)
        self.door.announce(event_id)

    def _settle(self, tx: Connection, view: View, made: Decision) -> None:
        before = _told(tx, view, made.about)
        scan = next(each for each in effective(before) if each.scan_id == made.about)
        conflicts = counted(before, scan.key, "")["conflicts"]
        if made.about not in {mark["scan_id"] for mark in conflicts}:
            raise NotFoundError(made.about)
        if scan.decision == made.choice and not made.note:
            return
        decisions.add(tx, view.event.id, made)
        after = [
            replace(each, decision=made.choice) if each.scan_id == made.about else each
            for each in before
        ]
        more = {"decision": made.choice, "note": made.note, "by": made.by}
        self._tell(tx, view, DECISION, scan, (before, after), more)

    def _take_back(
        self, tx: Connection, view: View, scan_id: str, actor: Actor, reason: str
    ) -> None:
        before = _told(tx, view, scan_id)
        scan = next(each for each in effective(before) if each.scan_id == scan_id)
        if not scan.admits:
            raise NotFoundError(scan_id)
        if any(each.undoes == scan_id for each in before):
            return
        now_ms = int(self.door.clock() * 1000)
        undone = _undone(scan, now_ms)
        by = str(actor.account_id or actor.name)
        row = _OF_A_BOARD | {
            "reason": reason,
            "actor": by,
            "wall_ms": now_ms,
            "received_at": now_ms // 1000,
            "verdict": {"party": scan.party},
        }
        if scans.add(tx, view.event.id, undone, row) is None:
            return
        enter_deed(tx, actor, "door.undo", scan_id, at=now_ms // 1000)
        more = {"reason": reason, "actor": by}
        self._tell(tx, view, "scan", undone, (before, [*before, undone]), more)

    def _tell(
        self,
        tx: Connection,
        view: View,
        kind: str,
        scan: Scan,
        states: tuple[list[Scan], list[Scan]],
        more: dict[str, Any],
    ) -> None:
        """Tell what the pass of *scan* counted for before and counts for now."""
        entry = self.door.guestbook.entry(tx, view.event.id, scan.pass_id)
        before, after = (counted(state, scan.key, scan.scan_id) for state in states)
        body = merging.told(scan, entry, before=before, after=after).to_json() | more
        at = int(self.door.clock())
        number = news.tell(tx, view.event.id, kind, body, at=at)
        inside = view.inside + people(body)
        self.door.hall.remember(replace(view, number=number, inside=inside))

    def _made(self, kind: str, about: str, choice: str, actor: Actor, note: str) -> Decision:
        at = int(self.door.clock())
        return Decision(kind, about, choice, actor.name, at, note.strip(), actor.account_id)


def _told(tx: Connection, view: View, scan_id: str) -> list[Scan]:
    """Return every scan of the pass to which a scan belongs.

    Raises:
        NotFoundError: the event has no such scan.
    """
    own = scans.of_scan(tx, view.event.id, scan_id, view.gates)
    if not own:
        raise NotFoundError(scan_id)
    pass_id = next((each.pass_id for each in effective(own) if each.pass_id), "")
    return scans.of_pass(tx, view.event.id, pass_id, view.gates) if pass_id else own


def _undone(scan: Scan, now_ms: int) -> Scan:
    """Return the scan by which the board takes *scan* back."""
    return replace(
        scan,
        scan_id=secrets.token_hex(16),
        station=BOARD,
        epoch=scan.scan_id,
        n=1,
        judge=SERVER,
        at_ms=now_ms,
        undoes=scan.scan_id,
        against="",
        first_ms=None,
        first_gate="",
        decision="",
    )


_OF_A_BOARD = {
    "generation": 0,
    "mono_ms": 0,
    "boot_id": BOARD,
    "offset_ms": 0,
    "offset_error_ms": 0,
    "hash": "",
}

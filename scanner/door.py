"""The door: one presentation in, one verdict out, and never a light before the record."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from checkin.domain.admission import Direction, Outcome
from checkin.domain.protocol import ScanRecord, ScanReport, WireVerdict
from scanner.gatekeeper import STATION, Gatekeeper
from scanner.identity import new_scan_id

if TYPE_CHECKING:
    from collections.abc import Callable

    from invitations.domain.passes import DoorPass
    from scanner.clock import Clock, Moment
    from scanner.journal import Journal
    from scanner.uplink import Uplink

UNDO_WITHIN_MS = 30_000


@dataclass(frozen=True)
class Shown:
    """One verdict as it was shown: its number on this screen, and how long it took.

    *latency_ms* is from the camera's frame (or the last key) to the light.
    """

    number: int
    scan_id: str
    verdict: WireVerdict
    direction: Direction
    at_ms: int
    latency_ms: int
    undone: bool = False

    @property
    def outcome(self) -> Outcome:
        """What the door said."""
        return Outcome(self.verdict.outcome)


@dataclass
class Door:
    """Judges presentations one after the other; *show* lights the verdict."""

    clock: Clock
    journal: Journal
    gatekeeper: Gatekeeper
    uplink: Uplink
    show: Callable[[Shown], None]
    direction: Direction = Direction.ENTRY
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _number: int = 0

    def present(self, text: str, found: DoorPass | Outcome, seen_at: float) -> Shown:
        """Judge *text*, which says *found*, write it down, then show the verdict.

        The server's answer counts if it comes within its budget, otherwise our own.

        Raises:
            JournalError: nothing could be written, so nothing is shown.
        """
        with self._lock:
            moment = self.clock.now()
            draft = self._draft(found, moment)
            mine = self.gatekeeper.judge(found, self.direction, moment.corrected_ms)
            if self.uplink.online:
                draft = self.journal.reserve(draft)
                theirs = self.uplink.present(_report(draft, text))
                verdict = self.weigh(theirs, mine)
            else:
                verdict = mine
            record = self.journal.write(_judged(draft, verdict))
            self.gatekeeper.carried.learn_own([record])
            self._number += 1
            shown = Shown(
                self._number,
                record.scan_id,
                verdict,
                self.direction,
                moment.corrected_ms,
                round((time.monotonic() - seen_at) * 1000),
            )
            self.show(shown)
        self.uplink.nudge()
        return shown

    def undo(self, scan_id: str, reason: str, actor: str = "") -> ScanRecord | None:
        """Take back an admission of the last 30 s by a record of its own, with a *reason*.

        Return that record, or None where there is nothing to take back.
        """
        with self._lock:
            moment = self.clock.now()
            undone = self._undoable(scan_id, moment)
            if undone is None or not reason:
                return None
            draft = replace(
                undone,
                **vars(moment),
                epoch="",
                n=0,
                hash="",
                scan_id=new_scan_id(moment.wall_ms),
                judge=STATION,
                undoes=scan_id,
                reason=reason,
                actor=actor,
            )
            record = self.journal.write(draft)
            self.gatekeeper.carried.learn_own([record])
        self.uplink.nudge()
        return record

    def weigh(self, theirs: WireVerdict | None, mine: WireVerdict) -> WireVerdict:
        """Return the server's verdict, unless it has not heard yet whom we let in.

        After a break the server may say "admitted" of a pass that this station admitted
        alone; while such records wait, our own "already in" wins.
        """
        if theirs is None:
            return mine
        unheard = mine.outcome == Outcome.ALREADY_IN and self.journal.waiting() > 0
        return mine if unheard and theirs.outcome == Outcome.ADMITTED else theirs

    def _draft(self, found: DoorPass | Outcome, moment: Moment) -> ScanRecord:
        """Return the record before it is judged: it shows no light."""
        known = None if isinstance(found, Outcome) else found
        return ScanRecord(
            epoch="",
            n=0,
            scan_id=new_scan_id(moment.wall_ms),
            pass_id=known.pass_id if known else "",
            generation=known.generation if known else 0,
            direction=self.direction.value,
            outcome=Outcome.NOT_A_PASS.value,
            flags=[],
            judge=STATION,
            **vars(moment),
        )

    def _undoable(self, scan_id: str, moment: Moment) -> ScanRecord | None:
        """Return the admission *scan_id* if it is of the last 30 s and still stands."""
        latest = self.journal.latest(50)
        if any(record.undoes == scan_id for record in latest):
            return None
        for record in latest:
            young = moment.wall_ms - record.wall_ms <= UNDO_WITHIN_MS
            admitted = record.outcome == Outcome.ADMITTED and not record.undoes
            if record.scan_id == scan_id and young and admitted:
                return record
        return None


def _report(draft: ScanRecord, text: str) -> ScanReport:
    return ScanReport.from_json(draft.to_json() | {"text": text})


def _judged(draft: ScanRecord, verdict: WireVerdict) -> ScanRecord:
    return replace(
        draft,
        outcome=verdict.outcome,
        flags=list(verdict.flags),
        judge=verdict.judge,
        pass_id=verdict.pass_id or draft.pass_id,
        generation=verdict.generation if verdict.pass_id else draft.generation,
    )

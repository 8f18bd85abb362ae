"""The door: one presentation in, one verdict out, and never a light before the record."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from checkin.domain.admission import Direction, Outcome
from checkin.domain.protocol import ScanRecord, ScanReport, WireVerdict
from scanner.gatekeeper import PLAIN, STATION, Gatekeeper, Wish
from scanner.identity import new_scan_id
from scanner.journal import NO_LIGHT

if TYPE_CHECKING:
    from collections.abc import Callable

    from invitations.domain.passes import DoorPass
    from scanner.clock import Clock, Moment
    from scanner.journal import Journal
    from scanner.uplink import Uplink

UNDO_WITHIN_MS = 30_000
REMEMBERED = 200
LOOKED_BACK = 50


@dataclass(frozen=True)
class Shown:
    """One verdict as it was shown: its number on this screen, and how long it took.

    *latency_ms* is from the camera's frame (or the last key) to the light. In a *rehearsal*
    nothing was written.
    """

    number: int
    scan_id: str
    verdict: WireVerdict
    direction: Direction
    at_ms: int
    latency_ms: int
    undone: bool = False
    rehearsal: bool = False

    @property
    def outcome(self) -> Outcome:
        """What the door said."""
        return Outcome(self.verdict.outcome)


@dataclass
class Door:
    """Judges presentations one after the other; *show* lights the verdict.

    While *rehearsing* verdicts are shown and nothing is written, here or at the server.
    """

    clock: Clock
    journal: Journal
    gatekeeper: Gatekeeper
    uplink: Uplink
    show: Callable[[Shown], None]
    direction: Direction = Direction.ENTRY
    rehearsing: bool = False
    lock: threading.Lock = field(default_factory=threading.Lock)
    _number: int = 0
    _texts: OrderedDict[str, str] = field(default_factory=OrderedDict, repr=False)

    def present(
        self, text: str, found: DoorPass | Outcome, seen_at: float, wish: Wish = PLAIN
    ) -> Shown | None:
        """Judge *text*, which says *found*, write it down, then show the verdict.

        The server's answer counts if it comes within its budget, otherwise our own. None
        where nobody can judge: a door code without a line, while the list is locked.

        Raises:
            JournalError: nothing could be written, so nothing is shown.
        """
        with self.lock:
            moment = self.clock.now()
            draft = self.draft(found, moment, wish)
            mine = self.gatekeeper.judge(
                found, self.direction, moment.corrected_ms, text=text, wish=wish
            )
            if self.rehearsing:
                return self._rehearse(draft, text, mine, seen_at)
            theirs = None
            if self.uplink.online:
                draft = self.journal.reserve(draft)
                theirs = self.uplink.asking.present(_report(draft, text, wish), wish.verb)
            if theirs is None and self.gatekeeper.blind(text):
                if draft.n:
                    self.journal.write(replace(draft, reason=NO_LIGHT))
                return None
            shown = self.write_and_show(draft, self.weigh(theirs, mine), moment, seen_at)
            self._remember(shown.scan_id, text)
        self.uplink.nudge()
        return shown

    def write_and_show(
        self, draft: ScanRecord, verdict: WireVerdict, moment: Moment, seen_at: float
    ) -> Shown:
        """Write *draft* down as judged, learn it, then light *verdict*; *lock* is held.

        Raises:
            JournalError: nothing could be written, so nothing is shown.
        """
        record = self.journal.write(_judged(draft, verdict))
        self.gatekeeper.carried.learn_own([record])
        return self._light(record.scan_id, verdict, moment.corrected_ms, seen_at)

    def undo(
        self, scan_id: str, reason: str, actor: str = "", *, late: bool = False
    ) -> ScanRecord | None:
        """Take back an admission by a record of its own, with a *reason*.

        It is one of the last 30 s, or of any time with *late*. Return that record, or None
        where there is nothing to take back.
        """
        with self.lock:
            moment = self.clock.now()
            undone = self.standing(scan_id)
            young = undone is not None and moment.wall_ms - undone.wall_ms <= UNDO_WITHIN_MS
            if undone is None or not reason or not (young or late):
                return None
            return self.write_undo(undone, reason, actor, moment)

    def write_undo(
        self, undone: ScanRecord, reason: str, actor: str, moment: Moment
    ) -> ScanRecord:
        """Write down that *undone* is taken back; *lock* is held."""
        draft = replace(
            undone,
            **vars(moment),
            epoch="",
            n=0,
            hash="",
            scan_id=new_scan_id(moment.wall_ms),
            judge=STATION,
            undoes=undone.scan_id,
            reason=reason,
            actor=actor,
        )
        record = self.journal.write(draft)
        self.gatekeeper.carried.learn_own([record])
        self.uplink.nudge()
        return record

    def standing(self, scan_id: str) -> ScanRecord | None:
        """Return the admission *scan_id* of this journal if it still stands."""
        record = self.journal.find(scan_id)
        admitted = record is not None and record.outcome == Outcome.ADMITTED
        if not admitted or record is None or record.undoes or self.journal.undone(scan_id):
            return None
        return record

    def text_of(self, scan_id: str) -> str:
        """Return the text that was shown for one of the last scans; it is in memory only."""
        return self._texts.get(scan_id, "")

    def weigh(self, theirs: WireVerdict | None, mine: WireVerdict) -> WireVerdict:
        """Return the server's verdict, unless it has not heard yet whom we let in.

        After a break the server may say "admitted" of a pass that this station admitted
        alone; while such records wait, our own "already in" wins.
        """
        if theirs is None:
            return mine
        unheard = mine.outcome == Outcome.ALREADY_IN and self.journal.waiting() > 0
        return mine if unheard and theirs.outcome == Outcome.ADMITTED else theirs

    def _rehearse(
        self, draft: ScanRecord, text: str, mine: WireVerdict, seen_at: float
    ) -> Shown | None:
        """Show the verdict there would be; write nothing, and have nothing written."""
        numbered = replace(draft, epoch=self.journal.epoch, n=self.journal.last_n + 1)
        theirs = self.uplink.asking.present(_report(numbered, text, PLAIN), "simulate")
        if theirs is None and self.gatekeeper.blind(text):
            return None
        at = draft.wall_ms + (draft.offset_ms or 0)
        return self._light(draft.scan_id, theirs or mine, at, seen_at)

    def _light(self, scan_id: str, verdict: WireVerdict, at_ms: int, seen_at: float) -> Shown:
        self._number += 1
        took = round((time.monotonic() - seen_at) * 1000)
        shown = Shown(
            self._number,
            scan_id,
            verdict,
            self.direction,
            at_ms,
            took,
            rehearsal=self.rehearsing,
        )
        self.show(shown)
        return shown

    def _remember(self, scan_id: str, text: str) -> None:
        self._texts[scan_id] = text
        while len(self._texts) > REMEMBERED:
            self._texts.popitem(last=False)

    def draft(
        self, found: DoorPass | Outcome, moment: Moment, wish: Wish = PLAIN
    ) -> ScanRecord:
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
            reason=wish.reason,
            actor=wish.actor,
            **vars(moment),
        )


def _report(draft: ScanRecord, text: str, wish: Wish) -> ScanReport:
    found = draft.to_json() | {
        "text": text,
        "pass_id": wish.pass_id,
        "override": wish.override,
        "reason": wish.reason,
        "actor": wish.actor,
        "heads": wish.heads,
    }
    return ScanReport.from_json(found)


def _judged(draft: ScanRecord, verdict: WireVerdict) -> ScanRecord:
    return replace(
        draft,
        outcome=verdict.outcome,
        flags=list(verdict.flags),
        judge=verdict.judge,
        pass_id=verdict.pass_id or draft.pass_id,
        generation=verdict.generation if verdict.pass_id else draft.generation,
        heads=verdict.heads,
        override_of=verdict.overrode,
    )

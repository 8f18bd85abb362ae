"""Amending: what is said later of a scan. The record stays; another says what became of it."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from checkin.domain.admission import Flag
from checkin.domain.protocol import NOTE, ScanRecord, WireVerdict
from invitations.domain import roster
from scanner.gatekeeper import STATION
from scanner.identity import new_scan_id

if TYPE_CHECKING:
    from collections.abc import Mapping

    from checkin.domain.admission import EventRules
    from scanner.door import Door, Shown

HEADS = "heads"
LONGEST_ANSWER = 200


@dataclass(frozen=True)
class Amending:
    """Writes facts about earlier scans of this station into its journal."""

    door: Door

    def note(self, scan_id: str, detail: dict[str, Any], actor: str) -> ScanRecord | None:
        """Write down a fact about the scan *scan_id*; nothing if it is not of this journal."""
        about = self.door.journal.find(scan_id)
        if about is None or about.outcome == NOTE or about.undoes:
            return None
        with self.door.lock:
            return self._written(about, detail, actor)

    def note_deed(self, detail: dict[str, Any], actor: str) -> ScanRecord:
        """Write down what *actor* did that was about no scan."""
        with self.door.lock:
            moment = self.door.clock.now()
            nobody = ScanRecord(
                epoch="",
                n=0,
                scan_id="",
                pass_id="",
                generation=0,
                direction=self.door.direction.value,
                outcome=NOTE,
                flags=[],
                judge=STATION,
                **vars(moment),
            )
            return self._written(nobody, detail, actor)

    def recount(self, scan_id: str, heads: int, actor: str) -> Shown | None:
        """Say that *heads* of the party came with the admission *scan_id*, and light it anew.

        The admission is taken back by a record, and stands again with the right number.
        """
        with self.door.lock:
            old = self.door.standing(scan_id)
            if old is None or Flag.PARTY not in old.flags:
                return None
            text = self.door.text_of(scan_id)
            entry = self.door.gatekeeper.carried.entry(old.pass_id, text)
            party = entry.party if entry else 1
            if not 1 <= heads <= party:
                return None
            moment = self.door.clock.now()
            self.door.write_undo(old, HEADS, actor, moment)
            draft = replace(
                old,
                **vars(moment),
                epoch="",
                n=0,
                hash="",
                scan_id=new_scan_id(moment.wall_ms),
                actor=actor or old.actor,
            )
            verdict = WireVerdict(
                old.outcome,
                old.flags,
                old.pass_id,
                old.generation,
                roster.to_json(entry) if entry else None,
                judge=STATION,
                heads=heads,
                overrode=old.override_of,
            )
            return self.door.write_and_show(draft, verdict, moment, time.monotonic())

    def _written(self, about: ScanRecord, detail: dict[str, Any], actor: str) -> ScanRecord:
        moment = self.door.clock.now()
        record = self.door.journal.write(
            replace(
                about,
                **vars(moment),
                epoch="",
                n=0,
                hash="",
                scan_id=new_scan_id(moment.wall_ms),
                outcome=NOTE,
                flags=[],
                judge=STATION,
                reason="",
                actor=actor,
                heads=0,
                override_of="",
                about=about.scan_id,
                detail=detail,
            )
        )
        self.door.uplink.nudge()
        return record


def sound_answers(rules: EventRules, said: Mapping[str, str]) -> dict[str, str] | None:
    """Return *said* if it answers questions of the event as they may be, or nothing."""
    asked = {question.key: question for question in rules.questions}
    for key, answer in said.items():
        question = asked.get(key)
        if question is None or len(answer) > LONGEST_ANSWER:
            return None
        if question.offered and answer not in question.offered:
            return None
    return dict(said) if said else None

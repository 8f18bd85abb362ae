"""The desk of the station: everything that people do at this door, one verb each."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from checkin.domain.admission import Direction, Outcome
from scanner.answers import (
    Answer,
    Hits,
    Second,
    ShiftAnswer,
    StaffMember,
    SubstituteAnswer,
    SubstituteForm,
    WalkInAnswer,
    WalkInForm,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from scanner.door import Door
    from scanner.screen import Screen


@dataclass
class Desk:
    """What a steward or a supervisor can have done; every answer is a value."""

    door: Door
    screen: Screen

    @property
    def shift(self) -> StaffMember | None:
        """Whose shift is open."""
        return None

    @property
    def rehearsing(self) -> bool:
        """Whether verdicts are shown and nothing is written."""
        return False

    @property
    def direction(self) -> Direction:
        """Which way guests walk at this door."""
        return self.door.direction

    def present(self, text: str) -> Answer:
        """Judge what a person or a hand scanner typed: a pass text or a door code."""
        found = self.door.gatekeeper.identify(text)
        if found is Outcome.NOT_A_PASS:
            self.screen.hint()
            return Answer(None, "not_a_pass")
        return Answer(self.door.present(text, found, time.monotonic()))

    def override(self, scan_id: str, reason: str, second: Second | None = None) -> Answer:
        """Let in, for a *reason*, whom the scan *scan_id* refused; a supervisor's deed.

        In a steward's shift a *second* gives their PIN for this deed alone.
        """
        named = "rights" if second else "closed"
        return Answer(None, named if scan_id and reason else "reason")

    def undo(self, scan_id: str, reason: str, second: Second | None = None) -> Answer:
        """Take an admission back: within 30 s anybody, later a supervisor or a *second*."""
        if second is not None:
            return Answer(None, "rights")
        if self.door.undo(scan_id, reason) is None:
            return Answer(None, "too_late")
        self.screen.mark_undone(scan_id)
        return Answer(None)

    def search(self, query: str) -> Hits:
        """Find guests by name, organisation, last four digits or door code."""
        return Hits(problem="closed" if query else "short")

    def admit(self, pass_id: str) -> Answer:
        """Judge the guest with *pass_id*, found by a search."""
        return Answer(None, "closed" if pass_id else "not_found")

    def walk_in(self, form: WalkInForm) -> WalkInAnswer:
        """Take somebody in without an invitation, by the event's policy."""
        return WalkInAnswer("", problem="closed" if form.name else "invalid")

    def substitute(self, form: SubstituteForm) -> SubstituteAnswer:
        """Give a guest's seat to another person; the old pass is dead at once."""
        return SubstituteAnswer(None, problem="closed" if form.name else "invalid")

    def answer(self, scan_id: str, answers: Mapping[str, str]) -> str:
        """Note the *answers* (by the question's key) of an admitted guest; return a problem."""
        return "" if scan_id and answers else "invalid"

    def set_heads(self, scan_id: str, heads: int) -> Answer:
        """Say how many of a party came with the admission *scan_id*."""
        return Answer(None, "not_found" if scan_id and heads else "invalid")

    def rehearse(self, *, on: bool) -> str:
        """Start (a supervisor) or end a rehearsal; return a problem."""
        return "closed" if on else ""

    def turn(self, direction: Direction) -> str:
        """Let guests walk in this *direction* from now on; return a problem."""
        self.door.direction = direction
        self.screen.touch()
        return ""

    def open_shift(self, staff_id: str, pin: str) -> ShiftAnswer:
        """Open the shift of *staff_id* by their PIN of six digits."""
        return ShiftAnswer(None, "wrong" if staff_id and pin else "invalid")

    def close_shift(self) -> None:
        """End the shift that is open; what it had unlocked is forgotten."""
        self.screen.touch()

    def staff(self) -> list[StaffMember]:
        """Return who may open a shift here, by name."""
        return []

    def organisations(self, letters: str) -> list[str]:
        """Return at most ten organisations of the list that *letters* (three or more) fit."""
        return [letters][:0]

    def walk_in_answer(self, number: int) -> WalkInAnswer:
        """Return what became of walk-in *number* by now: still ``asked``, or the answer."""
        return WalkInAnswer("asked", number)

    def print_badge(self, scan_id: str) -> bool:
        """Send the badge of *scan_id* to the station's printer; tell whether it has one."""
        return not scan_id

    def reprint(self, scan_id: str) -> str:
        """Note that a badge was printed (again) for *scan_id*; return a problem."""
        return "" if scan_id else "not_found"

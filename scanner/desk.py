"""The desk of the station: everything that people do at this door, one verb each."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from checkin.domain.admission import OVERRIDABLE, Direction, Outcome
from invitations.domain.passes import DoorPass
from scanner.amending import Amending, sound_answers
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
from scanner.enquiry import Enquiry
from scanner.gatekeeper import Wish
from scanner.reception import Reception
from scanner.shift import Shifts

if TYPE_CHECKING:
    from collections.abc import Mapping

    from scanner.door import Door, Shown
    from scanner.screen import Screen

LONGEST_REASON = 200
ASK = "ask"
UNDER_NAME = {"no_right": "rights", "no_reason": "reason"}


def _no_printer(_scan_id: str) -> bool:
    """Say that there is no printer."""
    return False


@dataclass
class Desk:
    """What a steward or a supervisor can have done; every answer is a value.

    *printer* sends the badge of a scan to the station's printer, and tells whether it could.
    """

    door: Door
    screen: Screen
    shifts: Shifts
    printer: Callable[[str], bool] = _no_printer

    def __post_init__(self) -> None:
        """Call in those who do the work."""
        carried, uplink = self.door.gatekeeper.carried, self.door.uplink
        self.amending = Amending(self.door)
        self.enquiry = Enquiry(carried, uplink, self.amending)
        self.reception = Reception(self.door)

    @property
    def shift(self) -> StaffMember | None:
        """Whose shift is open."""
        return self.shifts.current

    @property
    def rehearsing(self) -> bool:
        """Whether verdicts are shown and nothing is written."""
        return self.door.rehearsing

    @property
    def direction(self) -> Direction:
        """Which way guests walk at this door."""
        return self.door.direction

    def present(self, text: str) -> Answer:
        """Judge what a person or a hand scanner typed: a pass text or a door code."""
        if self.door.uplink.signed_out:
            return Answer(None, "signed_out")
        found = self.door.gatekeeper.identify(text)
        if found is Outcome.NOT_A_PASS:
            self.screen.hint()
            return Answer(None, "not_a_pass")
        return _said(self.door.present(text, found, time.monotonic()))

    def override(self, scan_id: str, reason: str, second: Second | None = None) -> Answer:
        """Let in, for a *reason*, whom the scan *scan_id* refused; a supervisor's deed.

        In a steward's shift a *second* gives their PIN for this deed alone.
        """
        if not _is_reason(reason):
            return Answer(None, "reason")
        refused = self.screen.find(scan_id)
        if refused is None or not refused.verdict.pass_id:
            return Answer(None, "not_found")
        if refused.outcome not in OVERRIDABLE:
            return Answer(None, "policy")
        who, problem = self.shifts.decider(second)
        if who is None:
            return Answer(None, problem)
        wish = Wish(override=True, reason=reason, actor=who.id)
        text = self.door.text_of(scan_id)
        if not text:
            return self._by_id(refused.verdict.pass_id, wish)
        found = self.door.gatekeeper.identify(text)
        return _said(self.door.present(text, found, time.monotonic(), wish))

    def undo(self, scan_id: str, reason: str, second: Second | None = None) -> Answer:
        """Take an admission back: within 30 s anybody, later a supervisor or a *second*."""
        if not _is_reason(reason):
            return Answer(None, "reason")
        if self.door.standing(scan_id) is None:
            return Answer(None, "not_found")
        actor = self.shift.id if self.shift else ""
        if second is None and self.door.undo(scan_id, reason, actor) is not None:
            self.screen.mark_undone(scan_id)
            return Answer(None)
        who, problem = self.shifts.decider(second)
        if who is None:
            return Answer(None, "too_late" if problem == "closed" else problem)
        if self.door.undo(scan_id, reason, who.id, late=True) is None:
            return Answer(None, "not_found")
        self.screen.mark_undone(scan_id)
        return Answer(None)

    def search(self, query: str) -> Hits:
        """Find guests by name, organisation, last four digits or door code."""
        who = self.shift
        return self.enquiry.find(query, who) if who else Hits(problem="closed")

    def admit(self, pass_id: str) -> Answer:
        """Judge the guest with *pass_id*, found by a search."""
        who = self.shift
        if who is None:
            return Answer(None, "closed")
        return self._by_id(pass_id, Wish(actor=who.id))

    def walk_in(self, form: WalkInForm, second: Second | None = None) -> WalkInAnswer:
        """Take somebody in without an invitation, by the event's policy.

        Where the organiser answers, every shift may ask; else it takes a supervisor, or a
        *second* beside a steward.
        """
        who = self._asker() if second is None else None
        problem = ""
        if who is None:
            who, problem = self.shifts.decider(second)
        if who is None:
            return WalkInAnswer("", problem=problem)
        return self.reception.walk_in(form, who)

    def walk_in_answer(self, number: int) -> WalkInAnswer:
        """Return what became of walk-in *number* by now: still ``asked``, or the answer.

        Whom the organiser admits is let in here, by the pass that comes with the answer.
        """
        answer, pass_id = self.reception.walk_in_answer(number)
        who = self.shift
        if not pass_id or who is None:
            return answer
        return replace(answer, shown=self._by_id(pass_id, Wish(actor=who.id)).shown)

    def substitute(
        self, form: SubstituteForm, second: Second | None = None
    ) -> SubstituteAnswer:
        """Give a guest's seat to another person; the old pass is dead at once."""
        who, problem = self.shifts.decider(second)
        if who is None:
            return SubstituteAnswer(None, problem=problem)
        return self.reception.substitute(form, who)

    def answer(self, scan_id: str, answers: Mapping[str, str]) -> str:
        """Note the *answers* (by the question's key) of an admitted guest; return a problem."""
        rules = self.door.gatekeeper.carried.rules
        sound = sound_answers(rules, answers) if rules else None
        if sound is None:
            return "invalid"
        return self._note(scan_id, {"answers": sound})

    def set_heads(self, scan_id: str, heads: int) -> Answer:
        """Say how many of a party came with the admission *scan_id*, and light it anew."""
        shown = self.amending.recount(scan_id, heads, self.shift.id if self.shift else "")
        if shown is None:
            return Answer(None, "invalid" if self.door.standing(scan_id) else "not_found")
        self.screen.mark_undone(scan_id)
        return Answer(shown)

    def rehearse(self, *, on: bool) -> str:
        """Start (a supervisor) or end a rehearsal; return a problem."""
        if on:
            who, problem = self.shifts.decider()
            if who is None:
                return problem
        self.door.rehearsing = on
        self.screen.touch()
        return ""

    def turn(self, direction: Direction) -> str:
        """Let guests walk in this *direction* from now on; return a problem."""
        self.door.direction = direction
        self.screen.touch()
        return ""

    def open_shift(self, staff_id: str, pin: str) -> ShiftAnswer:
        """Open the shift of *staff_id* by their PIN of six digits."""
        answer = self.shifts.open(staff_id, pin)
        self.screen.touch()
        return answer

    def close_shift(self) -> None:
        """End the shift that is open; what it had unlocked is forgotten."""
        self.shifts.close()
        self.screen.touch()

    def staff(self) -> list[StaffMember]:
        """Return who may open a shift here, by name."""
        return self.shifts.staff()

    def organisations(self, letters: str) -> list[str]:
        """Return at most ten organisations of the list that *letters* (three or more) fit."""
        register = self.door.gatekeeper.carried.register
        return register.organisations(letters) if register and self.shift else []

    def print_badge(self, scan_id: str) -> bool:
        """Send the badge of *scan_id* to the station's printer; tell whether it has one."""
        return self.printer(scan_id)

    def reprint(self, scan_id: str) -> str:
        """Note that a badge was printed (again) for *scan_id*; return a problem."""
        printed = self.door.journal.noted_of(scan_id, "badge")
        return self._note(scan_id, {"badge": "reprinted" if printed else "printed"})

    def _asker(self) -> StaffMember | None:
        """Return who may ask the organiser now, where the organiser is to be asked."""
        rules = self.door.gatekeeper.carried.rules
        return self.shift if rules is not None and rules.walk_ins == ASK else None

    def _note(self, scan_id: str, detail: dict[str, object]) -> str:
        actor = self.shift.id if self.shift else ""
        return "" if self.amending.note(scan_id, detail, actor) else "not_found"

    def _by_id(self, pass_id: str, wish: Wish) -> Answer:
        """Judge the guest with *pass_id*; whom only the server knows, it alone can judge."""
        carried = self.door.gatekeeper.carried
        found, rules = self.door.gatekeeper.holder(pass_id), carried.rules
        if found is None and rules is not None and self.door.uplink.online:
            found = DoorPass(0, rules.event, pass_id, 0, rules.closes_at)
        if found is None:
            return Answer(None, "not_found")
        named = Wish("admit", wish.override, wish.reason, wish.actor, wish.heads, pass_id)
        return _said(self.door.present("", found, time.monotonic(), named))


def _said(shown: Shown | None) -> Answer:
    """Return what was shown; without a light nobody could look the door code up."""
    if shown is None:
        return Answer(None, "closed")
    problem = shown.verdict.problem
    return Answer(shown, UNDER_NAME.get(problem, problem))


def _is_reason(reason: str) -> bool:
    return bool(reason.strip()) and len(reason) <= LONGEST_REASON

"""The reception: people who are not on the list, or who come in another's place."""

from __future__ import annotations

import time
from dataclasses import asdict, dataclass, field, replace
from typing import TYPE_CHECKING, Any

from checkin.domain.admission import Direction, Flag, Outcome
from checkin.domain.newcomers import Newcomer, WalkInReport
from checkin.domain.protocol import NOTE, ScanReport, WireVerdict
from checkin.domain.sealing import seal_details
from scanner.answers import (
    StaffMember,
    SubstituteAnswer,
    SubstituteForm,
    WalkInAnswer,
    WalkInForm,
)
from scanner.gatekeeper import STATION, Wish
from scanner.journal import NO_LIGHT

if TYPE_CHECKING:
    from checkin.domain.protocol import ScanRecord
    from scanner.clock import Moment
    from scanner.door import Door, Shown

LONGEST = 200
ANSWER_WITHIN = 3.0  # scans at this door wait as long
ALLOW, DENY = "allow", "deny"
PROBLEMS = {
    "no_right": "rights",
    "no_reason": "reason",
    "unknown_pass": "not_found",
    "already_in": "already_in",
}


@dataclass(frozen=True)
class Reception:
    """Takes walk-ins and substitutes to the server; alone, only where the event allows it."""

    door: Door
    _reports: dict[int, WalkInReport] = field(default_factory=dict)

    def walk_in(self, form: WalkInForm, who: StaffMember) -> WalkInAnswer:
        """Take in somebody without an invitation, by the event's policy."""
        carried = self.door.gatekeeper.carried
        rules = carried.rules
        if not _sound(asdict(form), ("name", "reason")):
            return WalkInAnswer("", problem="invalid")
        if rules is None or rules.walk_ins == DENY:
            return WalkInAnswer("", problem="policy")
        with self.door.lock:
            moment = self.door.clock.now()
            draft = self._draft(moment, who)
            if self.door.uplink.online:
                draft = self.door.journal.reserve(draft)
                report = WalkInReport.from_json(draft.to_json() | asdict(form))
                said = self._asked(report)
                if said is not None:
                    return self._answered(draft, said, moment, report)
            if rules.walk_ins != ALLOW or carried.key is None:
                self._drop(draft)
                return WalkInAnswer("", problem="line")
            shown = self._alone(draft, form, moment, carried.key)
        self.door.uplink.nudge()
        return WalkInAnswer("admitted", shown=shown)

    def walk_in_answer(self, number: int) -> tuple[WalkInAnswer, str]:
        """Return what the news say became of walk-in *number*.

        The first time that it was admitted, the pass that it was given comes along.
        """
        body = self.door.gatekeeper.carried.walk_ins.get(number, {})
        state, pass_id = str(body.get("state", "asked")), str(body.get("pass_id", ""))
        report = self._reports.get(number)
        if state != "admitted" or report is None:
            return WalkInAnswer(state, number), ""
        said = self.door.uplink.asking.ask("walk_in", {"walk_in": report.to_json()})
        answer = said.get("walk_in") if said else None
        if not isinstance(answer, dict):
            return WalkInAnswer("asked", number), ""
        del self._reports[number]
        return WalkInAnswer(
            state, number, pass_text=str(answer.get("pass_text") or "")
        ), pass_id

    def substitute(self, form: SubstituteForm, who: StaffMember) -> SubstituteAnswer:
        """Give the seat of a guest to another person, who comes in by the same scan."""
        found = asdict(form)
        if not _sound(found, ("pass_id", "name")):
            return SubstituteAnswer(None, problem="invalid")
        if not self.door.uplink.online:
            return SubstituteAnswer(None, problem="line")
        with self.door.lock:
            moment = self.door.clock.now()
            wish = Wish("substitute", actor=who.id, pass_id=form.pass_id)
            draft = self.door.journal.reserve(
                replace(self._draft(moment, who), pass_id=form.pass_id)
            )
            scan = ScanReport.from_json(draft.to_json() | {"text": ""} | _of(wish))
            request = {"scan": scan.to_json(), "guest": Newcomer.from_json(found).to_json()}
            said = self.door.uplink.asking.ask("substitute", request, ANSWER_WITHIN)
            if said is None or not isinstance(said.get("verdict"), dict):
                self._drop(draft)
                return SubstituteAnswer(None, problem=_problem(said))
            verdict = WireVerdict.from_json(said["verdict"])
            shown = self.door.write_and_show(draft, verdict, moment, time.monotonic())
        self.door.uplink.nudge()
        return SubstituteAnswer(shown, str(said.get("pass_text") or ""))

    def _asked(self, report: WalkInReport) -> dict[str, Any] | None:
        request = {"walk_in": report.to_json()}
        return self.door.uplink.asking.ask("walk_in", request, ANSWER_WITHIN)

    def _answered(
        self, draft: ScanRecord, said: dict[str, Any], moment: Moment, report: WalkInReport
    ) -> WalkInAnswer:
        """Write down what the server said of a walk-in, and light it if it is a verdict."""
        answer = said.get("walk_in")
        if not isinstance(answer, dict) or not answer.get("state"):
            self._drop(draft)
            return WalkInAnswer("", problem=_problem(said))
        number, state = int(answer["id"]), str(answer["state"])
        self._reports[number] = report
        shown = None
        if isinstance(answer.get("verdict"), dict):
            verdict = WireVerdict.from_json(answer["verdict"])
            shown = self.door.write_and_show(draft, verdict, moment, time.monotonic())
        else:
            detail = {"walk_in": number, "state": state}
            self.door.journal.write(replace(draft, outcome=NOTE, detail=detail))
        self.door.uplink.nudge()
        return WalkInAnswer(state, number, shown, str(answer.get("pass_text") or ""))

    def _alone(self, draft: ScanRecord, form: WalkInForm, moment: Moment, key: bytes) -> Shown:
        """Let somebody in without a line; who it was is sealed for the server."""
        found = asdict(form)
        sealed = seal_details(found, key, draft.scan_id)
        verdict = WireVerdict(
            Outcome.ADMITTED.value,
            sorted((Flag.OFFLINE.value, Flag.WALK_IN.value)),
            entry={name: found[name] for name in ("name", "honorific", "organisation")},
            judge=STATION,
        )
        draft = replace(draft, detail={"sealed": sealed})
        return self.door.write_and_show(draft, verdict, moment, time.monotonic())

    def _draft(self, moment: Moment, who: StaffMember) -> ScanRecord:
        draft = self.door.draft(Outcome.NOT_A_PASS, moment, Wish(actor=who.id))
        return replace(draft, direction=Direction.ENTRY.value)

    def _drop(self, draft: ScanRecord) -> None:
        """Close a number that was reserved, without a light."""
        if draft.n:
            self.door.journal.write(replace(draft, reason=NO_LIGHT))


def _of(wish: Wish) -> dict[str, Any]:
    return {name: value for name, value in vars(wish).items() if name != "verb"}


def _problem(said: dict[str, Any] | None) -> str:
    if said is None:
        return "line"
    return PROBLEMS.get(str(said.get("error")), "invalid")


def _sound(found: dict[str, str], needed: tuple[str, ...]) -> bool:
    """Tell whether a form is filled in, every text short and on one line."""
    filled = all(found[name].strip() for name in needed)
    return filled and all(
        len(value) <= LONGEST and (value.isprintable() or not value) for value in found.values()
    )

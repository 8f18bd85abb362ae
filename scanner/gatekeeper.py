"""The gatekeeper: judges a presentation with what the station itself knows.

It calls the same `decide` as the server; only its knowledge is narrower.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Any

from checkin.domain.admission import (
    Direction,
    Earlier,
    EventRules,
    Knowledge,
    Outcome,
    Verdict,
    decide,
)
from checkin.domain.protocol import WireVerdict
from checkin.domain.wire import on_the_wire
from invitations.domain import doorcode, passes
from invitations.domain.errors import PassError
from invitations.domain.passes import DoorPass, TrustList
from scanner.roster import Carried

PASS_TEXT = re.compile(rb"71[0-9]{200}")
STATION = "station"


@dataclass(frozen=True)
class Wish:
    """What is asked beside the pass: by whom, why, against which rule, for how many.

    *verb* is how the server is asked; *pass_id* names a guest who was found by a search;
    *heads* is how many of a party come in, 0 for all that are left.
    """

    verb: str = "present"
    override: bool = False
    reason: str = ""
    actor: str = ""
    heads: int = 0
    pass_id: str = ""


PLAIN = Wish()


@dataclass(frozen=True)
class Verifier:
    """A picklable test for the decoder: does this text end the search in a picture?"""

    trust: TrustList

    def __call__(self, raw: bytes) -> bool:
        """Tell whether *raw* is a pass text whose signature holds."""
        return self.is_pass(raw) and isinstance(read_text(raw, self.trust), DoorPass)

    @staticmethod
    def is_pass(raw: bytes) -> bool:
        """Tell whether *raw* has the format of a pass text."""
        return PASS_TEXT.fullmatch(raw) is not None


@dataclass(frozen=True)
class Gatekeeper:
    """Judges for the station while nobody can be asked."""

    carried: Carried

    def identify(self, text: str) -> DoorPass | Outcome:
        """Return the pass that *text* (a pass text or a door code) speaks of, or the refusal.

        A door code is not signed; it counts only if the roster knows it.
        """
        if doorcode.is_like_one(text):
            return self._by_code(text)
        return read_text(text.encode("ascii", "replace"), self.carried.trust)

    def blind(self, text: str) -> bool:
        """Tell whether *text* is a door code that cannot be looked up here and now."""
        code = doorcode.check(text)
        return code and not self.carried.open and self.carried.entry_by_code(text) is None

    def holder(self, pass_id: str) -> DoorPass | None:
        """Return what the latest pass of a guest on the list says, or nothing."""
        entry, rules = self.carried.entry(pass_id), self.carried.rules
        if entry is None or rules is None:
            return None
        return DoorPass(0, rules.event, pass_id, entry.generation, rules.closes_at)

    def judge(
        self,
        found: DoorPass | Outcome,
        direction: Direction,
        now_ms: int,
        *,
        text: str = "",
        wish: Wish = PLAIN,
    ) -> WireVerdict:
        """Return the station's own verdict on *found* at *now_ms* (server time as known).

        The pass *text* that was shown opens the name of its guest.
        """
        rules = self.carried.rules
        if rules is None:
            refusal = found if isinstance(found, Outcome) else Outcome.UNKNOWN
            return _put(Verdict(refusal), found)
        known = self._knowledge(found, rules, text)
        verdict = decide(
            found,
            known,
            rules,
            self.carried.gate,
            now=now_ms // 1000,
            direction=direction,
            override=wish.override,
            heads=wish.heads or None,
        )
        return _put(verdict, found)

    def _by_code(self, code: str) -> DoorPass | Outcome:
        if not doorcode.check(code):
            return Outcome.NOT_A_PASS
        entry, rules = self.carried.entry_by_code(code), self.carried.rules
        if entry is None or rules is None:
            return Outcome.UNKNOWN
        return DoorPass(0, rules.event, entry.pass_id, entry.generation, rules.closes_at)

    def _knowledge(self, found: DoorPass | Outcome, rules: EventRules, text: str) -> Knowledge:
        if isinstance(found, Outcome):
            return Knowledge(None, offline=True)
        return Knowledge(
            entry=self.carried.entry(found.pass_id, text),
            earlier=self.carried.earlier(found.pass_id),
            inside=self.carried.counts().inside if rules.refuse_when_full else 0,
            roster_as_of=self.carried.noted("as_of"),
            offline=True,
        )


def read_text(raw: bytes, trust: TrustList) -> DoorPass | Outcome:
    """Return what the pass text *raw* says, or ``not_a_pass`` or ``forged``."""
    try:
        return passes.read(raw.decode("ascii", "replace"), trust)
    except PassError as refusal:
        return Outcome(refusal.reason)


def _put(verdict: Verdict, found: DoorPass | Outcome) -> WireVerdict:
    """Return *verdict* as this station gives it, in the form of the server's."""
    return replace(on_the_wire(verdict, found), judge=STATION, before=_before(verdict.before))


def _before(before: Earlier | None) -> dict[str, Any] | None:
    if before is None:
        return None
    return {"at_ms": before.at_ms, "gate": before.gate, "station": before.station}

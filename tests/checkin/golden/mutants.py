"""Wrong variants of the decision, each one slip of the pen away from the right one."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

from checkin.domain import admission, passages, rules

if TYPE_CHECKING:
    from collections.abc import Callable

    from checkin.domain.admission import Verdict


@dataclass(frozen=True)
class Mutant:
    """A module of the decision in which *right* was written as *wrong*."""

    name: str
    module: ModuleType
    right: str
    wrong: str

    def decide(self) -> Callable[..., Verdict]:
        """Return the decision with this one mistake in it.

        Raises:
            ValueError: the text that should be changed is not there exactly once.
        """
        text = _source(self.module)
        if text.count(self.right) != 1:
            raise ValueError(self.right)
        wrong = _run(self.module, text.replace(self.right, self.wrong))
        if self.module is admission:
            return partial(_decide, wrong, vars(passages), vars(rules))
        spaces = {"passages": vars(passages), "rules": vars(rules)}
        spaces[self.module.__name__.rpartition(".")[2]] = wrong
        judge = _run(admission, _source(admission))
        judge["fold"] = spaces["passages"]["fold"]
        judge["home_gate"] = spaces["rules"]["home_gate"]
        return partial(_decide, judge, spaces["passages"], spaces["rules"])


def _source(module: ModuleType) -> str:
    return Path(str(module.__file__)).read_text(encoding="utf-8")


def _run(module: ModuleType, text: str) -> dict[str, Any]:
    """Run *text* as if it stood in *module*, and return the names it gives."""
    space: dict[str, Any] = {"__name__": module.__name__}
    exec(compile(text, str(module.__file__), "exec"), space)  # noqa: S102 - our own source
    return space


def _decide(
    judge: dict[str, Any],
    of_passages: dict[str, Any],
    of_rules: dict[str, Any],
    *case: Any,
    **circumstances: Any,
) -> Verdict:
    """Have *judge* decide about things that are made of the classes of its own modules."""
    reading, known, event, gate = case
    heard = [of_passages["Earlier"](**vars(each)) for each in known.earlier]
    plans = tuple(of_rules["GatePlan"](**vars(each)) for each in gate.all)
    made = of_rules["GateRules"](**vars(gate) | {"all": plans})
    found = replace(known, earlier=heard)
    verdict: Verdict = judge["decide"](reading, found, event, made, **circumstances)
    return verdict


MUTANTS = (
    Mutant(
        "the generation is not looked at",
        admission,
        "self.reading.generation < entry.generation",
        "self.reading.generation > 255",
    ),
    Mutant(
        "an equal generation is replaced",
        admission,
        "self.reading.generation < entry.generation",
        "self.reading.generation <= entry.generation",
    ),
    Mutant(
        "a cancelled event opens its doors",
        admission,
        'entry.state == "withdrawn" or rules.cancelled',
        'entry.state == "withdrawn"',
    ),
    Mutant(
        "the doors open a second late",
        admission,
        "self.now < rules.opens_at",
        "self.now <= rules.opens_at",
    ),
    Mutant(
        "the doors close a second early", admission, "self.now > closed", "self.now >= closed"
    ),
    Mutant(
        "a pass does not end",
        admission,
        "min(rules.closes_at, self.reading.not_after)",
        "rules.closes_at",
    ),
    Mutant(
        "an exit needs an open door",
        admission,
        "refusal is None and self.direction is Direction.ENTRY",
        "refusal is None",
    ),
    Mutant(
        "an old list knows everybody",
        admission,
        "self.now - as_of <= ROSTER_FRESH_S",
        "self.now - as_of <= 2 * ROSTER_FRESH_S",
    ),
    Mutant(
        "no list knows everybody",
        admission,
        "as_of is not None and",
        "as_of is None or",
    ),
    Mutant(
        "a room holds one more",
        admission,
        "self.known.inside + places > rules.capacity",
        "self.known.inside + places > rules.capacity + 1",
    ),
    Mutant(
        "a party takes one place",
        admission,
        "self.known.inside + places > rules.capacity",
        "self.known.inside + 1 > rules.capacity",
    ),
    Mutant("who is inside takes a new place", admission, "places > 0 and ", ""),
    Mutant(
        "full wins over already in",
        admission,
        "if used is None and self._full():",
        "if self._full() or (used and rules.refuse_when_full):",
    ),
    Mutant(
        "many entries are not allowed",
        admission,
        "if self.rules.many_entries:",
        "if self.rules.many_entries and self.rules.reentry:",
    ),
    Mutant(
        "whoever left may always come back",
        admission,
        "self.passages.inside if self.rules.reentry else self.passages.entered",
        "self.passages.inside",
    ),
    Mutant(
        "nobody who left may come back",
        admission,
        "self.passages.inside if self.rules.reentry else self.passages.entered",
        "self.passages.entered",
    ),
    Mutant(
        "the last entry is told instead of the first",
        admission,
        "self.passages.last if self.rules.reentry else self.passages.first",
        "self.passages.last",
    ),
    Mutant(
        "a declined reply is good enough",
        admission,
        '{"accepted", "delegated"}',
        '{"accepted", "delegated", "declined"}',
    ),
    Mutant(
        "everything may be overridden",
        admission,
        "override and refusal.outcome in OVERRIDABLE",
        "override",
    ),
    Mutant(
        "an override leaves no mark",
        admission,
        "admitted.flags | {Flag.OVERRIDDEN}",
        "admitted.flags",
    ),
    Mutant(
        "an override is not asked for",
        admission,
        "override and refusal.outcome in OVERRIDABLE",
        "refusal.outcome is Outcome.WRONG_GATE or override and refusal.outcome in OVERRIDABLE",
    ),
    Mutant(
        "no line is no matter at a home gate",
        admission,
        "home is not None and home.id == self.gate.id",
        "home is not None",
    ),
    Mutant(
        "no line wins over already in",
        admission,
        "self._for_the_moment() or self._for_the_line()",
        "self._for_the_line() or self._for_the_moment()",
    ),
    Mutant(
        "the line does not matter",
        admission,
        "not self.known.offline or policy == ADMIT_AND_FLAG",
        "policy == ADMIT_AND_FLAG",
    ),
    Mutant(
        "the whole party comes with each scan",
        admission,
        "most if self.asked is None else min(self.asked, self.party if leaving else most)",
        "self.party",
    ),
    Mutant(
        "one of a party uses the pass up",
        passages,
        "entered = sum(each.heads for each in entries)",
        "entered = party",
    ),
    Mutant(
        "the order of hearing decides",
        passages,
        "sorted((e for e in earlier if e.counts), key=lambda e: (e.at_ms, e.scan_id))",
        "[e for e in earlier if e.counts]",
    ),
    Mutant(
        "a refused scan counts",
        passages,
        "self.outcome is Outcome.ADMITTED and not self.undone",
        "not self.undone",
    ),
    Mutant(
        "a scan taken back counts",
        passages,
        "self.outcome is Outcome.ADMITTED and not self.undone",
        "self.outcome is Outcome.ADMITTED",
    ),
    Mutant(
        "an exit frees nothing",
        passages,
        "each.heads if each.direction is Direction.ENTRY else -each.heads",
        "each.heads",
    ),
    Mutant(
        "more may be inside than the party",
        passages,
        "min(party, max(0, inside + by))",
        "max(0, inside + by)",
    ),
    Mutant(
        "fewer than nobody may be inside",
        passages,
        "min(party, max(0, inside + by))",
        "min(party, inside + by)",
    ),
    Mutant(
        "every gate serves every category",
        rules,
        "if not self.categories or category in self.categories:",
        "if True:",
    ),
    Mutant(
        "a category of no gate stays outside",
        rules,
        "if self.all and not any(gate.serves(category) for gate in self.all):",
        "if False:",
    ),
    Mutant(
        "a home is looked for among all gates",
        rules,
        "[gate for gate in ordered if gate.serves(entry.category)] or ordered",
        "ordered",
    ),
    Mutant(
        "a home depends on the order of the gates",
        rules,
        "sorted(gates, key=lambda gate: gate.id)",
        "list(gates)",
    ),
    Mutant(
        "the first gate is everybody's home",
        rules,
        "serving[int(entry.pass_id, 16) % len(serving)]",
        "serving[0]",
    ),
)

"""What people decide at the board: of conflicts, of walk-ins, of who welcomes a VIP."""

from __future__ import annotations

from dataclasses import dataclass

SAME_PERSON, ANOTHER_PERSON, UNRESOLVED = "same_person", "another_person", "unresolved"
CONFLICT_CHOICES = (SAME_PERSON, ANOTHER_PERSON, UNRESOLVED)
SETTLED = frozenset({SAME_PERSON, ANOTHER_PERSON})
ADMIT, DENY = "admit", "deny"
WALK_IN_CHOICES = (ADMIT, DENY)
CONFLICT, WALK_IN, GREETED, SUBSTITUTE = "conflict", "walk_in", "greeted", "substitute"


@dataclass(frozen=True)
class Decision:
    """One decision: its *kind*, what it is *about*, and what was chosen by whom and when.

    A conflict is about a scan, a walk-in about its number, a greeting about a pass.
    """

    kind: str
    about: str
    choice: str
    by: str
    at: int
    note: str = ""
    account_id: int | None = None

"""What the desk of the station is asked and what it answers: values, and codes for troubles.

A *problem* is empty, or one of: ``closed`` (nobody's shift is open), ``rights`` (the shift is
not a supervisor's), ``reason``, ``short`` (fewer than three letters), ``too_many``,
``not_found``, ``too_late``, ``line`` (it needs the server), ``policy`` (the event does not
allow it), ``invalid`` (a field is empty or too long), ``not_a_pass``, ``wrong`` and ``wait``
(PINs), ``opening`` (the list is being unlocked).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from scanner.door import Shown


@dataclass(frozen=True)
class StaffMember:
    """Somebody who may open a shift here; *role* is steward, supervisor or officer."""

    id: str
    name: str
    role: str

    @property
    def decides(self) -> bool:
        """Tell whether they may override, undo late, and take in walk-ins."""
        return self.role in {"supervisor", "officer"}


@dataclass(frozen=True)
class Second:
    """A supervisor who stands beside a steward: their PIN, for one deed, not for a shift."""

    staff_id: str
    pin: str


@dataclass(frozen=True)
class ShiftAnswer:
    """What came of a PIN; with ``wait``, another try makes sense after *wait_s* seconds."""

    staff: StaffMember | None
    problem: str = ""
    wait_s: int = 0


@dataclass(frozen=True)
class Answer:
    """What came of one presentation: the verdict as shown, or why there is none."""

    shown: Shown | None
    problem: str = ""


@dataclass(frozen=True)
class Hit:
    """One guest found; *twin* says that another hit bears the same name."""

    pass_id: str
    name: str
    honorific: str = ""
    organisation: str = ""
    title: str = ""
    phone_tail: str = ""
    state: str = "issued"
    inside: bool = False
    vip: bool = False
    party: int = 1
    twin: bool = False


@dataclass(frozen=True)
class Hits:
    """At most ten guests, and whether there are *more*; *offline* if found on this machine."""

    hits: tuple[Hit, ...] = ()
    more: bool = False
    offline: bool = False
    problem: str = ""


@dataclass(frozen=True)
class WalkInForm:
    """Somebody at the door without an invitation."""

    name: str
    organisation: str
    reason: str
    vouched_by: str
    honorific: str = ""
    phone: str = ""


@dataclass(frozen=True)
class WalkInAnswer:
    """What came of a walk-in: *state* ``admitted``, ``asked`` or ``denied``; "" with a problem.

    *id* is the server's number for it (0: taken in offline); *pass_text* a pass to print.
    """

    state: str
    id: int = 0
    shown: Shown | None = None
    pass_text: str = ""
    problem: str = ""


@dataclass(frozen=True)
class SubstituteForm:
    """Who comes instead of the guest with *pass_id*."""

    pass_id: str
    name: str
    honorific: str = ""
    title: str = ""
    phone: str = ""
    email: str = ""


@dataclass(frozen=True)
class SubstituteAnswer:
    """What came of a substitution, and the new *pass_text*."""

    shown: Shown | None
    pass_text: str = ""
    problem: str = ""

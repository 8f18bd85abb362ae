"""Who and what the office deals with: offices, events, guests, invitations, actors."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Actor:
    """Who does something, for the rights and for the audit book.

    *role* is ``officer``, ``supervisor``, ``steward``, ``viewer``, or ``system``.
    """

    name: str
    office_id: int
    role: str
    account_id: int | None = None


@dataclass(frozen=True)
class Gate:
    """A door of one event, and the categories of guests it serves; none means everybody."""

    id: int
    name: str
    categories: tuple[str, ...] = ()


YES_NO = ("yes", "no")


@dataclass(frozen=True)
class Question:
    """What the door asks an admitted guest; *kind* is ``yes_no``, ``text`` or ``choice``."""

    key: str
    text: str
    kind: str = "yes_no"
    choices: tuple[str, ...] = ()

    @classmethod
    def from_json(cls, found: dict[str, Any]) -> Question:
        """Read a question as it is kept with its event."""
        kind, choices = found.get("kind", "yes_no"), tuple(found.get("choices", ()))
        return cls(found["key"], found["text"], kind, choices)

    @property
    def offered(self) -> tuple[str, ...]:
        """The answers to choose from; none where the guest's own words are written down."""
        return {"yes_no": YES_NO, "choice": self.choices}.get(self.kind, ())


@dataclass(frozen=True)
class Office:
    """An authority that hosts events."""

    id: int
    name: str
    short_name: str = ""
    address: str = ""
    email: str = ""
    phone: str = ""


@dataclass(frozen=True)
class Event:
    """One gathering with doors that open and close; times in Unix seconds (UTC).

    *offline* says what a station without a line may do (``admit-and-flag``, ``home-gate``,
    ``refuse``), *walk_ins* what becomes of guests without an invitation (``deny``, ``allow``,
    ``ask``), *paper* that cameras read the bars of the door code, *badges* that labels are
    printed.
    """

    id: int
    office_id: int
    title: str
    chair: str
    place: str
    address: str
    contact: str
    notes: str
    starts_at: int
    ends_at: int
    opens_at: int
    closes_at: int
    reply_by: int | None
    capacity: int | None
    refuse_when_full: bool
    reentry: bool
    state: str
    sequence: int
    gates: tuple[Gate, ...] = ()
    many_entries: bool = False
    reply_needed: bool = False
    offline: str = "admit-and-flag"
    walk_ins: str = "ask"
    questions: tuple[Question, ...] = ()
    paper: bool = False
    badges: bool = False


@dataclass(frozen=True)
class Guest:
    """One line of an event's guest list; *phone* is E.164 or empty, *email* may be empty."""

    id: int
    event_id: int
    honorific: str
    name: str
    title: str
    organisation: str
    phone: str
    email: str
    note: str
    press_card: str
    vip: bool
    party: int
    category: str = ""
    language: str = "vi"


@dataclass(frozen=True)
class Invitation:
    """The standing offer to one guest, and the pass that goes with it.

    *tag* stands in mail addresses, *link* is the secret of the pass page, *pass_id* and
    *generation* name the pass, *door_code* is what a hand can type.
    """

    id: int
    event_id: int
    guest_id: int
    tag: str
    link: str
    state: str
    pass_id: str
    generation: int
    kid: int
    not_after: int
    door_code: str
    reply: str
    sequence: int = 0  # how often it was changed; added to that of the event


@dataclass(frozen=True)
class Holder:
    """A guest together with the invitation that the guest holds."""

    guest: Guest
    invitation: Invitation

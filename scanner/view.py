"""How a verdict looks: kind, word, lines and seconds, in the language of the page."""

from __future__ import annotations

from dataclasses import dataclass

from flask_babel import gettext as _

from checkin.domain.admission import OVERRIDABLE, Direction, Flag, Outcome
from scanner.door import Shown
from scanner.lines import clock_time, heads_of, lines_of, party_of

HOLD_MS = {"ok": 1200, "offline": 1500, "vip": 5000, "already": 0, "stop": 0}
LONGER_MS = 5000
UNTIL_TOUCHED = 0
BUTTONS_FOR_HEADS = 8


@dataclass(frozen=True)
class VerdictView:
    """One verdict for the page.

    *kind* is ``ok``, ``vip``, ``offline``, ``already`` or ``stop``; *hold_ms* 0 stays until
    touched; *lines* say what the steward should know or do next. *heads* of a party come in
    now, *most_heads* could (0: nothing to choose); *asks* that the door has questions.
    """

    number: int
    scan_id: str
    outcome: str
    kind: str
    word: str
    name: str
    post: str
    lines: tuple[str, ...]
    hold_ms: int
    offline: bool
    by: str
    time: str
    undone: bool
    can_undo: bool
    can_override: bool = False
    leaving: bool = False
    rehearsal: bool = False
    asks: bool = False
    heads: int = 1
    most_heads: int = 0

    @property
    def refused(self) -> bool:
        """Tell whether the word is "stop"."""
        return self.kind == "stop"

    @property
    def heads_to_choose(self) -> range:
        """The numbers that get a button of their own; larger parties get a field."""
        return range(1, min(self.most_heads, BUTTONS_FOR_HEADS) + 1)


def view(shown: Shown, *, names: bool = True) -> VerdictView:
    """Return how *shown* looks; needs the language of a request.

    Without *names* nothing in it tells who the guest is.
    """
    kind = _kind(shown)
    flags = shown.verdict.flags
    admitted = shown.outcome is Outcome.ADMITTED
    leaving = shown.direction is Direction.EXIT
    return VerdictView(
        number=shown.number,
        scan_id=shown.scan_id,
        outcome=shown.verdict.outcome,
        kind=kind,
        word=_word(kind, leaving=leaving),
        name=_name(shown) if names else "",
        post=_post(shown) if names else "",
        lines=lines_of(shown, names=names),
        hold_ms=_hold(shown, kind),
        offline=Flag.OFFLINE in flags,
        by=_("máy chủ xác nhận") if shown.verdict.judge == "server" else _("trạm tự xác nhận"),
        time=clock_time(shown.at_ms // 1000, "%H:%M:%S"),
        undone=shown.undone,
        can_undo=admitted and not shown.undone and not shown.rehearsal,
        can_override=shown.outcome in OVERRIDABLE and not leaving and not shown.rehearsal,
        leaving=leaving,
        rehearsal=shown.rehearsal,
        asks=Flag.QUESTIONS in flags and admitted and not leaving,
        heads=heads_of(shown),
        most_heads=_most_heads(shown),
    )


def _name(shown: Shown) -> str:
    entry = shown.verdict.entry or {}
    return " ".join(part for part in (entry.get("honorific"), entry.get("name")) if part)


def _post(shown: Shown) -> str:
    entry = shown.verdict.entry or {}
    return " – ".join(part for part in (entry.get("title"), entry.get("organisation")) if part)


def _kind(shown: Shown) -> str:
    if shown.outcome is Outcome.ALREADY_IN:
        return "already"
    if shown.outcome is not Outcome.ADMITTED:
        return "stop"
    flags = set(shown.verdict.flags)
    if flags & {Flag.VIP, Flag.NOTE}:
        return "vip"
    return "offline" if Flag.OFFLINE in flags else "ok"


def _word(kind: str, *, leaving: bool) -> str:
    if leaving and kind in {"ok", "offline", "vip"}:
        return str(_("TẠM BIỆT"))
    words = {
        "ok": _("MỜI VÀO"),
        "offline": _("MỜI VÀO"),
        "vip": _("KHÁCH VIP"),
        "already": _("ĐÃ QUÉT"),
        "stop": _("DỪNG LẠI"),
    }
    return str(words[kind])


def _hold(shown: Shown, kind: str) -> int:
    """Return how long the verdict stays: longer where somebody has to choose."""
    if HOLD_MS[kind] == UNTIL_TOUCHED or _most_heads(shown) == 0:
        return HOLD_MS[kind]
    return LONGER_MS


def _most_heads(shown: Shown) -> int:
    """Return how many of a party could come in now, or 0 where there is nothing to choose."""
    left = party_of(shown.verdict.entry or {}) - shown.verdict.party_inside
    chooses = shown.outcome is Outcome.ADMITTED and shown.direction is Direction.ENTRY
    return left if chooses and left > 1 and not (shown.undone or shown.rehearsal) else 0

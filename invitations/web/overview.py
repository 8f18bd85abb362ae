"""What an event's pages say of it: how far it is, and what to do next."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING

from flask import url_for
from flask_babel import gettext as _

from invitations.domain.plans import HERE, Phase, phase
from invitations.web.desks import desks
from invitations.web.header import link
from invitations.web.plurals import counted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from invitations.domain.model import Event
    from invitations.domain.roster import Counts
    from invitations.services.planning import Summary


@dataclass(frozen=True)
class Line:
    """One event as the list and its own page show it."""

    event: Event
    counts: Counts
    arrived: int
    phase: Phase
    today: bool

    ended: bool

    @property
    def past(self) -> bool:
        """Tell whether nothing is left to do for it."""
        return self.phase in {"over", "cancelled"}


@dataclass(frozen=True)
class Task:
    """One thing to do for an event: its name, where it is done, and how far it is."""

    name: str
    said: str
    href: str
    state: str  # done, now, later
    icon: str


def lines(summaries: Sequence[Summary]) -> list[Line]:
    """Return *summaries* as the pages show them now, with who has arrived."""
    arrived = desks().arrived([each.event.id for each in summaries])
    now = int(time.time())
    today = _day(now)
    return [
        Line(
            each.event,
            each.counts,
            arrived.get(each.event.id, 0),
            phase(each.event, each.counts, now),
            _day(each.event.starts_at) == today,
            each.event.ends_at < now,
        )
        for each in summaries
    ]


def way(line: Line) -> tuple[str, str]:
    """Return the one thing to do next for an event: its words and its address."""
    event_id = line.event.id
    board = link("board.show", event_id=event_id)
    own = url_for("events.show", event_id=event_id)
    match line.phase:
        case "draft" if not line.counts.listed:
            return str(_("Nhập danh sách khách")), _guests(event_id) or own
        case "draft":
            return str(_("Gửi thư mời")), _sending(event_id) or own
        case "sent":
            return str(_("Mở cửa")), _stations(event_id) or own
        case "open":
            return str(_("Bảng trực tiếp")), board or own
        case "over" | "cancelled":
            return str(_("Xem lại")), own


def _guests(event_id: int) -> str:
    return link("guests.index", event_id=event_id)


def _sending(event_id: int) -> str:
    return link("sending.begin", event_id=event_id)


def _stations(event_id: int) -> str:
    return link("stations.show", event_id=event_id)


def tasks(line: Line) -> list[Task]:
    """Return the four things to do for an event, in their order."""
    counts, event_id = line.counts, line.event.id
    stage = _stage(line)
    steps = (
        (_("Khách mời"), _said_guests(counts), _guests(event_id), "people"),
        (_("Gửi thư mời"), _said_sending(counts), _sending(event_id), "letter"),
        (_("Mở cửa"), str(_("Ghép trạm với từng cửa")), _stations(event_id), "door"),
        (
            _("Bảng trực tiếp"),
            counted("%(count)s khách đã đến", line.arrived),
            link("board.show", event_id=event_id),
            "board",
        ),
    )
    return [
        Task(str(name), said, href, _state(place, stage), sign)
        for place, (name, said, href, sign) in enumerate(steps)
    ]


def _stage(line: Line) -> int:
    """Return which of the four tasks is the next one; 4 when the event is over."""
    match line.phase:
        case "draft":
            return 1 if line.counts.listed else 0
        case "sent":
            return 1 if line.counts.waiting else 2
        case "open":
            return 3
        case "over" | "cancelled":
            return 4


def _state(place: int, stage: int) -> str:
    if place < stage:
        return "done"
    return "now" if place == stage else "later"


def _said_guests(counts: Counts) -> str:
    if not counts.listed:
        return str(_("Chưa có ai trong danh sách"))
    return counted("%(count)s khách trong danh sách", counts.listed)


def _said_sending(counts: Counts) -> str:
    if counts.invited and counts.waiting:
        said = counted(
            "%(count)s thư mời, còn %(waiting)s khách chưa có",
            counts.invited,
            waiting=counts.waiting,
        )
        return str(said)
    return counted("%(count)s thư mời đã cấp", counts.invited)


def _day(at: int) -> date:
    return datetime.fromtimestamp(at, HERE).date()

"""The press officer of the demo: makes events, has lists taken in, sends, takes back."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING

from checkin.demo.processes import DemoError
from invitations.domain.plans import HERE

if TYPE_CHECKING:
    from checkin.demo.visitor import Visitor

EVENT = re.compile(r"/events/(\d+)")
GATE = re.compile(r'name="gate"[^>]*value="(\d+)"')
CODE = re.compile(r'data-code="(\d+)"')
INVITATION = re.compile(r'href="/invitations/(\d+)"')
STARTS_IN = timedelta(minutes=25)
OPEN_BEFORE = timedelta(hours=1)
LASTS = timedelta(hours=2)


@dataclass(frozen=True)
class Desk:
    """What the officer who is signed in at *visitor* does."""

    visitor: Visitor

    def plan(self, title: str, gate: str, now: datetime) -> int:
        """Make an event whose doors are open *now* and return its id."""
        page = self.visitor.send("/events/new", event_form(title, gate, now))
        found = EVENT.search(page.url.path)
        if found is None:
            raise DemoError("/events/new", page.url.path)
        return int(found[1])

    def invitation(self, event_id: int, name: str) -> int:
        """Return the invitation of the one guest called *name*.

        Raises:
            DemoError: there is none, or there are several.
        """
        page = self.visitor.open(f"/events/{event_id}/invitations?q={name}")
        found = set(INVITATION.findall(page.text))
        if len(found) != 1:
            raise DemoError("/invitations", f"{name}: {len(found)}")
        return int(found.pop())

    def pairing_code(self, event_id: int) -> str:
        """Return a one-time code for a device at the event's first gate.

        Raises:
            DemoError: the screen shows none.
        """
        stations = f"/events/{event_id}/stations"
        gate = GATE.search(self.visitor.open(stations).text)
        page = self.visitor.send(f"{stations}/codes", {"gate": gate[1] if gate else ""})
        code = CODE.search(page.text)
        if code is None:
            raise DemoError(stations, page.url.path)
        return code[1]

    def withdraw(self, invitation_id: int, reason: str) -> None:
        """Take an invitation back."""
        self.visitor.send(f"/invitations/{invitation_id}/withdraw", {"reason": reason})

    def reissue(self, invitation_id: int) -> None:
        """Give a new pass, so that the one in the letter is replaced."""
        self.visitor.send(f"/invitations/{invitation_id}/reissue", {})


def event_form(title: str, gate: str, now: datetime) -> dict[str, str | list[str]]:
    """Return the form of an event that begins soon and whose doors are open at *now*."""
    here = now.astimezone(HERE)
    midnight = datetime.combine(here.date(), time(), HERE)
    starts = min(here + STARTS_IN, midnight + timedelta(hours=23, minutes=59))
    opens = max(here - OPEN_BEFORE, midnight)
    ends = starts + LASTS
    return {
        "title": title,
        "chair": "Ông Trần Văn Minh, Chánh Văn phòng",
        "place": "Phòng họp báo, tầng 2",
        "address": "86 Lê Thánh Tôn, phường Sài Gòn",
        "contact": "Bà Nguyễn Thị Hoa, máy lẻ 102",
        "date": f"{starts:%Y-%m-%d}",
        "starts": f"{starts:%H:%M}",
        "ends_on": f"{ends:%Y-%m-%d}",
        "ends": f"{ends:%H:%M}",
        "opens": f"{opens:%H:%M}",
        "gate_id": ["0"],
        "gate": [gate],
    }

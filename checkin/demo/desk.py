"""The press officer of the demo: makes events, has lists taken in, sends, takes back."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING

from checkin.demo.processes import DemoError
from checkin.demo.visitor import form_on
from invitations.domain.plans import HERE

if TYPE_CHECKING:
    from collections.abc import Collection

    from checkin.demo.visitor import Visitor

EVENT = re.compile(r"/events/(\d+)")
GATE = re.compile(r'name="gate"[^>]*value="(\d+)"')
CODE = re.compile(r'data-code="(\d+)"')
SENDING = re.compile(r"/sendings/(\d+)")
TALLY = re.compile(
    r'data-channel="(\w+)"\s+data-all="(\d+)"\s+data-sent="(\d+)"\s+data-waiting="(\d+)"'
)
INVITATION = re.compile(r'href="/invitations/(\d+)">([^<]*)</a>')
COUNT = re.compile(r'data-count="(\d+)"')
OWN_PHONE = "0903 000 999"  # the officer's, for what is tried before it is sent
STARTS_IN = timedelta(minutes=25)
OPEN_BEFORE = timedelta(hours=1)
LASTS = timedelta(hours=2)


@dataclass(frozen=True)
class Pile:
    """How far one sending is: letters in all, letters no longer waiting, sent by channel."""

    every: int
    done: int
    sent: dict[str, int]


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

    def send(self, event_id: int, channels: Collection[str] = ("email", "sms")) -> int:
        """Try the letter, then send it to all who have none by *channels*; return the sending.

        Raises:
            DemoError: the page that follows is not that of a sending.
        """
        compose = f"/events/{event_id}/sending"
        form = form_on(self.visitor.open(compose).text, f"{compose}/check")
        form = {name: value for name, value in form.items() if not name.startswith("by_")}
        form |= {f"by_{channel}": "1" for channel in channels}
        self.visitor.send(f"{compose}/test", form | {"test_phone": OWN_PHONE})
        checked = self.visitor.send(f"{compose}/check", form).text
        count = COUNT.search(checked)
        said = form_on(checked, compose) | {"count": count[1] if count else ""}
        said["at_night"] = "1"  # the story is told at any hour
        page = self.visitor.send(compose, said)
        found = SENDING.fullmatch(page.url.path)
        if found is None:
            raise DemoError(compose, page.url.path)
        return int(found[1])

    def pile(self, sending_id: int) -> Pile:
        """Return how far a sending is, as its page tells."""
        page = self.visitor.open(f"/sendings/{sending_id}").text
        found = {channel: tuple(map(int, rest)) for channel, *rest in TALLY.findall(page)}
        every = sum(all_of_them for all_of_them, _sent, _waiting in found.values())
        waiting = sum(waiting for _all, _sent, waiting in found.values())
        sent = {channel: counts[1] for channel, counts in found.items()}
        return Pile(every, every - waiting, sent)

    def invitation(self, event_id: int, name: str) -> int:
        """Return the invitation of the one guest called *name*.

        Raises:
            DemoError: there is none, or there are several.
        """
        page = self.visitor.open(f"/events/{event_id}/invitations?q={name}")
        rows = INVITATION.findall(page.text)
        found = [number for number, who in rows if html.unescape(who).endswith(f" {name}")]
        if len(found) != 1:
            raise DemoError("/invitations", f"{name}: {len(found)}")
        return int(found[0])

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

"""A station with its screen in a real browser, for tests that look at what a steward sees."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from checkin.domain.sealing import PinCost, key_of_pin, wrap_key
from invitations.domain.roster import RosterEntry
from scanner.display import DIST, Display
from scanner.station import Station
from tests.scanner.rigs import Rig, a_server, a_station

PIN = "246810"
CHROMIUM = "/usr/bin/chromium"
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@dataclass
class Watched:
    """One page of the kiosk, what it asked for, and what it complained of."""

    page: Page
    url: str
    requests: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def begin(self) -> "Watched":
        """Leave the start page as a steward without a PIN does."""
        self.page.locator("[data-begin]").first.click()
        expect(self.page.locator("#start")).to_be_hidden()
        return self


@contextmanager
def a_door(folder: Path, guests: list[RosterEntry]) -> Iterator[tuple[Rig, Display]]:
    """Run a station that is online, and its screen; no camera."""
    server = a_server(folder, guests)
    rig = Rig(a_station(folder, server.url), server, folder)
    display = Display(rig.station)
    rig.station.uplink.start()
    display.start()
    deadline = time.monotonic() + 10
    while not rig.station.uplink.online and time.monotonic() < deadline:
        time.sleep(0.02)
    try:
        yield rig, display
    finally:
        rig.station.stopping.set()
        display.stop()
        server.stop()
        rig.station.uplink.stop()
        rig.station.journal.close()
        rig.station.gatekeeper.carried.close()


@contextmanager
def a_browser() -> Iterator[Browser]:
    """Lend one Chromium, for the windows of many tests."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()


@contextmanager
def a_window(browser: Browser, url: str, **context: Any) -> Iterator[Watched]:
    """Open the kiosk page at *url* in a window that remembers nothing of others."""
    assert (DIST / "kiosk.js").exists(), "run: python checkin/frontend/build.py"
    window = browser.new_context(**context)
    window.set_default_timeout(10_000)
    page = window.new_page()
    watched = Watched(page, url)
    page.on("request", lambda request: watched.requests.append(request.url))
    page.on("pageerror", lambda error: watched.complaints.append(str(error)))
    page.on("console", lambda said: _note(watched, said.type, said.text))
    page.on("dialog", lambda dialog: pytest.fail(f"a guest's text ran: {dialog.message}"))
    page.goto(url)
    expect(page.locator("#line")).to_have_class("badge online", timeout=15_000)
    yield watched
    window.close()


def rule(station: Station, **changes: Any) -> None:
    """Change the event's rules as news from the server would."""
    carried = station.gatekeeper.carried
    carried.note("rules", (carried.noted("rules") or {}) | changes)


def employ(rig: Rig, **roles: str) -> None:
    """Give each person (name=role) the PIN 246810 here, as the server's staff list would."""
    cost, salt = PinCost(t=1, m=64), bytes(16)
    key = key_of_pin(PIN, salt, cost)
    rig.station.gatekeeper.carried.note(
        "staff",
        [
            {
                "id": name.lower(),
                "name": name,
                "role": role,
                "salt": salt.hex(),
                "argon": cost.to_json(),
                "sealed_key": wrap_key(key, bytes(32), staff_id=name.lower(), role=role).hex(),
            }
            for name, role in roles.items()
        ],
    )


def _note(watched: Watched, kind: str, text: str) -> None:
    if kind in {"error", "warning"} and "picture.jpg" not in text and "404" not in text:
        watched.complaints.append(text)

"""Two screens in a real browser, and a note of every change that a person would see."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from playwright.sync_api import BrowserContext, Page, sync_playwright

CHROMIUM = "/usr/bin/chromium"
QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
# Notes [Unix milliseconds, the count] whenever the board's counter shows another number.
NOTE_COUNTS = """() => {
    const counter = document.getElementById("arrived");
    window.notes = [[Date.now(), Number(counter.textContent)]];
    new MutationObserver(() => {
        const count = Number(counter.textContent);
        if (count !== window.notes.at(-1)[1]) window.notes.push([Date.now(), count]);
    }).observe(counter, { childList: true, characterData: true, subtree: true });
}"""
# Notes [Unix milliseconds, the state] whenever the board says that its line fell or stands.
NOTE_PULSE = """() => {
    const pulse = document.getElementById("pulse");
    window.pulse = [[Date.now(), pulse.dataset.state]];
    new MutationObserver(() => {
        const state = pulse.dataset.state;
        if (state !== window.pulse.at(-1)[1]) window.pulse.push([Date.now(), state]);
    }).observe(pulse, { attributes: true, attributeFilter: ["data-state"] });
}"""
# Notes [Unix milliseconds, number, outcome, word, name] of every verdict the kiosk lights.
NOTE_VERDICTS = """() => {
    window.notes = [];
    const look = () => {
        const shown = document.querySelector("#verdict .verdict");
        if (!shown || window.notes.some((note) => note[1] === shown.dataset.number)) return;
        const word = shown.querySelector(".word").textContent.trim();
        const name = shown.querySelector(".name")?.textContent.trim() ?? "";
        const { number, outcome } = shown.dataset;
        window.notes.push([Date.now(), number, outcome, word, name]);
    };
    new MutationObserver(look).observe(document.getElementById("verdict"), {
        childList: true, subtree: true, attributes: true,
    });
    look();
}"""


@dataclass
class Screen:
    """One page in the browser, what it asked for, and what it complained of."""

    page: Page
    requests: list[str]
    complaints: list[str]

    def notes(self) -> list[list[Any]]:
        """Return what was noted on the page so far."""
        found: list[list[Any]] = self.page.evaluate("() => window.notes")
        return found

    def until(self, ready: Callable[[], bool], seconds: float) -> bool:
        """Wait until *ready*, while the page lives on; tell whether it became so."""
        deadline = time.monotonic() + seconds
        while not ready():
            if time.monotonic() > deadline:
                return False
            self.page.wait_for_timeout(100)
        return True


@contextmanager
def browser() -> Iterator[BrowserContext]:
    """Lend a Vietnamese browser of a desktop's size."""
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=list(QUIET))
        context = chromium.new_context(
            locale="vi-VN", viewport={"width": 1280, "height": 800}, service_workers="block"
        )
        try:
            yield context
        finally:
            context.close()
            chromium.close()


def screen(context: BrowserContext, url: str) -> Screen:
    """Open *url* in a page of its own, and listen to what it asks for."""
    page = context.new_page()
    found = Screen(page, [], [])
    page.on("request", lambda request: found.requests.append(request.url))
    page.on("pageerror", lambda error: found.complaints.append(str(error)))
    page.goto(url)
    return found


def sign_in(context: BrowserContext, url: str, email: str, password: str) -> None:
    """Sign in as a person would: by the form."""
    page = context.new_page()
    page.goto(f"{url}/sign-in")
    page.fill("input[name=email]", email)
    page.fill("input[name=password]", password)
    page.click("button[type=submit]")
    page.wait_for_url(lambda found: "/sign-in" not in found)
    page.close()

"""Somebody at a browser: signs in, opens pages, sends forms, as an officer would."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping, Sequence
from html.parser import HTMLParser
from typing import Self
from urllib.parse import urlsplit

import httpx

from checkin.demo.processes import DemoError

PATIENCE_S = 60.0
HEADERS = {"Sec-Fetch-Site": "same-origin", "Accept": "text/html", "Accept-Language": "vi"}
WORDS = re.compile(r"<[^>]+>|\s+")
WORDS_SHOWN = 600

Form = Mapping[str, str | Sequence[str]]


class Visitor:
    """One browser with its cookies; *server* is the address of the house."""

    def __init__(self, server: str) -> None:
        self.server = server
        self._client = httpx.Client(
            base_url=server,
            headers=HEADERS,
            follow_redirects=True,
            timeout=PATIENCE_S,
            trust_env=False,
        )

    def __enter__(self) -> Self:
        """Open the browser."""
        return self

    def __exit__(self, *_error: object) -> None:
        """Close the browser."""
        self._client.close()

    def sign_in(self, email: str, password: str) -> None:
        """Sign in.

        Raises:
            DemoError: the house did not let us in.
        """
        self.send("/sign-in", {"email": email, "password": password})

    def open(self, path: str, accept: str = "") -> httpx.Response:
        """Open a page.

        Raises:
            DemoError: it is not there, or not for us.
        """
        return self._good(self._client.get(path, headers={"Accept": accept} if accept else {}))

    def send(self, path: str, form: Form) -> httpx.Response:
        """Send a form and return the page it led to.

        Raises:
            DemoError: it was not taken; carries what the page said.
        """
        filled = {name: _plain(value) for name, value in form.items()}
        return self._good(self._client.post(path, data=filled))

    @property
    def cookie(self) -> str:
        """The cookies as a header, for lines that are no pages."""
        return "; ".join(f"{name}={value}" for name, value in self._client.cookies.items())

    def _good(self, answer: httpx.Response) -> httpx.Response:
        if answer.is_error:
            said = html.unescape(WORDS.sub(" ", answer.text)).strip()
            what = f"{answer.request.method} {answer.request.url.path}: {answer.status_code}"
            raise DemoError(what, " ".join(said.split())[:WORDS_SHOWN])
        return answer


def _plain(value: str | Sequence[str]) -> str | list[str]:
    return value if isinstance(value, str) else list(value)


class _FormReader(HTMLParser):
    """Collects what a form on a page would send if its button were pressed now."""

    def __init__(self, action: str) -> None:
        super().__init__()
        self.filled: dict[str, str] = {}
        self._action = action
        self._inside = False
        self._area = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note a form, or one of its controls."""
        found = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._inside = urlsplit(found.get("action", "")).path == self._action
        if not self._inside or not found.get("name"):
            return
        if tag == "textarea":
            self._area = found["name"]
            self.filled[self._area] = ""
        elif tag == "input" and _is_sent(found):
            self.filled[found["name"]] = found.get("value", "")

    def handle_endtag(self, tag: str) -> None:
        """Leave a form or a text area."""
        if tag == "form":
            self._inside = False
        if tag == "textarea":
            self._area = ""

    def handle_data(self, data: str) -> None:
        """Take the text of a text area; its first line break is not part of it."""
        if self._area:
            before = self.filled[self._area]
            self.filled[self._area] = before + (data if before else data.removeprefix("\n"))


def form_on(page: str, action: str) -> dict[str, str]:
    """Return the controls of the form on *page* that leads to *action*, as they stand."""
    reader = _FormReader(action)
    reader.feed(page)
    return reader.filled


def _is_sent(control: Mapping[str, str]) -> bool:
    ticked = control.get("type") not in {"checkbox", "radio"} or "checked" in control
    return ticked and control.get("type") not in {"submit", "button", "file"}

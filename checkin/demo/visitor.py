"""Somebody at a browser: signs in, opens pages, sends forms, as an officer would."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Self

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

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
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

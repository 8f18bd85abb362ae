"""The short way for a station's POST: the same handler, without the machinery for pages.

Only the plainest request takes it: to a host of ours, of a known and bounded length, with no
sign of a browser. Whatever else it may be goes the long way, where each rule is applied.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from checkin.domain.protocol import POST_PATH
from checkin.web.desks import EXTENSION
from checkin.web.frames import LARGEST_MESSAGE
from checkin.web.line import answered
from checkin.web.security import headers_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

    from flask import Flask

BROWSERS = ("HTTP_ORIGIN", "HTTP_SEC_FETCH_SITE")
WORDS = {200: "OK", 401: "UNAUTHORIZED", 403: "FORBIDDEN", 503: "SERVICE UNAVAILABLE"}


def lay(app: Flask) -> None:
    """Lay the short way in front of *app*, which is complete."""
    app.wsgi_app = Shortcut(app, app.wsgi_app)  # type: ignore[assignment, method-assign]  # how Flask says to do it


class Shortcut:
    """A WSGI application in front of another one."""

    def __init__(self, app: Flask, long_way: WSGIApplication) -> None:
        self._desks = app.extensions[EXTENSION]
        self._long_way: Callable[..., Iterable[bytes]] = long_way
        self._hosts = frozenset(app.config["TRUSTED_HOSTS"])
        self._headers = [*headers_of(app), ("Content-Type", "application/json")]

    def __call__(self, environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        """Answer a station's POST, and hand on everything else."""
        if environ["PATH_INFO"] != POST_PATH or not self._plain(environ):
            return self._long_way(environ, start)
        body = environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"]))
        bearer = environ.get("HTTP_AUTHORIZATION", "")
        found, status = answered(self._desks, bearer, body)
        content = _written(found).encode()
        length = ("Content-Length", str(len(content)))
        start(f"{status} {WORDS[status]}", [*self._headers, length])
        return [content]

    def _plain(self, environ: dict[str, Any]) -> bool:
        length = environ.get("CONTENT_LENGTH") or ""
        return (
            environ["REQUEST_METHOD"] == "POST"
            and not any(name in environ for name in BROWSERS)
            and length.isdecimal()
            and int(length) <= LARGEST_MESSAGE
            and "HTTP_TRANSFER_ENCODING" not in environ
            and environ.get("HTTP_HOST", "").partition(":")[0] in self._hosts
        )


_written = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode

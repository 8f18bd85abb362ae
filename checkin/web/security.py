"""What keeps other people's pages and machines out: origins, hosts, headers, sizes."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from flask import abort, current_app, request
from werkzeug.middleware.proxy_fix import ProxyFix

from checkin.domain.accounts import Right
from checkin.web.access import SAFE, needed

if TYPE_CHECKING:
    from flask import Flask
    from werkzeug.wrappers import Response

    from checkin.config import Config

LARGEST_REQUEST = 10 * 1024 * 1024
LARGEST_FORM = 1024 * 1024
YEAR_S = 365 * 86_400
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; "
    "font-src 'self'; connect-src 'self'; media-src 'self'; worker-src 'self'; "
    "manifest-src 'self'; frame-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
OURS = frozenset({"same-origin", "none"})  # none: typed by the reader
_BASE_URL = "THUMOI_BASE_URL"


def protect(app: Flask, config: Config) -> None:
    """Set up everything that is refused before a page is asked."""
    own = urlsplit(config.base_url).hostname or "localhost"
    app.config.update(
        MAX_CONTENT_LENGTH=LARGEST_REQUEST,
        MAX_FORM_MEMORY_SIZE=LARGEST_FORM,
        MAX_FORM_PARTS=2_000,
        TRUSTED_HOSTS=[own, *config.server.trusted_hosts, *_loopback(config)],
        SECRET_KEY=secrets.token_bytes(32),  # only notes to the next page are signed with it
        SESSION_COOKIE_NAME="__Host-thumoi-note" if config.secure else "thumoi-note",
        SESSION_COOKIE_SECURE=config.secure,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
    )
    app.config[_BASE_URL] = config.base_url
    if config.server.proxies:
        hops = config.server.proxies
        app.wsgi_app = ProxyFix(  # type: ignore[method-assign]  # how Flask says to do it
            app.wsgi_app, x_for=hops, x_proto=hops, x_host=0
        )
    app.before_request(_refuse_strangers)
    app.after_request(_add_headers)


def headers_of(app: Flask) -> list[tuple[str, str]]:
    """Return the headers that every answer of *app* to a machine carries."""
    found = [*HEADERS.items(), ("Cache-Control", "no-store")]
    if app.config["SESSION_COOKIE_SECURE"]:
        found.append(("Strict-Transport-Security", f"max-age={YEAR_S}"))
    return found


def from_here() -> bool:
    """Tell whether a browser sent this request from one of our own pages.

    ``Sec-Fetch-Site`` answers where there is one (HTTPS and localhost); otherwise ``Origin``
    must be ours; without either nobody knows, so no.
    """
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site in OURS
    return request.headers.get("Origin") in _own_origins()


def _refuse_strangers() -> None:
    if request.routing_exception is not None or request.method in SAFE:
        return
    if needed() is Right.MACHINE and not _from_a_browser():
        return
    if not from_here():
        abort(403, "cross-site")


def _from_a_browser() -> bool:
    return "Origin" in request.headers or "Sec-Fetch-Site" in request.headers


def _own_origins() -> tuple[str, str]:
    base = urlsplit(current_app.config[_BASE_URL])
    return f"{request.scheme}://{request.host}", f"{base.scheme}://{base.netloc}"


def _add_headers(response: Response) -> Response:
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    if current_app.config["SESSION_COOKIE_SECURE"]:
        response.headers["Strict-Transport-Security"] = f"max-age={YEAR_S}"
    if request.endpoint != "static":
        response.headers.setdefault("Cache-Control", "no-store")
    elif request.args.get("v") and response.status_code in {200, 304}:
        response.headers["Cache-Control"] = f"public, max-age={YEAR_S}, immutable"
    return response


def _loopback(config: Config) -> tuple[str, ...]:
    """Return the names of this machine, for a server that only this machine reaches."""
    if config.server.host in {"127.0.0.1", "localhost", "::1"} and not config.secure:
        return ("127.0.0.1", "localhost")
    return ()

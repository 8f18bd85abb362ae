"""The manners of the kiosk's web server: whom it answers, in which language, and how closed."""

from __future__ import annotations

from flask import Response, abort, g, request

LANGUAGES = ("vi", "en")
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self';"
    " connect-src 'self'; font-src 'self'; frame-src 'self'; base-uri 'none';"
    " form-action 'none'; frame-ancestors {framed}"
)
PRINTED = ("/label/", "/paper/")  # printed from a frame of our own page


def language() -> str:
    """Return the language this page is wished in: Vietnamese unless English was chosen."""
    wished = request.args.get("lang") or request.cookies.get("lang")
    return wished if wished in LANGUAGES else LANGUAGES[0]


def guard() -> None:
    """Answer only this machine's own page: no other name for us, no foreign site's post."""
    name = request.host.rsplit(":", 1)[0]
    if name not in {"127.0.0.1", "localhost"} or request.remote_addr != "127.0.0.1":
        abort(403)
    g.language = language()
    if request.method not in {"GET", "HEAD"} and not _is_from_our_page():
        abort(403)


def _is_from_our_page() -> bool:
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site == "same-origin"
    return request.headers.get("Origin") == f"http://{request.host}"


def close_doors(response: Response) -> Response:
    """Let the page load nothing from elsewhere, and keep nothing."""
    framed = "'self'" if request.path.startswith(PRINTED) else "'none'"
    response.headers["Content-Security-Policy"] = POLICY.format(framed=framed)
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    response.headers.setdefault("Cache-Control", "no-store")
    if request.args.get("lang") in LANGUAGES:
        response.set_cookie("lang", g.language, samesite="Strict", httponly=True)
    return response

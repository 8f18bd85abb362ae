"""The kiosk page: a web server on this machine alone, for the screen that faces the guest."""

from __future__ import annotations

import json
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import cv2
from flask import (
    Flask,
    Response,
    abort,
    g,
    jsonify,
    render_template,
    request,
    send_from_directory,
    stream_with_context,
)
from flask_babel import Babel
from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

from checkin.domain.admission import Outcome
from scanner.errors import JournalError
from scanner.view import clock_time, view

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scanner.station import Station

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
DIST = HERE / "static" / "dist"
LANGUAGES = ("vi", "en")
HEARTBEAT = 1.0
PICTURE_SIDE = 640
TYPED_MOST = 400
REASONS = ("mistake", "left", "other")
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self';"
    " connect-src 'self'; font-src 'self'; base-uri 'none'; form-action 'none';"
    " frame-ancestors 'none'"
)


class Display:
    """Serves the kiosk page on 127.0.0.1 in a thread of its own."""

    def __init__(self, station: Station, port: int = 0) -> None:
        """Take *port* (0: a free one) on the loopback address.

        Raises:
            OSError: the port is taken.
        """
        self._server: BaseWSGIServer = make_server(
            "127.0.0.1", port, kiosk(station), threaded=True, request_handler=_Quiet
        )
        self._server.daemon_threads = True  # type: ignore[attr-defined]  # of the threaded kind
        self.url = f"http://127.0.0.1:{self._server.server_port}/"
        self._thread = threading.Thread(
            target=self._server.serve_forever, name="display", daemon=True
        )

    def start(self) -> None:
        """Begin to serve; returns at once."""
        self._thread.start()

    def stop(self) -> None:
        """End serving."""
        self._server.shutdown()
        self._server.server_close()


def kiosk(station: Station) -> Flask:
    """Return the web application of *station*'s screen."""
    app = Flask("kiosk", static_folder=None, template_folder=str(_templates()))
    app.config["BABEL_DEFAULT_LOCALE"] = "vi"
    app.config["BABEL_TRANSLATION_DIRECTORIES"] = str(ROOT / "checkin" / "translations")
    Babel(app, locale_selector=_language)
    app.before_request(_guard)
    app.after_request(_close_doors)
    _add_reading(app, station)
    _add_files(app, station)
    _add_acting(app, station)
    return app


def state(station: Station) -> dict[str, Any]:
    """Return the badge, the counter and the last verdict as JSON; names are not in it."""
    carried, latest = station.gatekeeper.carried, station.screen.latest
    counts, as_of = carried.counts(), int(carried.noted("as_of") or 0)
    status = station.camera.status()
    return {
        "online": station.uplink.online,
        "trouble": station.screen.trouble,
        "refused": station.uplink.trouble in {"revoked", "unknown"},
        "waiting": station.journal.waiting(),
        "list_time": clock_time(as_of) if as_of else "",
        "arrived": counts.arrived,
        "expected": counts.expected,
        "inside": counts.inside,
        "camera": status.state.value,
        "frames": status.frames,
        "dropped": status.dropped,
        "hint": station.screen.hinting,
        "hints": station.screen.hints,
        "scans": latest.number if latest else 0,
        "last": _last(station),
    }


def _last(station: Station) -> dict[str, Any] | None:
    latest = station.screen.latest
    if latest is None:
        return None
    return {
        "number": latest.number,
        "scan_id": latest.scan_id,
        "outcome": latest.verdict.outcome,
        "flags": latest.verdict.flags,
        "judge": latest.verdict.judge,
        "pass_id": latest.verdict.pass_id,
        "at_ms": latest.at_ms,
        "latency_ms": latest.latency_ms,
    }


def _add_reading(app: Flask, station: Station) -> None:
    """Add the pages that only show."""

    @app.get("/")
    def page() -> str:
        carried = station.gatekeeper.carried
        return render_template(
            "door/kiosk.html",
            language=_language(),
            title=carried.noted("title", ""),
            gate=carried.gate.name,
            state=state(station),
            leaving=station.door.direction.value == "exit",
        )

    @app.get("/state")
    def state_now() -> Response:
        return jsonify(state(station))

    @app.get("/history")
    def history() -> str:
        return render_template(
            "door/history.html", verdicts=[view(shown) for shown in station.screen.history]
        )

    @app.get("/events")
    def events() -> Response:
        after = request.args.get("after", type=int)
        stream = stream_with_context(_events(station, after))
        return Response(stream, mimetype="text/event-stream")


def _add_files(app: Flask, station: Station) -> None:
    """Add the camera's picture, and what the page is made of."""

    @app.get("/picture.jpg")
    def picture() -> Response:
        frame = station.camera.latest.peek()
        if frame is None:
            abort(404)
        height, width = frame.picture.shape[:2]
        factor = min(1.0, PICTURE_SIDE / max(height, width))
        small = cv2.resize(frame.picture, None, fx=factor, fy=factor)
        good, data = cv2.imencode(".jpg", small, [cv2.IMWRITE_JPEG_QUALITY, 70])
        return Response(data.tobytes() if good else b"", mimetype="image/jpeg")

    @app.get("/favicon.ico")
    def icon() -> tuple[str, int]:
        return "", 204

    @app.get("/static/<path:name>")
    def asset(name: str) -> Response:
        return send_from_directory(DIST, name)


def _add_acting(app: Flask, station: Station) -> None:
    """Add what a steward can do: type a code, take an admission back."""

    @app.post("/typed")
    def typed() -> tuple[Response, int]:
        found = (request.get_json(silent=True) or {}).get("text")
        if not isinstance(found, str) or len(found) > TYPED_MOST:
            return jsonify(error="not_a_pass"), 400
        try:
            shown = station.typed("".join(sign for sign in found if sign not in " .-\r\n\t"))
        except JournalError:
            station.screen.say_trouble("journal")
            return jsonify(error="journal"), 503
        outcome = shown.verdict.outcome if shown else Outcome.NOT_A_PASS.value
        return jsonify(outcome=outcome), 200

    @app.post("/undo")
    def undo() -> tuple[Response, int]:
        wish = request.get_json(silent=True) or {}
        reason = wish.get("reason")
        if reason not in REASONS or not isinstance(wish.get("scan_id"), str):
            return jsonify(error="reason"), 400
        if station.door.undo(wish["scan_id"], reason) is None:
            return jsonify(error="too_late"), 409
        station.screen.mark_undone(wish["scan_id"])
        return jsonify(undone=wish["scan_id"]), 200


def _events(station: Station, after: int | None) -> Iterator[str]:
    """Tell the page of each verdict after number *after*, and of every change of the badge.

    Without *after* only verdicts from now on are told.
    """
    latest = station.screen.latest
    number = after if after is not None else (latest.number if latest else 0)
    if latest is None or number > latest.number:
        number = 0  # the station was started anew
    version, said, hints = -1, "", station.screen.hints
    while not station.stopping.is_set():
        version = station.screen.wait(version, HEARTBEAT)
        for shown in station.screen.since(number):
            number = shown.number
            seen = view(shown)
            body = {
                "number": number,
                "kind": seen.kind,
                "hold_ms": seen.hold_ms,
                "html": render_template("door/verdict.html", verdict=seen),
            }
            yield f"event: verdict\nid: {number}\ndata: {json.dumps(body)}\n\n"
        if station.screen.hints != hints:
            hints = station.screen.hints
            yield "event: hint\ndata: {}\n\n"
        now = json.dumps(state(station))
        if now != said:
            said = now
            yield f"event: state\ndata: {now}\n\n"
        else:
            yield f": {int(time.monotonic())}\n\n"


def _language() -> str:
    wished = request.args.get("lang") or request.cookies.get("lang")
    return wished if wished in LANGUAGES else LANGUAGES[0]


def _guard() -> None:
    """Answer only this machine's own page: no other name for us, no foreign site's post."""
    name = request.host.rsplit(":", 1)[0]
    if name not in {"127.0.0.1", "localhost"} or request.remote_addr != "127.0.0.1":
        abort(403)
    g.language = _language()
    if request.method not in {"GET", "HEAD"} and not _is_from_our_page():
        abort(403)


def _is_from_our_page() -> bool:
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site == "same-origin"
    return request.headers.get("Origin") == f"http://{request.host}"


def _close_doors(response: Response) -> Response:
    response.headers["Content-Security-Policy"] = POLICY
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    response.headers.setdefault("Cache-Control", "no-store")
    if request.args.get("lang") in LANGUAGES:
        response.set_cookie("lang", g.language, samesite="Strict", httponly=True)
    return response


def _templates() -> Path:
    """Return the folder of templates: beside the packages, or packed into the wheel."""
    beside = ROOT / "templates"
    return beside if beside.is_dir() else ROOT / "checkin" / "_templates"


class _Quiet(WSGIRequestHandler):
    """Keeps the terminal for the verdicts."""

    def log(self, type: str, message: str, *args: object) -> None:  # noqa: A002 - inherited
        """Say nothing."""

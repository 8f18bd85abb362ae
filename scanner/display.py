"""The kiosk page: a web server on this machine alone, for the screen that faces the guest."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import TYPE_CHECKING

from flask import Flask
from flask_babel import Babel
from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

from scanner.cameras import list_cameras
from scanner.duty import add_duty
from scanner.events import add_events
from scanner.forms import add_forms
from scanner.labels import Papers, add_labels
from scanner.lenses import Cameras, add_lenses
from scanner.manners import close_doors, guard, language
from scanner.newcomers import add_newcomers
from scanner.pages import DIST, add_files, add_pages
from scanner.sheets import add_sheets

if TYPE_CHECKING:
    from scanner.station import Station

__all__ = ["DIST", "Display", "kiosk"]

ROOT = Path(__file__).resolve().parent.parent


class Display:
    """Serves the kiosk page on 127.0.0.1 in a thread of its own."""

    def __init__(
        self, station: Station, port: int = 0, cameras: Cameras = list_cameras
    ) -> None:
        """Take *port* (0: a free one) on the loopback address.

        Raises:
            OSError: the port is taken.
        """
        self._server: BaseWSGIServer = make_server(
            "127.0.0.1",
            port,
            kiosk(station, cameras),
            threaded=True,
            request_handler=_Quiet,
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


def kiosk(station: Station, cameras: Cameras = list_cameras) -> Flask:
    """Return the web application of *station*'s screen."""
    app = Flask("kiosk", static_folder=None, template_folder=str(_templates()))
    app.config["BABEL_DEFAULT_LOCALE"] = "vi"
    app.config["BABEL_TRANSLATION_DIRECTORIES"] = str(ROOT / "checkin" / "translations")
    Babel(app, locale_selector=language)
    app.before_request(guard)
    app.after_request(close_doors)
    papers = Papers()
    for add in (add_sheets, add_pages, add_files, add_forms, add_duty, add_events):
        add(app, station)
    add_lenses(app, station, cameras)
    add_newcomers(app, station, papers)
    add_labels(app, station, papers)
    return app


def _templates() -> Path:
    """Return the folder of templates: beside the packages, or packed into the wheel."""
    beside = ROOT / "templates"
    return beside if beside.is_dir() else ROOT / "checkin" / "_templates"


class _Quiet(WSGIRequestHandler):
    """Keeps the terminal for the verdicts."""

    def log(self, type: str, message: str, *args: object) -> None:  # noqa: A002 - inherited
        """Say nothing."""

"""The page of the kiosk: the scan screen, its state, its picture, and what it is made of."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from flask import Response, jsonify, render_template, send_from_directory

from scanner.badge import state
from scanner.manners import language

if TYPE_CHECKING:
    from flask import Flask

    from scanner.station import Station

DIST = Path(__file__).resolve().parent / "static" / "dist"


def add_pages(app: Flask, station: Station) -> None:
    """Add the page itself."""

    @app.get("/")
    def page() -> str:
        carried = station.gatekeeper.carried
        return render_template(
            "door/kiosk.html",
            language=language(),
            title=carried.noted("title", ""),
            gate=carried.gate.name,
            state=state(station),
            staff=station.desk.staff(),
            chosen="",
        )

    @app.get("/state")
    def state_now() -> Response:
        return jsonify(state(station))


def add_files(app: Flask, _station: Station) -> None:
    """Add what the page is made of."""

    @app.get("/favicon.ico")
    def icon() -> tuple[str, int]:
        return "", 204

    @app.get("/static/<path:name>")
    def asset(name: str) -> Response:
        return send_from_directory(DIST, name)

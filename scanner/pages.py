"""The page of the kiosk: the scan screen, its state, its picture, and what it is made of."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import cv2
from flask import Response, abort, jsonify, render_template, send_from_directory

from scanner.badge import state
from scanner.manners import language

if TYPE_CHECKING:
    from flask import Flask

    from scanner.station import Station

DIST = Path(__file__).resolve().parent / "static" / "dist"
PICTURE_SIDE = 640


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


def add_files(app: Flask, station: Station) -> None:
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

"""The kiosk's way to the cameras: which one looks, its lamp, its stills, its test page."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from flask import Response, abort, jsonify, render_template

from scanner.cameras import CameraDevice, list_cameras, torch
from scanner.devices import camera_words
from scanner.forms import Reply, refused, text, wish
from scanner.grabber import is_device

if TYPE_CHECKING:
    from flask import Flask

    from scanner.station import Station

PICTURE_SIDE = 640
CHOSEN = "camera"
LIT = "1"

Cameras = Callable[[], list[CameraDevice]]


def add_lenses(app: Flask, station: Station, cameras: Cameras = list_cameras) -> None:
    """Add the camera's picture, its test page, the picker and the lamp."""
    _look_through_the_last(station, cameras)

    @app.get("/picture.jpg")
    def picture() -> Response:
        still = station.camera.still_jpeg(PICTURE_SIDE)
        if still is None:
            abort(404)
        return Response(still, mimetype="image/jpeg")

    @app.get("/sheet/cameras")
    def cameras_sheet() -> str:
        frame, status = station.camera.latest.peek(), station.camera.status()
        return render_template(
            "door/sheets/cameras.html",
            cameras=cameras(),
            chosen=station.camera.source,
            status=status,
            size="{1} × {0}".format(*frame.picture.shape[:2]) if frame else "",
            state_word=camera_words(status.state),
        )

    @app.post("/camera")
    def choose() -> Reply:
        source = text(wish(), "source")
        if source not in {each.source for each in cameras()}:
            return refused("not_found", 400)
        station.gatekeeper.carried.note(CHOSEN, source)
        _switch(station, source)
        return jsonify(done=True), 200

    @app.post("/torch")
    def light() -> Reply:
        lit = text(wish(), "on") == LIT
        if not torch(station.camera.source, on=lit):
            return refused("lamp")
        station.screen.lamp = lit
        station.screen.touch()
        return jsonify(done=True), 200


def _look_through_the_last(station: Station, cameras: Cameras) -> None:
    """Open the camera that was chosen last time, if it is still plugged in."""
    chosen = station.gatekeeper.carried.noted(CHOSEN)
    if not is_device(station.camera.source):
        return
    if chosen in {each.source for each in cameras()}:
        _switch(station, chosen)
    else:
        _switch(station, station.camera.source)


def _switch(station: Station, source: str) -> None:
    """Look through *source*, and see whether it has a lamp: one that obeys is put out."""
    if source != station.camera.source:
        station.camera.switch(source)
    station.screen.lamp = False if torch(source, on=False) else None
    station.screen.touch()

"""The forms around a shift: who works here, which way guests walk, whom the screen faces."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Response, jsonify, request

from checkin.domain.admission import Direction
from scanner.facing import Facing
from scanner.forms import Reply, refused, text, wish

if TYPE_CHECKING:
    from flask import Flask

    from scanner.station import Station

ON, OK = "1", 200
FOR_GUESTS = frozenset(
    {
        *("/", "/state", "/events", "/typed", "/picture.jpg", "/favicon.ico"),
        *("/sheet/leave", "/self-service/leave"),
    }
)


def add_duty(app: Flask, station: Station) -> None:
    """Add opening and closing a shift, and what holds for all of it."""
    desk = station.desk

    @app.post("/shift")
    def open_shift() -> Reply:
        return _open(station)

    @app.post("/shift/close")
    def close_shift() -> Response:
        desk.close_shift()
        return jsonify(done=True, begin=True)

    @app.post("/direction")
    def turn() -> Reply:
        try:
            direction = Direction(text(wish(), "direction"))
        except ValueError:
            return refused("invalid", 400)
        return _said(desk.turn(direction))

    @app.post("/rehearsal")
    def rehearse() -> Reply:
        return _said(desk.rehearse(on=text(wish(), "on") == ON))

    _add_facing(app, station)


def _add_facing(app: Flask, station: Station) -> None:
    facing = Facing(station.gatekeeper.carried)

    @app.before_request
    def spare_the_guests() -> Reply | None:
        """Let guests who scan by themselves do only that, and call the staff."""
        free = request.path in FOR_GUESTS or request.path.startswith("/static/")
        return refused("closed", 403) if facing.self_service and not free else None

    @app.post("/facing")
    def hide_names() -> Reply:
        facing.hide_names(on=text(wish(), "names_hidden") == ON)
        station.screen.touch()
        return _said("")

    @app.post("/self-service")
    def to_guests() -> Reply:
        if not station.desk.staff():
            return refused("last_pin")
        facing.to_guests(on=True)
        station.screen.touch()
        return _said("")

    @app.post("/self-service/leave")
    def to_staff() -> Reply:
        answer = _open(station)
        if answer[1] == OK:
            facing.to_guests(on=False)
            station.screen.touch()
        return answer


def _open(station: Station) -> Reply:
    """Open a shift by name and PIN."""
    asked = wish()
    answer = station.desk.open_shift(text(asked, "staff_id"), text(asked, "pin"))
    if answer.staff is None:
        return refused(answer.problem, wait_s=answer.wait_s)
    return _said("")


def _said(problem: str) -> Reply:
    return refused(problem) if problem else (jsonify(done=True), 200)

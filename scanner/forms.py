"""The forms of the kiosk: what a steward can do beside showing a pass to the camera."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Response, jsonify, request

from checkin.domain.admission import Outcome
from scanner.errors import JournalError

if TYPE_CHECKING:
    from flask import Flask

    from scanner.station import Station

TYPED_MOST = 400
REASONS = ("mistake", "left", "other")


def add_forms(app: Flask, station: Station) -> None:
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

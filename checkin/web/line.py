"""The stations' line: one WebSocket, or the same messages posted over HTTP.

A station proves itself by the key it was paired with, never by a cookie; so the rules for
browsers do not apply here, and a page in a browser can do nothing with these routes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, Response, current_app, jsonify, request

from checkin.domain.errors import PairingError
from checkin.domain.protocol import PairAnswer, PairRequest
from checkin.web.answers import Message, answer, hello, now_ms, parsed, proven, text
from checkin.web.desks import Desks, desks
from checkin.web.frames import LARGEST_MESSAGE
from checkin.web.openline import OpenLine
from checkin.web.sockets import hold
from checkin.web.switchboard import Switchboard

if TYPE_CHECKING:
    from concurrent.futures import Future

    from checkin.domain.protocol import WireVerdict
    from checkin.domain.stations import Station

    Judged = Future[tuple[WireVerdict, bool]]

SWITCHBOARD = "thumoi.switchboard"
REFUSED = {"code_unknown": 404, "code_expired": 410, "too_many": 429, "bad_key": 400}
GONE, NOT_KNOWN, NOT_OURS, BAD, FAILED = 403, 401, 401, 400, 503

blueprint = Blueprint("line", __name__, url_prefix="/station")


@blueprint.post("/pair")
def pair() -> tuple[Response, int]:
    """Take in a device by its one-time code."""
    try:
        station = desks().pairing.pair(PairRequest.from_json(_posted()))
    except PairingError as refusal:
        return jsonify(error=refusal.code), REFUSED[refusal.code]
    except ValueError as error:
        return jsonify(error="bad_message", detail=str(error)), BAD
    return jsonify(_pair_answer(station).to_json()), 200


@blueprint.get("/challenge")
def challenge() -> Response:
    """Ask a station to prove its key."""
    return jsonify(challenge=desks().pairing.challenge(), now_ms=now_ms())


@blueprint.post("/session")
def session() -> tuple[Response, int]:
    """Greet a station that proved its key; one signed out may still bring its journal."""
    found = _posted()
    if not desks().pairing.is_ours(text(found, "challenge")):
        return jsonify(error="challenge"), NOT_OURS
    station = proven(desks(), found, text(found, "challenge"))
    if station is None:
        return jsonify(error="unknown"), NOT_KNOWN
    if station.revoked_at is not None:
        pairing = desks().pairing
        left = {"bearer": pairing.bearer(station), "marks": pairing.marks(station.id)}
        return jsonify(error="revoked", **left), GONE
    return jsonify(hello(desks(), station).to_json()), 200


@blueprint.post("/post")
def post() -> tuple[Response, int]:
    """Answer one request of a station that bears what the session gave it."""
    request.max_content_length = LARGEST_MESSAGE
    bearer = request.headers.get("Authorization", "")
    found, status = answered(desks(), bearer, request.get_data())
    return jsonify(found), status


def answered(here: Desks, authorization: str, body: bytes) -> tuple[Message, int]:
    """Return the answer to one posted request, and its HTTP status."""
    kind, _, bearer = authorization.partition(" ")
    station = here.pairing.borne(bearer) if kind == "Bearer" else None
    if station is None:
        return {"error": "unknown"}, NOT_KNOWN
    asked = parsed(body)
    if station.revoked_at is not None and asked.get("do") != "upload":
        return {"error": "revoked"}, GONE
    found = answer(here, station, asked)
    return found, FAILED if found.get("error") == "storage" else 200


@blueprint.get("/line", websocket=True)
def line() -> Response:
    """Hold a station's line until either side hangs up."""
    board: Switchboard = current_app.extensions.setdefault(SWITCHBOARD, Switchboard())
    return hold(request.environ, OpenLine(desks(), board).serve)


def _pair_answer(station: Station) -> PairAnswer:
    event = desks().rosters.event(station.event_id)
    gates = {gate.id: gate.name for gate in event.gates} if event else {}
    return PairAnswer(
        station=station.id,
        event=station.event_id,
        title=event.title if event else "",
        gate_id=station.gate_id,
        gate=gates.get(station.gate_id, ""),
        fingerprint=station.fingerprint,
        now_ms=now_ms(),
    )


def _posted() -> Message:
    request.max_content_length = LARGEST_MESSAGE
    return parsed(request.get_data())

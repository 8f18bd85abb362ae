"""The events of the kiosk page: every verdict as it falls, and every change of the badge."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from flask import Response, render_template, request, stream_with_context

from scanner.badge import state
from scanner.facing import Facing
from scanner.view import view

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask import Flask

    from scanner.door import Shown
    from scanner.station import Station

HEARTBEAT = 1.0


def add_events(app: Flask, station: Station) -> None:
    """Add the stream on which the page hears what happens."""

    @app.get("/events")
    def events() -> Response:
        after = request.args.get("after", type=int)
        stream = stream_with_context(_events(station, after))
        return Response(stream, mimetype="text/event-stream")

    @app.get("/verdict/<scan_id>")
    def verdict(scan_id: str) -> tuple[str, int] | Response:
        shown = station.screen.find(scan_id)
        if shown is None or Facing(station.gatekeeper.carried).self_service:
            return "", 404
        return Response(_told(station, shown), mimetype="application/json")


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
            yield f"event: verdict\nid: {number}\ndata: {_told(station, shown)}\n\n"
        if station.screen.hints != hints:
            hints = station.screen.hints
            yield "event: hint\ndata: {}\n\n"
        now = json.dumps(state(station))
        if now != said:
            said = now
            yield f"event: state\ndata: {now}\n\n"
        else:
            yield "event: beat\ndata: {}\n\n"


def _told(station: Station, shown: Shown) -> str:
    """Return the verdict *shown* for the page, as JSON; without names where they are hidden."""
    carried = station.gatekeeper.carried
    facing, rules = Facing(carried), carried.rules
    seen = view(shown, names=facing.names)
    asks = seen.asks and not facing.self_service
    html = render_template(
        "door/verdict.html",
        verdict=seen,
        self_service=facing.self_service,
        questions=rules.questions if rules and asks else (),
        badges=bool(rules and rules.badges),
    )
    return json.dumps(
        {
            "number": seen.number,
            "scan_id": seen.scan_id,
            "kind": seen.kind,
            "word": seen.word,
            "name": seen.name,
            "time": seen.time,
            "hold_ms": 0 if asks else seen.hold_ms,
            "undo": seen.can_undo and not facing.self_service,
            "badge": bool(rules and rules.badges) and seen.can_undo and not seen.leaving,
            "html": html,
        }
    )

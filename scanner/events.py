"""The events of the kiosk page: every verdict as it falls, and every change of the badge."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING

from flask import Response, render_template, request, stream_with_context

from scanner.badge import state
from scanner.view import view

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask import Flask

    from scanner.station import Station

HEARTBEAT = 1.0


def add_events(app: Flask, station: Station) -> None:
    """Add the stream on which the page hears what happens."""

    @app.get("/events")
    def events() -> Response:
        after = request.args.get("after", type=int)
        stream = stream_with_context(_events(station, after))
        return Response(stream, mimetype="text/event-stream")


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

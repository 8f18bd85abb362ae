"""The live board of an event: one page that reads without script and counts with it."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from flask import Blueprint, redirect, render_template, request, url_for

from checkin.web import chart, handling, live
from checkin.web.boardwords import words
from checkin.web.desks import desks
from checkin.web.language import current_language
from checkin.web.ownevents import own_event, own_events

if TYPE_CHECKING:
    from collections.abc import Mapping

    from flask.typing import ResponseReturnValue

    from invitations.domain.model import Event

DAY_S = 86_400
WARM_S, STALE_S = 5, 15

blueprint = Blueprint("board", __name__)


@blueprint.get("/board")
def index() -> ResponseReturnValue:
    """Lead to the board of the event that is on, or let the reader choose."""
    events = own_events()
    now = time.time()
    on = [each for each in events if abs(each.starts_at - now) < DAY_S / 2]
    if len(on) == 1 and "all" not in request.args:
        return redirect(url_for("board.show", event_id=on[0].id), 303)
    return render_template("live/choose.html", events=events)


@blueprint.get("/events/<int:event_id>/board")
def show(event_id: int) -> str:
    """Show how many have come, who, and how the gates are."""
    event = own_event(event_id)
    rosters = desks().rosters
    attendance = rosters.attendance(event_id)
    health = live.health(rosters, event_id)
    curve = chart.curve(attendance.minutes, int(time.time() // 60))
    return render_template(
        "live/board.html",
        event=event,
        attendance=attendance,
        health=health,
        words=words(),
        organisations=_by_organisation(event_id, attendance.organisations),
        curve=curve,
        rate=chart.rate(attendance.minutes, int(time.time() // 60)),
        now=int(time.time()),
        data=_data(event, attendance.to_json(), health),
    )


@blueprint.get("/events/<int:event_id>/board/screen")
def screen(event_id: int) -> str:
    """Show the figures to a whole room; names only where the address asks for them."""
    event = own_event(event_id)
    rosters = desks().rosters
    attendance = rosters.attendance(event_id)
    data = _data(event, attendance.to_json(), live.health(rosters, event_id))
    return render_template(
        "live/wall.html",
        event=event,
        attendance=attendance,
        words=words(),
        curve=chart.curve(attendance.minutes, int(time.time() // 60)),
        rate=chart.rate(attendance.minutes, int(time.time() // 60)),
        now=int(time.time()),
        data=data | {"names": request.args.get("names") == "1"},
    )


def _by_organisation(event_id: int, came: Mapping[str, int]) -> list[tuple[str, int, int, int]]:
    """Return organisation, invited, accepted and arrived; whoever has most to come first."""
    known = desks().rosters.organisations(event_id)
    rows = [
        (name, *known.get(name, (0, 0)), came.get(name, 0)) for name in sorted({*known, *came})
    ]
    return sorted(rows, key=lambda row: row[3] - row[1])


def _data(event: Event, snapshot: dict[str, Any], health: dict[str, Any]) -> dict[str, Any]:
    """Return what the page's script begins with."""
    return {
        "event": event.id,
        "language": current_language(),
        "snapshot": snapshot,
        "gates": [gate.name for gate in event.gates],
        "health": health,
        "words": words(),
        "deeds": handling.deeds(event.id),
        "warm_s": WARM_S,
        "stale_s": STALE_S,
    }

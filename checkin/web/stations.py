"""The stations of an event: pair a device, see how it is, sign it out."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from flask import (
    Blueprint,
    abort,
    current_app,
    flash,
    redirect,
    render_template,
    request,
    url_for,
)
from flask_babel import gettext as _

from checkin.domain.stations import grouped
from checkin.web.boardwords import words
from checkin.web.desks import desks
from checkin.web.ownevents import own_event, own_events
from invitations.services import drawing
from invitations.web.actors import current_actor

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

    from checkin.domain.stations import Offer, Station

DAY_S = 86_400

blueprint = Blueprint("stations", __name__)


@blueprint.get("/stations")
def index() -> ResponseReturnValue:
    """Lead to the stations of the event that is on, or let the reader choose."""
    events = own_events()
    now = time.time()
    on = [each for each in events if abs(each.starts_at - now) < DAY_S / 2]
    if len(on) == 1 and "all" not in request.args:
        return redirect(url_for("stations.show", event_id=on[0].id), 303)
    return render_template("live/stations-choose.html", events=events)


@blueprint.get("/events/<int:event_id>/stations")
def show(event_id: int) -> str:
    """List the stations of an event with their health, and offer to pair another."""
    event = own_event(event_id)
    return render_template(
        "live/stations.html",
        event=event,
        gates={gate.id: gate.name for gate in event.gates},
        stations=desks().rosters.stations(event_id),
        copied=desks().pairing.copied(event_id),
        words=words(),
        now=int(time.time()),
    )


@blueprint.post("/events/<int:event_id>/stations/codes")
def offer(event_id: int) -> ResponseReturnValue:
    """Make a one-time code for a device at the gate that was chosen."""
    event = own_event(event_id)
    gate_id = request.form.get("gate", type=int)
    if gate_id not in {gate.id for gate in event.gates} or gate_id is None:
        flash(_("Hãy chọn cửa cho trạm rồi bấm “Tạo mã ghép”."), "warn")
        return redirect(url_for("stations.show", event_id=event_id), 303)
    made = desks().pairing.offer(event_id, gate_id, current_actor())
    return redirect(url_for("stations.code", event_id=event_id, handle=made.handle), 303)


@blueprint.get("/events/<int:event_id>/stations/codes/<handle>")
def code(event_id: int, handle: str) -> str:
    """Show a one-time code while it lasts, and the device's words once it was used."""
    event = own_event(event_id)
    pairing = desks().pairing
    made = pairing.offered(handle)
    if made is None or made.event_id != event_id:
        abort(404)
    gates = {gate.id: gate.name for gate in event.gates}
    left = made.expires_at - int(time.time())
    return render_template(
        "live/pairing.html",
        event=event,
        gate=gates.get(made.gate_id, ""),
        offer=made,
        code=grouped(made.code),
        left=left,
        station=pairing.paired_since(made),
        picture=_picture(made),
        command=_command(made),
    )


@blueprint.post("/events/<int:event_id>/stations/<station_id>/revoke")
def revoke(event_id: int, station_id: str) -> ResponseReturnValue:
    """Sign a device out for good, unless it has records that we have not, or it is forced.

    What it had not sent is still taken in, should it be found.
    """
    own_event(event_id)
    station = desks().pairing.find(station_id)
    if station is None or station.event_id != event_id:
        abort(404)
    if station.waiting and "force" not in request.form:
        flash(_unsent(station), "stop")
        return redirect(
            url_for("stations.show", event_id=event_id, asked=station_id, _anchor=station_id),
            303,
        )
    desks().pairing.revoke(station_id)
    flash(_("Đã ngắt trạm %(name)s.", name=station.name), "ok")
    return redirect(url_for("stations.show", event_id=event_id), 303)


def _unsent(station: Station) -> str:
    return str(
        _(
            "Trạm %(name)s còn %(n)d lượt chưa gửi, nên chưa ngắt. Hãy nối mạng cho trạm; nếu"
            " máy đã mất, bấm “Ngắt dù chưa gửi đủ”.",
            name=station.name,
            n=station.waiting,
        )
    )


def _picture(made: Offer) -> str:
    """Return a picture of where we are and the code; none if our address is too long."""
    try:
        return drawing.svg(f"{_address()}/station/pair#{made.code}", _("Mã ghép trạm"))
    except ValueError:
        return ""


def _command(made: Offer) -> str:
    return f"thumoi station --server {_address()} --code {made.code}"


def _address() -> str:
    base: str = current_app.config["THUMOI_BASE_URL"]
    return base

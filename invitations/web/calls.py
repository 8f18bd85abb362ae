"""The list of calls: guests whom neither mail nor text reached, for the office's telephone."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

from flask import Blueprint, Response, render_template
from flask_babel import gettext as _

from invitations.domain.addresses import national
from invitations.domain.doorcode import grouped
from invitations.services.listfiles import CSV, as_csv
from invitations.web.actors import current_actor
from invitations.web.desks import desks

if TYPE_CHECKING:
    from invitations.domain.ladder import Call

blueprint = Blueprint("calls", __name__)


@blueprint.get("/events/<int:event_id>/calls")
def show(event_id: int) -> str:
    """Show whom the office has to call; whoever replies leaves the list."""
    actor = current_actor()
    event = desks().planning.event(event_id, actor).event
    return render_template(
        "organiser/sending/calls.html",
        event=event,
        calls=desks().ladder.calls(event_id, actor),
        national=national,
        grouped=grouped,
    )


@blueprint.get("/events/<int:event_id>/calls.csv")
def download(event_id: int) -> Response:
    """Hand out the same list as a file for Excel."""
    found = desks().ladder.calls(event_id, current_actor())
    header = [
        _("Xưng hô"),
        _("Họ và tên"),
        _("Cơ quan"),
        _("Điện thoại"),
        _("Thư điện tử"),
        _("Mã cửa"),
    ]
    answer = Response(as_csv(header, map(_row, found)), content_type=CSV)
    name = quote(f"{_('Danh sách cần gọi')}.csv")
    answer.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{name}"
    return answer


def _row(call: Call) -> list[str]:
    return [
        call.honorific,
        call.name,
        call.organisation,
        national(call.phone),
        call.email,
        grouped(call.door_code),
    ]

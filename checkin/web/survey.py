"""What guests answered at the door: counted, guest by guest, and as a file for Excel."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, abort, render_template
from flask_babel import gettext as _

from checkin.services import survey as answered
from checkin.web.desks import desks
from checkin.web.formats import date_time
from invitations.domain.errors import NotFoundError
from invitations.web.actors import current_actor
from invitations.web.downloads import table

if TYPE_CHECKING:
    from flask import Response

    from checkin.services.survey import Answered, Survey, Tally

KINDS = ("xlsx", "csv")

blueprint = Blueprint("survey", __name__, url_prefix="/events/<int:event_id>/answers")


@blueprint.get("")
def show(event_id: int) -> str:
    """Show how many gave each answer, and who said what."""
    found = _own(event_id)
    return render_template(
        "live/answers.html", survey=found, event=found.event, words=words, heading=heading
    )


@blueprint.get("/answers.<kind>")
def download(event_id: int, kind: str) -> Response:
    """Hand the answers out, a guest a row, as .xlsx or .csv."""
    if kind not in KINDS:
        abort(404)
    found = _own(event_id)
    header = [
        *(_("STT"), _("Khách"), _("Chức vụ"), _("Cơ quan"), _("Lúc")),
        *(heading(tally) for tally in found.tallies),
    ]
    rows = [
        [str(number), *_row(guest, found.tallies)]
        for number, guest in enumerate(found.guests, start=1)
    ]
    return table(_("Trả lời tại cửa"), header, rows, kind)


def words(said: str, tally: Tally) -> str:
    """Return an answer as it is read; yes and no are kept as codes.

    Of a question that was dropped nobody knows the kind any more.
    """
    coded = tally.dropped or tally.question.kind == "yes_no"
    return str({"yes": _("Có"), "no": _("Không")}.get(said, said)) if coded else said


def heading(tally: Tally) -> str:
    """Return the words of a question, or that it is asked no more."""
    return str(_("Câu hỏi đã bỏ")) if tally.dropped else tally.question.text


def _own(event_id: int) -> Survey:
    try:
        return answered.survey(desks().door.guestbook, event_id, current_actor())
    except NotFoundError:
        abort(404)


def _row(guest: Answered, tallies: tuple[Tally, ...]) -> list[str]:
    entry = guest.entry
    who = (
        [f"{entry.honorific} {entry.name}".strip(), entry.title, entry.organisation]
        if entry
        else ["", "", ""]
    )
    said = [words(guest.said.get(each.question.key, ""), each) for each in tallies]
    return [*who, date_time(guest.at_ms // 1000), *said]

"""A sending on its way: how far it is, who must say yes, what failed and how to mend it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _

from invitations.domain.addresses import national
from invitations.domain.composition import Composition
from invitations.domain.outbox import CHANNELS, EMAIL, RETRIED, SMS, State
from invitations.services.sending import is_own
from invitations.web import letterviews, troubles
from invitations.web.actors import current_actor
from invitations.web.desks import desks
from invitations.web.plurals import counted

if TYPE_CHECKING:
    from flask import Response
    from flask.typing import ResponseReturnValue

blueprint = Blueprint("tracking", __name__)

PAGE_SIZE = 100
GROUPS = {
    "waiting": (State.QUEUED, State.SENDING, State.DEFERRED),
    "sent": (State.ACCEPTED,),
    "trouble": (State.FAILED, State.UNCERTAIN, State.EXPIRED, State.DEFERRED),
    "cancelled": (State.CANCELLED,),
}
# What another address may mend, by channel.
MENDABLE = {
    EMAIL: frozenset({"address", "mailbox", "full", "refused"}),
    SMS: frozenset({"address", "gateway", "refused"}),
}


@blueprint.get("/sendings/<int:sending_id>")
def show(sending_id: int) -> str:
    """Show how far a sending is; ``?show=`` chooses letters by how they fare."""
    desk, actor = desks().sending, current_actor()
    group = request.args.get("show", "")
    page = max(request.args.get("page", 1, type=int), 1)
    lines = desk.lines(
        sending_id,
        actor,
        GROUPS.get(group, ()),
        limit=PAGE_SIZE + 1,
        offset=(page - 1) * PAGE_SIZE,
    )
    progress = desk.progress(sending_id, actor)
    return render_template(
        "organiser/sending/progress.html",
        progress=progress,
        causes=[(each, troubles.said(each.cause)) for each in progress.causes],
        lines=lines[:PAGE_SIZE],
        more=len(lines) > PAGE_SIZE,
        page=page,
        group=group,
        said=troubles.said,
        national=national,
        own=is_own(progress.batch, actor),
        waits=progress.batch.begins_at > int(desk.clock()),
        calls=len(desks().ladder.calls(progress.event.id, actor)),
        mendable=MENDABLE,
    )


@blueprint.get("/sendings/<int:sending_id>/preview/<look>")
def preview(sending_id: int, look: str) -> Response:
    """Show the letter of a sending as one guest gets it: with the words that were sent."""
    progress = desks().sending.progress(sending_id, current_actor())
    batch = progress.batch
    guest_id = request.args.get("guest", type=int)
    shown = Composition(batch.words, guest_id=guest_id, purpose=batch.purpose)
    return letterviews.show(batch.event_id, look, shown)


@blueprint.post("/sendings/<int:sending_id>/approve")
def approve(sending_id: int) -> ResponseReturnValue:
    """Let a held sending go, on the word of a second officer."""
    if desks().sending.approve(sending_id, current_actor()):
        flash(_("Đã duyệt. Thư bắt đầu đi theo giờ đã hẹn."), "ok")
    else:
        flash(_("Không thể tự duyệt đợt gửi của mình. Hãy nhờ một người khác."), "stop")
    return _back(sending_id)


@blueprint.post("/sendings/<int:sending_id>/pause")
def pause(sending_id: int) -> ResponseReturnValue:
    """Let nothing more leave for now."""
    desks().sending.pause(sending_id, current_actor())
    return _back(sending_id)


@blueprint.post("/sendings/<int:sending_id>/resume")
def resume(sending_id: int) -> ResponseReturnValue:
    """Let a paused sending go on."""
    desks().sending.resume(sending_id, current_actor())
    return _back(sending_id)


@blueprint.post("/sendings/<int:sending_id>/stop")
def stop(sending_id: int) -> ResponseReturnValue:
    """Cancel what has not left."""
    desks().sending.stop(sending_id, current_actor())
    flash(_("Đã dừng hẳn đợt gửi. Thư đã đi thì không lấy lại được."), "info")
    return _back(sending_id)


@blueprint.post("/sendings/<int:sending_id>/retry")
def retry(sending_id: int) -> ResponseReturnValue:
    """Queue again what failed: by one cause, to one guest, or all."""
    guest_id = request.form.get("guest", type=int)
    guests = None if guest_id is None else {guest_id}
    cause = request.form.get("cause") or None
    _say_queued(desks().sending.retry(sending_id, current_actor(), cause, guests))
    return _back(sending_id)


@blueprint.route("/sendings/<int:sending_id>/mend", methods=["GET", "POST"])
def mend(sending_id: int) -> ResponseReturnValue:
    """Show the addresses behind one cause to be put right; then send again to those."""
    desk, actor = desks().mending, current_actor()
    cause = request.values.get("cause", "")
    channel = request.values.get("by", EMAIL)
    found = desk.faulty(sending_id, actor, cause, channel)
    typed = {
        each.line.guest_id: text.strip()
        for each in found
        if (text := request.form.get(f"guest-{each.line.guest_id}", "")).strip()
        and text.strip() != _shown(each.now)
    }
    wrong: dict[int, str] = {}
    if request.method == "POST":
        queued, wrong = desk.mend(sending_id, actor, cause, channel, typed)
        if not wrong:
            _say_queued(queued)
            return _back(sending_id)
    return render_template(
        "organiser/sending/mend.html",
        progress=desks().sending.progress(sending_id, actor),
        found=found,
        said=troubles.said(cause),
        cause=cause,
        channel=channel,
        typed=typed,
        wrong=wrong,
        shown=_shown,
    ), 422 if wrong else 200


@blueprint.get("/events/<int:event_id>/sending/guests/<int:guest_id>")
def guest(event_id: int, guest_id: int) -> str:
    """Show everything that befell the letters of one guest."""
    actor = current_actor()
    candidate, journeys = desks().mending.story(event_id, guest_id, actor)
    return render_template(
        "organiser/sending/guest.html",
        event=desks().planning.event(event_id, actor).event,
        candidate=candidate,
        journeys=journeys,
        channels=CHANNELS,
        said=troubles.said,
        shown=_shown,
        retried=RETRIED,
    )


def _shown(address: str) -> str:
    """Return an address as people write it: a telephone number as it is dialled at home."""
    return address if "@" in address else national(address)


def _say_queued(queued: int) -> None:
    if queued:
        flash(counted("Đang gửi lại %(count)s thư theo địa chỉ hiện nay.", queued), "ok")
    else:
        flash(_("Không có thư nào để gửi lại."), "info")


def _back(sending_id: int) -> ResponseReturnValue:
    return redirect(url_for("tracking.show", sending_id=sending_id), 303)

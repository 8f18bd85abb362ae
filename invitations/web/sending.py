"""Sending of one event: compose, check, send, and watch how far it is."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

from flask import (
    Blueprint,
    abort,
    flash,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from flask_babel import gettext as _

from invitations.couriers.message import PICTURE_ID
from invitations.domain.addresses import national
from invitations.domain.outbox import State
from invitations.web import letterform, troubles
from invitations.web.actors import current_actor
from invitations.web.desks import desks
from invitations.web.letterform import LetterForm
from invitations.web.plurals import counted

if TYPE_CHECKING:
    from flask import Response
    from flask.typing import ResponseReturnValue

    from invitations.services.composing import Preview

blueprint = Blueprint("sending", __name__)

PAGE_SIZE = 100
LARGEST_CHOICE = 500  # guests offered for the preview
# A letter is shown in a frame that runs nothing and fetches nothing.
PREVIEW_POLICY = (
    "default-src 'none'; img-src data:; style-src 'unsafe-inline'; sandbox;"
    " frame-ancestors 'self'"
)
GROUPS = {
    "waiting": (State.QUEUED, State.SENDING, State.DEFERRED),
    "sent": (State.ACCEPTED,),
    "trouble": (State.FAILED, State.UNCERTAIN, State.EXPIRED, State.DEFERRED),
    "cancelled": (State.CANCELLED,),
}


@blueprint.get("/events/<int:event_id>/sending")
def compose(event_id: int) -> str:
    """Show the form with the words last sent, or those the house proposes."""
    desk = desks().sending
    words = desk.composing.words(event_id, current_actor())
    return _compose_page(event_id, letterform.fresh(words, desk.channels))


@blueprint.post("/events/<int:event_id>/sending/words")
def edit(event_id: int) -> str:
    """Show the form again with what was typed."""
    return _compose_page(event_id, letterform.typed(request.form))


@blueprint.route("/events/<int:event_id>/sending/preview/<kind>", methods=["GET", "POST"])
def preview(event_id: int, kind: str) -> Response:
    """Show the ``mail``, its ``text`` or the ``sms`` as one guest will get it."""
    composing = desks().sending.composing
    actor = current_actor()
    if request.method == "POST":
        form = letterform.typed(request.form)
    else:
        form = letterform.fresh(composing.words(event_id, actor), ())
    guest_id = form.guest_id or request.args.get("guest", type=int)
    found = composing.preview(event_id, actor, form.words, guest_id)
    if found is None or kind not in {"mail", "text", "sms"}:
        abort(404)
    shown = _mail(found) if kind == "mail" else _plain(kind, found)
    response = make_response(shown)
    response.headers["Content-Security-Policy"] = PREVIEW_POLICY
    response.headers["X-Frame-Options"] = "SAMEORIGIN"
    return response


@blueprint.post("/events/<int:event_id>/sending/check")
def check(event_id: int) -> ResponseReturnValue:
    """Show what would be sent to whom; back to the form when something must be mended."""
    form = _kept_form()
    desk, actor = desks().sending, current_actor()
    plan = desk.composing.plan(event_id, actor, form.words, form.channels, again=form.again)
    if plan.mistakes:
        return _compose_page(event_id, form, letterform.errors(plan.mistakes)), 422
    return render_template(
        "organiser/sending/check.html",
        event=desks().planning.event(event_id, actor).event,
        form=form,
        plan=plan,
        preview=desk.composing.preview(event_id, actor, form.words, form.guest_id),
        warnings=[letterform.warning(code) for code in plan.warnings],
    )


@blueprint.post("/events/<int:event_id>/sending")
def send(event_id: int) -> ResponseReturnValue:
    """Queue the letters and go to where their progress is told."""
    form = _kept_form()
    desk, actor = desks().sending, current_actor()
    plan = desk.composing.plan(event_id, actor, form.words, form.channels, again=form.again)
    if plan.mistakes:
        return _compose_page(event_id, form, letterform.errors(plan.mistakes)), 422
    if not plan.possible:
        flash(_("Mọi khách đã có thư mời, hoặc chưa có địa chỉ. Chưa gửi gì thêm."), "warn")
        return redirect(url_for("sending.compose", event_id=event_id), 303)
    sending_id = desk.send(event_id, actor, form.words, form.channels, again=form.again)
    return redirect(url_for("sending.show", sending_id=sending_id), 303)


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
    )


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
    """Queue again what failed, by one cause or all."""
    cause = request.form.get("cause") or None
    queued = desks().sending.retry(sending_id, current_actor(), cause)
    if queued:
        flash(counted("Đang gửi lại %(count)s thư theo địa chỉ hiện nay.", queued), "ok")
    else:
        flash(_("Không có thư nào để gửi lại."), "info")
    return _back(sending_id)


def _back(sending_id: int) -> ResponseReturnValue:
    return redirect(url_for("sending.show", sending_id=sending_id), 303)


def _kept_form() -> LetterForm:
    return letterform.kept(letterform.typed(request.form), desks().sending.channels)


def _compose_page(event_id: int, form: LetterForm, errors: dict[str, str] | None = None) -> str:
    desk, actor = desks().sending, current_actor()
    found = desk.composing.candidates(event_id, actor)
    return render_template(
        "organiser/sending/compose.html",
        event=desks().planning.event(event_id, actor).event,
        form=form,
        errors=errors or {},
        channels=desk.channels,
        candidates=found[:LARGEST_CHOICE],
        reachable={c: sum(bool(each.address(c)) for each in found) for c in desk.channels},
        unreached=[each.guest for each in found if not any(map(each.address, desk.channels))],
        sent_before=any(each.sent for each in found),
        batches=desk.batches(event_id, actor),
        fields=letterform.fields(),
    )


def _mail(found: Preview) -> str:
    """Return the mail as a page: its picture comes along, and its links lead nowhere."""
    picture = base64.b64encode(found.mail.picture).decode("ascii")
    return found.mail.html.replace(f"cid:{PICTURE_ID}", f"data:image/png;base64,{picture}")


def _plain(kind: str, found: Preview) -> str:
    return render_template(
        f"letters/preview/{kind}.html",
        mail=found.mail,
        message=found.message,
        length=found.length,
    )

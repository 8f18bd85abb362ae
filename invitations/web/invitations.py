"""Invitations of one event: who holds one, give it again, take it back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _

from invitations.domain import doorcode
from invitations.domain.addresses import national
from invitations.domain.names import clean, fold
from invitations.domain.plans import LONGEST_LINE
from invitations.services import drawing
from invitations.web import notices
from invitations.web.actors import current_actor
from invitations.web.desks import desks
from invitations.web.header import link

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

    from invitations.domain.model import Holder

blueprint = Blueprint("invitations", __name__)

PAGE_SIZE = 100


@blueprint.get("/events/<int:event_id>/invitations")
def index(event_id: int) -> str:
    """List who holds an invitation to an event; ``?q=`` searches without accents."""
    actor = current_actor()
    summary = desks().planning.event(event_id, actor)
    wanted = request.args.get("q", "")
    found = [each for each in desks().issuing.holders(event_id, actor) if _fits(each, wanted)]
    pages = max(1, -(-len(found) // PAGE_SIZE))
    page = min(max(request.args.get("page", 1, type=int), 1), pages)
    return render_template(
        "organiser/events/invitations.html",
        event=summary.event,
        counts=summary.counts,
        holders=found[(page - 1) * PAGE_SIZE : page * PAGE_SIZE],
        found=len(found),
        page=page,
        pages=pages,
        wanted=wanted,
        grouped=doorcode.grouped,
    )


@blueprint.get("/invitations/<int:invitation_id>")
def show(invitation_id: int) -> str:
    """Show one guest's invitation, with the pass as the guest has it."""
    return _page(invitation_id)


@blueprint.post("/invitations/<int:invitation_id>/reissue")
def reissue(invitation_id: int) -> ResponseReturnValue:
    """Give a new pass; the earlier one is refused from now on."""
    done = desks().issuing.reissue(invitation_id, current_actor())
    if done.invitation is None:
        flash(_("Thẻ này đã cấp lại 255 lần, không cấp thêm được nữa."), "stop")
    else:
        flash(_("Đã cấp lại thẻ. Mã cũ không còn vào cửa được; hãy gửi lại cho khách."), "ok")
    return redirect(url_for("invitations.show", invitation_id=invitation_id), 303)


@blueprint.post("/invitations/<int:invitation_id>/withdraw")
def withdraw(invitation_id: int) -> ResponseReturnValue:
    """Take an invitation back; a reason is asked for, because the audit book keeps it."""
    reason = clean(request.form.get("reason", ""))
    if not reason or len(reason) > LONGEST_LINE:
        return _page(invitation_id, reason, reason_missing=True), 422
    actor = current_actor()
    event_id = desks().issuing.holder(invitation_id, actor).invitation.event_id
    if asked := notices.before_withdrawing(event_id):
        return asked
    sending_id = desks().changes.withdraw(
        invitation_id, actor, reason, notices.said(), held=notices.held()
    )
    flash(_("Đã thu hồi thư mời. Từ lúc này thẻ không vào cửa được nữa."), "ok")
    if sending_id is not None:
        return redirect(url_for("tracking.show", sending_id=sending_id), 303)
    return redirect(url_for("invitations.show", invitation_id=invitation_id), 303)


def _page(invitation_id: int, reason: str = "", *, reason_missing: bool = False) -> str:
    actor = current_actor()
    holder = desks().issuing.holder(invitation_id, actor)
    invitation = holder.invitation
    text = desks().issuing.pass_text(invitation)
    return render_template(
        "organiser/events/invitation.html",
        event=desks().planning.event(invitation.event_id, actor).event,
        guest=holder.guest,
        phone=national(holder.guest.phone),
        invitation=invitation,
        door_code=doorcode.grouped(invitation.door_code),
        picture=drawing.svg(text, str(_("Mã QR của khách"))),
        page_href=link("guest.show", link=invitation.link),
        reason=reason,
        reason_missing=reason_missing,
        heard=desks().notices.heard(invitation.event_id, actor, invitation_id),
    )


def _fits(holder: Holder, wanted: str) -> bool:
    guest = holder.guest
    text = fold(f"{guest.name} {guest.organisation} {guest.title}")
    return all(word in text for word in fold(wanted).split())

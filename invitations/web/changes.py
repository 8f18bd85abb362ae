"""Changes on the screen: somebody comes instead of a guest."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _

from invitations.domain.names import clean
from invitations.domain.plans import LONGEST_LINE
from invitations.domain.register import Person
from invitations.web import registerwords
from invitations.web.actors import current_actor
from invitations.web.desks import desks

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue


blueprint = Blueprint("changes", __name__)


@blueprint.route("/invitations/<int:invitation_id>/replace", methods=["GET", "POST"])
def replace(invitation_id: int) -> ResponseReturnValue:
    """Show the form for somebody who comes instead of a guest, or invite them."""
    actor = current_actor()
    if request.method == "GET":
        return _replace_page(invitation_id, Person(0, ""))
    typed = registerwords.typed_person(request.form)
    notify = request.form.get("decided") == "tell"
    reason = clean(request.form.get("reason", ""))[:LONGEST_LINE]
    done = desks().changes.replace(invitation_id, actor, typed, reason, notify=notify)
    if done.problems:
        wrong = registerwords.errors(done.problems)
        return _replace_page(invitation_id, typed, wrong), 422
    flash(_("Đã thay người. Thẻ cũ không vào cửa được nữa; người mới có thẻ riêng."), "ok")
    return redirect(url_for("invitations.show", invitation_id=done.invitation_id), 303)


def _replace_page(
    invitation_id: int, person: Person, errors: dict[str, str] | None = None
) -> str:
    actor = current_actor()
    holder = desks().issuing.holder(invitation_id, actor)
    event_id = holder.invitation.event_id
    return render_template(
        "organiser/changes/replace.html",
        event=desks().planning.event(event_id, actor).event,
        guest=holder.guest,
        invitation=holder.invitation,
        heard=desks().notices.heard(event_id, actor, invitation_id),
        person=person,
        errors=errors or {},
        reason=request.form.get("reason", ""),
        longest=LONGEST_LINE,
    )

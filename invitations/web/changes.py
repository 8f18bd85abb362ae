"""Changes on the screen: what guests would hear is shown before anything is saved or sent."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _

from invitations.domain.names import clean
from invitations.domain.plans import LONGEST_LINE
from invitations.domain.register import Person
from invitations.domain.wording import Words
from invitations.web import registerwords
from invitations.web.actors import current_actor
from invitations.web.desks import desks

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

    from invitations.domain.model import Event
    from invitations.domain.plans import Plan
    from invitations.services.changes import Notice

blueprint = Blueprint("changes", __name__)

DECIDED, TELL, QUIET = "decided", "tell", "quiet"
WORDS = ("subject", "opening", "note", "sms")


@blueprint.route("/events/<int:event_id>/notice", methods=["GET", "POST"])
def notice(event_id: int) -> ResponseReturnValue:
    """Show what all who were invited would hear of the event as it stands, or queue it."""
    actor = current_actor()
    event = desks().planning.event(event_id, actor).event
    if request.method == "POST":
        return tell(event_id) or redirect(url_for("events.show", event_id=event_id), 303)
    proposed = desks().changes.proposed(event_id, actor)
    if proposed is None:
        flash(_("Chưa khách nào nhận thư mời, nên không có ai phải báo."), "info")
        return redirect(url_for("events.show", event_id=event_id), 303)
    return _ask(event, proposed, saving=False)


@blueprint.route("/invitations/<int:invitation_id>/replace", methods=["GET", "POST"])
def replace(invitation_id: int) -> ResponseReturnValue:
    """Show the form for somebody who comes instead of a guest, or invite them."""
    actor = current_actor()
    if request.method == "GET":
        return _replace_page(invitation_id, Person(0, ""))
    typed = registerwords.typed_person(request.form)
    notify = request.form.get(DECIDED) == TELL
    reason = clean(request.form.get("reason", ""))[:LONGEST_LINE]
    done = desks().changes.replace(invitation_id, actor, typed, reason, notify=notify)
    if done.problems:
        wrong = registerwords.errors(done.problems)
        return _replace_page(invitation_id, typed, wrong), 422
    flash(_("Đã thay người. Thẻ cũ không vào cửa được nữa; người mới có thẻ riêng."), "ok")
    return redirect(url_for("invitations.show", invitation_id=done.invitation_id), 303)


def before_saving(event: Event, plan: Plan) -> str | None:
    """Return the page that asks whether guests shall hear of *plan*, if it has to be asked."""
    if DECIDED in request.form:
        return None
    proposed = desks().changes.proposed(event.id, current_actor(), plan)
    return None if proposed is None else _ask(event, proposed, plan=plan)


def before_cancelling(event_id: int) -> str | None:
    """Return the page that asks whether guests shall hear that the event is called off."""
    if DECIDED in request.form:
        return None
    actor = current_actor()
    proposed = desks().changes.of_cancelling(event_id, actor)
    event = desks().planning.event(event_id, actor).event
    return None if proposed is None else _ask(event, proposed)


def tell(event_id: int) -> ResponseReturnValue | None:
    """Queue the notice as it was typed, if the officer decided so; go where it is told."""
    if request.form.get(DECIDED) != TELL:
        return None
    subject, opening, note, sms = (request.form.get(f"notice_{name}", "") for name in WORDS)
    words = Words(subject, opening, note, sms)
    sending_id = desks().changes.notify(event_id, current_actor(), words)
    if sending_id is None:
        flash(_("Mọi khách đã được báo về lần thay đổi này. Chưa gửi gì thêm."), "info")
        return None
    return redirect(url_for("sending.show", sending_id=sending_id), 303)


def _ask(
    event: Event, proposed: Notice, *, plan: Plan | None = None, saving: bool = True
) -> str:
    return render_template(
        "organiser/changes/ask.html",
        event=event,
        plan=plan,
        proposed=proposed,
        saving=saving,
        kept=[(name, value) for name, value in request.form.items(multi=True) if saving],
    )


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
        heard=desks().changes.heard(event_id, actor, invitation_id),
        person=person,
        errors=errors or {},
        reason=request.form.get("reason", ""),
        longest=LONGEST_LINE,
    )

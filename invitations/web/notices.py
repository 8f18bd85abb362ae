"""Notices on the screen: what guests would hear is seen and tried before it is decided."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _

from invitations.domain.composition import Composition
from invitations.domain.outbox import EMAIL, SMS
from invitations.web import forms, letterform, letterviews, rehearsals
from invitations.web.actors import current_actor
from invitations.web.desks import desks

if TYPE_CHECKING:
    from flask import Response
    from flask.typing import ResponseReturnValue

    from invitations.domain.model import Event
    from invitations.domain.plans import Plan
    from invitations.domain.wording import Words
    from invitations.services.notices import Notice

blueprint = Blueprint("notices", __name__)

DECIDED, ASK, TELL = "decided", "ask", "tell"
# Why there is something to say: the event is edited, called off, or as it stands; or one
# guest's invitation is taken back.
EDIT, CANCEL, STANDS, WITHDRAW = "edit", "cancel", "stands", "withdraw"
MOST_OFFERED = 500  # guests to look at the notice with
# What belongs to the notice; everything else in the form is for the deed that waits for it.
_OWN = frozenset(
    {
        *("subject", "opening", "note", "sms", "accented", "english", "in_english", "guest"),
        *("en_subject", "en_opening", "en_note", "en_sms", "en_title", "en_host"),
        *("test_phone", "hold", DECIDED),
    }
)


@dataclass(frozen=True)
class Asking:
    """A deed that waits until the officer has said whether guests hear of it."""

    kind: str
    event: Event
    notice: Notice
    action: str
    plan: Plan | None = None

    @property
    def saving(self) -> bool:
        """Tell whether pressing a button also does what the notice tells of."""
        return self.kind != STANDS

    @property
    def form(self) -> letterform.LetterForm:
        """The notice as it was typed, or else as the house proposes it."""
        typed = letterform.typed(request.form)
        words = typed.words if "subject" in request.form else self.notice.words
        chosen = typed.guest_id or self.notice.guests[0].id
        return letterform.LetterForm(words, self.notice.channels, guest_id=chosen)

    @property
    def composition(self) -> Composition:
        """The notice as a letter to be looked at and tried."""
        return replace(letterform.composed(self.form), purpose=self.notice.purpose)


@blueprint.route("/events/<int:event_id>/notice", methods=["GET", "POST"])
def stands(event_id: int) -> ResponseReturnValue:
    """Show what all who were invited would hear of the event as it stands, or queue it."""
    desks().planning.event(event_id, current_actor())
    if request.method == "POST":
        return tell(event_id) or redirect(url_for("events.show", event_id=event_id), 303)
    asking = _asking(STANDS, event_id)
    if asking is None:
        flash(_("Chưa khách nào nhận thư mời, nên không có ai phải báo."), "info")
        return redirect(url_for("events.show", event_id=event_id), 303)
    return _page(asking)


@blueprint.post("/events/<int:event_id>/notice/<kind>/preview/<look>")
def preview(event_id: int, kind: str, look: str) -> Response:
    """Show the notice as one guest will get it: *look* is one of `letterviews.KINDS`."""
    asking = _asking(kind, event_id) or abort(404)
    return letterviews.show(event_id, look, asking.composition, asking.notice.event)


@blueprint.post("/events/<int:event_id>/notice/<kind>/test")
def test(event_id: int, kind: str) -> str:
    """Send the notice to whoever is signed in; nothing is decided by that."""
    asking = _asking(kind, event_id) or abort(404)
    for channel in asking.notice.channels:
        rehearsals.rehearse(asking.notice.event, asking.composition, channel)
    return _page(asking)


def before_saving(event: Event, plan: Plan) -> str | None:
    """Return the page that asks whether guests shall hear of *plan*, if it has to be asked."""
    if DECIDED in request.form:
        return None
    asking = _asking(EDIT, event.id, plan)
    return None if asking is None else _page(asking)


def before_cancelling(event_id: int) -> str | None:
    """Return the page that asks whether guests shall hear that the event is called off."""
    if DECIDED in request.form:
        return None
    asking = _asking(CANCEL, event_id)
    return None if asking is None else _page(asking)


def before_withdrawing(event_id: int) -> str | None:
    """Return the page with what one guest would hear, if the officer wants to tell."""
    if request.form.get(DECIDED) != ASK:
        return None
    asking = _asking(WITHDRAW, event_id)
    return None if asking is None else _page(asking)


def tell(event_id: int) -> ResponseReturnValue | None:
    """Queue the notice as it was typed, if the officer decided so; go where it is told."""
    words = said()
    if words is None:
        return None
    sending_id = desks().changes.notify(event_id, current_actor(), words, held=held())
    if sending_id is None:
        flash(_("Mọi khách đã được báo về lần thay đổi này. Chưa gửi gì thêm."), "info")
        return None
    return redirect(url_for("tracking.show", sending_id=sending_id), 303)


def said() -> Words | None:
    """Return the notice as it was typed; nothing if the officer decided to say nothing."""
    return letterform.typed(request.form).words if request.form.get(DECIDED) == TELL else None


def held() -> bool:
    """Tell whether the officer wants a second officer's word before the notice goes."""
    return request.form.get("hold") == "1"


def _asking(kind: str, event_id: int, plan: Plan | None = None) -> Asking | None:
    """Return what the form in hand asks, or nothing if there is nobody to tell."""
    desk, actor = desks().notices, current_actor()
    event = desks().planning.event(event_id, actor).event
    action = url_for("notices.stands", event_id=event_id)
    match kind:
        case "edit":
            plan = plan or forms.read(forms.typed(request.form))[0]
            found = desk.proposed(event_id, actor, plan)
            action = url_for("events.edit", event_id=event_id)
        case "cancel":
            found = desk.of_cancelling(event_id, actor)
            action = url_for("events.cancel", event_id=event_id)
        case "withdraw":
            invitation_id = request.form.get("invitation", 0, type=int)
            found = desk.of_withdrawing(event_id, actor, invitation_id)
            action = url_for("invitations.withdraw", invitation_id=invitation_id)
        case _:
            found = desk.proposed(event_id, actor)
    return None if found is None else Asking(kind, event, found, action, plan)


def _page(asking: Asking) -> str:
    event_id, actor, form = asking.event.id, current_actor(), asking.form
    desk = desks()
    ways = {
        look: url_for("notices.preview", event_id=event_id, kind=asking.kind, look=look)
        for look in letterviews.KINDS
    }
    return render_template(
        "organiser/changes/ask.html",
        asking=asking,
        event=asking.event,
        plan=asking.plan,
        notice_of=asking.notice,
        people=asking.notice.guests[:MOST_OFFERED],
        form=form,
        ways=ways,
        test=url_for("notices.test", event_id=event_id, kind=asking.kind),
        fields=letterform.fields(),
        english=form.words.en or asking.notice.english,
        english_readers=sum(each.language == "en" for each in asking.notice.guests),
        own={EMAIL: desk.mail_of(actor), SMS: rehearsals.own_phone()},
        tried=desk.dispatching.rehearsing.done_of(asking.notice.event, asking.composition),
        held=held(),
        approval=desk.dispatching.rules.approval,
        kept=[item for item in request.form.items(multi=True) if item[0] not in _OWN],
    )

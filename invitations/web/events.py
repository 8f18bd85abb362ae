"""Events: the list, the form, one event with what is to be done for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _

from invitations.domain.names import fold
from invitations.services.sending import is_own
from invitations.web import forms, notices, overview
from invitations.web.actors import current_actor
from invitations.web.desks import desks
from invitations.web.plurals import counted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from flask.typing import ResponseReturnValue

    from invitations.domain.model import Event
    from invitations.domain.plans import Problem
    from invitations.services.planning import Planned, Summary

blueprint = Blueprint("events", __name__, url_prefix="/events")

SATURDAY = 5


@blueprint.get("")
def index() -> str:
    """List the events: today's first, then what is to come, then what is over."""
    return _list(request.args.get("q", ""))


@blueprint.route("/new", methods=["GET", "POST"])
def new() -> ResponseReturnValue:
    """Show an empty form, or make an event of a filled one."""
    if request.method == "GET":
        return _form_page(None, forms.blank())
    form = forms.typed(request.form)
    plan, wrong = forms.read(form)
    if plan is None:
        return _form_page(None, form, wrong), 422
    planned = desks().planning.create(plan, current_actor())
    return _after(planned, form, None, str(_("Đã tạo sự kiện.")))


@blueprint.get("/<int:event_id>")
def show(event_id: int) -> str:
    """Show one event: what it is, how far it is, what to do next."""
    actor = current_actor()
    (line,) = overview.lines([desks().planning.event(event_id, actor)])
    return render_template(
        "organiser/events/show.html",
        line=line,
        tasks=overview.tasks(line),
        ended=desks().issuing.ended(event_id, actor),
        standing=desks().groups.standing(event_id, actor),
        calls=len(desks().ladder.calls(event_id, actor)),
        untold=desks().untold.count(event_id, actor),
    )


@blueprint.route("/<int:event_id>/edit", methods=["GET", "POST"])
def edit(event_id: int) -> ResponseReturnValue:
    """Show the form of an event, or change the event as a sent form says."""
    event = desks().planning.event(event_id, current_actor()).event
    if request.method == "GET":
        return _form_page(event, forms.of_event(event))
    form = forms.typed(request.form)
    plan, wrong = forms.read(form)
    if plan is None:
        return _form_page(event, form, wrong), 422
    if asked := notices.before_saving(event, plan):
        return asked
    planned = desks().planning.edit(event_id, plan, current_actor())
    saved = _after(planned, form, event, str(_("Đã lưu thay đổi.")))
    return saved if planned.event is None else notices.tell(event_id) or saved


@blueprint.post("/<int:event_id>/duplicate")
def duplicate(event_id: int) -> ResponseReturnValue:
    """Make next month's event out of this one, and open its form, or go on to its letter."""
    with_guests = request.form.get("with_guests") == "1"
    event = desks().planning.duplicate(event_id, current_actor(), with_guests=with_guests)
    if request.form.get("then") == "send":
        flash(_("Đã tạo kỳ tiếp theo. Hãy xem lại ngày giờ và lời thư trước khi gửi."), "ok")
        return redirect(url_for("sending.begin", event_id=event.id), 303)
    flash(_("Đã tạo kỳ tiếp theo. Hãy xem lại tiêu đề, ngày và giờ rồi lưu."), "ok")
    return redirect(url_for("events.edit", event_id=event.id), 303)


@blueprint.post("/<int:event_id>/cancel")
def cancel(event_id: int) -> ResponseReturnValue:
    """Call an event off."""
    if asked := notices.before_cancelling(event_id):
        return asked
    desks().planning.cancel(event_id, current_actor())
    flash(_("Đã hủy sự kiện. Từ lúc này các cửa không nhận thẻ của sự kiện nữa."), "warn")
    back = redirect(url_for("events.show", event_id=event_id), 303)
    return notices.tell(event_id) or back


@blueprint.post("/<int:event_id>/resume")
def resume(event_id: int) -> ResponseReturnValue:
    """Let an event that was called off take place after all."""
    desks().planning.resume(event_id, current_actor())
    flash(_("Sự kiện được tổ chức trở lại; thẻ đã cấp lại có giá trị."), "ok")
    return redirect(url_for("events.show", event_id=event_id), 303)


@blueprint.post("/<int:event_id>/issue")
def issue(event_id: int) -> ResponseReturnValue:
    """Give an invitation to every guest who has none, without sending it."""
    issued = desks().issuing.issue(event_id, current_actor())
    flash(counted("Đã cấp %(count)s thẻ vào cửa.", issued.count), "ok")
    return redirect(url_for("invitations.index", event_id=event_id), 303)


@blueprint.post("/<int:event_id>/reissue-ended")
def reissue_ended(event_id: int) -> ResponseReturnValue:
    """Give new passes to all whose pass ends before the doors close."""
    count = desks().issuing.reissue_ended(event_id, current_actor())
    flash(counted("Đã cấp lại %(count)s thẻ theo giờ mới.", count), "ok")
    return redirect(url_for("events.show", event_id=event_id), 303)


def _list(wanted: str) -> str:
    actor, words = current_actor(), fold(wanted).split()
    found = overview.lines([each for each in desks().planning.all(actor) if _fits(each, words)])
    today = [line for line in found if line.today]
    over = [line for line in found if line.ended and not line.today]
    return render_template(
        "organiser/events/index.html",
        today=today,
        ahead=[line for line in found if line not in today and line not in over],
        over=over[::-1],
        wanted=wanted,
        way=overview.way,
        held=[
            (batch, title, is_own(batch, actor))
            for batch, title in desks().dispatching.held(actor)
        ],
    )


def _fits(summary: Summary, words: Sequence[str]) -> bool:
    event = summary.event
    text = fold(f"{event.title} {event.place} {event.chair}")
    return all(word in text for word in words)


def _form_page(
    event: Event | None, form: forms.EventForm, wrong: Sequence[Problem] = ()
) -> str:
    return render_template(
        "organiser/events/form.html", event=event, form=form, errors=forms.errors(wrong)
    )


def _after(
    planned: Planned, form: forms.EventForm, event: Event | None, said: str
) -> ResponseReturnValue:
    """Go on to the event that was saved, or show the form again with what to mend."""
    saved = planned.event
    if saved is None:
        return _form_page(event, form, planned.problems), 422
    flash(said, "ok")
    if forms.weekday(saved.starts_at) >= SATURDAY:
        flash(_("Xin lưu ý: ngày này rơi vào cuối tuần."), "warn")
    return redirect(url_for("events.show", event_id=saved.id), 303)

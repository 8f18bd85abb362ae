"""The rules of the doors on the screen: whom each gate serves, and what else holds there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _

from invitations.domain import doorplan
from invitations.domain.doorplan import DoorPlan
from invitations.web.actors import current_actor
from invitations.web.desks import desks

if TYPE_CHECKING:
    from collections.abc import Sequence

    from flask.typing import ResponseReturnValue
    from werkzeug.datastructures import MultiDict

    from invitations.domain.model import Question
    from invitations.domain.plans import Problem

SWITCHES = ("many_entries", "reply_needed", "paper", "badges")

blueprint = Blueprint("doorplans", __name__, url_prefix="/events")


@blueprint.route("/<int:event_id>/doors", methods=["GET", "POST"])
def show(event_id: int) -> ResponseReturnValue:
    """Show the rules of an event's doors, or settle them as a sent form says."""
    settled = desks().doorplans.of(event_id, current_actor())
    if request.method == "GET":
        return _page(event_id, settled.plan)
    plan = _typed(request.form, [gate.id for gate in settled.event.gates])
    wrong = desks().doorplans.settle(event_id, plan, current_actor())
    if wrong:
        return _page(event_id, plan, wrong), 422
    flash(_("Đã lưu quy tắc đón khách. Các trạm đang nối mạng áp dụng ngay."), "ok")
    for name in doorplan.unserved(plan, settled.known):
        flash(
            _("Chưa cửa nào đón nhóm “%(name)s”; mọi cửa đều nhận nhóm này.", name=name), "warn"
        )
    return redirect(url_for("events.show", event_id=event_id), 303)


def _page(event_id: int, plan: DoorPlan, wrong: Sequence[Problem] = ()) -> str:
    settled = desks().doorplans.of(event_id, current_actor())
    return render_template(
        "organiser/events/doors.html",
        event=settled.event,
        plan=plan,
        known=settled.known,
        rows=_rows(plan.questions),
        errors={each.field: _said(each.code) for each in wrong},
        most=doorplan.MOST_QUESTIONS,
    )


def _rows(questions: Sequence[Question]) -> list[dict[str, str]]:
    """Return the rows of the form: one for each question, and empty ones to fill in."""
    rows = [
        {"text": each.text, "kind": each.kind, "choices": ", ".join(each.choices)}
        for each in questions
    ]
    blank = {"text": "", "kind": "yes_no", "choices": ""}
    return [*rows, *([blank] * (doorplan.MOST_QUESTIONS - len(rows)))]


def _typed(form: MultiDict[str, str], gate_ids: Sequence[int]) -> DoorPlan:
    """Return the rules that a form names; a choice it does not offer is the plain one."""
    texts, kinds = form.getlist("question"), form.getlist("kind")
    choices = form.getlist("choices")
    asked = tuple(
        doorplan.question(text, kind if kind in doorplan.KINDS else "text", _parted(offered))
        for text, kind, offered in zip(texts, kinds, choices, strict=False)
        if text.strip()
    )
    switches = {name: form.get(name) == "1" for name in SWITCHES}
    return DoorPlan(
        offline=_one_of(form.get("offline"), doorplan.OFFLINE),
        walk_ins=_one_of(form.get("walk_ins"), doorplan.WALK_INS),
        questions=asked,
        gates={each: doorplan.categories(form.get(f"gate-{each}", "")) for each in gate_ids},
        **switches,
    )


def _parted(text: str) -> list[str]:
    return text.replace(";", ",").split(",")


def _one_of(found: str | None, offered: Sequence[str]) -> str:
    return found if found is not None and found in offered else offered[0]


def _said(code: str) -> str:
    said: dict[str, str] = {
        "too-many-questions": _("Nhiều nhất ba câu hỏi, để khách khỏi phải chờ lâu ở cửa."),
        "question-twice": _("Có hai câu hỏi giống nhau. Hãy bỏ một câu."),
        "question-long": _("Câu hỏi dài quá 80 ký tự. Hãy viết ngắn lại."),
        "choices": _("Câu hỏi chọn cần từ 2 đến 6 lựa chọn, cách nhau bằng dấu phẩy."),
        "choice-long": _("Mỗi lựa chọn dài nhiều nhất 30 ký tự."),
        "category-long": _("Tên nhóm khách dài nhiều nhất 60 ký tự."),
    }
    return said[code]

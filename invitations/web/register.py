"""The register on the screen: people over all events, one person, and who may be one."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _

from invitations.domain.names import clean
from invitations.domain.plans import LONGEST_LINE
from invitations.domain.register import Person, Wanted
from invitations.web import registerwords
from invitations.web.actors import current_actor
from invitations.web.desks import desks

if TYPE_CHECKING:
    from collections.abc import Sequence

    from flask import Response
    from flask.typing import ResponseReturnValue

    from invitations.domain.plans import Problem

blueprint = Blueprint("register", __name__, url_prefix="/register")

LONGEST_SEARCH = 100
OFFERED = 20  # entries offered for a merge
SHOWN = ("active", "barred", "resting")


@blueprint.get("")
def index() -> str:
    """Show a page of the people wanted, each with what came of earlier invitations."""
    actor, wanted = current_actor(), _wanted()
    page = desks().register.page(actor, wanted, request.args.get("page", 1, type=int))
    return render_template(
        "organiser/register/index.html",
        page=page,
        past=desks().histories.of_people([each.id for each in page.people]),
        wanted=wanted,
        organisation=request.args.get("organisation", 0, type=int),
        tree=desks().organisations.tree(actor),
        groups=desks().groups.all(actor),
        doubts=desks().register.count_doubts(actor),
    )


@blueprint.route("/new", methods=["GET", "POST"])
def new() -> ResponseReturnValue:
    """Show an empty form, or take a new person in."""
    if request.method == "GET":
        return _form(Person(0, ""))
    typed = registerwords.typed_person(request.form)
    kept = desks().register.add(typed, current_actor())
    if kept.person is None:
        return _form(typed, kept.problems), 422
    flash(_("Đã thêm vào danh bạ."), "ok")
    return _back(kept.person.id)


@blueprint.get("/<int:person_id>")
def show(person_id: int) -> str:
    """Show one person: details, groups and history; ``?q=`` looks for a twin to merge."""
    actor = current_actor()
    words = request.args.get("q", "").strip()[:LONGEST_SEARCH]
    found = desks().register.page(actor, Wanted(words)).people if words else []
    return render_template(
        "organiser/register/show.html",
        person=desks().register.person(person_id, actor),
        history=desks().histories.of_person(person_id, actor),
        groups=desks().groups.all(actor),
        mine=desks().groups.of_person(person_id),
        words=words,
        twins=[each for each in found if each.id != person_id][:OFFERED],
        languages=registerwords.languages(),
        channels=registerwords.channels(),
        longest=LONGEST_LINE,
    )


@blueprint.route("/<int:person_id>/edit", methods=["GET", "POST"])
def edit(person_id: int) -> ResponseReturnValue:
    """Show the form of a person, or change the entry as a sent form says."""
    actor = current_actor()
    if request.method == "GET":
        return _form(desks().register.person(person_id, actor))
    typed = registerwords.typed_person(request.form, person_id)
    kept = desks().register.edit(typed, actor)
    if kept.person is None:
        return _form(typed, kept.problems), 422
    flash(_("Đã lưu thay đổi."), "ok")
    return _back(person_id)


@blueprint.post("/<int:person_id>/bar")
def bar(person_id: int) -> ResponseReturnValue:
    """Note that a person does not want to be contacted, or does again."""
    actor = current_actor()
    if request.form.get("bar") == "0":
        desks().register.unbar(person_id, actor)
        flash(_("Từ nay có thể gửi thư cho người này."), "ok")
    else:
        reason = clean(request.form.get("reason", ""))[:LONGEST_LINE]
        desks().register.bar(person_id, actor, reason)
        flash(_("Từ nay không gửi gì cho người này nữa."), "ok")
    return _back(person_id)


@blueprint.post("/<int:person_id>/rest")
def rest(person_id: int) -> ResponseReturnValue:
    """Take a person out of use, or into use again."""
    resting = request.form.get("rest") == "1"
    desks().register.rest(person_id, current_actor(), resting=resting)
    flash(_("Đã ngừng mời người này.") if resting else _("Đã dùng lại mục này."), "ok")
    return _back(person_id)


@blueprint.post("/<int:person_id>/groups")
def groups(person_id: int) -> ResponseReturnValue:
    """Put a person into exactly the groups that were ticked."""
    actor, desk = current_actor(), desks().groups
    ticked = set(request.form.getlist("group", type=int))
    before = desk.of_person(person_id)
    desks().register.person(person_id, actor)
    for group in desk.all(actor):
        if group.id in ticked - before:
            desk.join(group.id, [person_id], actor)
        elif group.id in before - ticked:
            desk.leave(group.id, [person_id], actor)
    flash(_("Đã lưu các nhóm."), "ok")
    return _back(person_id)


@blueprint.post("/merge")
def merge() -> ResponseReturnValue:
    """Make one person of two."""
    kept, gone = (request.form.get(name, 0, type=int) for name in ("kept", "gone"))
    person = desks().register.merge(kept, gone, current_actor())
    flash(_("Đã gộp hai mục thành một; lịch sử của cả hai được giữ."), "ok")
    if request.form.get("back") == "doubts":
        return redirect(url_for(".doubts"), 303)
    return _back(person.id)


@blueprint.route("/doubts", methods=["GET", "POST"])
def doubts() -> ResponseReturnValue:
    """Show pairs that may be one person, or note that a pair is two people."""
    actor = current_actor()
    if request.method == "POST":
        one, other = (request.form.get(name, 0, type=int) for name in ("person", "other"))
        desks().register.keep_apart(one, other, actor)
        flash(_("Đã ghi nhận là hai người khác nhau."), "ok")
        return redirect(url_for(".doubts"), 303)
    return render_template(
        "organiser/register/doubts.html",
        doubts=desks().register.doubts(actor),
        total=desks().register.count_doubts(actor),
        reasons=registerwords.reasons(),
    )


@blueprint.post("/<int:person_id>/export")
def export(person_id: int) -> Response:
    """Hand out everything that is kept of one person, as a file."""
    found = desks().histories.export(person_id, current_actor())
    response = make_response(json.dumps(found, ensure_ascii=False, indent=2))
    response.headers["Content-Type"] = "application/json; charset=utf-8"
    response.headers["Content-Disposition"] = f'attachment; filename="person-{person_id}.json"'
    return response


@blueprint.post("/<int:person_id>/erase")
def erase(person_id: int) -> ResponseReturnValue:
    """Forget who a person is, everywhere but in the counts."""
    if desks().histories.erase(person_id, current_actor()):
        flash(_("Đã xóa tên, điện thoại và thư điện tử; các con số được giữ."), "ok")
        return redirect(url_for(".index"), 303)
    flash(_("Người này còn thư mời chưa diễn ra. Hãy thu hồi thư mời trước, rồi xóa."), "stop")
    return _back(person_id)


def _wanted() -> Wanted:
    """Return whom the address asks for."""
    organisation = request.args.get("organisation", 0, type=int)
    show_ = request.args.get("show", "active")
    below = desks().organisations.below(organisation, current_actor()) if organisation else None
    return Wanted(
        request.args.get("q", "").strip()[:LONGEST_SEARCH],
        below,
        request.args.get("group", 0, type=int) or None,
        show_ if show_ in SHOWN else "active",
    )


def _form(person: Person, wrong: Sequence[Problem] = ()) -> str:
    return render_template(
        "organiser/register/form.html",
        person=person,
        errors=registerwords.errors(wrong),
        tree=desks().organisations.tree(current_actor()),
        languages=registerwords.languages(),
        channels=registerwords.channels(),
    )


def _back(person_id: int) -> ResponseReturnValue:
    return redirect(url_for(".show", person_id=person_id), 303)

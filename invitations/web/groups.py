"""Groups on the screen, and an event's guest list made of the register."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _

from invitations.domain.register import Wanted
from invitations.web import registerwords
from invitations.web.actors import current_actor
from invitations.web.desks import desks
from invitations.web.plurals import counted

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

    from invitations.services.groups import Invited

blueprint = Blueprint("register_groups", __name__)

LONGEST_SEARCH = 100


@blueprint.get("/register/groups")
def index() -> str:
    """Show the groups."""
    return _page()


@blueprint.post("/register/groups")
def make() -> ResponseReturnValue:
    """Make a group."""
    name = request.form.get("name", "")
    if code := desks().groups.make(name, current_actor()):
        return _page(name, registerwords.wrong(code)), 422
    flash(_("Đã tạo nhóm. Hãy chọn người trong danh bạ để thêm vào."), "ok")
    return _back()


@blueprint.post("/register/groups/<int:group_id>/rename")
def rename(group_id: int) -> ResponseReturnValue:
    """Give a group another name."""
    code = desks().groups.rename(group_id, request.form.get("name", ""), current_actor())
    if code:
        flash(registerwords.wrong(code), "stop")
    else:
        flash(_("Đã đổi tên nhóm."), "ok")
    return _back()


@blueprint.post("/register/groups/<int:group_id>/remove")
def remove(group_id: int) -> ResponseReturnValue:
    """Take a group away; its people stay."""
    desks().groups.remove(group_id, current_actor())
    flash(_("Đã bỏ nhóm. Những người trong nhóm vẫn ở trong danh bạ."), "ok")
    return _back()


@blueprint.post("/register/groups/join")
def join() -> ResponseReturnValue:
    """Put the people that were ticked into a group."""
    group_id = request.form.get("group", 0, type=int)
    people = request.form.getlist("person", type=int)
    joined = desks().groups.join(group_id, people, current_actor())
    flash(counted("Đã thêm %(count)s người vào nhóm.", joined), "ok")
    return redirect(url_for("register.index", group=group_id), 303)


@blueprint.route("/events/<int:event_id>/guests/register", methods=["GET", "POST"])
def invite(event_id: int) -> ResponseReturnValue:
    """Show groups and people to invite to an event, or put those ticked on its list."""
    actor = current_actor()
    if request.method == "POST":
        people = request.form.getlist("person", type=int)
        groups = request.form.getlist("group", type=int)
        _tell(desks().groups.invite(event_id, actor, people, groups))
        return redirect(url_for("guests.index", event_id=event_id), 303)
    wanted = Wanted(request.args.get("q", "").strip()[:LONGEST_SEARCH])
    page = desks().register.page(actor, wanted, request.args.get("page", 1, type=int))
    return render_template(
        "organiser/register/invite.html",
        event=desks().planning.event(event_id, actor).event,
        groups=desks().groups.all(actor),
        standing={each.id for each in desks().groups.standing(event_id, actor).groups},
        page=page,
        words=wanted.words,
    )


@blueprint.post("/events/<int:event_id>/guests/standing")
def standing(event_id: int) -> ResponseReturnValue:
    """Put every group that is always invited on an event's list."""
    actor, desk = current_actor(), desks().groups
    groups = [each.id for each in desk.standing(event_id, actor).groups]
    _tell(desk.invite(event_id, actor, (), groups))
    return redirect(url_for("events.show", event_id=event_id), 303)


@blueprint.post("/events/<int:event_id>/guests/always")
def always(event_id: int) -> ResponseReturnValue:
    """Invite exactly the groups that were ticked to every event of the series."""
    actor, desk = current_actor(), desks().groups
    ticked = set(request.form.getlist("group", type=int))
    before = {each.id for each in desk.standing(event_id, actor).groups}
    for group_id in sorted(ticked ^ before):
        desk.stand(group_id, event_id, actor, always=group_id in ticked)
    flash(_("Đã lưu các nhóm mời thường kỳ."), "ok")
    return redirect(url_for(".invite", event_id=event_id), 303)


def _tell(done: Invited) -> None:
    flash(counted("Đã thêm %(count)s khách vào danh sách.", done.added), "ok")
    if done.already:
        flash(counted("%(count)s người đã có trong danh sách.", done.already), "info")


def _page(typed: str = "", error: str = "") -> str:
    return render_template(
        "organiser/register/groups.html",
        groups=desks().groups.all(current_actor()),
        typed=typed,
        error=error,
    )


def _back() -> ResponseReturnValue:
    return redirect(url_for(".index"), 303)

"""Who works here: the officer's list of accounts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from email_validator import EmailNotValidError, validate_email
from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _

from checkin.domain.accounts import Account, PasswordProblem, Role
from checkin.domain.errors import EmailTakenError
from checkin.services.accounts import NewAccount, new_password
from checkin.web.desks import desks
from checkin.web.login import password_words, role_words
from invitations.web.actors import current_actor

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

LONGEST_NAME = 120

blueprint = Blueprint("accounts", __name__, url_prefix="/accounts")


@blueprint.get("")
def index() -> ResponseReturnValue:
    """List the accounts of the office."""
    return _page({}, {})


@blueprint.post("")
def create() -> ResponseReturnValue:
    """Add somebody; their first password is shown once."""
    wish, problems = _read_form()
    if problems:
        return _page(request.form, problems), 400
    try:
        made = desks().accounts.create(current_actor(), wish)
    except EmailTakenError:
        return _page(request.form, {"email": _("Địa chỉ này đã có tài khoản.")}), 409
    if isinstance(made, PasswordProblem):
        return _page(request.form, {"name": password_words(made)}), 400
    return render_template("login/new-password.html", person=made, password=wish.password)


@blueprint.post("/<int:account_id>/password")
def reset(account_id: int) -> ResponseReturnValue:
    """Give somebody a new password, shown once; their sessions end."""
    accounts, actor = desks().accounts, current_actor()
    person, password = accounts.find(actor, account_id), new_password()
    if accounts.set_password(actor, account_id, password) is not None:
        abort(503)
    return render_template("login/new-password.html", person=person, password=password)


@blueprint.post("/<int:account_id>/pin")
def renew_pin(account_id: int) -> str:
    """Give somebody a new PIN for the stations, shown once; the old one is dead."""
    person, pin = desks().pins.renew(current_actor(), account_id)
    return render_template("login/new-pin.html", person=person, pin=f"{pin[:3]} {pin[3:]}")


@blueprint.post("/<int:account_id>/disable")
def disable(account_id: int) -> ResponseReturnValue:
    """Shut an account; its sessions end at once."""
    actor = current_actor()
    if account_id == actor.account_id:
        flash(_("Không thể tự khóa tài khoản đang dùng. Hãy nhờ một cán bộ khác."), "stop")
    else:
        desks().accounts.disable(actor, account_id)
        flash(_("Đã khóa tài khoản. Các phiên đăng nhập đã kết thúc."), "ok")
    return redirect(url_for("accounts.index"), 303)


@blueprint.post("/<int:account_id>/enable")
def enable(account_id: int) -> ResponseReturnValue:
    """Open a shut account again."""
    desks().accounts.disable(current_actor(), account_id, disabled=False)
    flash(_("Đã mở lại tài khoản."), "ok")
    return redirect(url_for("accounts.index"), 303)


def _read_form() -> tuple[NewAccount, dict[str, str]]:
    form, problems = request.form, {}
    name = " ".join(form.get("name", "").split())
    if not name or len(name) > LONGEST_NAME or not name.isprintable():
        problems["name"] = _("Hãy ghi họ và tên, trên một dòng.")
    role = form.get("role", "")
    if role not in set(Role):
        problems["role"] = _("Hãy chọn một vai trò.")
    email = form.get("email", "")
    try:
        email = validate_email(email, check_deliverability=False).normalized
    except EmailNotValidError:
        problems["email"] = _("Địa chỉ thư điện tử chưa đúng; ví dụ: ten@example.vn.")
    chosen = Role.VIEWER if "role" in problems else Role(role)
    return NewAccount(email, name, chosen, new_password()), problems


def _page(values: object, problems: dict[str, str]) -> str:
    people: list[Account] = desks().accounts.every(current_actor().office_id)
    return render_template(
        "login/accounts.html",
        people=people,
        roles=[(role.value, *role_words(role)) for role in Role],
        role_words=role_words,
        with_pins=desks().pins.holders(current_actor().office_id),
        values=values,
        problems=problems,
    )

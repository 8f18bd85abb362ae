"""Signing in and out, and one's own password."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, current_app, flash, g, redirect, render_template, request, url_for
from flask_babel import gettext as _

from checkin.domain.accounts import LONGEST_SESSION_S, PasswordProblem, Right, Role, may
from checkin.web.access import cookie_name
from checkin.web.desks import desks
from invitations.web.actors import current_actor

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue
    from werkzeug.wrappers import Response

OFFICE = "THUMOI_OFFICE"  # the setting that holds the office's name

blueprint = Blueprint("login", __name__)


@blueprint.get("/")
def home() -> ResponseReturnValue:
    """Send everybody to the page their day begins with."""
    role = Role(current_actor().role)
    if may(role, Right.ORGANISE):
        return redirect(url_for("events.index"), 303)
    if may(role, Right.WATCH):
        return redirect(url_for("board.index"), 303)
    return redirect(url_for("login.account"), 303)


@blueprint.get("/sign-in")
def show() -> ResponseReturnValue:
    """Show the form, unless somebody is signed in already."""
    if g.actor is not None:
        return redirect(_next(), 303)
    return _sign_in_page("", wrong=False)


@blueprint.post("/sign-in")
def sign_in() -> ResponseReturnValue:
    """Sign somebody in with address and password."""
    email = request.form.get("email", "")
    session_id = desks().accounts.sign_in(email, request.form.get("password", ""))
    if session_id is None:
        return _sign_in_page(email, wrong=True), 401
    _end_session()
    answer = redirect(_next(), 303)
    answer.set_cookie(
        cookie_name(),
        session_id,
        max_age=LONGEST_SESSION_S,
        secure=current_app.config["SESSION_COOKIE_SECURE"],
        httponly=True,
        samesite="Lax",
        path="/",
    )
    return answer


@blueprint.post("/sign-out")
def sign_out() -> ResponseReturnValue:
    """End the session, in the browser and on the server."""
    _end_session()
    return _forget(redirect(url_for("login.show"), 303))


@blueprint.get("/account")
def account() -> ResponseReturnValue:
    """Show one's own account."""
    return _account_page()


@blueprint.post("/account/password")
def change_password() -> ResponseReturnValue:
    """Change one's own password; every session of the account ends, this one too."""
    form = request.form
    done = desks().accounts.change_password(
        current_actor(), form.get("old", ""), form.get("new", "")
    )
    if done is True:
        flash(_("Đã đổi mật khẩu. Hãy đăng nhập lại bằng mật khẩu mới."), "ok")
        return _forget(redirect(url_for("login.show"), 303))
    problem = password_words(done) if isinstance(done, PasswordProblem) else ""
    return _account_page(problem, old_wrong=done is False), 400 if problem else 401


def role_words(role: Role) -> tuple[str, str]:
    """Return what a role is called, and what it may do."""
    match role:
        case Role.OFFICER:
            return str(_("Cán bộ phụ trách")), str(_("mọi việc của đơn vị"))
        case Role.SUPERVISOR:
            return str(_("Trưởng ca")), str(
                _("cửa, quyết định cho vào, bảng trực tiếp, ghép trạm")
            )
        case Role.STEWARD:
            return str(_("Nhân viên cửa")), str(_("đón khách và tìm tên ở cửa"))
        case Role.VIEWER:
            return str(_("Người xem")), str(_("chỉ xem bảng trực tiếp"))


def password_words(problem: PasswordProblem) -> str:
    """Return what is wrong with a new password, and what to do."""
    match problem:
        case PasswordProblem.TOO_SHORT:
            return str(_("Mật khẩu cần ít nhất 12 ký tự. Vài từ ghép lại là đủ và dễ nhớ."))
        case PasswordProblem.TOO_LONG:
            return str(_("Mật khẩu dài nhất 128 ký tự. Hãy rút ngắn lại."))
        case PasswordProblem.GUESSABLE:
            return str(
                _(
                    "Mật khẩu này dễ đoán. Hãy dùng vài từ không liên quan đến tên hay thư "
                    "điện tử."
                )
            )


def _sign_in_page(email: str, *, wrong: bool) -> str:
    return render_template(
        "login/sign-in.html",
        email=email,
        wrong=wrong,
        back=_next(),
        office=current_app.config[OFFICE],
    )


def _account_page(problem: str = "", *, old_wrong: bool = False) -> str:
    role = role_words(Role(current_actor().role))
    return render_template(
        "login/account.html", problem=problem, old_wrong=old_wrong, role=role
    )


def _end_session() -> None:
    if session_id := request.cookies.get(cookie_name()):
        desks().accounts.sign_out(session_id)


def _forget(answer: Response) -> Response:
    answer.delete_cookie(
        cookie_name(),
        secure=current_app.config["SESSION_COOKIE_SECURE"],
        httponly=True,
        samesite="Lax",
        path="/",
    )
    return answer


def _next() -> str:
    """Return the page to go on to: one of our own, whatever the address says."""
    wish = request.values.get("next", "")
    own = wish.startswith("/") and not wish.startswith(("//", "/\\")) and wish.isprintable()
    return wish if own and "\\" not in wish else "/"

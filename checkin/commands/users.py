"""``thumoi user``: who may sign in."""

from __future__ import annotations

from argparse import Namespace
from dataclasses import asdict
from typing import TYPE_CHECKING

from email_validator import EmailNotValidError, validate_email

from checkin.commands.room import Room, done, refused, wrong_use
from checkin.domain.accounts import PasswordProblem, Role, folded
from checkin.domain.errors import EmailTakenError
from checkin.services.accounts import Accounts, NewAccount, new_password
from checkin.words import say

if TYPE_CHECKING:
    from checkin.control import Answer
    from checkin.domain.accounts import Account

PASSWORD = "password"


def add(wish: Namespace, room: Room) -> Answer:
    """Add an account; without a password given, make one and show it once."""
    try:
        email = validate_email(wish.email, check_deliverability=False).normalized
    except EmailNotValidError:
        return wrong_use(say("“%(email)s” không phải địa chỉ thư điện tử.", email=wish.email))
    password, made = _password(room)
    new = NewAccount(email, wish.name or email, Role(wish.role), password)
    try:
        account = Accounts(room.database).create(room.actor, new)
    except EmailTakenError:
        text = say("%(email)s đã có tài khoản.", email=email)
        return refused(text, {"error": "email_taken"}, as_json=wish.json)
    if isinstance(account, PasswordProblem):
        return _bad_password(account, as_json=wish.json)
    text = say("Đã tạo tài khoản %(email)s (%(role)s).", email=email, role=account.role.value)
    return _told(text, account, made, wish)


def every(wish: Namespace, room: Room) -> Answer:
    """List the accounts of the office."""
    people = Accounts(room.database).every(room.office.id)
    lines = [
        f"{each.email:<40} {each.role:<11} {each.name}"
        + (say(" (đã khóa)") if each.disabled else "")
        for each in people
    ]
    text = "\n".join(lines) or say("Chưa có tài khoản nào.")
    return done(text, [asdict(each) for each in people], as_json=wish.json)


def set_password(wish: Namespace, room: Room) -> Answer:
    """Give somebody a new password; their sessions end."""
    account = _find(wish.email, room)
    if account is None:
        return _nobody(wish)
    password, made = _password(room)
    problem = Accounts(room.database).set_password(room.actor, account.id, password)
    if problem is not None:
        return _bad_password(problem, as_json=wish.json)
    text = say("Đã đổi mật khẩu của %(email)s; mọi phiên đã kết thúc.", email=account.email)
    return _told(text, account, made, wish)


def disable(wish: Namespace, room: Room) -> Answer:
    """Shut an account, or open it again."""
    account = _find(wish.email, room)
    if account is None:
        return _nobody(wish)
    Accounts(room.database).disable(room.actor, account.id, disabled=not wish.undo)
    text = (
        say("Đã mở lại tài khoản %(email)s.", email=account.email)
        if wish.undo
        else say("Đã khóa tài khoản %(email)s; mọi phiên đã kết thúc.", email=account.email)
    )
    return done(text, {"email": account.email, "disabled": not wish.undo}, as_json=wish.json)


def _find(email: str, room: Room) -> Account | None:
    people = Accounts(room.database).every(room.office.id)
    return next((each for each in people if each.email == folded(email)), None)


def _password(room: Room) -> tuple[str, str]:
    """Return the password to set, and again where it was made here and must be shown."""
    given = room.order.files.get(PASSWORD)
    if given is not None:
        return given.decode("utf-8", "replace").rstrip("\r\n"), ""
    made = new_password()
    return made, made


def _told(text: str, account: Account, made: str, wish: Namespace) -> Answer:
    found = {"email": account.email, "role": account.role.value}
    if made:
        found[PASSWORD] = made
        text += "\n" + say("Mật khẩu (chỉ hiện một lần): %(password)s", password=made)
    return done(text, found, as_json=wish.json)


def _nobody(wish: Namespace) -> Answer:
    text = say("Không có tài khoản %(email)s. Xem: thumoi user list", email=wish.email)
    return refused(text, {"error": "not_found"}, as_json=wish.json)


def _bad_password(problem: PasswordProblem, *, as_json: bool) -> Answer:
    words = {
        PasswordProblem.TOO_SHORT: say("Mật khẩu cần ít nhất 12 ký tự."),
        PasswordProblem.TOO_LONG: say("Mật khẩu dài nhất 128 ký tự."),
        PasswordProblem.GUESSABLE: say("Mật khẩu này dễ đoán; hãy dùng vài từ ghép lại."),
    }
    return refused(words[problem], {"error": problem.value}, as_json=as_json)

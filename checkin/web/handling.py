"""Deeds at the board: conflicts settled, walk-ins answered, VIPs welcomed, scans undone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, Response, flash, jsonify, redirect, request, url_for
from flask_babel import gettext as _

from checkin.domain.accounts import Right, Role, may
from checkin.domain.decisions import ADMIT, WALK_IN_CHOICES
from checkin.domain.errors import DeniedError
from checkin.web.desks import desks
from checkin.web.ownevents import own_event
from invitations.domain.errors import NotFoundError, StorageError
from invitations.web.actors import current_actor

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask.typing import ResponseReturnValue

LONGEST_NOTE = 300
NOT_FOUND, DENIED, WRONG, FAILED = 404, 403, 422, 503

blueprint = Blueprint("handling", __name__, url_prefix="/events/<int:event_id>/handling")


def deeds(event_id: int) -> dict[str, str | bool]:
    """Return where the reader's deeds are sent, and which of them are the reader's."""
    role = Role(current_actor().role)
    return {
        "base": f"{url_for('board.show', event_id=event_id).removesuffix('board')}handling",
        "decide": may(role, Right.SUPERVISE),
        "answer": may(role, Right.ORGANISE),
        "greet": may(role, Right.WATCH),
    }


@blueprint.post("/conflicts/<scan_id>")
def decide(event_id: int, scan_id: str) -> ResponseReturnValue:
    """Say what a conflict was."""
    choice = request.form.get("choice", "")
    return _done(
        event_id,
        lambda: desks().handling.decide(event_id, scan_id, current_actor(), choice, _note()),
    )


@blueprint.post("/walk-ins/<int:number>")
def answer(event_id: int, number: int) -> ResponseReturnValue:
    """Answer a guest without an invitation, who waits at a door."""

    def work() -> None:
        choice = request.form.get("choice", "")
        if choice not in WALK_IN_CHOICES:
            raise ValueError(choice)
        admit = choice == ADMIT
        desks().walk_ins.answer(event_id, number, current_actor(), admit=admit, note=_note())

    return _done(event_id, work)


@blueprint.post("/greeted/<pass_id>")
def greet(event_id: int, pass_id: str) -> ResponseReturnValue:
    """Say that the reader welcomes a VIP."""
    return _done(event_id, lambda: desks().handling.greet(event_id, pass_id, current_actor()))


@blueprint.post("/undo/<scan_id>")
def undo(event_id: int, scan_id: str) -> ResponseReturnValue:
    """Take an admission back."""
    reason = request.form.get("reason", "")[:LONGEST_NOTE]
    return _done(
        event_id, lambda: desks().handling.undo(event_id, scan_id, current_actor(), reason)
    )


def _note() -> str:
    return request.form.get("note", "")[:LONGEST_NOTE]


def _done(event_id: int, work: Callable[[], object]) -> ResponseReturnValue:
    """Do *work*, and say how that went: to the page's script, or on the board itself."""
    own_event(event_id)
    try:
        work()
    except NotFoundError:
        return _said(event_id, _("Mục này không còn nữa. Hãy xem lại bảng."), NOT_FOUND)
    except DeniedError:
        return _said(event_id, _("Tài khoản này không có quyền làm việc đó."), DENIED)
    except ValueError:
        return _said(event_id, _("Hãy chọn lại rồi bấm."), WRONG)
    except StorageError:
        return _said(event_id, _("Máy chủ chưa ghi được. Hãy bấm lại."), FAILED)
    if _is_script():
        return Response(status=204)
    return redirect(url_for("board.show", event_id=event_id), 303)


def _said(event_id: int, words: str, status: int) -> ResponseReturnValue:
    if _is_script():
        return jsonify(said=words), status
    flash(words, "stop")
    return redirect(url_for("board.show", event_id=event_id), 303)


def _is_script() -> bool:
    return request.accept_mimetypes.best == "application/json"

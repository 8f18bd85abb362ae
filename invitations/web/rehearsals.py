"""Letters to oneself: sent from whichever page shows them, and what became of each is said."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import flash, request
from flask_babel import gettext as _

from invitations.domain.addresses import is_mobile, national, read_phone
from invitations.domain.outbox import EMAIL, State
from invitations.web import troubles
from invitations.web.actors import current_actor
from invitations.web.desks import desks

if TYPE_CHECKING:
    from invitations.domain.composition import Composition
    from invitations.domain.model import Event
    from invitations.services.rehearsing import Tried


def rehearse(event: Event, composition: Composition, channel: str) -> None:
    """Send one letter of *event*, as it is or would be, and say what became of it."""
    actor = current_actor()
    address = desks().mail_of(actor) if channel == EMAIL else _typed_phone()
    if not address:
        flash(_("Chưa gửi thử tin nhắn: hãy nhập số di động của anh/chị."), "warn")
        return
    desk = desks().dispatching.rehearsing
    tried = desk.send_of(event, actor, composition, channel, address)
    if tried is None:
        flash(_("Hãy nhập danh sách khách trước, rồi gửi thử."), "warn")
    else:
        flash(*_said_of(tried))


def own_phone() -> str:
    """Return the number to which this officer sends tests: as typed, or else the last one."""
    typed = request.form.get("test_phone", "").strip()
    return typed or national(desks().dispatching.rehearsing.last_phone(current_actor()))


def _said_of(tried: Tried) -> tuple[str, str]:
    where = tried.address if tried.channel == EMAIL else national(tried.address)
    if tried.state == State.ACCEPTED:
        return str(_("Đã gửi thử tới %(address)s. Hãy mở xem.", address=where)), "ok"
    what, then = troubles.said(tried.cause)
    said = _("Gửi thử tới %(address)s không được.", address=where)
    return f"{said} {what}. {then}", "stop"


def _typed_phone() -> str:
    number = read_phone(request.form.get("test_phone", "")).value
    return number if number and is_mobile(number) else ""

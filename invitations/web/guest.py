"""The guest's own page: the pass, without a login, for whoever has its secret link.

Reading it changes nothing. A link that never was, one that is misspelt and one of nonsense
get the same bytes, so nobody learns from a wrong guess.
"""

from __future__ import annotations

import re
import time
from http import HTTPStatus
from typing import TYPE_CHECKING

from flask import Blueprint, current_app, make_response, render_template, request
from flask_babel import force_locale, get_locale
from flask_babel import gettext as _

from invitations.domain import doorcode
from invitations.domain.plans import standing
from invitations.domain.register import LANGUAGES
from invitations.services import drawing
from invitations.web.desks import desks

if TYPE_CHECKING:
    from flask import Response

    from invitations.services.guestbook import PassPage

blueprint = Blueprint("guest", __name__)

LINK = re.compile(r"[a-z2-7]{20}", re.ASCII)
# A guest's own browser may keep the page for a door without a network, but asks whether it
# still holds whenever it can; no cache on the way may keep it.
KEPT = "private, no-cache"
_UNSEEN = {"X-Robots-Tag": "noindex, nofollow, noarchive", "Referrer-Policy": "no-referrer"}


@blueprint.get("/p/<link>")
def show(link: str) -> Response:
    """Show a pass as it stands now."""
    page = find(link)
    if page is None:
        return unknown()
    with force_locale(_language(page)):
        return kept(_draw(page))


@blueprint.get("/p/worker.js")
def worker() -> Response:
    """Give the script that keeps a pass; from here, because it may serve only below itself."""
    response = current_app.send_static_file("dist/pass-worker.js")
    response.headers["Cache-Control"] = KEPT
    return response


@blueprint.get("/p/<link>/calendar.ics")
def calendar(link: str) -> Response:
    """Give the event as a file for the guest's own calendar."""
    page = find(link)
    if page is None or page.holder.invitation.state != "issued":
        return unknown()
    file = desks().letters.calendar_file(
        page.office,
        page.event,
        page.holder.invitation,
        int(time.time()),
        page.holder.guest.language,
    )
    response = kept(file)
    response.mimetype = "text/calendar"
    response.headers["Content-Disposition"] = 'attachment; filename="thu-moi.ics"'
    return response


def find(link: str) -> PassPage | None:
    """Return what the secret *link* leads to, or nothing."""
    return desks().guestbook.page(link) if LINK.fullmatch(link) else None


def _language(page: PassPage) -> str:
    """Return the guest's own language, unless this browser's reader has chosen another."""
    chosen = request.args.get("lang") or request.cookies.get("lang")
    if chosen in LANGUAGES or page.holder.guest.language not in LANGUAGES[1:]:
        return str(get_locale() or LANGUAGES[0])
    return page.holder.guest.language


def _draw(page: PassPage) -> str:
    invitation = page.holder.invitation
    state = standing(invitation, page.event, int(time.time()))
    usable = state in {"before", "open"}
    label = str(_("Mã QR để vào cửa"))
    wallet = desks().wallet
    return render_template(
        "guest/pass.html",
        apple=usable and wallet.apple is not None,
        google=usable and wallet.google is not None,
        guest=page.holder.guest,
        invitation=invitation,
        event=page.event,
        office=page.office,
        state=state,
        usable=usable,
        picture=drawing.svg(desks().issuing.pass_text(invitation), label) if usable else "",
        door_code=doorcode.grouped(invitation.door_code),
        contact=page.event.contact or page.office.phone,
    )


def unknown() -> Response:
    """Answer whoever has no good link; always with the same bytes."""
    return _unseen(make_response(render_template("guest/unknown.html"), HTTPStatus.NOT_FOUND))


def kept(body: str | bytes) -> Response:
    """Answer with what the guest's own telephone may keep, and nobody on the way."""
    response = _unseen(make_response(body))
    response.headers["Cache-Control"] = KEPT
    return response


def _unseen(response: Response) -> Response:
    response.headers.update(_UNSEEN)
    return response

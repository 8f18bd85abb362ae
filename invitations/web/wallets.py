"""A guest's pass to take along: as a page to print, and in the wallet of a telephone."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from flask import Blueprint, redirect

from invitations.domain.plans import standing
from invitations.services.wallet import PKPASS
from invitations.web.desks import desks
from invitations.web.guest import find, kept, unknown

if TYPE_CHECKING:
    from flask import Response
    from flask.typing import ResponseReturnValue

    from invitations.services.guestbook import PassPage

blueprint = Blueprint("wallets", __name__)


@blueprint.get("/p/<link>/pass.pdf")
def page(link: str) -> Response:
    """Give the pass as one page of A6."""
    found = _usable(link)
    if found is None:
        return unknown()
    text = desks().issuing.pass_text(found.holder.invitation)
    paper = desks().chancery.paper
    pdf = paper.pass_page(found.holder, found.office, found.event, text)
    return _file(pdf, "application/pdf", "the-vao-cua.pdf")


@blueprint.get("/p/<link>/pass.pkpass")
def apple(link: str) -> Response:
    """Give the pass for Apple Wallet, if the office has a certificate for that."""
    found, wallet = _usable(link), desks().wallet
    if found is None or wallet.apple is None:
        return unknown()
    text = desks().issuing.pass_text(found.holder.invitation)
    file = wallet.pkpass(found.holder, found.office, found.event, text)
    return _file(file, PKPASS, "the-vao-cua.pkpass")


@blueprint.get("/p/<link>/google-wallet")
def google(link: str) -> ResponseReturnValue:
    """Go to Google Wallet with the pass, if the office allows that."""
    found, wallet = _usable(link), desks().wallet
    if found is None or wallet.google is None:
        return unknown()
    text = desks().issuing.pass_text(found.holder.invitation)
    at = int(time.time())
    address = wallet.save_link(found.holder, found.office, found.event, text, at=at)
    response = redirect(address, 303)
    response.headers["Cache-Control"] = "no-store"
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


def _usable(link: str) -> PassPage | None:
    """Return what *link* leads to, if its pass can still open a door."""
    found = find(link)
    if found is None:
        return None
    state = standing(found.holder.invitation, found.event, int(time.time()))
    return found if state in {"before", "open"} else None


def _file(data: bytes, kind: str, name: str) -> Response:
    response = kept(data)
    response.mimetype = kind
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response

"""A letter as a guest will see it: in a wide window, on a phone, at night, as bare text."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

from flask import abort, make_response, render_template
from flask_babel import format_decimal

from invitations.couriers.message import PICTURE_ID
from invitations.domain import wording
from invitations.domain.composition import INVITATION
from invitations.domain.outbox import SMS
from invitations.services import calendars
from invitations.web.actors import current_actor
from invitations.web.desks import desks

if TYPE_CHECKING:
    from flask import Response

    from invitations.domain.composition import Composition
    from invitations.domain.model import Event
    from invitations.domain.wording import Words
    from invitations.services.composing import Preview

KINDS = ("mail", "phone", "dark", "text", "sms", "calendar")
# A letter is shown in a frame that runs nothing and fetches nothing.
POLICY = (
    "default-src 'none'; img-src data:; style-src 'unsafe-inline'; sandbox;"
    " frame-ancestors 'self'"
)
# Beyond so many guests the price of all is reckoned from the one who is shown.
COUNTED_EACH = 1_000
_DARK = "@media (prefers-color-scheme: dark)"


def show(
    event_id: int, kind: str, composition: Composition, event: Event | None = None
) -> Response:
    """Return the letter as *kind* of `KINDS`, to be shown in a frame of our own pages.

    *event* is the event as it would be, where it is not yet kept so.
    """
    composing = desks().sending.composing
    found = composing.preview(event_id, current_actor(), composition, event)
    if found is None or kind not in KINDS:
        abort(404)
    if kind in {"mail", "phone", "dark"}:
        page = _mail(kind, found)
    else:
        page = _plain(event_id, kind, composition, found)
    response = make_response(page)
    response.headers["Content-Security-Policy"] = POLICY
    response.headers["X-Frame-Options"] = "SAMEORIGIN"
    return response


def _mail(kind: str, found: Preview) -> str:
    """Return the mail as a page: its picture comes along, and its links lead nowhere.

    By day or by night as asked, whatever the reader's own screen prefers.
    """
    picture = base64.b64encode(found.mail.picture).decode("ascii")
    page = found.mail.html.replace(f"cid:{PICTURE_ID}", f"data:image/png;base64,{picture}")
    always, scheme = ("@media all", "dark") if kind == "dark" else ("@media not all", "light")
    page = page.replace(_DARK, always, 1)
    return page.replace("color-scheme: light dark", f"color-scheme: only {scheme}", 1)


def _plain(event_id: int, kind: str, composition: Composition, found: Preview) -> str:
    text = found.message.text
    priced = kind == "sms" and composition.purpose == INVITATION
    return render_template(
        f"letters/preview/{kind}.html",
        money=format_decimal,
        mail=found.mail,
        message=found.message,
        length=found.length,
        outside=wording.outside_gsm(text),
        accented=composition.words.accented,
        bill=_bill(event_id, composition.words, found) if priced else None,
        entry=calendars.entry_of(found.mail.calendar) if kind == "calendar" else None,
    )


def _bill(event_id: int, words: Words, found: Preview) -> tuple[int, int, int]:
    """Return how many guests a text goes to, in how many parts, and for how many VND."""
    composing, actor = desks().sending.composing, current_actor()
    people = sum(bool(each.address(SMS)) for each in composing.candidates(event_id, actor))
    parts = people * found.length.parts
    if people <= COUNTED_EACH:
        parts = composing.plan(event_id, actor, words, (SMS,), again=True).parts
    return people, parts, parts * desks().dispatching.rules.sms_price

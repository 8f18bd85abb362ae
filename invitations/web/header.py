"""The head of every page: whose house it is, where one may go, in which language."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from flask import current_app, g, request, url_for
from flask_babel import get_locale
from flask_babel import gettext as _

from invitations.domain.model import Actor
from invitations.web.desks import desks

if TYPE_CHECKING:
    from flask import Flask

LANGUAGES = {"vi": "Tiếng Việt", "en": "English"}


@dataclass(frozen=True)
class Place:
    """A link in the head for those with *right*; *here* says the reader is in that part."""

    name: str
    href: str
    right: str
    here: bool


@dataclass(frozen=True)
class OtherLanguage:
    """The same page in the other language; *href* keeps the path it is followed from."""

    code: str
    name: str
    href: str


@dataclass(frozen=True)
class Header:
    """What the head of a page shows; empty where nobody is signed in."""

    language: str
    other_language: OtherLanguage
    office: str = ""
    name: str = ""
    account: str = ""
    sign_out: str = ""
    places: tuple[Place, ...] = ()


def register(app: Flask) -> None:
    """Let every template call ``page_header()``."""
    app.context_processor(lambda: {"page_header": page_header})


def page_header() -> Header:
    """Return the head for whoever reads this page."""
    locale = get_locale()
    language = "en" if locale is not None and locale.language == "en" else "vi"
    other = "vi" if language == "en" else "en"
    switch = OtherLanguage(other, LANGUAGES[other], _with_language(other))
    actor = g.get("actor")
    if not isinstance(actor, Actor):
        return Header(language, switch)
    return Header(
        language,
        switch,
        office=_office(actor),
        name=actor.name,
        account=link("login.account"),
        sign_out=link("login.sign_out"),
        places=_places(),
    )


def link(*endpoints: str, **values: object) -> str:
    """Return the address of the first of *endpoints* that this house has; or nothing."""
    for endpoint in endpoints:
        if endpoint in current_app.view_functions:
            return url_for(endpoint, **values)  # type: ignore[arg-type]  # any value of a URL
    return ""


def _with_language(language: str) -> str:
    query = request.args.to_dict(flat=False) | {"lang": [language]}
    return f"?{urlencode(query, doseq=True)}"


def _places() -> tuple[Place, ...]:
    known = (
        (_("Sự kiện"), "events.index", "organise"),
        (_("Danh bạ"), "register.index", "organise"),
        (_("Bảng trực tiếp"), "board.index", "watch"),
        (_("Trạm"), "stations.index", "supervise"),
        (_("Tài khoản"), "accounts.index", "accounts"),
    )
    return tuple(
        Place(str(name), link(endpoint), right, _is_here(endpoint))
        for name, endpoint, right in known
        if endpoint in current_app.view_functions
    )


def _is_here(endpoint: str) -> bool:
    part = endpoint.partition(".")[0]  # register_groups is a part of register
    return f"{request.blueprint}_".startswith(f"{part}_")


def _office(actor: Actor) -> str:
    guestbook = desks().guestbook
    with guestbook.database.read() as connection:
        office = guestbook.office(connection, actor.office_id)
    return "" if office is None else office.name

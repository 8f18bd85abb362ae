"""The head of every page: whose house it is, where one may go, in which language."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from flask import current_app, g, request, url_for
from flask_babel import get_locale, gettext

from invitations.domain.model import Actor
from invitations.web.desks import desks

if TYPE_CHECKING:
    from collections.abc import Mapping

LANGUAGES = {"vi": "Tiếng Việt", "en": "English"}
# Where the main parts of the house may be found, and who goes there.
_PLACES = (
    ("events.index", ("officer", "supervisor", "steward", "viewer")),
    ("stations.index", ("officer", "supervisor")),
    ("accounts.index", ("officer",)),
)
_SIGN_OUT = "login.sign_out"


@dataclass(frozen=True)
class Place:
    """A link in the head; *here* says that the reader is in that part."""

    name: str
    href: str
    here: bool


@dataclass(frozen=True)
class OtherLanguage:
    """The same page in the other language."""

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
    home: str = "/"
    places: tuple[Place, ...] = ()
    sign_out: str = ""


def context() -> Mapping[str, Callable[[], Header]]:
    """Return what templates may call to draw the head of their page."""
    return {"page_header": page_header}


def page_header() -> Header:
    """Return the head for whoever reads this page."""
    locale = get_locale()
    language = "en" if locale is not None and locale.language == "en" else "vi"
    other = "vi" if language == "en" else "en"
    switch = OtherLanguage(other, LANGUAGES[other], _same_page(other))
    actor = g.get("actor")
    if not isinstance(actor, Actor):
        return Header(language, switch)
    places = tuple(
        _place(endpoint) for endpoint, roles in _PLACES if _open(endpoint, actor, roles)
    )
    return Header(
        language,
        switch,
        office=_office(actor),
        name=actor.name,
        home=places[0].href if places else "/",
        places=places,
        sign_out=url_for(_SIGN_OUT) if _SIGN_OUT in current_app.view_functions else "",
    )


def _same_page(language: str) -> str:
    """Return the address of this page with another language; the rest of it stays."""
    query = request.args.to_dict(flat=False) | {"lang": [language]}
    return f"{request.path}?{urlencode(query, doseq=True)}"


def _open(endpoint: str, actor: Actor, roles: tuple[str, ...]) -> bool:
    return endpoint in current_app.view_functions and actor.role in roles


def _place(endpoint: str) -> Place:
    here = (request.endpoint or "").partition(".")[0] == endpoint.partition(".")[0]
    return Place(_name(endpoint), url_for(endpoint), here)


def _name(endpoint: str) -> str:
    match endpoint.partition(".")[0]:
        case "events":
            return str(gettext("Sự kiện"))
        case "stations":
            return str(gettext("Trạm"))
        case _:
            return str(gettext("Tài khoản"))


def _office(actor: Actor) -> str:
    guestbook = desks().guestbook
    with guestbook.database.read() as connection:
        office = guestbook.office(connection, actor.office_id)
    return "" if office is None else office.name

"""In which language a page is said: Vietnamese, or English for whoever asks for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import current_app, g, request
from flask_babel import Babel, get_locale

from checkin.words import CATALOGUES

if TYPE_CHECKING:
    from flask import Flask
    from werkzeug.wrappers import Response

LANGUAGES = ("vi", "en")
COOKIE = "lang"
YEAR_S = 365 * 86_400


def register(app: Flask) -> None:
    """Choose a language for each request, and remember a choice made by ``?lang=``."""
    app.config.update(
        BABEL_DEFAULT_LOCALE="vi",
        BABEL_DEFAULT_TIMEZONE="Asia/Ho_Chi_Minh",
        BABEL_TRANSLATION_DIRECTORIES=str(CATALOGUES),
    )
    Babel(app, locale_selector=choose)
    app.after_request(_remember)
    app.context_processor(lambda: {"language": current_language()})


def choose() -> str:
    """Return the language of this request.

    What the reader chose just now wins, then what this browser remembers, then the account's
    language, then what the browser asks for; otherwise Vietnamese.
    """
    account = g.get("account")
    for wish in (
        request.args.get(COOKIE),
        request.cookies.get(COOKIE),
        account.language if account else None,
    ):
        if wish in LANGUAGES:
            return wish
    return request.accept_languages.best_match(LANGUAGES) or "vi"


def current_language() -> str:
    """Return the language of the page being made: ``vi`` or ``en``."""
    locale = get_locale()
    return "en" if locale is not None and locale.language == "en" else "vi"


def _remember(response: Response) -> Response:
    wish = request.args.get(COOKIE)
    if wish in LANGUAGES:
        response.set_cookie(
            COOKIE,
            wish,
            max_age=YEAR_S,
            secure=current_app.config["SESSION_COOKIE_SECURE"],
            httponly=True,
            samesite="Lax",
        )
    return response

"""How often one may ask: the doors that guessers knock at."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import request
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address

from checkin.domain.accounts import folded

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask import Flask
    from werkzeug.wrappers import Response

WRONG_PASSWORD = 401


def limit(app: Flask, limiter: Limiter, endpoint: str, rule: str) -> None:
    """Let one address ask *endpoint* only as often as *rule* says (``9 per minute``)."""
    _wrap(app, endpoint, limiter.limit(rule))


def limit_sign_in(app: Flask, limiter: Limiter, endpoint: str) -> None:
    """Bound how often a password may be wrong: for one address and account, and for each alone.

    Right passwords are not counted, so that an office behind one address is not shut out.
    """
    for rule, key in (
        ("8 per 5 minutes", _who_and_where),
        ("40 per 5 minutes", get_remote_address),
        ("100 per hour", _who),
    ):
        _wrap(app, endpoint, limiter.limit(rule, key_func=key, deduct_when=_was_wrong))


def new_limiter(app: Flask) -> Limiter:
    """Return the counter of this application; it forgets with the process."""
    return Limiter(
        get_remote_address, app=app, storage_uri="memory://", strategy="moving-window"
    )


def _wrap(app: Flask, endpoint: str, bound: Callable[..., object]) -> None:
    app.view_functions[endpoint] = bound(app.view_functions[endpoint])  # type: ignore[assignment]  # a view again


def _was_wrong(response: Response) -> bool:
    return response.status_code == WRONG_PASSWORD


def _who() -> str:
    return folded(request.form.get("email", ""))[:254]


def _who_and_where() -> str:
    return f"{get_remote_address()} {_who()}"

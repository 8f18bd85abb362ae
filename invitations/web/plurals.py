"""Words that count: Vietnamese has one form for every number, English has two."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask_babel import ngettext

if TYPE_CHECKING:
    from flask import Flask


def register(app: Flask) -> None:
    """Let every template call ``counted()``."""
    app.jinja_env.globals["counted"] = counted


def counted(text: str, count: int, **values: object) -> str:
    """Return *text* in the reader's language for so many; ``%(count)s`` in it is the number."""
    return str(ngettext(text, text, count, count=count, **values))

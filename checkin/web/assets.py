"""The addresses of built scripts and styles, with a mark that changes when they do."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from flask import url_for

if TYPE_CHECKING:
    from flask import Flask

DIST = Path(__file__).parents[1] / "static/dist"


def register(app: Flask) -> None:
    """Give the templates ``asset("app.css")``."""
    app.jinja_env.globals["asset"] = asset


def asset(name: str) -> str:
    """Return the address of the built file *name*; browsers may keep it for ever."""
    return url_for("static", filename=f"dist/{name}", v=_mark(name))


@cache
def _mark(name: str) -> str | None:
    """Return the first digits of the file's SHA-256, or None where it is not built."""
    path = DIST / name
    if not path.is_file():
        return None
    return hashlib.sha256(path.read_bytes()).hexdigest()[:12]

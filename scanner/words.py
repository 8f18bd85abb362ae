"""The station's words on the terminal: Vietnamese, or English where the locale asks for it."""

from __future__ import annotations

import gettext
import os
from functools import cache
from pathlib import Path

CATALOGUES = Path(__file__).resolve().parent.parent / "checkin" / "translations"


def say(text: str, **values: object) -> str:
    """Return the Vietnamese *text* in this machine's language, with *values* filled in."""
    return _catalogue(_language()).gettext(text).format(**values)


def _language() -> str:
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        if value := os.environ.get(name):
            return "en" if value.lower().startswith("en") else "vi"
    return "vi"


@cache
def _catalogue(language: str) -> gettext.NullTranslations:
    return gettext.translation("messages", str(CATALOGUES), languages=[language], fallback=True)

"""What the house says outside a browser: Vietnamese, or English where the locale asks for it.

Every text is written in Vietnamese where it is said; the English stands in the same catalogue
as that of the screens.
"""

from __future__ import annotations

import gettext
import os
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from pathlib import Path

CATALOGUES = Path(__file__).parent / "translations"
ARGPARSE = "argparse"
LOCALE_SETTINGS = ("LC_ALL", "LC_MESSAGES", "LANG")

_LISTENER: ContextVar[str] = ContextVar("listener", default="")


def say(text: str, **values: object) -> str:
    """Return *text*, written in Vietnamese, in the reader's language, *values* filled in.

    Placeholders are named as the catalogues have them: ``%(name)s``.
    """
    said = _catalogue(language()).gettext(text)
    return said % values if values else said


def teach_argparse() -> None:
    """Have argparse say "usage" and the like in the reader's language too.

    It asks the default domain of gettext, in the language that the environment names.
    """
    os.environ["LANGUAGE"] = language()
    gettext.bindtextdomain(ARGPARSE, str(CATALOGUES))
    gettext.textdomain(ARGPARSE)


@contextmanager
def speaking(wanted: str) -> Iterator[None]:
    """Speak the language *wanted* (``vi`` or ``en``) for somebody else's terminal."""
    token = _LISTENER.set(wanted)
    try:
        yield
    finally:
        _LISTENER.reset(token)


def language() -> str:
    """Return the listener's language: what the locale of this process asks for, or ``vi``."""
    if listener := _LISTENER.get():
        return listener
    asked = next((os.environ[name] for name in LOCALE_SETTINGS if os.environ.get(name)), "")
    return "en" if asked.lower().startswith("en") else "vi"


@cache
def _catalogue(wanted: str) -> gettext.NullTranslations:
    return gettext.translation(
        "messages", localedir=str(CATALOGUES), languages=[wanted], fallback=True
    )

"""The trial of a template: set once in a process of its own, with little time and memory."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from invitations.domain.errors import TypesettingError
from invitations.services import fonts

if TYPE_CHECKING:
    from invitations.services.press import Press

SECONDS = 20
_CHILD = Path(__file__).with_name("trial_child.py")


def run(press: Press, template: str, data: Mapping[str, Any], most_pages: int) -> None:
    """Let *template* pass if it sets *data* in time, on one to *most_pages* pages.

    Raises:
        TypesettingError: it does not; *detail* is what Typst said.
    """
    order = {
        "template": template,
        "data": json.dumps(data, ensure_ascii=False),
        "root": str(press.root),
        "fonts": str(fonts.folder(press.places)),
    }
    try:
        done = subprocess.run(  # noqa: S603 - our own module, no argument from outside
            [sys.executable, "-P", str(_CHILD)],
            input=json.dumps(order).encode(),
            capture_output=True,
            timeout=SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise TypesettingError("too-slow") from error
    if done.returncode != 0:
        raise TypesettingError("too-slow" if done.returncode < 0 else "template")
    answer = json.loads(done.stdout)
    if "refused" in answer:
        raise TypesettingError("template", answer["refused"])
    if not 1 <= answer["pages"] <= most_pages:
        raise TypesettingError("pages", str(answer["pages"]))

"""``thumoi verify-letter``: who signed a letter, and can that be relied on?"""

from __future__ import annotations

from argparse import Namespace
from typing import TYPE_CHECKING

from checkin.commands.room import REFUSED, done, refused, to_json
from checkin.control import Answer
from checkin.words import say
from invitations.domain.errors import SealError
from invitations.domain.seals import report_json
from invitations.services import sealwords
from invitations.services.sealing import Sealing, verify

if TYPE_CHECKING:
    from checkin.config import Config


def examine(wish: Namespace, config: Config) -> Answer:
    """Say what is known of the signatures of a PDF; 0 if all of them can be relied on."""
    try:
        pdf = wish.file.read_bytes()
        roots = [each.read_bytes() for each in wish.root]
    except OSError as error:
        text = say("%(file)s: không mở được tệp.", file=error.filename)
        return refused(text, {"error": "not-found"}, as_json=wish.json)
    known = Sealing(config.letter.seals, config.letter.roots).trusted()
    try:
        report = verify(pdf, [*roots, *known])
    except SealError as error:
        text = sealwords.refusal(error, say)
        return refused(text, {"error": error.code}, as_json=wish.json)
    found = report_json(report)
    text = "\n".join(sealwords.lines(report, say))
    if report.valid:
        return done(text, found, as_json=wish.json)
    return Answer(REFUSED, f"{to_json(found) if wish.json else text}\n")

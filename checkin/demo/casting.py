"""Casting: who of the guests whose letters arrived comes to the door, and what goes wrong."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, replace
from itertools import islice
from typing import TYPE_CHECKING

import cv2
import numpy as np
import zxingcpp

from checkin.demo.arrived import body, picture
from checkin.demo.cast import Kind, Showing, forged
from checkin.demo.processes import DemoError
from invitations.services import drawing

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from checkin.demo.arrived import Mail

MANY = 10
DOOR_CODE = re.compile(r"\b(\d{4}) (\d{4}) (\d{4})\b", re.ASCII)


@dataclass(frozen=True)
class Parts:
    """How many phones of each kind the film shows."""

    guests: int = 20
    used: int = 2
    forged: int = 2
    withdrawn: int = 2
    replaced: int = 1
    other_event: int = 1


def parts_for(guests: int) -> Parts:
    """Return the parts of a film with *guests* who may enter: fewer planted in a short one."""
    if guests >= MANY:
        return Parts(guests=guests)
    return Parts(guests=guests, used=1, forged=1, withdrawn=1)


@dataclass(frozen=True)
class Cast:
    """Who comes: guests who may enter, and by kind those who may not."""

    guests: tuple[Showing, ...]
    withdrawn: tuple[Showing, ...]
    replaced: tuple[Showing, ...]
    used: tuple[Showing, ...]
    forged: tuple[Showing, ...]
    other_event: tuple[Showing, ...]

    @property
    def planted(self) -> tuple[Showing, ...]:
        """Everybody who has to be refused."""
        kinds = (self.withdrawn, self.replaced, self.forged, self.other_event, self.used)
        return tuple(each for kind in kinds for each in kind)


def showings(mails: Iterable[Mail]) -> list[Showing]:
    """Return the pass in each of *mails*, as its guest would show it.

    Raises:
        DemoError: a mail arrived without a code that can be read.
    """
    return [_showing(mail) for mail in mails]


def cast(
    letters: Sequence[Showing], others: Sequence[Showing], parts: Parts, *, seed: int
) -> Cast:
    """Return who comes, out of our *letters* and those to an *others* event.

    Only guests whose name nobody shares are withdrawn or given another pass, because the
    officer looks them up by it.

    Raises:
        DemoError: there are fewer letters than phones.
    """
    random = np.random.default_rng(seed)
    shared = Counter(each.name for each in letters)
    order = [letters[int(at)] for at in random.permutation(len(letters))]
    order.sort(key=lambda each: shared[each.name] > 1)
    needed = parts.withdrawn + parts.replaced + parts.guests + parts.forged
    if len(order) < needed or len(others) < parts.other_event:
        raise DemoError("cast", f"{len(order)} < {needed}")
    taken = iter(order)
    withdrawn = _take(taken, parts.withdrawn, Kind.WITHDRAWN)
    replaced = _take(taken, parts.replaced, Kind.REPLACED)
    models = _take(taken, parts.forged, Kind.FORGED)
    guests = _take(taken, parts.guests, Kind.GUEST)
    return Cast(
        guests=guests,
        withdrawn=withdrawn,
        replaced=replaced,
        used=tuple(replace(each, kind=Kind.USED) for each in guests[: parts.used]),
        forged=tuple(_forged(each, seed + at) for at, each in enumerate(models)),
        other_event=_take(iter(others), parts.other_event, Kind.OTHER_EVENT),
    )


def read_code(found: bytes) -> str:
    """Return the text in a QR picture, or nothing."""
    gray = cv2.imdecode(np.frombuffer(found, np.uint8), cv2.IMREAD_GRAYSCALE)
    codes = zxingcpp.read_barcodes(gray) if gray is not None else []
    return codes[0].text if len(codes) == 1 else ""


def _showing(mail: Mail) -> Showing:
    message = mail.message()
    found = picture(message) or b""
    text = read_code(found) if found else ""
    if not text:
        raise DemoError(mail.recipient, "no QR code in the mail")
    code = DOOR_CODE.search(body(message, "plain"))
    to = message["To"].addresses[0]
    return Showing(
        kind=Kind.GUEST,
        text=text,
        picture=found,
        name=to.display_name or mail.recipient,
        title=str(message["Subject"]),
        door_code="".join(code.groups()) if code else "",
    )


def _take(taken: Iterable[Showing], count: int, kind: Kind) -> tuple[Showing, ...]:
    return tuple(replace(each, kind=kind) for each in islice(taken, count))


def _forged(model: Showing, seed: int) -> Showing:
    text = forged(model.text, seed=seed)
    return replace(model, text=text, picture=drawing.png(text))

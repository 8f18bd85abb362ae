"""``thumoi vectors``: does this house read pass texts as the description says?"""

from __future__ import annotations

import json
from argparse import Namespace
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from checkin.commands.room import done, wrong_use
from checkin.control import Answer
from checkin.words import say
from invitations.domain.errors import PassError
from invitations.domain.passes import DoorPass, TrustedKey, TrustList, judge, mint

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

FIELDS = ("kid", "event", "pass_id", "generation", "not_after")


def compare(wish: Namespace) -> Answer:
    """Compare every vector of a file with what our reader says; 1 if any disagrees."""
    try:
        found = run(json.loads(wish.file.read_text(encoding="utf-8")))
    except OSError as error:
        return wrong_use(f"{wish.file}: {error.strerror}.")
    except (KeyError, TypeError, ValueError) as error:
        text = say("%(file)s không phải tệp mẫu: %(error)s.", file=wish.file, error=error)
        return wrong_use(text)
    agreed = done("", found, as_json=True)
    if not found["disagreed"]:
        return agreed
    return Answer(1, agreed.out)


def run(document: dict[str, Any], reader: Callable[..., DoorPass] = judge) -> dict[str, Any]:
    """Return how many vectors of *document* agree with *reader*, and which do not."""
    trust = TrustList(1, tuple(_trusted(document["trust"])))
    seeds = {
        key["kid"]: bytes.fromhex(key["seed"]) for key in document["trust"] if "seed" in key
    }
    wrong = []
    for vector in document["vectors"]:
        expected = _expected(vector)
        found = _read(vector["text"], trust, document, reader)
        if found == expected and _mints_again(vector, seeds):
            continue
        wrong.append({"name": vector["name"], "expected": expected, "found": found})
    return {
        "agreed": len(document["vectors"]) - len(wrong),
        "disagreed": len(wrong),
        "disagreements": wrong,
    }


def _read(
    text: str, trust: TrustList, document: dict[str, Any], reader: Callable[..., DoorPass]
) -> Any:  # noqa: ANN401 - compared with JSON
    try:
        door_pass = reader(text, trust, event=document["event"], now=document["now"])
    except PassError as error:
        return error.reason
    return {name: getattr(door_pass, name) for name in FIELDS}


def _expected(vector: dict[str, Any]) -> Any:  # noqa: ANN401 - compared with JSON
    if vector["expect"] != "valid":
        return vector["reason"]
    return {name: vector[name] for name in FIELDS}


def _mints_again(vector: dict[str, Any], seeds: dict[int, bytes]) -> bool:
    """Tell whether our own minting gives the very text of a valid vector (RFC 8032)."""
    if vector["expect"] != "valid" or vector["kid"] not in seeds:
        return True
    door_pass = DoorPass(**{name: vector[name] for name in FIELDS})
    return mint(door_pass, seeds[vector["kid"]]) == str(vector["text"])


def _trusted(keys: list[dict[str, Any]]) -> Iterator[TrustedKey]:
    """Yield the keys that may be trusted at all; one of small order never is."""
    for key in keys:
        with suppress(ValueError):
            yield TrustedKey(key["kid"], bytes.fromhex(key["public_key"]))

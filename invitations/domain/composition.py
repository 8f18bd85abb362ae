"""A letter as it is being written: its words, its ways, and what it lacks for whom."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from invitations.domain import wording
from invitations.domain.model import Event, Guest
from invitations.domain.outbox import CHANNELS
from invitations.domain.sendings import Candidate
from invitations.domain.wording import Words

INVITATION = "invitation"
LANGUAGES = ("vi", "en")
# The column of the list from which a field is filled; the others are never empty.
COLUMNS = {"xung_ho": "honorific", "chuc_vu": "title", "don_vi": "organisation"}


@dataclass(frozen=True)
class Composition:
    """What the officer has written so far; *guest_id* is the guest of the preview.

    *channels* is None before anybody chose; *purpose* is that of the letters.
    """

    words: Words
    channels: tuple[str, ...] | None = None
    again: bool = False
    guest_id: int | None = None
    purpose: str = INVITATION


@dataclass(frozen=True)
class Gap:
    """What one guest lacks: names of fields in the words, and channels without an address."""

    guest: Guest
    fields: tuple[str, ...]
    channels: tuple[str, ...]


def to_json(composition: Composition) -> dict[str, Any]:
    """Return *composition* as plain JSON."""
    channels = composition.channels
    return {
        "words": wording.to_json(composition.words),
        "channels": None if channels is None else list(channels),
        "again": composition.again,
        "guest_id": composition.guest_id,
    }


def from_json(found: Mapping[str, Any]) -> Composition:
    """Read a composition as it was kept."""
    channels = found.get("channels")
    return Composition(
        words=wording.from_json(found["words"]),
        channels=None if channels is None else tuple(c for c in CHANNELS if c in channels),
        again=bool(found.get("again")),
        guest_id=found.get("guest_id"),
    )


def digests(
    composition: Composition, channels: Collection[str], event: Event
) -> dict[str, str]:
    """Return by channel a name for what *composition* says about *event*."""
    kind = () if composition.purpose == INVITATION else (composition.purpose,)
    facts = (
        *kind,
        *(event.title, event.chair, event.place, event.address, event.contact),
        *map(str, (event.starts_at, event.opens_at, event.reply_by)),
    )
    return {channel: wording.digest(composition.words, channel, facts) for channel in channels}


def gaps(found: Iterable[Candidate], words: Words, channels: Sequence[str]) -> list[Gap]:
    """Return the guests who lack a field that *words* use, or an address for a channel.

    Each is asked for what the words in the guest's own language use.
    """
    wanted = {each: _columns(wording.spoken(words, each), channels) for each in LANGUAGES}
    gaps_found = (
        _gap(each, wanted[wording.language_for(words, each.guest.language)], channels)
        for each in found
        if not each.withdrawn
    )
    return [gap for gap in gaps_found if gap is not None]


def english_readers(found: Iterable[Candidate]) -> int:
    """Return how many of *found* read English, and are not told that they need not come."""
    return sum(each.guest.language == "en" and not each.withdrawn for each in found)


def languages(words: Words) -> tuple[str, ...]:
    """Return the languages in which *words* are said."""
    return LANGUAGES if words.en is not None else LANGUAGES[:1]


def _columns(words: Words, channels: Sequence[str]) -> list[str]:
    fields = wording.used(*(text for c in channels for text in wording.texts_of(words, c)))
    return [name for name in COLUMNS if name in fields]


def _gap(each: Candidate, wanted: Sequence[str], channels: Sequence[str]) -> Gap | None:
    guest = each.guest
    is_office = guest.name == guest.organisation  # addressed as one, without honorific
    empty = tuple(
        name
        for name in wanted
        if not getattr(guest, COLUMNS[name]) and not (is_office and name != "don_vi")
    )
    unreached = tuple(channel for channel in channels if not each.address(channel))
    return Gap(guest, empty, unreached) if empty or unreached else None

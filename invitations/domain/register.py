"""The register: people and organisations the office knows, and who of them may be one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from invitations.domain.names import fold

KINDS = ("newsroom", "agency", "ward", "company", "association", "other")
LANGUAGES = ("vi", "en")
CHANNELS = ("", "email", "sms")
SHARED_BY = 2  # an address that so many people have is their office's, and tells nothing
MOST_DOUBTS = 3


@dataclass(frozen=True)
class Organisation:
    """A newsroom, agency or ward; the two dates are ISO, empty where the end is open."""

    id: int
    name: str
    parent_id: int | None = None
    kind: str = ""
    contact: str = ""
    phone: str = ""
    email: str = ""
    valid_from: str = ""
    valid_until: str = ""

    def stands(self, day: str) -> bool:
        """Tell whether the organisation exists on *day* (ISO date, both ends included)."""
        begun = not self.valid_from or self.valid_from <= day
        return begun and (not self.valid_until or day <= self.valid_until)


@dataclass(frozen=True)
class Person:
    """Somebody the office invites; *state* is active, resting, merged or erased.

    *barred_at* says since when (Unix seconds) the person is not to be contacted.
    """

    id: int
    name: str
    honorific: str = ""
    title: str = ""
    organisation_id: int | None = None
    organisation: str = ""
    phone: str = ""
    email: str = ""
    press_card: str = ""
    language: str = "vi"
    channel: str = ""
    note: str = ""
    state: str = "active"
    barred_at: int | None = None
    barred_reason: str = ""

    @property
    def barred(self) -> bool:
        """Tell whether nothing may be sent to this person."""
        return self.barred_at is not None


@dataclass(frozen=True)
class Wanted:
    """Whom a list of people shall show; *show* is active, resting or barred."""

    words: str = ""
    organisations: frozenset[int] | None = None
    group_id: int | None = None
    show: str = "active"


@dataclass(frozen=True)
class Recognised:
    """Who a guest is: a person of the register or nobody yet, and who it may be as well."""

    person_id: int | None
    doubts: tuple[tuple[int, str], ...] = ()


@dataclass
class Known:
    """The people of the register by what they are recognised by."""

    people: dict[int, Person] = field(default_factory=dict)
    by_contact: dict[str, list[int]] = field(default_factory=dict)
    by_place: dict[tuple[str, str], list[int]] = field(default_factory=dict)

    def learn(self, person: Person) -> None:
        """Take *person* in."""
        self.people[person.id] = person
        for contact in _contacts(person.phone, person.email):
            self.by_contact.setdefault(contact, []).append(person.id)
        place = (fold(person.name), fold(person.organisation))
        self.by_place.setdefault(place, []).append(person.id)

    def recognise(self, name: str, organisation: str, phone: str, email: str) -> Recognised:
        """Say who a guest with these details is.

        Somebody with the same telephone or mail and a like name is that person. The same
        address under another name, or the same name and organisation at another address,
        is a doubt for the officer: nobody is merged in silence.
        """
        found = self._at(email) + self._at(phone)
        like = [each for each in dict.fromkeys(found) if alike(self.people[each].name, name)]
        if like:
            return Recognised(like[0], tuple((other, "contact") for other in like[1:]))
        doubts = {
            each: "contact"
            for contact in _contacts(phone, email)
            if len(holders := self._at(contact)) < SHARED_BY
            for each in holders
        }
        for each in self.by_place.get((fold(name), fold(organisation)), ()):
            doubts[each] = "name"
        return Recognised(None, tuple(doubts.items())[:MOST_DOUBTS])

    def _at(self, contact: str) -> list[int]:
        return self.by_contact.get(contact, []) if contact else []


def alike(one: str, other: str) -> bool:
    """Tell whether two names may be one person's: the same words, or two and a part."""
    first, second = set(fold(one).split()), set(fold(other).split())
    shorter = min(first, second, key=len)
    return first == second or (len(shorter) > 1 and shorter == first & second)


def joined(kept: Person, gone: Person) -> Person:
    """Return *kept* with what only *gone* knew; whoever barred contact has barred it."""
    names = ("honorific", "title", "organisation_id", "organisation", "phone", "email")
    blanks = {
        name: getattr(gone, name)
        for name in (*names, "press_card", "channel")
        if not getattr(kept, name)
    }
    if kept.organisation_id is not None:
        blanks.pop("organisation", None)
    notes = dict.fromkeys(filter(None, (kept.note, gone.note)))
    barred = kept if kept.barred or not gone.barred else gone
    return replace(
        kept,
        **blanks,
        note="\n".join(notes),
        barred_at=barred.barred_at,
        barred_reason=barred.barred_reason,
    )


def filled(kept: Person, **found: str) -> dict[str, str]:
    """Return which of the details *found* the person did not have yet."""
    return {name: value for name, value in found.items() if value and not getattr(kept, name)}


def makes_circle(parents: Mapping[int, int | None], child: int, parent: int | None) -> bool:
    """Tell whether *child* would stand above itself if it were put under *parent*."""
    return parent is not None and parent in below(parents, child)


def below(parents: Mapping[int, int | None], root: int) -> frozenset[int]:
    """Return *root* and everything under it."""
    children: dict[int | None, list[int]] = {}
    for each, parent in parents.items():
        children.setdefault(parent, []).append(each)
    found, waiting = {root}, [root]
    while waiting:
        fresh = [each for each in children.get(waiting.pop(), ()) if each not in found]
        found.update(fresh)
        waiting += fresh
    return frozenset(found)


def as_tree(found: Sequence[Organisation]) -> list[tuple[int, Organisation]]:
    """Return all organisations, each after the one above it, with how deep it stands."""
    known = {each.id for each in found}
    children: dict[int | None, list[Organisation]] = {}
    for each in sorted(found, key=lambda one: fold(one.name), reverse=True):
        parent = each.parent_id if each.parent_id in known else None
        children.setdefault(parent, []).append(each)
    waiting = [(0, each) for each in children.get(None, ())]
    ordered = []
    while waiting:
        depth, each = waiting.pop()
        ordered.append((depth, each))
        waiting += [(depth + 1, child) for child in children.get(each.id, ())]
    return ordered


def _contacts(phone: str, email: str) -> list[str]:
    return [contact for contact in (email, phone) if contact]

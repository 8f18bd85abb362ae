"""Who is named twice: by telephone, by mail, by name with organisation; and joining the two."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace

from invitations.domain.guestrow import GuestRow
from invitations.domain.names import TEXT_LIMIT, fold

_TOLD = (
    *("honorific", "name", "title", "organisation", "phone", "email", "note"),
    *("press_card", "category"),
)
_BETWEEN = "; "


@dataclass(frozen=True)
class Twin:
    """A guest who was named before, on the event's list or in an earlier row.

    *field* and *code* say by what the two are alike. *sure* if they are one person beyond
    doubt, *row* 0 of the guest if the event has that guest already.
    """

    field: str
    code: str
    guest: GuestRow
    sure: bool


@dataclass
class KnownGuests:
    """The guests known so far, findable by phone, mail, and name with organisation.

    *listed* are those that the event has, each with its id.
    """

    listed: Sequence[GuestRow]
    phones: dict[str, GuestRow] = field(default_factory=dict)
    mails: dict[str, GuestRow] = field(default_factory=dict)
    names: dict[str, GuestRow] = field(default_factory=dict)
    mentioned: set[int] = field(default_factory=set)

    def __post_init__(self) -> None:
        for guest in self.listed:
            self.add(replace(guest, row=0))

    def add(self, guest: GuestRow, instead_of: GuestRow | None = None) -> None:
        """Remember *guest*; the first with an address or a name keeps it.

        With *instead_of*, that guest is forgotten, because both are one.
        """
        for known, key in self._keys(guest):
            known.setdefault(key, guest)
        if instead_of is not None:
            for known, key in (*self._keys(instead_of), *self._keys(guest)):
                if known.get(key) is instead_of:
                    known[key] = guest

    def twin(self, guest: GuestRow) -> Twin | None:
        """Return who was named before, if *guest* repeats someone, and note the mention."""
        found = [
            (name, code, earlier)
            for name, code, earlier in (
                ("phone", "duplicate-phone", self.phones.get(guest.phone)),
                ("email", "duplicate-mail", self.mails.get(guest.email)),
                ("name", "duplicate-name", self.names.get(_identity(guest))),
            )
            if earlier is not None
        ]
        if not found:
            return None
        self.mentioned.update(earlier.id for _, _, earlier in found)
        name, code, earlier = found[0]
        one = all(other is earlier for _, _, other in found if other.row == 0)
        return Twin(name, code, earlier, one and is_same_person(guest, earlier, name))

    def missing(self) -> tuple[GuestRow, ...]:
        """Return the guests of the event whom nobody mentioned."""
        return tuple(guest for guest in self.listed if guest.id not in self.mentioned)

    def _keys(self, guest: GuestRow) -> list[tuple[dict[str, GuestRow], str]]:
        keys = [(self.phones, guest.phone), (self.mails, guest.email)]
        return [each for each in keys if each[1]] + [(self.names, _identity(guest))]


def is_same_person(guest: GuestRow, earlier: GuestRow, alike: str) -> bool:
    """Tell whether two who are *alike* in that field are one person beyond doubt.

    The same address with the same name is; a newsroom's number under two names is not. The
    same name in the same organisation is, unless both telephone and mail say otherwise.
    """
    if alike != "name":
        return fold(guest.name) == fold(earlier.name)
    phones, mails = {guest.phone, earlier.phone}, {guest.email, earlier.email}
    return "" in phones or "" in mails or len(phones) == 1 or len(mails) == 1


def says_nothing_new(guest: GuestRow, earlier: GuestRow) -> bool:
    """Tell whether each thing *guest* says, *earlier* says too."""
    repeats = all(
        getattr(guest, name) in {"", getattr(earlier, name)}
        for name in _TOLD
        if name not in {"name", "organisation"}
    )
    return (
        _identity(guest) == _identity(earlier)
        and repeats
        and guest.vip <= earlier.vip
        and guest.party <= earlier.party
    )


def updated(before: GuestRow, told: GuestRow, columns: Collection[str | None]) -> GuestRow:
    """Return the listed guest *before* with what the row *told* says.

    A blank cell takes nothing away. VIP and party are taken back only by a list that has
    such a column (*columns* are its fields).
    """
    news = {name: getattr(told, name) or getattr(before, name) for name in _TOLD}
    vip = told.vip if "vip" in columns else told.vip or before.vip
    party = told.party if "party" in columns or told.party > 1 else before.party
    return replace(before, row=told.row, vip=vip, party=party, **news)


def joined(first: GuestRow, second: GuestRow) -> GuestRow:
    """Return *first* with its gaps filled from *second*, and the notes of both."""
    news = {name: getattr(first, name) or getattr(second, name) for name in _TOLD}
    notes = dict.fromkeys(filter(None, (first.note, second.note, *_addresses(first, second))))
    news["note"] = _BETWEEN.join(notes)[:TEXT_LIMIT]
    return replace(
        first, vip=first.vip or second.vip, party=max(first.party, second.party), **news
    )


def _addresses(first: GuestRow, second: GuestRow) -> list[str]:
    """Return the addresses of *second* that *first* has no room for."""
    return [
        getattr(second, name)
        for name in ("phone", "email")
        if getattr(first, name) and getattr(first, name) != getattr(second, name)
    ]


def _identity(guest: GuestRow) -> str:
    return f"{fold(guest.name)}\n{fold(guest.organisation)}"

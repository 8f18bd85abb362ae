"""Who is on the list twice: by telephone, by mail, by name with organisation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from invitations.domain.guestrow import GuestRow
from invitations.domain.names import fold


@dataclass
class KnownGuests:
    """The guests taken so far, findable by phone, mail, and name with organisation."""

    listed: Sequence[GuestRow]
    phones: dict[str, GuestRow] = field(default_factory=dict)
    mails: dict[str, GuestRow] = field(default_factory=dict)
    names: dict[str, GuestRow] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for guest in self.listed:
            self.add(replace(guest, row=0))

    def add(self, guest: GuestRow) -> None:
        """Remember *guest*; the first with an address or a name keeps it."""
        if guest.phone:
            self.phones.setdefault(guest.phone, guest)
        if guest.email:
            self.mails.setdefault(guest.email, guest)
        self.names.setdefault(_identity(guest), guest)

    def twin(self, guest: GuestRow) -> tuple[str, str, GuestRow] | None:
        """Return field, code and earlier guest if *guest* repeats someone."""
        for name, code, earlier in (
            ("phone", "duplicate-phone", self.phones.get(guest.phone)),
            ("email", "duplicate-mail", self.mails.get(guest.email)),
            ("name", "duplicate-name", self.names.get(_identity(guest))),
        ):
            if earlier is not None:
                return name, code, earlier
        return None


def same_person(guest: GuestRow, earlier: GuestRow) -> bool:
    """Tell whether two rows name the same person of the same organisation."""
    return _identity(guest) == _identity(earlier)


def says_nothing_new(guest: GuestRow, earlier: GuestRow) -> bool:
    """Tell whether each thing *guest* says, *earlier* says too."""
    told = ("honorific", "title", "phone", "email", "note", "press_card")
    repeats = all(getattr(guest, name) in {"", getattr(earlier, name)} for name in told)
    return (
        same_person(guest, earlier)
        and repeats
        and guest.vip <= earlier.vip
        and guest.party <= earlier.party
    )


def _identity(guest: GuestRow) -> str:
    return f"{fold(guest.name)}\n{fold(guest.organisation)}"

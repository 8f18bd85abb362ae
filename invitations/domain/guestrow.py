"""One row of a guest list: its cells become a guest, with what was repaired or is asked."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Literal

from invitations.domain.addresses import is_mobile, national, read_mail, read_phone
from invitations.domain.names import (
    TEXT_LIMIT,
    clean,
    cleaning_codes,
    honorific,
    in_one_case,
    is_hostile,
    name_question,
    shown,
    split_honorific,
    title_case,
)

Kind = Literal["repaired", "questioned", "skipped", "proposed"]

LARGEST_PARTY = 500
# What an officer may overrule by saying "take this row as it is".
OVERRULED = frozenset(
    {
        "name-unusual",
        "contact-missing",
        "duplicate-phone",
        "duplicate-mail",
        "duplicate-name",
    }
)

_TEXTS = ("title", "organisation", "note", "press_card", "category")
_NOTE_PIECES = re.compile(r"[;,\n]|\.\s")
_VIP = re.compile(r"^(?:khách\s+)?vip$", re.IGNORECASE)
_PARTY = re.compile(r"^đi\s+(\d{1,3})\s+(?:người|khách|đại biểu)$", re.IGNORECASE)
_PRESS_CARD = re.compile(
    r"^(?:số\s+)?thẻ\s+nhà\s+báo\s*(?:số)?\s*[:.]?\s*([\w/-]{1,30})$", re.IGNORECASE
)
_COUNT = re.compile(r"[0-9]{1,4}\Z")
_NO = frozenset({"", "0", "không", "khong", "no", "n", "false"})


@dataclass(frozen=True)
class GuestRow:
    """A guest as a list names them; *row* counts from 1 as the spreadsheet shows it.

    *phone* is in E.164 form or empty, *email* in lower case or empty, *party* counts the
    guest and whoever comes along, *category* is the kind of guest that a gate may serve.
    *id* is the guest's on the event's list, 0 of a new one.
    """

    row: int
    honorific: str = ""
    name: str = ""
    title: str = ""
    organisation: str = ""
    phone: str = ""
    email: str = ""
    note: str = ""
    vip: bool = False
    party: int = 1
    press_card: str = ""
    category: str = ""
    id: int = 0


@dataclass(frozen=True)
class RowProblem:
    """What was done to a row, or is asked about it, as a code.

    *found* is what stood in the cell and *proposed* what would stand there instead. The kind
    ``proposed`` is a suggestion about a row that was taken as it was. *other_row* is the row
    a duplicate repeats, None when that guest is on the event's list already.
    """

    row: int
    field: str
    code: str
    kind: Kind
    found: str = ""
    proposed: str = ""
    other_row: int | None = None


@dataclass
class RowReading:
    """A guest in the making, and what was noticed on the way.

    *reverted* are the fields whose repair the officer refused, *unsettled* those of them
    that the officer has not written anew.
    """

    row: int
    values: dict[str, str]
    problems: list[RowProblem] = field(default_factory=list)
    vip: bool = False
    party: int = 1
    reverted: frozenset[str] = frozenset()
    unsettled: frozenset[str] = frozenset()

    def notice(self, name: str, code: str, kind: Kind, found: str, proposed: str = "") -> None:
        """Write down one problem of the field *name*."""
        self.problems.append(RowProblem(self.row, name, code, kind, found, proposed))

    def keep_rest(self, rest: str) -> None:
        """Keep in the note what stood beside an address."""
        if rest and not is_hostile(rest) and rest not in self.values["note"]:
            note = self.values["note"]
            self.values["note"] = "; ".join(filter(None, (note, clean(rest))))

    def guest(self) -> GuestRow:
        """Return the guest as far as the cells were understood."""
        return GuestRow(row=self.row, vip=self.vip, party=self.party, id=0, **self.values)


def read_row(
    row: int,
    cells: Mapping[str, str],
    domains: Collection[str] = (),
    *,
    reverted: Collection[str] = (),
    unsettled: Collection[str] = (),
) -> RowReading:
    """Read the *cells* of one row, by field; *domains* are the mail domains of the list.

    The repairs of the fields *reverted* are refused; the *unsettled* of them are asked.
    """
    values = dict.fromkeys(
        ("honorific", "name", "phone", "email", *_TEXTS),
        "",
    )
    reading = RowReading(
        row, values, reverted=frozenset(reverted), unsettled=frozenset(unsettled)
    )
    for name in _TEXTS:
        _read_text(reading, name, cells.get(name, ""))
    _read_name(reading, cells)
    _read_phone(reading, cells.get("phone", ""))
    _read_mail(reading, cells.get("email", ""), domains)
    _read_party(reading, cells.get("party", ""))
    _read_note(reading)
    reading.vip = reading.vip or clean(cells.get("vip", "")).casefold() not in _NO
    _ask_for_contact(reading)
    return reading


def _read_text(reading: RowReading, name: str, raw: str) -> None:
    """Read a cell of free text; the hostile and the endless are asked about."""
    text = clean(raw)
    if is_hostile(raw):
        reading.notice(name, "text-hostile", "questioned", shown(raw))
    elif len(text) > TEXT_LIMIT:
        reading.notice(name, "text-too-long", "questioned", shown(raw), text[:TEXT_LIMIT])
    else:
        reading.values[name] = text
        _notice_cleaning(reading, name, raw, text)


def _read_name(reading: RowReading, cells: Mapping[str, str]) -> None:
    """Read honorific and name; an honorific inside the name moves to its own field."""
    raw = " ".join(filter(None, (cells.get("family", ""), cells.get("name", ""))))
    said = honorific(clean(cells.get("honorific", "")))[:TEXT_LIMIT]
    question = name_question(raw)
    if question is not None:
        proposed = "" if question in {"name-missing", "name-hostile"} else clean(raw)
        reading.notice("name", question, "questioned", shown(raw), proposed[:TEXT_LIMIT])
        reading.values["name"] = proposed[:TEXT_LIMIT]
        return
    text = clean(raw)
    _notice_cleaning(reading, "name", raw, text)
    inside, name = ("", text) if "name" in reading.reverted else split_honorific(text)
    if inside:
        reading.notice("name", "honorific-split", "repaired", text, name)
    reading.values["honorific"] = "" if is_hostile(said) else said or inside
    reading.values["name"] = name
    one_case = in_one_case(name)
    if one_case is not None:
        reading.notice("name", one_case, "proposed", name, title_case(name))


def _read_phone(reading: RowReading, raw: str) -> None:
    """Read the telephone cell; what stood beside the number goes to the note."""
    if "phone" in reading.unsettled:
        reading.notice("phone", "phone-reverted", "questioned", shown(raw), clean(raw))
        return
    phone = read_phone(raw, as_written="phone" in reading.reverted)
    reading.values["phone"] = phone.value
    if phone.question is not None:
        reading.notice("phone", phone.question, "questioned", shown(raw), phone.proposed)
    elif phone.repair is not None:
        home = national(phone.value)
        reading.notice("phone", phone.repair, "repaired", shown(raw), home)
    reading.keep_rest(phone.rest)


def _read_mail(reading: RowReading, raw: str, domains: Collection[str]) -> None:
    """Read the e-mail cell."""
    if "email" in reading.unsettled:
        reading.notice("email", "mail-reverted", "questioned", shown(raw), clean(raw))
        return
    mail = read_mail(raw, domains)
    reading.values["email"] = mail.value
    if mail.question is not None:
        reading.notice("email", mail.question, "questioned", shown(raw), mail.proposed)
    elif mail.repair is not None:
        reading.notice("email", mail.repair, "repaired", shown(raw), mail.value)
    reading.keep_rest(mail.rest)


def _read_party(reading: RowReading, raw: str) -> None:
    """Read the cell that says how many people come."""
    text = clean(raw).removesuffix(".0")
    if not text:
        return
    if _COUNT.match(text) and 1 <= int(text) <= LARGEST_PARTY:
        reading.party = int(text)
    else:
        reading.notice("party", "party-unreadable", "questioned", shown(raw), "1")


def _read_note(reading: RowReading) -> None:
    """Take out of the note what has a field of its own: VIP, party, press card."""
    kept = []
    for piece in _NOTE_PIECES.split(reading.values["note"]):
        text = piece.strip()
        party, card = _PARTY.match(text), _PRESS_CARD.match(text)
        if _VIP.match(text):
            reading.vip = True
        elif party and 1 <= int(party.group(1)) <= LARGEST_PARTY:
            reading.party = max(reading.party, int(party.group(1)))
        elif card and not reading.values["press_card"]:
            reading.values["press_card"] = card.group(1)
        elif text:
            kept.append(text)
    reading.values["note"] = "; ".join(kept)


def _ask_for_contact(reading: RowReading) -> None:
    """Ask about a guest whom neither a mail nor a text message would reach."""
    asked = {problem.field for problem in reading.problems if problem.kind == "questioned"}
    phone, email = reading.values["phone"], reading.values["email"]
    if email or asked & {"phone", "email"} or (phone and is_mobile(phone)):
        return
    reading.notice("phone", "contact-missing", "questioned", national(phone))


def _notice_cleaning(reading: RowReading, name: str, raw: str, text: str) -> None:
    for code in cleaning_codes(raw):
        reading.notice(name, code, "repaired", shown(raw), text)

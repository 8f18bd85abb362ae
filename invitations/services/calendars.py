"""The calendar desk: one event becomes an iCalendar object (RFC 5545, RFC 5546, RFC 6047).

The library writes a request once for each event; for each guest only the lines that differ
are filled in. Whoever is called by signs that iCalendar treats as its own gets a request
that the library writes.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cache, lru_cache
from zoneinfo import ZoneInfo

from icalendar import Calendar, Timezone, vCalAddress, vUri
from icalendar import Event as Entry

from invitations.domain.model import Event

ZONE_NAME = "Asia/Ho_Chi_Minh"
ZONE = ZoneInfo(ZONE_NAME)
PRODUCT = "-//Thu Moi//thumoi//VI"

_ZONE_FROM, _ZONE_UNTIL = date(2020, 1, 1), date(2038, 1, 1)
_PLAIN = str.maketrans({'"': "'", "\n": " ", "\r": " "})
# Six signs that nobody can write, for what differs between the guests of an event.
_SLOTS = tuple(chr(0xE000 + number) for number in range(6))
_SLOT = re.compile("([\ue000-\ue005])")
_CALM = re.compile(r"[\w .:/+@&=?%#()-]+")
_CALM_TEXT = re.compile(r"[\w .:/+@&=?%#()\n-]+")
_LONGEST_LINE = 74  # octets, as the library folds
_WITHIN = range(0x80, 0xC0)  # octets of UTF-8 in the middle of a letter


@dataclass(frozen=True)
class Person:
    """A name and a mail address."""

    name: str
    address: str


@dataclass(frozen=True)
class Booking:
    """One guest's place in one event, as calendars see it; *written_at* in Unix seconds."""

    event: Event
    uid: str
    organiser: Person
    url: str
    description: str
    written_at: int
    sequence: int = 0  # how often this guest's invitation was changed


@dataclass(frozen=True)
class Told:
    """What a calendar reads in a mail: whether it *adds* or drops an entry, and which."""

    adds: bool
    title: str
    starts_at: int
    ends_at: int
    place: str
    description: str


def request(booking: Booking, attendee: Person) -> bytes:
    """Return the request that a mail program answers with yes or no (METHOD:REQUEST)."""
    values = (
        booking.uid,
        booking.url,
        booking.organiser.address,
        attendee.name.translate(_PLAIN),
        attendee.address,
    )
    if all(map(_CALM.fullmatch, values)) and _CALM_TEXT.fullmatch(booking.description):
        form = _form(
            booking.event, booking.organiser.name, booking.written_at, booking.sequence
        )
        if form is not None:
            text = booking.description.replace("\n", "\\n")
            *others, name, address = values
            return _filled(form, (*others, _quoted(name), address, text))
    return written_request(booking, attendee)


def written_request(booking: Booking, attendee: Person) -> bytes:
    """Return the same request by the library's own way, with which ours is compared."""
    entry = _entry(booking, "CONFIRMED")
    person = _address(attendee)
    person.params["CUTYPE"] = "INDIVIDUAL"
    person.params["ROLE"] = "REQ-PARTICIPANT"
    person.params["PARTSTAT"] = "NEEDS-ACTION"
    person.params["RSVP"] = "TRUE"
    entry.add("attendee", person, encode=False)
    return _calendar("REQUEST", entry)


def cancel(booking: Booking, attendee: Person) -> bytes:
    """Return the message that takes the entry out of a calendar (METHOD:CANCEL).

    Only an event that is called off is CANCELLED; to a guest who is no longer invited it
    takes place without them, so the message says nothing of its status (RFC 5546, 3.2.5).
    """
    called_off = booking.event.state != "open"
    entry = _entry(booking, "CANCELLED" if called_off else "")
    entry.add("attendee", _address(attendee), encode=False)
    return _calendar("CANCEL", entry)


def publish(booking: Booking) -> bytes:
    """Return the entry for whoever only wants to note it (METHOD:PUBLISH)."""
    return _calendar("PUBLISH", _entry(booking, "CONFIRMED"))


def entry_of(file: bytes) -> Told:
    """Return what *file*, one of ours, does to a guest's calendar."""
    calendar = Calendar.from_ical(file)
    (entry,) = calendar.walk("VEVENT")
    return Told(
        adds=str(calendar.get("method")) != "CANCEL",
        title=str(entry.get("summary")),
        starts_at=_instant(entry.decoded("dtstart")),
        ends_at=_instant(entry.decoded("dtend")),
        place=str(entry.get("location")),
        description=str(entry.get("description")),
    )


Form = tuple[tuple[str, ...], ...]  # lines, each as text and slots in turn


@lru_cache(maxsize=8)
def _form(event: Event, organiser: str, written_at: int, sequence: int) -> Form | None:
    """Return the request of *event* with a slot for whatever differs between its guests.

    Nothing when one of the six signs stands in the event itself.
    """
    uid, url, reply_to, name, address, description = _SLOTS
    organiser_slot = Person(organiser, reply_to)
    booking = Booking(event, uid, organiser_slot, url, description, written_at, sequence)
    made = written_request(booking, Person(name, address)).decode()
    lines = made.replace("\r\n ", "").split("\r\n")
    parts = [tuple(_SLOT.split(line)) for line in lines]
    if sorted(part for line in parts for part in line[1::2]) != sorted(_SLOTS):
        return None
    plain = tuple(_folded(line[0]) if len(line) == 1 else None for line in parts)
    return tuple(
        line if whole is None else (whole,) for line, whole in zip(parts, plain, strict=True)
    )


def _filled(form: Form, values: tuple[str, ...]) -> bytes:
    put = dict(zip(_SLOTS, values, strict=True))
    lines = [
        line[0] if len(line) == 1 else _folded("".join([put.get(part, part) for part in line]))
        for line in form
    ]
    return "\r\n".join(lines).encode()


def _quoted(name: str) -> str:
    """Return a calm *name* as a parameter, in quotes where the library sets them."""
    return f'"{name}"' if " " in name or ":" in name else name


def _folded(line: str) -> str:
    """Return *line* folded (RFC 5545, section 3.1); an escape is never cut in two."""
    rest = line.encode()
    pieces = []
    while len(rest) > _LONGEST_LINE:
        end = _LONGEST_LINE
        while rest[end] in _WITHIN:
            end -= 1
        if rest[end - 1 : end] in {b"\\", b"^"}:
            end -= 1
        pieces.append(rest[:end].decode())
        rest = rest[end:]
    return "\r\n ".join([*pieces, rest.decode()])


def _entry(booking: Booking, status: str) -> Entry:
    event = booking.event
    entry = Entry()
    entry.add("uid", booking.uid)
    entry.add("sequence", event.sequence + booking.sequence)
    entry.add("dtstamp", datetime.fromtimestamp(booking.written_at, UTC))
    entry.add("dtstart", datetime.fromtimestamp(event.starts_at, ZONE))
    entry.add("dtend", datetime.fromtimestamp(event.ends_at, ZONE))
    entry.add("summary", event.title)
    entry.add("location", ", ".join(filter(None, (event.place, event.address))))
    entry.add("description", booking.description)
    entry.add("url", vUri(booking.url))
    if status:
        entry.add("status", status)
    entry.add("class", "PRIVATE")
    entry.add("transp", "OPAQUE")
    entry.add("organizer", _address(booking.organiser), encode=False)
    return entry


def _address(person: Person) -> vCalAddress:
    address = vCalAddress(f"mailto:{person.address}")
    if person.name:
        address.params["CN"] = person.name.translate(_PLAIN)
    return address


def _calendar(method: str, entry: Entry) -> bytes:
    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", method)
    calendar.add_component(entry)
    head, start, rest = calendar.to_ical().partition(b"BEGIN:VEVENT")
    return bytes(head + _zone() + start + rest)


def _instant(found: object) -> int:
    return int(found.timestamp()) if isinstance(found, datetime) else 0


@cache
def _zone() -> bytes:
    """Return the one VTIMEZONE; making it anew for every guest took most of the time."""
    zone = Timezone.from_tzid(ZONE_NAME, first_date=_ZONE_FROM, last_date=_ZONE_UNTIL)
    zone.pop("COMMENT", None)
    return bytes(zone.to_ical())

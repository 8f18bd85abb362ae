"""The calendar desk: one event becomes an iCalendar object (RFC 5545, RFC 5546, RFC 6047)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cache
from zoneinfo import ZoneInfo

from icalendar import Calendar, Timezone, vCalAddress, vUri
from icalendar import Event as Entry

from invitations.domain.model import Event

ZONE_NAME = "Asia/Ho_Chi_Minh"
ZONE = ZoneInfo(ZONE_NAME)
PRODUCT = "-//Thu Moi//thumoi//VI"

_ZONE_FROM, _ZONE_UNTIL = date(2020, 1, 1), date(2038, 1, 1)
_PLAIN = str.maketrans({'"': "'", "\n": " ", "\r": " "})


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


def request(booking: Booking, attendee: Person) -> bytes:
    """Return the request that a mail program answers with yes or no (METHOD:REQUEST)."""
    entry = _entry(booking)
    person = _address(attendee)
    person.params["CUTYPE"] = "INDIVIDUAL"
    person.params["ROLE"] = "REQ-PARTICIPANT"
    person.params["PARTSTAT"] = "NEEDS-ACTION"
    person.params["RSVP"] = "TRUE"
    entry.add("attendee", person, encode=False)
    return _calendar("REQUEST", entry)


def publish(booking: Booking) -> bytes:
    """Return the entry for whoever only wants to note it (METHOD:PUBLISH)."""
    return _calendar("PUBLISH", _entry(booking))


def _entry(booking: Booking) -> Entry:
    event = booking.event
    entry = Entry()
    entry.add("uid", booking.uid)
    entry.add("sequence", event.sequence)
    entry.add("dtstamp", datetime.fromtimestamp(booking.written_at, UTC))
    entry.add("dtstart", datetime.fromtimestamp(event.starts_at, ZONE))
    entry.add("dtend", datetime.fromtimestamp(event.ends_at, ZONE))
    entry.add("summary", event.title)
    entry.add("location", ", ".join(filter(None, (event.place, event.address))))
    entry.add("description", booking.description)
    entry.add("url", vUri(booking.url))
    entry.add("status", "CONFIRMED")
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


@cache
def _zone() -> bytes:
    """Return the one VTIMEZONE; making it anew for every guest took most of the time."""
    zone = Timezone.from_tzid(ZONE_NAME, first_date=_ZONE_FROM, last_date=_ZONE_UNTIL)
    zone.pop("COMMENT", None)
    return bytes(zone.to_ical())

"""The tables of the office: offices, keys, events, guests, invitations, deliveries, audit.

Times are Unix seconds (UTC). Ids that leave the house are random; the others count up.
"""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    false,
)

from invitations.storage.database import SERIAL, metadata
from invitations.storage.register_tables import people

offices = Table(
    "offices",
    metadata,
    Column("id", SERIAL, primary_key=True),
    Column("name", Text, nullable=False),
    Column("short_name", Text, nullable=False, server_default=""),
    Column("parent_id", ForeignKey("offices.id")),
    Column("address", Text, nullable=False, server_default=""),
    Column("email", Text, nullable=False, server_default=""),
    Column("phone", Text, nullable=False, server_default=""),
    Column("created_at", BigInteger, nullable=False),
)

signing_keys = Table(
    "signing_keys",
    metadata,
    Column("kid", Integer, primary_key=True, autoincrement=False),
    Column("office_id", ForeignKey("offices.id"), nullable=False),
    Column("public_key", LargeBinary, nullable=False),
    Column("status", Text, nullable=False),  # active, retired
    Column("created_at", BigInteger, nullable=False),
)

events = Table(
    "events",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=False),  # 32 random bits
    Column("office_id", ForeignKey("offices.id"), nullable=False),
    Column("title", Text, nullable=False),
    Column("chair", Text, nullable=False, server_default=""),
    Column("place", Text, nullable=False),
    Column("address", Text, nullable=False, server_default=""),
    Column("contact", Text, nullable=False, server_default=""),
    Column("notes", Text, nullable=False, server_default=""),
    Column("starts_at", BigInteger, nullable=False),
    Column("ends_at", BigInteger, nullable=False),
    Column("opens_at", BigInteger, nullable=False),  # admission window
    Column("closes_at", BigInteger, nullable=False),
    Column("reply_by", BigInteger),
    Column("capacity", Integer),
    Column("refuse_when_full", Boolean, nullable=False, default=False),
    Column("reentry", Boolean, nullable=False, default=False),
    Column("state", Text, nullable=False),  # open, cancelled
    Column("sequence", Integer, nullable=False, default=0),  # iCalendar SEQUENCE
    Column("copied_from", BigInteger),
    Column("created_at", BigInteger, nullable=False),
    Column("updated_at", BigInteger, nullable=False),
    # When what guests go by was last changed, or the event called off or back; 0 for never.
    Column("changed_at", BigInteger, nullable=False, server_default="0"),
    Column("many_entries", Boolean, nullable=False, server_default=false()),
    Column("reply_needed", Boolean, nullable=False, server_default=false()),
    Column("offline", Text, nullable=False, server_default="admit-and-flag"),
    Column("walk_ins", Text, nullable=False, server_default="ask"),
    Column("questions", JSON, nullable=False, server_default="[]"),  # asked at the door
    Column("paper", Boolean, nullable=False, server_default=false()),
    Column("badges", Boolean, nullable=False, server_default=false()),
)

gates = Table(
    "gates",
    metadata,
    Column("id", SERIAL, primary_key=True),
    Column("event_id", ForeignKey("events.id"), nullable=False),
    Column("name", Text, nullable=False),
    Column("categories", JSON, nullable=False, server_default="[]"),  # none: everybody
    UniqueConstraint("event_id", "name"),
)

imports = Table(
    "imports",
    metadata,
    Column("id", SERIAL, primary_key=True),
    Column("event_id", ForeignKey("events.id"), nullable=False),
    Column("file_name", Text, nullable=False),
    Column("rows", Integer, nullable=False),
    Column("imported", Integer, nullable=False),
    Column("repaired", Integer, nullable=False),
    Column("questioned", Integer, nullable=False),
    Column("skipped", Integer, nullable=False),
    Column("changed", Integer, nullable=False, server_default="0"),  # of those stored
    Column("withdrawn", Integer, nullable=False, server_default="0"),
    Column("problems", JSON, nullable=False),
    Column("deeds", JSON, nullable=False),  # what it did to listed guests, to undo it
    Column("by", Text, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("undone_at", BigInteger),
)

guests = Table(
    "guests",
    metadata,
    Column("id", SERIAL, primary_key=True),
    Column("event_id", ForeignKey("events.id"), nullable=False),
    Column("import_id", ForeignKey("imports.id")),
    Column("person_id", ForeignKey(people.c.id), index=True),
    Column("source_row", Integer),  # row of the sheet, from 1
    Column("honorific", Text, nullable=False, server_default=""),
    Column("name", Text, nullable=False),
    Column("folded", Text, nullable=False),  # name and organisation without marks
    Column("sort_key", Text, nullable=False, server_default=""),  # by given name
    Column("title", Text, nullable=False, server_default=""),
    Column("organisation", Text, nullable=False, server_default=""),
    Column("phone", Text, nullable=False, server_default=""),  # E.164 or empty
    Column("email", Text, nullable=False, server_default=""),
    Column("note", Text, nullable=False, server_default=""),
    Column("press_card", Text, nullable=False, server_default=""),
    Column("vip", Boolean, nullable=False, default=False),
    Column("party", SmallInteger, nullable=False, default=1),
    Column("language", Text, nullable=False, server_default="vi"),  # as the register has it
    Column("category", Text, nullable=False, server_default=""),  # names gates that serve it
    Column("created_at", BigInteger, nullable=False),
    Index("ix_guests_event", "event_id", "sort_key"),
)

invitations = Table(
    "invitations",
    metadata,
    Column("id", SERIAL, primary_key=True),
    Column("event_id", ForeignKey("events.id"), nullable=False),
    Column("guest_id", ForeignKey("guests.id"), nullable=False, unique=True),
    Column("tag", Text, nullable=False, unique=True),  # lower-case base32, in addresses
    Column("link", Text, nullable=False, unique=True),  # secret of /p/<link>, 96 bits
    Column("state", Text, nullable=False),  # issued, withdrawn
    Column("pass_id", Text, nullable=False, unique=True),  # 16 hexadecimal digits
    Column("generation", SmallInteger, nullable=False, default=0),
    Column("kid", Integer, nullable=False),
    Column("not_after", BigInteger, nullable=False),
    Column("door_code", Text, nullable=False),  # 12 digits, the last a Luhn digit
    Column("sequence", Integer, nullable=False, default=0),  # added to the event's own
    Column("reply", Text, nullable=False, default="needs-action"),  # RFC 5545 PARTSTAT
    Column("replied_at", BigInteger),
    Column("issued_at", BigInteger, nullable=False),
    Column("withdrawn_at", BigInteger),
    Column("reason", Text, nullable=False, server_default=""),
    UniqueConstraint("event_id", "door_code"),
)

sendings = Table(
    "sendings",  # one press of "send to all"
    metadata,
    Column("id", SERIAL, primary_key=True),
    Column("event_id", ForeignKey("events.id"), nullable=False),
    Column("purpose", Text, nullable=False),  # invitation
    Column("state", Text, nullable=False),  # held, running, paused, stopped
    Column("subject", Text, nullable=False, server_default=""),
    Column("words", JSON, nullable=False),  # what the officer wrote
    Column("by", Text, nullable=False),
    Column("by_account", BigInteger),  # who may not approve it
    Column("at", BigInteger, nullable=False),
    Column("begins_at", BigInteger, nullable=False, server_default="0"),  # nothing before
    Column("at_night", Integer, nullable=False, server_default="0"),  # 1: texts wake people
    Column("approved_by", Text, nullable=False, server_default=""),
    Column("approved_at", BigInteger),
)

deliveries = Table(
    "deliveries",
    metadata,
    Column("id", SERIAL, primary_key=True),
    Column("event_id", ForeignKey("events.id"), nullable=False),
    Column("sending_id", ForeignKey("sendings.id"), nullable=False),
    Column("invitation_id", ForeignKey("invitations.id"), nullable=False),
    Column("channel", Text, nullable=False),  # email, sms
    Column("purpose", Text, nullable=False),
    Column("seq", Integer, nullable=False, default=0),
    Column("address", Text, nullable=False),
    Column("message_id", Text, nullable=False),  # stable over every retry
    Column("state", Text, nullable=False),
    Column("attempts", Integer, nullable=False, default=0),
    Column("next_at", BigInteger, nullable=False),
    Column("lease_until", BigInteger),
    Column("lease_by", Text),
    Column("relay_id", Text, nullable=False, server_default=""),
    Column("cause", Text, nullable=False, server_default=""),  # a code, for grouping
    Column("detail", Text, nullable=False, server_default=""),  # the carrier's own words
    Column("report", Text, nullable=False, server_default=""),  # the latest that counts
    Column("reported_at", BigInteger),
    Column("cost", Integer, nullable=False, server_default="0"),  # of a text, in VND
    Column("not_after", BigInteger, nullable=False),
    Column("updated_at", BigInteger, nullable=False),
    UniqueConstraint("invitation_id", "channel", "purpose", "seq"),
    Index("ix_deliveries_due", "state", "next_at"),
    Index("ix_deliveries_sending", "sending_id", "state"),
    Index("ix_deliveries_message", "message_id"),
    Index("ix_deliveries_relay", "relay_id"),
)

delivery_events = Table(
    "delivery_events",  # append-only: one row a change of state
    metadata,
    Column("id", SERIAL, primary_key=True),
    Column("delivery_id", ForeignKey("deliveries.id"), nullable=False, index=True),
    Column("at", BigInteger, nullable=False),
    Column("state", Text, nullable=False),
    Column("cause", Text, nullable=False, server_default=""),
    Column("detail", Text, nullable=False, server_default=""),
)

letter_forms = Table(
    "letter_forms",  # what the officer filled in for the official letter of an event
    metadata,
    Column("event_id", ForeignKey("events.id"), primary_key=True, autoincrement=False),
    Column("form", JSON, nullable=False),
    Column("by", Text, nullable=False),
    Column("at", BigInteger, nullable=False),
)

official_letters = Table(
    "official_letters",  # signed letters as they are sent; the latest that stands counts
    metadata,
    Column("id", SERIAL, primary_key=True),
    Column("event_id", ForeignKey("events.id"), nullable=False),
    Column("guest_id", ForeignKey("guests.id", ondelete="CASCADE")),  # none: to everybody
    Column("source", Text, nullable=False),  # signed (here), taken-in
    Column("pdf", LargeBinary, nullable=False),
    Column("sha256", Text, nullable=False),
    Column("facts", Text, nullable=False),  # of the event as the letter tells them
    Column("report", JSON, nullable=False),  # what its examination found
    Column("signed_by", Text, nullable=False),
    Column("signed_at", BigInteger),
    Column("by", Text, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("dropped_at", BigInteger),
    Index("ix_official_letters_event", "event_id", "guest_id", "id"),
)

heartbeats = Table(
    "heartbeats",  # a worker says here that it lives
    metadata,
    Column("worker", Text, primary_key=True),
    Column("at", BigInteger, nullable=False),
)

audit = Table(
    "audit",
    metadata,
    Column("id", SERIAL, primary_key=True),
    Column("office_id", BigInteger),
    Column("at", BigInteger, nullable=False),
    Column("actor", Text, nullable=False),
    Column("action", Text, nullable=False),  # such as event.create, guests.import
    Column("subject", Text, nullable=False, server_default=""),
    Column("detail", JSON, nullable=False),
)

# The numbered news of each event. Written in the transaction of the fact it tells, so the
# numbers have no gap and no reader can see number n + 1 without number n.
news_heads = Table(
    "news_heads",
    metadata,
    Column("event_id", ForeignKey("events.id"), primary_key=True, autoincrement=False),
    Column("number", BigInteger, nullable=False),
)

news = Table(
    "news",
    metadata,
    Column("event_id", ForeignKey("events.id"), primary_key=True, autoincrement=False),
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("at", BigInteger, nullable=False),
    Column("kind", Text, nullable=False),  # scan, roster, event
    Column("body", JSON, nullable=False),
)

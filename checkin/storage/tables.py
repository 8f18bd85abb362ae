"""The tables of the door: accounts, sessions, stations, and the book of scans.

Times are Unix seconds (UTC) unless the name ends in ``_ms``.
"""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    LargeBinary,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
)

from invitations.storage.database import SERIAL, metadata

accounts = Table(
    "accounts",
    metadata,
    Column("id", SERIAL, primary_key=True),
    Column("office_id", ForeignKey("offices.id"), nullable=False),
    Column("email", Text, nullable=False, unique=True),  # folded to lower case
    Column("name", Text, nullable=False),
    Column("role", Text, nullable=False),  # officer, supervisor, steward, viewer
    Column("password_hash", Text, nullable=False),
    Column("language", Text, nullable=False, server_default="vi"),
    Column("disabled", Boolean, nullable=False, default=False),
    Column("created_at", BigInteger, nullable=False),
    Column("pin_key", LargeBinary),  # what argon2id makes of the PIN; the PIN is nowhere
    Column("pin_salt", LargeBinary),
    Column("pin_cost", JSON),  # how dear one guess was made: t, m, p of RFC 9106
)

sessions = Table(
    "sessions",
    metadata,
    Column("id_hash", LargeBinary, primary_key=True),  # SHA-256 of the cookie's id
    Column("account_id", ForeignKey("accounts.id"), nullable=False, index=True),
    Column("created_at", BigInteger, nullable=False),
    Column("seen_at", BigInteger, nullable=False),
    Column("expires_at", BigInteger, nullable=False),
)

house = Table(
    "house",  # facts about this database itself: incarnation, trust number
    metadata,
    Column("name", Text, primary_key=True),
    Column("value", Text, nullable=False),
)

pairings = Table(
    "pairings",
    metadata,
    Column("code_hash", LargeBinary, primary_key=True),
    Column("event_id", ForeignKey("events.id"), nullable=False),
    Column("gate_id", ForeignKey("gates.id"), nullable=False),
    Column("by", Text, nullable=False),
    Column("expires_at", BigInteger, nullable=False),
    Column("used_at", BigInteger),
)

stations = Table(
    "stations",
    metadata,
    Column("id", Text, primary_key=True),  # 16 hexadecimal digits
    Column("event_id", ForeignKey("events.id"), nullable=False),
    Column("gate_id", ForeignKey("gates.id"), nullable=False),
    Column("name", Text, nullable=False),
    Column("public_key", LargeBinary, nullable=False),
    Column("paired_at", BigInteger, nullable=False),
    Column("revoked_at", BigInteger),
    Column("seen_at", BigInteger, nullable=False),
    Column("status", JSON, nullable=False),  # what it last said of itself
)

scans = Table(
    # Append-only: triggers refuse UPDATE and DELETE. A scan judged by the server stands here
    # as its answer (judge server) before it is answered; what the station then showed comes
    # with its journal (judge station) and is the truth about the guest.
    "scans",
    metadata,
    Column("id", SERIAL, primary_key=True),
    Column("event_id", BigInteger, nullable=False),  # the station's event
    Column("station", Text, nullable=False),
    Column("epoch", Text, nullable=False),
    Column("n", BigInteger, nullable=False),
    Column("scan_id", Text, nullable=False),
    Column("gate_id", BigInteger, nullable=False),
    Column("pass_id", Text, nullable=False),  # empty when the text was no pass
    Column("generation", SmallInteger, nullable=False),
    Column("direction", Text, nullable=False),  # entry, exit
    Column("outcome", Text, nullable=False),
    Column("flags", JSON, nullable=False),
    Column("judge", Text, nullable=False),  # server, station
    Column("undoes", Text, nullable=False, server_default=""),  # scan_id that it takes back
    Column("reason", Text, nullable=False, server_default=""),
    Column("actor", Text, nullable=False, server_default=""),
    Column("wall_ms", BigInteger, nullable=False),
    Column("mono_ms", BigInteger, nullable=False),
    Column("boot_id", Text, nullable=False),
    Column("offset_ms", BigInteger),  # server time minus station wall clock; null: unknown
    Column("offset_error_ms", BigInteger),
    Column("at_ms", BigInteger, nullable=False),  # corrected time of the scan
    Column("hash", Text, nullable=False),
    Column("received_at", BigInteger, nullable=False),
    Column("verdict", JSON, nullable=False),  # what was answered, for an exact repeat
    Column("heads", SmallInteger, nullable=False, server_default="0"),  # 0: the judge's choice
    Column("override_of", Text, nullable=False, server_default=""),  # the outcome put aside
    Column("about", Text, nullable=False, server_default=""),  # scan_id that a note is about
    Column("detail", JSON),  # what a note says
    UniqueConstraint("scan_id", "judge"),
    UniqueConstraint("station", "epoch", "n", "judge"),
    Index("ix_scans_pass", "event_id", "pass_id"),
)

decisions = Table(
    # Append-only. What people decided at the board; the latest of a kind about a thing holds.
    "decisions",
    metadata,
    Column("id", SERIAL, primary_key=True),
    Column("event_id", BigInteger, nullable=False),
    Column("kind", Text, nullable=False),  # conflict, walk_in, greeted
    Column("about", Text, nullable=False),  # a scan, a walk-in, a pass
    Column("choice", Text, nullable=False),
    Column("note", Text, nullable=False, server_default=""),
    Column("by", Text, nullable=False),
    Column("account_id", BigInteger),
    Column("at", BigInteger, nullable=False),
    Index("ix_decisions_about", "event_id", "kind", "about"),
)

walk_ins = Table(
    "walk_ins",  # guests without an invitation, as a steward wrote them down
    metadata,
    Column("id", SERIAL, primary_key=True),
    Column("event_id", ForeignKey("events.id"), nullable=False, index=True),
    Column("scan_id", Text, nullable=False, unique=True),
    Column("station", Text, nullable=False),
    Column("gate_id", BigInteger, nullable=False),
    Column("epoch", Text, nullable=False),
    Column("n", BigInteger, nullable=False),
    Column("name", Text, nullable=False),
    Column("honorific", Text, nullable=False, server_default=""),
    Column("organisation", Text, nullable=False, server_default=""),
    Column("phone", Text, nullable=False, server_default=""),
    Column("email", Text, nullable=False, server_default=""),
    Column("reason", Text, nullable=False, server_default=""),
    Column("vouched_by", Text, nullable=False, server_default=""),
    Column("state", Text, nullable=False),  # asked, admitted, denied
    Column("pass_id", Text, nullable=False, server_default=""),
    Column("by", Text, nullable=False),
    Column("at_ms", BigInteger, nullable=False),
    Column("answered_at", BigInteger),
)

event_keys = Table(
    "event_keys",  # 32 random bytes that seal the search list of an event at its stations
    metadata,
    Column("event_id", ForeignKey("events.id"), primary_key=True, autoincrement=False),
    Column("key", LargeBinary, nullable=False),
)

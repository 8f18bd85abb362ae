"""The tables of the composer: letters that are being written, and letters sent to oneself.

Times are Unix seconds (UTC).
"""

from __future__ import annotations

from sqlalchemy import JSON, BigInteger, Column, ForeignKey, Index, Table, Text

from invitations.storage.database import SERIAL, metadata

compositions = Table(
    "compositions",  # the letter of an event as it is being written
    metadata,
    Column("event_id", ForeignKey("events.id"), primary_key=True, autoincrement=False),
    Column("form", JSON, nullable=False),
    Column("by", Text, nullable=False),
    Column("at", BigInteger, nullable=False),
)

rehearsals = Table(
    "rehearsals",  # letters that an officer sent to oneself before the real ones
    metadata,
    Column("id", SERIAL, primary_key=True),
    Column("event_id", ForeignKey("events.id"), nullable=False),
    Column("channel", Text, nullable=False),  # email, sms
    Column("digest", Text, nullable=False),  # of the words and of what the event says
    Column("address", Text, nullable=False),
    Column("state", Text, nullable=False),  # accepted, failed
    Column("cause", Text, nullable=False, server_default=""),
    Column("detail", Text, nullable=False, server_default=""),
    Column("by", Text, nullable=False),
    Column("at", BigInteger, nullable=False),
    Index("ix_rehearsals_event", "event_id", "channel", "digest"),
)

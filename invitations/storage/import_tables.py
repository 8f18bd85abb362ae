"""The tables of lists on their way in: uploads not yet confirmed, columns remembered.

Times are Unix seconds (UTC).
"""

from __future__ import annotations

from sqlalchemy import JSON, BigInteger, Column, ForeignKey, Table, Text

from invitations.storage.database import metadata

import_drafts = Table(
    "import_drafts",  # an upload between its preview and its confirmation
    metadata,
    Column("id", Text, primary_key=True),
    Column("event_id", ForeignKey("events.id"), nullable=False),
    Column("file_name", Text, nullable=False),
    Column("book", JSON, nullable=False),  # the sheets as they were read
    Column("answers", JSON, nullable=False),  # what the officer said about them so far
    Column("by", Text, nullable=False),
    Column("at", BigInteger, nullable=False),
)

column_memories = Table(
    "column_memories",  # what the columns of files with the same header row are
    metadata,
    Column("office_id", ForeignKey("offices.id"), primary_key=True, autoincrement=False),
    Column("shape", Text, primary_key=True),  # SHA-256 of the folded header row
    Column("choice", JSON, nullable=False),
    Column("at", BigInteger, nullable=False),
)

"""The tables of the register: organisations, people, groups, and who may be one person.

Times are Unix seconds (UTC); the two ends of a validity are ISO dates, empty when open.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKey,
    Index,
    Table,
    Text,
    UniqueConstraint,
)

from invitations.storage.database import SERIAL, metadata

organisations = Table(
    "organisations",
    metadata,
    Column("id", SERIAL, primary_key=True),
    Column("office_id", ForeignKey("offices.id"), nullable=False),
    Column("parent_id", ForeignKey("organisations.id")),
    Column("name", Text, nullable=False),
    Column("folded", Text, nullable=False),
    Column("kind", Text, nullable=False, server_default=""),  # newsroom, agency, ward, ...
    Column("contact", Text, nullable=False, server_default=""),
    Column("phone", Text, nullable=False, server_default=""),
    Column("email", Text, nullable=False, server_default=""),
    Column("valid_from", Text, nullable=False, server_default=""),
    Column("valid_until", Text, nullable=False, server_default=""),
    Column("created_at", BigInteger, nullable=False),
    Index("ix_organisations_office", "office_id", "folded"),
)

people = Table(
    "people",
    metadata,
    Column("id", SERIAL, primary_key=True),
    Column("office_id", ForeignKey("offices.id"), nullable=False),
    Column("organisation_id", ForeignKey("organisations.id"), index=True),
    Column("import_id", ForeignKey("imports.id")),  # the list that brought this person
    Column("honorific", Text, nullable=False, server_default=""),
    Column("name", Text, nullable=False),
    Column("folded", Text, nullable=False),
    Column("sort_key", Text, nullable=False),  # by given name
    Column("title", Text, nullable=False, server_default=""),
    Column("phone", Text, nullable=False, server_default=""),  # E.164 or empty
    Column("email", Text, nullable=False, server_default=""),
    Column("press_card", Text, nullable=False, server_default=""),
    Column("language", Text, nullable=False, server_default="vi"),
    Column("channel", Text, nullable=False, server_default=""),  # email, sms, or no matter
    Column("note", Text, nullable=False, server_default=""),
    Column("state", Text, nullable=False, server_default="active"),  # resting, merged, erased
    Column("merged_into", ForeignKey("people.id")),
    Column("barred_at", BigInteger),  # asked not to be contacted
    Column("barred_reason", Text, nullable=False, server_default=""),
    Column("created_at", BigInteger, nullable=False),
    Column("updated_at", BigInteger, nullable=False),
    Index("ix_people_office", "office_id", "state", "sort_key"),
    Index("ix_people_phone", "office_id", "phone"),
    Index("ix_people_email", "office_id", "email"),
)

person_groups = Table(
    "person_groups",
    metadata,
    Column("id", SERIAL, primary_key=True),
    Column("office_id", ForeignKey("offices.id"), nullable=False),
    Column("name", Text, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    UniqueConstraint("office_id", "name"),
)

group_members = Table(
    "group_members",
    metadata,
    Column("group_id", ForeignKey("person_groups.id"), primary_key=True),
    Column("person_id", ForeignKey("people.id"), primary_key=True, index=True),
)

standing_invitations = Table(
    "standing_invitations",  # a group that is invited to every event of a series
    metadata,
    Column("group_id", ForeignKey("person_groups.id"), primary_key=True),
    # A series is named by its first event, from which all others were copied.
    Column("series_id", ForeignKey("events.id"), primary_key=True),
    Column("by", Text, nullable=False),
    Column("at", BigInteger, nullable=False),
)

likenesses = Table(
    "likenesses",  # two people who may be one: a question to the officer
    metadata,
    Column("person_id", ForeignKey("people.id"), primary_key=True),
    Column("other_id", ForeignKey("people.id"), primary_key=True),  # the older of the two
    Column("why", Text, nullable=False),  # contact, name
    Column("at", BigInteger, nullable=False),
    Column("answered_at", BigInteger),  # two people indeed
)

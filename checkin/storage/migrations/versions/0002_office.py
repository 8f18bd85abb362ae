"""What the office came to keep after the first schema."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the office's newer columns and tables."""
    _remember_changes()
    _know_languages()


def _remember_changes() -> None:
    """When an event last changed: guests whom no later letter reached have to be told."""
    op.add_column(
        "events", sa.Column("changed_at", sa.BigInteger(), nullable=False, server_default="0")
    )


def _know_languages() -> None:
    """Which language a guest reads, as the register had it all along."""
    op.add_column(
        "guests", sa.Column("language", sa.Text(), nullable=False, server_default="vi")
    )
    op.execute(
        "UPDATE guests SET language = (SELECT people.language FROM people"
        " WHERE people.id = guests.person_id) WHERE person_id IS NOT NULL"
    )

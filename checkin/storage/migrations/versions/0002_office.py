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


def _remember_changes() -> None:
    """When an event last changed: guests whom no later letter reached have to be told."""
    op.add_column(
        "events", sa.Column("changed_at", sa.BigInteger(), nullable=False, server_default="0")
    )

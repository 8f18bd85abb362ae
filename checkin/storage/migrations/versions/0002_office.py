"""What the office came to keep after the first schema."""

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the office's newer columns and tables."""

"""What the doors came to keep after the first schema."""

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the doors' newer columns and tables."""

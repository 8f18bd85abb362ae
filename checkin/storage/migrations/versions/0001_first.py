"""The first schema."""

from alembic import op

from invitations.storage.database import metadata

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

APPEND_ONLY = ("scans", "delivery_events", "audit", "news")
REFUSAL = """
CREATE FUNCTION only_grows() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION '% only grows', TG_TABLE_NAME; END $$
"""


def upgrade() -> None:
    """Make every table, and guard the books that only grow."""
    metadata.create_all(op.get_bind())
    _guard()


def _guard() -> None:
    """Have the database itself refuse to rewrite or shorten a book."""
    if op.get_bind().dialect.name == "sqlite":
        for table in APPEND_ONLY:
            for verb in ("UPDATE", "DELETE"):
                op.execute(
                    f"CREATE TRIGGER {table}_{verb.lower()} BEFORE {verb} ON {table} "
                    f"BEGIN SELECT RAISE(ABORT, '{table} only grows'); END"
                )
        return
    op.execute(REFUSAL)
    for table in APPEND_ONLY:
        op.execute(
            f"CREATE TRIGGER {table}_only_grows BEFORE UPDATE OR DELETE OR TRUNCATE "
            f"ON {table} FOR EACH STATEMENT EXECUTE FUNCTION only_grows()"
        )

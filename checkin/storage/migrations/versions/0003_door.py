"""What the doors came to keep after the first schema."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

SERIAL = sa.BigInteger().with_variant(sa.Integer, "sqlite")

_DROP_WORDS = (
    "INSERT INTO guests_sought(guests_sought, rowid, folded, tail, event)"
    " VALUES ('delete', old.id, old.folded, substr(old.phone, -4), 'e' || old.event_id);"
)
_ADD_WORDS = (
    "INSERT INTO guests_sought(rowid, folded, tail, event)"
    " VALUES (new.id, new.folded, substr(new.phone, -4), 'e' || new.event_id);"
)
WORDS_OF_GUESTS = (
    f"CREATE TRIGGER guests_sought_insert AFTER INSERT ON guests BEGIN {_ADD_WORDS} END",
    f"CREATE TRIGGER guests_sought_delete AFTER DELETE ON guests BEGIN {_DROP_WORDS} END",
    (
        "CREATE TRIGGER guests_sought_update AFTER UPDATE OF folded, phone, event_id ON guests"
        f" BEGIN {_DROP_WORDS} {_ADD_WORDS} END"
    ),
    (
        "INSERT INTO guests_sought(rowid, folded, tail, event)"
        " SELECT id, folded, substr(phone, -4), 'e' || event_id FROM guests"
    ),
)


def upgrade() -> None:
    """Add the doors' newer columns and tables."""
    _rules_of_events()
    _whom_gates_serve()
    _more_of_a_scan()
    _pins()
    _decisions()
    _walk_ins()
    _search_for_guests()
    _call_out_news()


def _rules_of_events() -> None:
    """What an organiser decides for the doors beside time, room and re-entry."""
    for name in ("many_entries", "reply_needed", "paper", "badges"):
        op.add_column(
            "events", sa.Column(name, sa.Boolean(), nullable=False, server_default=sa.false())
        )
    for name, plain in (("offline", "admit-and-flag"), ("walk_ins", "ask")):
        op.add_column(
            "events", sa.Column(name, sa.Text(), nullable=False, server_default=plain)
        )
    op.add_column(
        "events", sa.Column("questions", sa.JSON(), nullable=False, server_default="[]")
    )


def _whom_gates_serve() -> None:
    op.add_column(
        "gates", sa.Column("categories", sa.JSON(), nullable=False, server_default="[]")
    )
    op.add_column("guests", sa.Column("category", sa.Text(), nullable=False, server_default=""))


def _more_of_a_scan() -> None:
    """Heads of a party, overrides, and notes about an earlier scan."""
    op.add_column(
        "scans", sa.Column("heads", sa.SmallInteger(), nullable=False, server_default="0")
    )
    for name in ("override_of", "about"):
        op.add_column("scans", sa.Column(name, sa.Text(), nullable=False, server_default=""))
    op.add_column("scans", sa.Column("detail", sa.JSON()))


def _pins() -> None:
    """The PINs of the staff at the doors, and the keys they unlock."""
    op.add_column("accounts", sa.Column("pin_key", sa.LargeBinary()))
    op.add_column("accounts", sa.Column("pin_salt", sa.LargeBinary()))
    op.add_column("accounts", sa.Column("pin_cost", sa.JSON()))
    op.create_table(
        "event_keys",
        sa.Column("event_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("key", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["event_id"], ["events.id"], name=op.f("fk_event_keys_event_id_events")
        ),
        sa.PrimaryKeyConstraint("event_id", name=op.f("pk_event_keys")),
    )


def _decisions() -> None:
    op.create_table(
        "decisions",
        sa.Column("id", SERIAL, nullable=False),
        sa.Column("event_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("about", sa.Text(), nullable=False),
        sa.Column("choice", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), server_default="", nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("account_id", sa.BigInteger()),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_decisions")),
    )
    op.create_index("ix_decisions_about", "decisions", ["event_id", "kind", "about"])
    _guard("decisions")


def _guard(table: str) -> None:
    """Have the database itself refuse to rewrite or shorten a book, as step 0001 does."""
    if op.get_bind().dialect.name == "sqlite":
        for verb in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER {table}_{verb.lower()} BEFORE {verb} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{table} only grows'); END"
            )
        return
    op.execute(
        f"CREATE TRIGGER {table}_only_grows BEFORE UPDATE OR DELETE OR TRUNCATE "
        f"ON {table} FOR EACH STATEMENT EXECUTE FUNCTION only_grows()"
    )


def _walk_ins() -> None:
    """Guests without an invitation, as a steward wrote them down."""
    plain = ("honorific", "organisation", "phone", "email", "reason", "vouched_by", "pass_id")
    op.create_table(
        "walk_ins",
        sa.Column("id", SERIAL, nullable=False),
        sa.Column("event_id", sa.BigInteger(), nullable=False),
        *(
            sa.Column(name, sa.Text(), nullable=False)
            for name in ("scan_id", "station", "epoch", "name", "state", "by")
        ),
        *(sa.Column(name, sa.Text(), server_default="", nullable=False) for name in plain),
        *(
            sa.Column(name, sa.BigInteger(), nullable=False)
            for name in ("gate_id", "n", "at_ms")
        ),
        sa.Column("answered_at", sa.BigInteger()),
        sa.ForeignKeyConstraint(
            ["event_id"], ["events.id"], name=op.f("fk_walk_ins_event_id_events")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_walk_ins")),
        sa.UniqueConstraint("scan_id", name=op.f("uq_walk_ins_scan_id")),
    )
    op.create_index(op.f("ix_walk_ins_event_id"), "walk_ins", ["event_id"])


def _search_for_guests() -> None:
    """An index of the words of guests, kept in the transaction that changes a guest."""
    if op.get_bind().dialect.name != "sqlite":
        op.execute(
            "CREATE INDEX guests_sought ON guests USING gin (array_to_tsvector(array_append("
            "array_remove(regexp_split_to_array(folded || ' ' || right(phone, 4),"
            " '[ -/:-@[-`{-~]+'), ''), '#' || CAST(event_id AS TEXT))))"
        )
        return
    op.execute(
        "CREATE VIRTUAL TABLE guests_sought USING fts5(folded, tail, event, content='',"
        " columnsize=0, prefix='2 3 4', tokenize='unicode61 remove_diacritics 0')"
    )
    for statement in WORDS_OF_GUESTS:
        op.execute(statement)


def _call_out_news() -> None:
    """Let every process of a house on PostgreSQL hear that an event has news."""
    if op.get_bind().dialect.name == "sqlite":
        return
    op.execute(
        "CREATE FUNCTION call_out_news() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN PERFORM pg_notify('thumoi_news', CAST(NEW.event_id AS TEXT)); "
        "RETURN NULL; END $$"
    )
    op.execute(
        "CREATE TRIGGER news_called_out AFTER INSERT ON news "
        "FOR EACH ROW EXECUTE FUNCTION call_out_news()"
    )

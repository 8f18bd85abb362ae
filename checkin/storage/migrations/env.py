"""Runs the steps on the writer's own connection, inside its transaction."""

from alembic import context

from invitations.storage.database import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    transactional_ddl=True,
)
context.run_migrations()

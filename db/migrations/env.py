"""Alembic's entry point; the connection comes from `db.migrate`."""

from __future__ import annotations

from alembic import context

from db.tables import Base

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    compare_server_default=True,
    transactional_ddl=True,
)
context.run_migrations()
